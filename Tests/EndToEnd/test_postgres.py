"""The helper on a PostgreSQL: the same login, and no login when it is gone."""

import pathlib
import sys
import time

import pytest

from harness import processes
from harness.people import ALICE
from harness.terminal import Terminal

sys.path.append(str(pathlib.Path(__file__).parents[1] / "Support"))

from postgres import postgres  # noqa: E402


@pytest.fixture
def database(instance):
    with postgres() as running:
        instance.configure({"store": running.url})
        instance.add_user(ALICE)
        yield running


def loads_libpq(terminal):
    """Whether a helper of this login has it, while it waits for the code."""
    maps = [pathlib.Path(f"/proc/{pid}/maps").read_text() for pid in processes.helpers(terminal.pid)]
    assert maps
    return any("/libpq" in text for text in maps)


def test_somebody_signs_in(service, instance, database, mailbox):
    terminal = Terminal("pamtester", [service, ALICE, "authenticate"])
    terminal.asks_for_code()
    assert loads_libpq(terminal)
    terminal.types(mailbox.code(instance.emails[ALICE]))
    terminal.sees("successfully authenticated")
    assert terminal.ends() == 0
    assert database.query("SELECT count(*) FROM sessions") == ["1"]


def test_a_login_on_sqlite_loads_no_libpq(service, instance, mailbox):
    terminal = Terminal("pamtester", [service, ALICE, "authenticate"])
    terminal.asks_for_code()
    assert not loads_libpq(terminal)
    terminal.abandon()


def test_without_the_database_nobody_comes_in_and_nobody_waits_long(service, instance, database):
    database.stop()
    begin = time.monotonic()
    terminal = Terminal("pamtester", [service, ALICE, "authenticate"])
    terminal.sees("Authentication service cannot retrieve authentication info")
    assert terminal.ends() != 0
    assert time.monotonic() - begin < 15
