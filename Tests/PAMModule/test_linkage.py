"""The shipped module is C only and exports nothing but PAM's six calls."""

import ctypes
import re
import subprocess

import pytest
from conftest import MODULE, ROOT, SANITIZED

pytestmark = pytest.mark.skipif(SANITIZED, reason="only the release build is shipped")
CALLS = ["acct_mgmt", "authenticate", "chauthtok", "close_session", "open_session", "setcred"]


def test_it_passes_the_gate():
    done = subprocess.run([ROOT / "scripts/check-linkage", MODULE], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_only_the_calls_of_pam_can_be_found():
    ctypes.CDLL("libpam.so.0", mode=ctypes.RTLD_GLOBAL)
    module = ctypes.CDLL(str(MODULE))
    for name in CALLS:
        assert hasattr(module, f"pam_sm_{name}")
    sources = "".join(path.read_text() for path in (ROOT / "CModules/pam_doorpost").glob("*.c"))
    names = set(re.findall(r"^(?:static )?[\w ]+?[ *](\w+)\(", sources, re.M))
    own = {name for name in names if not name.startswith("pam_sm_")} - {"main"}
    assert len(own) > 40
    assert [name for name in own if not name.startswith("pam_") and f"T {name}" in symbols()] == []


def symbols():
    return subprocess.run(["nm", "-D", "--defined-only", MODULE], capture_output=True, text=True).stdout
