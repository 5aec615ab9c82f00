"""A store's copy, made and put back by an administrator."""

import stat


def test_a_backup_is_one_private_file(alice, place):
    copy = place / "copy.db"
    result = alice("backup", str(copy))
    assert result.code == 0 and result.out == f"wrote {copy}\n", result
    assert "keep a copy of" in result.err and "keys" in result.err
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [each.name for each in place.iterdir() if each.name.startswith("copy")] == ["copy.db"]
    again = alice("backup", str(copy))
    assert again.code != 0 and "there already" in again.err


def test_it_is_put_back(alice, place):
    assert alice("backup", str(place / "copy.db")).code == 0
    assert alice("user", "add", "bob@example.org").code == 0
    result = alice("restore", str(place / "copy.db"))
    assert result.code == 0, result
    assert "before-restore" in result.err and "Restart the server" in result.err
    users = [each["email"] for each in alice("user", "list", "--json").json]
    assert users == ["alice@example.org"]
    last = alice("audit", "--json").out.splitlines()
    assert any("store_restored" in line for line in last)
    # The store of before is kept, and never written over.
    again = alice("restore", str(place / "copy.db"))
    assert again.code != 0 and "earlier restore" in again.err


def test_what_is_no_backup_changes_nothing(alice, place):
    wrong = place / "wrong.db"
    wrong.write_text("not a database " * 100)
    result = alice("restore", str(wrong))
    assert result.code != 0 and str(wrong) in result.err
    assert alice("restore", str(place / "nowhere")).code != 0
    assert [each["email"] for each in alice("user", "list", "--json").json] == ["alice@example.org"]
