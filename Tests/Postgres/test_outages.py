"""The database goes in the middle of a thousand sign-ins: restarted, failed over, cut off.

Nobody starts anything again but the database: servers and balancer heal by themselves.
"""

import contextlib
import pathlib
import signal

from balancer import NAME, Balancer
from conftest import Fleet
from harness.server import temporary, until
from network import machine
from postgres import postgres
from sign_ins import Load


@contextlib.contextmanager
def behind_a_balancer(database, url, far=None):
    """A fleet; the last of its servers on a machine of its own, if there is one."""
    with temporary() as base:
        address = far.ours if far else "127.0.0.1"
        fleet = Fleet(base, database, lambda c: c.update(store=url, issuer=f"https://{NAME}"),
                      address).share_keys()
        try:
            if far:
                fleet.servers[2].configure(lambda c: (
                    c.update(store=f"postgres://doorpost@{address}/postgres?sslmode=disable"),
                    c["http"].update(trusted_proxies=[address])))
                fleet.servers[2].before = far.enter
                for server in fleet.servers:
                    server.start("--listen", f"{far.address if server.before else '127.0.0.1'}:0")
            else:
                fleet.start()
            fleet.balancer = Balancer(pathlib.Path(base) / "haproxy", fleet.servers)
            try:
                processes = [server.process for server in fleet.servers]
                yield fleet
                assert [process.poll() for process in processes] == [None] * 3
            finally:
                fleet.balancer.stop()
        finally:
            fleet.kill()


def test_a_database_that_restarts_and_crashes():
    with postgres() as database, behind_a_balancer(database, database.url) as fleet:
        load = Load(fleet, database)
        load.start()
        load.wait_for(0.3)
        database.stop(signal.SIGINT)
        database.start()
        load.wait_for(0.6)
        database.stop(signal.SIGQUIT)
        database.start()
        load.finish()
        load.judge(database)


@contextlib.contextmanager
def pair(far=None):
    """A primary, perhaps on a machine of its own, that acknowledges what its standby has, too."""
    with postgres(machine=far) as primary, postgres(copy_of=primary) as standby:
        until(lambda: primary.query("SELECT state FROM pg_stat_replication") == ["streaming"])
        primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.query("SELECT pg_reload_conf()")
        until(lambda: primary.query("SELECT sync_state FROM pg_stat_replication") == ["sync"])
        yield primary, standby


def promote(standby):
    standby.promote()
    # Nobody stands behind it now.
    standby.query("ALTER SYSTEM SET synchronous_standby_names = ''")
    standby.query("SELECT pg_reload_conf()")


def test_a_primary_that_dies_and_its_standby_in_its_place():
    with pair() as (primary, standby):
        url = f"postgres://doorpost@/postgres?host={primary.directory},{standby.directory}"
        with behind_a_balancer(primary, url) as fleet:
            load = Load(fleet, primary)
            load.start()
            load.wait_for(0.4)
            load.database = standby
            primary.stop(signal.SIGQUIT)
            promote(standby)
            load.finish()
            load.judge(standby)


def test_a_primary_that_is_cut_off_and_its_standby_in_its_place():
    """It goes on, and nobody hears it: each new connection tries it first."""
    with machine() as far, pair(far) as (primary, standby):
        url = f"postgres://doorpost@/postgres?host={far.address},{standby.directory}&sslmode=disable"
        with behind_a_balancer(primary, url) as fleet:
            load = Load(fleet, primary, 400)
            load.start()
            load.wait_for(0.4)
            load.database = standby
            far.cut()
            promote(standby)
            load.finish()
            load.judge(standby)


def test_a_network_that_is_cut():
    with machine() as far, postgres(machine=far) as database, \
            behind_a_balancer(database, database.url) as fleet:
        load = Load(fleet, database)
        load.start()
        # What is asked is done there, and the answer vanishes.
        load.wait_for(0.25)
        far.cut(answers_only=True)
        load.wait_for_losses()
        far.heal()
        load.wait_for(0.6)
        far.cut()
        load.wait_for_losses()
        far.heal()
        load.finish()
        load.judge(database)


def test_a_server_that_is_cut_off_holds_nobody_else_up():
    """What it had locked is free again before anybody has waited too long for it."""
    with machine() as far, postgres(listen_addresses=far.ours) as database, \
            behind_a_balancer(database, database.url, far) as fleet:
        load = Load(fleet, database, 300, 12)
        load.start()
        load.wait_for(0.3)
        far.cut(port=database.port)
        load.wait_for(0.7)
        far.heal()
        load.finish()
        load.judge(database)
        # All that came in the seconds after the cut would be refused, were it held up. One or two
        # may be, where the machine that tests has much else to do.
        refused = sum(server.said().count(" error store_unavailable") for server in fleet.servers[:2])
        assert refused <= 2
