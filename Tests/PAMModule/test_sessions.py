"""setcred and the session hooks: what is ours, on the same handle and on a fresh one."""

import os

import pytest
from conftest import AUTH_ERR, IGNORE, SESSION, SESSION_ERR, SUCCESS

# The stacks of references/pam.md 8 in short; PERM_DENIED is what pam_deny's stack comes to.
OPERATIONS = ["setcred", "setcred reinitialize", "setcred delete"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_login_setcred_is_not_ours(host, operation):
    assert host.call(operation).code == IGNORE
    assert host.call(operation, options=["setcred=always"]).code == SUCCESS


@pytest.mark.parametrize("operation", OPERATIONS)
def test_after_a_login_elsewhere_the_session_file_shows_it_is_ours(host, session_file, operation):
    host.helper_says(f"for 1 setenv {SESSION}={session_file}", "verdict 1")
    login, credentials = host.run("call authenticate", "fresh", f"call {operation}")
    assert (login.code, credentials.code) == (SUCCESS, SUCCESS)


def test_the_way_of_sshd(host, session_file):
    """authenticate and acct_mgmt in a child that exits, all else in the parent."""
    host.helper_says(f"for 1 setenv {SESSION}={session_file}", "verdict 1")
    codes = [(c.operation, c.code) for c in host.run(
        "call-forked authenticate", "call setcred", "call open_session", "call close_session",
        "call setcred delete")]
    assert codes == [("authenticate", 0), ("setcred", 0), ("open_session", 0),
                     ("close_session", 0), ("setcred", IGNORE)]
    assert [payload[16] for kind, payload in host.frames() if kind == 1] == [1, 3]


def test_the_way_of_login(host, session_file):
    """One handle, and the user may change in it; setcred(DELETE) comes before close_session."""
    host.helper_says(f"for 1 setenv {SESSION}={session_file}", "verdict 1")
    codes = [c.code for c in host.run(
        "call authenticate", "call acct_mgmt", "call setcred", "call open_session",
        "call setcred reinitialize", "call setcred delete", "call close_session")
        if c.operation != "acct_mgmt"]
    assert codes == [SUCCESS] * 6


def test_another_user_in_the_same_handle_is_not_ours(host, session_file):
    host.helper_says(f"for 1 setenv {SESSION}={session_file}", "verdict 1")
    *_, credentials = host.run("call authenticate", "item user daemon", "call setcred")
    assert credentials.code != SUCCESS


def test_closing_revokes_and_forgets(host, session_file):
    host.helper_says("verdict 1")
    close, again, credentials = host.run(
        f"env {SESSION}={session_file}", "call close_session", "call close_session", "call setcred")
    assert close.code == SUCCESS and close.environment == {}
    assert again.code == SUCCESS and credentials.code == IGNORE
    assert len([1 for kind, _ in host.frames() if kind == 1]) == 1


@pytest.mark.parametrize("trouble", ["exit 1", "verdict 4", "verdict 6", "kill 9"])
def test_trouble_in_closing_is_said_and_forgets_too(host, session_file, trouble):
    host.helper_says(trouble)
    close = host.call("close_session", f"env {SESSION}={session_file}")
    assert close.code == SESSION_ERR and close.environment == {}


@pytest.mark.parametrize("operation", ["open_session", "close_session"])
def test_sessions_that_are_not_ours_end_well_without_the_helper(host, operation):
    assert host.call(operation).code == SUCCESS
    host.user = None
    assert host.call(operation).code == SUCCESS
    assert host.seen() == []


def test_chauthtok_is_not_ours(host):
    assert host.call("chauthtok").code == IGNORE


def test_a_user_that_does_not_exist_is_not_ours(host, session_file):
    host.user = "no-such-user-here"
    assert host.call("setcred", f"env {SESSION}={session_file}").code == IGNORE


def spoil_mode(file): file.chmod(0o640)
def spoil_world(file): file.chmod(0o604)
def spoil_link(file): os.link(file, file.parent / "other.jwt")
def spoil_owner(file): os.chown(file, 1, 0)
def spoil_directory(file): file.parent.chmod(0o775)
def spoil_parent(file): file.parent.parent.chmod(0o777)
def spoil_missing(file): file.unlink()


def spoil_symlink(file):
    file.rename(file.parent / "real")
    file.symlink_to("real")


def spoil_fifo(file):
    file.unlink()
    os.mkfifo(file, 0o600)


def spoil_linked_directory(file):
    file.parent.rename(file.parent.parent / "real")
    file.parent.symlink_to("real")


@pytest.mark.parametrize("spoil", [value for name, value in globals().items()
                                   if name.startswith("spoil_")], ids=lambda f: f.__name__)
def test_a_spoilt_session_file_is_not_ours(host, session_file, spoil):
    before = f"env {SESSION}={session_file}"
    assert host.call("setcred", before).code == SUCCESS
    spoil(session_file)
    assert host.call("setcred", before).code == IGNORE
    host.helper_says("verdict 1")
    assert host.call("close_session", before).code == SUCCESS
    assert host.seen() == []


@pytest.mark.parametrize("shape", [
    "{file}x", "{dir}/0/", "{dir}/0/.jwt", "{dir}/0/..jwt", "{dir}/0/../0/{name}", "{dir}/00/{name}",
    "{dir}/0/0/{name}", "{dir}", "/", "", "0/{name}", "/0/{name}", "{dir}/0//{name}", "{dir}/1/{name}",
    "{dir}/0/./{name}", "{file}/", "{file}/x.jwt", "/" + "x" * 250 + "/0/a.jwt",
    "{dir}/-0/{name}", "{dir}/0 /{name}",
])
def test_a_path_of_another_shape_is_not_ours(host, session_file, shape):
    path = shape.format(file=session_file, dir=session_file.parent.parent, name=session_file.name)
    assert host.call("setcred", f"env {SESSION}={path}").code == IGNORE


@pytest.mark.parametrize("spoilt", [None, "directory", "parent"])
def test_a_user_cannot_make_a_session_file_of_ones_own(host, root, session_file, spoilt):
    """The directories must not be the user's; daemon, uid 1, is the user here."""
    own = session_file.parent.parent / "1"
    own.mkdir(mode=0o755)
    file = own / "a.jwt"
    file.touch(mode=0o600)
    os.chown(file, 1, 1)
    if spoilt:
        os.chown(own if spoilt == "directory" else own.parent, 1, 1)
    host.user = "daemon"
    expected = IGNORE if spoilt else SUCCESS
    assert host.call("setcred", f"env {SESSION}={file}").code == expected


def test_a_denied_login_leaves_setcred_a_denial(host):
    host.helper_says("verdict 2")
    login, credentials = host.run("call authenticate", "call setcred")
    assert login.code == AUTH_ERR and credentials.code != SUCCESS
