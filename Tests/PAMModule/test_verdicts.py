"""Every verdict, for every operation that asks the helper, ends in the code of CONTRACT.md 5."""

import pytest
from conftest import (
    ACCT_EXPIRED, AUTH_ERR, AUTHINFO_UNAVAIL, CONV_ERR, IGNORE, MAXTRIES, SERVICE_ERR,
    SESSION_ERR, SUCCESS,
)

VERDICTS = range(0, 12)
CODES = {
    "authenticate": {
        1: SUCCESS, 2: AUTH_ERR, 3: MAXTRIES, 4: AUTHINFO_UNAVAIL, 5: CONV_ERR, 6: SERVICE_ERR,
    },
    "acct_mgmt": {
        1: SUCCESS, 4: AUTHINFO_UNAVAIL, 6: SERVICE_ERR, 7: IGNORE, 8: ACCT_EXPIRED,
    },
    "close_session": {1: SUCCESS},
}
OTHERWISE = {
    "authenticate": AUTHINFO_UNAVAIL,
    "acct_mgmt": AUTHINFO_UNAVAIL,
    "close_session": SESSION_ERR,
}


@pytest.mark.parametrize("operation", CODES)
@pytest.mark.parametrize("verdict", [*VERDICTS, 255])
def test_each_verdict_becomes_the_code_of_the_contract(host, prepare, operation, verdict):
    host.helper_says(f"verdict {verdict}")
    call = host.call(operation, *prepare(operation))
    assert call.code == CODES[operation].get(verdict, OTHERWISE[operation])


@pytest.mark.parametrize("operation", CODES)
def test_not_enrolled_is_passed_by_only_where_asked_for(host, prepare, operation):
    host.helper_says("verdict 7")
    expected = {"authenticate": IGNORE, "acct_mgmt": IGNORE, "close_session": SESSION_ERR}
    call = host.call(operation, *prepare(operation), options=["unenrolled=ignore"])
    assert call.code == expected[operation]


def test_success_marks_the_login_as_ours(host):
    host.helper_says("setenv DOORPOST_SESSION_FILE=/run/x/0/a.jwt", "verdict 1")
    login, credentials, again, deleted = host.run(
        "call authenticate", "call setcred", "call setcred reinitialize", "call setcred delete")
    assert login.code == SUCCESS
    assert login.environment == {"DOORPOST_SESSION_FILE": "/run/x/0/a.jwt"}
    assert [credentials.code, again.code, deleted.code] == [SUCCESS] * 3
    assert login.user == "root" and login.authtok == ""


@pytest.mark.parametrize("verdict", [2, 3, 4, 5, 6, 7, 8, 99])
def test_a_variable_takes_effect_only_with_success(host, verdict):
    host.helper_says("setenv DOORPOST_SESSION_FILE=/run/x/0/a.jwt", f"verdict {verdict}")
    call = host.call("authenticate", options=["unenrolled=ignore"])
    assert call.environment == {}


def test_a_new_attempt_starts_without_what_an_earlier_one_left(host, session_file):
    host.helper_says("verdict 2")
    login, credentials = host.run(
        f"env DOORPOST_SESSION_FILE={session_file}", "call authenticate", "call setcred")
    assert (login.code, login.environment) == (AUTH_ERR, {})
    # libpam's frozen chain answers with its own denial here, not with our PAM_IGNORE.
    assert credentials.code != SUCCESS
