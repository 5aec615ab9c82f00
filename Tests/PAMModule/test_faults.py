"""Whichever call of the module fails, at whichever time: no login, unless the failure is harmless.

A fault never changes what the helper says, so a fault may turn a success into a denial, and
must never turn anything into a success; those that may leave a success a success are listed.
"""

import errno

import pytest
from conftest import AT_ONCE, IGNORE, PROGRAMS, SANITIZED, SESSION, SUCCESS, masked

pytestmark = pytest.mark.skipif(
    SANITIZED, reason="the sanitizers' own wrappers stand between the module and ours")

FAULTS = [
    ("chdir", errno.EIO), ("clock_gettime", errno.EINVAL), ("close_range", errno.ENOSYS),
    ("dup2", errno.EMFILE), ("execve", errno.ENOMEM), ("fcntl", errno.EMFILE),
    ("fork", errno.EAGAIN), ("fork", errno.ENOMEM), ("fstat", errno.EIO), ("fstatat", errno.EIO),
    ("getpwnam_r", errno.EIO), ("getrandom", errno.EINTR), ("getrandom", errno.ENOSYS),
    ("getrandom", "short"), ("open", errno.EMFILE),
    ("open", errno.ENOENT), ("openat", errno.EMFILE), ("pam_get_data", 0), ("pam_get_item", 0),
    ("pam_get_user", 0), ("pam_putenv", 0), ("pam_set_data", 0), ("poll", errno.EINTR),
    ("poll", errno.ENOMEM), ("recv", errno.EINTR), ("recv", errno.EAGAIN),
    ("recv", errno.ECONNRESET), ("recv", "short"), ("send", errno.EINTR), ("send", errno.EAGAIN),
    ("send", errno.EPIPE), ("send", "short"), ("setrlimit", errno.EPERM), ("setsid", errno.EPERM),
    ("setuid", errno.EAGAIN), ("sigaction", errno.EINVAL), ("sigprocmask", errno.EINVAL),
    ("socketpair", errno.EMFILE), ("socketpair", errno.ENFILE), ("stat", errno.EACCES), ("strdup", errno.ENOMEM),
    ("waitpid", errno.EINTR), ("waitpid", "reaped"),
]
# A success may stay one, because ...
HARMLESS = {
    ("close_range", errno.ENOSYS): "files are closed one by one then",
    ("clock_gettime", errno.EINVAL): "only makes deadlines shorter",
    ("pam_get_data", 0): "an older mark is only ever forgotten, and setcred asks the file",
    ("pam_get_item", 0): "leaves a field of the request out; the user is compared all the same",
    ("poll", errno.EINTR): "is repeated",
    ("poll", errno.ENOMEM): "between two looks at the helper it is a nap only; waitpid decides",
    ("recv", errno.EINTR): "is repeated", ("recv", errno.EAGAIN): "is repeated",
    ("recv", "short"): "is continued",
    ("send", errno.EINTR): "is repeated", ("send", errno.EAGAIN): "is repeated",
    ("send", "short"): "is continued",
    ("sigaction", errno.EINVAL): "in the child: it refuses some signals anyway",
    ("waitpid", errno.EINTR): "is repeated",
}
# These are made only to find out whether a session file is ours.
SESSION_CALLS = {"getpwnam_r", "openat", "fstat", "fstatat"}
LOGIN = ["info sent", "prompt Code:", "read", "log 6 x"]
GRANT = f"setenv {SESSION}=/s/0/a.jwt"


def runs(host, fault, *script, options=()):
    """The results of the script with the fault in its first, second, … call, until none is left."""
    reached = host.directory / "reached"
    host.preload = PROGRAMS / "faults.so"
    for number in range(1, 400):
        reached.unlink(missing_ok=True)
        host.seen_file.unlink(missing_ok=True)
        host.environment = {"FAULT_FUNCTION": fault[0], "FAULT_NUMBER": str(number),
                            "FAULT_ERRNO": str(fault[1]), "FAULT_REACHED": str(reached)}
        results = host.run(*script, options=options)
        if not reached.exists():
            return
        yield number, results
    pytest.fail("it never ends")


def identifier(fault):
    return f"{fault[0]}-{errno.errorcode.get(fault[1], fault[1])}"


@pytest.mark.parametrize("fault", FAULTS, ids=identifier)
def test_a_fault_never_helps_a_login_and_leaves_the_host_alone(host, fault):
    script = [f"answer {masked('1')}", "host sigchld-reaper", "host closed-012", "call authenticate"]
    host.helper_says(*LOGIN, GRANT, "verdict 1")
    number = 0
    for number, (login,) in runs(host, fault, *script, options=["unenrolled=ignore"]):
        assert login.code != IGNORE
        if login.code == SUCCESS:
            assert fault in HARMLESS, f"call {number}"
            assert login.environment == {SESSION: "/s/0/a.jwt"}
            assert host.frames()[1:] == [(2, b"1")]
            seen = host.seen()[0]
            assert (seen["files"], seen["environment"], seen["umask"]) == (3, 0, 0o077)
        else:
            assert login.environment == {}
            assert login.milliseconds < AT_ONCE
    assert number > 0 or fault[0] in SESSION_CALLS, "this fault never happened"


@pytest.mark.parametrize("fault", FAULTS, ids=identifier)
@pytest.mark.parametrize("ending", [["verdict 2"], ["verdict 1", "exit 1"]], ids=["denied", "broken"])
def test_a_fault_never_makes_a_denial_a_success(host, fault, ending):
    host.helper_says(*LOGIN, GRANT, *ending)
    script = [f"answer {masked('1')}", "call authenticate"]
    for number, (login,) in runs(host, fault, *script, options=["unenrolled=ignore"]):
        assert login.code not in (SUCCESS, IGNORE), f"call {number}"
        assert login.environment == {}


# Answers that are no login: setcred and a session that is not ours may be passed by.
@pytest.mark.parametrize("fault", FAULTS, ids=identifier)
def test_a_fault_in_account_and_session_calls_never_helps(host, session_file, fault):
    host.helper_says("for 2 verdict 8", "for 3 exit 1")
    script = [f"env {SESSION}={session_file}", "call acct_mgmt"]
    for number, (account,) in runs(host, fault, *script):
        assert account.code not in (SUCCESS, IGNORE), f"call {number}"
    unproven = {*SESSION_CALLS, "open", "pam_get_item"}
    number = 0
    script = [f"env {SESSION}={session_file}", "call close_session"]
    for number, (close,) in runs(host, fault, *script):
        # What cannot be shown to be ours is not: no helper was asked, nothing was revoked.
        assert close.code != SUCCESS or (fault[0] in unproven and host.seen() == []), f"call {number}"
    assert number > 0 or fault[0] not in SESSION_CALLS, "this fault never happened"
    host.user = "daemon"
    for number, (credentials,) in runs(host, fault, f"env {SESSION}={session_file}", "call setcred"):
        assert credentials.code == IGNORE, f"call {number}"
