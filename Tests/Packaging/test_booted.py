"""The package and its units under a real systemd: walls, start, reload, socket, upgrade, removal.

In the place of the server stands a program that tries the walls; where the programs are real,
their commands run inside the same walls, and `doorpost serve` if this version has it."""

import base64
import json
import pathlib
import re
import socket
import sys
import urllib.request

import pytest

from booted_machine import BootedMachine, CannotBoot
from conftest import ROOT, VERSION

sys.path.insert(0, str(ROOT / "Tests/Web"))

from harness.relays import Peer  # noqa: E402
from harness.server import until  # noqa: E402

STAND_IN = pathlib.Path(__file__).with_name("stand_in_server.py")
DROP_IN = "/etc/systemd/system/doorpost.service.d/test.conf"
SERVICES = ("doorpost.service", "doorpost.socket")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def machine(package, newer):
    try:
        made = BootedMachine()
    except CannotBoot as reason:
        pytest.skip(f"systemd does not boot here: {reason}")
    try:
        made.sh("echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/tests; rm -f /var/lib/man-db/auto-update;"
                "dpkg --purge doorpost 2>/dev/null || true; rm -rf /etc/doorpost /var/lib/doorpost")
        for number, file in enumerate((package, newer)):
            made.write(f"/root/{number}.deb", file.read_bytes())
        made.run("dpkg", "-i", "/root/0.deb")
        made.port = free_port()
        made.write("/opt/stand-in", STAND_IN.read_text())
        made.write("/etc/systemd/system/doorpost.socket.d/test.conf",
                   f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{made.port}\n")
        use(made, f"/usr/bin/python3 -I -B /opt/stand-in {made.port}")
        yield made
    finally:
        made.close()


def use(machine, command, more=""):
    machine.write(DROP_IN, f"[Service]\nExecStart=\nExecStart={command}\n{more}")
    machine.run("systemctl", "daemon-reload")


def shown(machine, key, unit="doorpost.service"):
    return machine.run("systemctl", "show", "-p", key, "--value", unit).stdout.strip()


def states(machine):
    return [shown(machine, "ActiveState", unit) for unit in SERVICES]


def ask(machine, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{machine.port}{path}", timeout=10) as answer:
        return answer.read().decode()


def test_nothing_runs_after_installation(machine):
    assert states(machine) == ["inactive", "inactive"]
    assert [shown(machine, "UnitFileState", unit) for unit in SERVICES] == ["disabled"] * 2


def test_the_walls_let_through_what_the_server_does_and_nothing_else(machine):
    machine.run("systemctl", "start", "doorpost.service")
    result = json.loads(machine.run("cat", "/var/lib/doorpost/result.json").stdout)
    refused = {name for name, what in result.items() if what != "yes"}
    assert refused == {
        "write /etc", "write /usr", "passwords", "home", "chown", "setuid bit", "raw socket",
        "new program pages", "namespace", "other processes", "kernel settings"}, result
    assert machine.run("stat", "-c", "%U %a", "/var/lib/doorpost").stdout == "doorpost 700\n"


def test_start_reload_stop(machine):
    machine.run("systemctl", "start", "doorpost.service")
    first = ask(machine).split()[0]
    machine.run("systemctl", "reload", "doorpost.service")
    assert shown(machine, "StatusText") == "reloaded" and ask(machine).split()[0] == first
    machine.run("systemctl", "stop", "doorpost.service")
    assert states(machine)[0] == "inactive" and shown(machine, "Result") == "success"
    assert machine.sh("ls /run/doorpost/sessions") == "x\n", "stopping took the session files"


def test_a_wrong_configuration_is_not_tried_again(machine):
    use(machine, "/bin/sh -c 'exit 78'")
    assert machine.run("systemctl", "start", "doorpost.service", check=False).returncode != 0
    assert (shown(machine, "ActiveState"), shown(machine, "NRestarts")) == ("failed", "0")


def test_the_socket_waits_while_the_server_restarts(machine):
    machine.run("systemctl", "start", "doorpost.socket")
    assert states(machine)[0] == "inactive"
    first, origin = ask(machine).split()
    assert origin == "systemd" and states(machine)[0] == "active"
    machine.run("systemctl", "restart", "--no-block", "doorpost.service")
    for _ in range(20):
        assert ask(machine).endswith("systemd")
    assert ask(machine).split()[0] != first


def test_an_upgrade_restarts_what_runs_and_only_that(machine):
    machine.run("dpkg", "-i", "/root/1.deb")
    assert states(machine)[0] == "inactive"
    machine.run("systemctl", "enable", "--now", "doorpost.service")
    before = shown(machine, "MainPID")
    machine.run("dpkg", "-i", "/root/0.deb")
    assert states(machine)[0] == "active" and shown(machine, "MainPID") != before
    machine.run("dpkg", "--remove", "doorpost")
    assert states(machine) == ["inactive", "inactive"]
    assert machine.sh("find /etc/systemd -name 'doorpost*' ! -name '*.d'") == ""


def configure(machine):
    if machine.run("doorpost", "--version").stdout.strip() != VERSION:
        pytest.skip("a stand-in in the place of the programs")
    machine.sh("""sed -i -e 's|^# issuer:.*|issuer: https://login.example.org|' \
        -e 's|^  # from:.*|  from: login@example.org|' /etc/doorpost/doorpost.yaml""")


def test_the_real_commands_work_inside_the_walls(machine):
    configure(machine)
    machine.write("/opt/commands", "set -ex\ndoorpost key init\n"
                  "doorpost user add a@example.org\ndoorpost user list\n"
                  "doorpost mail test a@example.org || test $? = 69\n")
    use(machine, "/bin/sh /opt/commands", "Type=oneshot\nRestart=no\n")
    machine.run("systemctl", "start", "doorpost.service", check=False)
    log = machine.run("journalctl", "-u", "doorpost.service", "-o", "cat", "--no-pager").stdout
    assert shown(machine, "Result") == "success", log
    assert "a@example.org" in log and "thread priority" not in log


def test_the_real_server_serves_inside_the_walls(machine):
    configure(machine)
    if machine.run("doorpost", "serve", "--help", check=False).returncode != 0:
        pytest.skip("this version has no `doorpost serve`")
    machine.run("doorpost", "key", "init")
    use(machine, "/usr/bin/doorpost serve --config /etc/doorpost/doorpost.yaml "
                 f"--listen 127.0.0.1:{machine.port}")
    machine.run("systemctl", "start", "doorpost.service")
    # Not /readyz: there is no mail relay in this machine.
    assert states(machine)[0] == "active" and "ok" in ask(machine, "/healthz")
    assert "doorpost_build_info" in ask(machine, "/metrics")
    limits = machine.sh(f"cat /proc/{shown(machine, 'MainPID')}/limits")
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)  # no code gets into a core
    machine.run("systemctl", "reload", "doorpost.service")
    assert ask(machine, "/healthz")
    machine.run("systemctl", "stop", "doorpost.service")
    assert shown(machine, "Result") == "success"


HANDLERS = {"h.js": "const { SESClient } = require('@aws-sdk/client-ses');\n"
                    "exports.handler = async (event) => { for (let i = 0; i < 1e5; i++) event.n = i; return event; };\n",
            "h.mjs": "export const handler = async (event) => ({ ...event, n: 99999 });\n",
            "h.py": "import ssl, subprocess\ndef handler(event, context):\n    return {**event, 'n': 99999}\n"}


@pytest.mark.parametrize("way, more, environment, good", [
    ("as it is", "", "", {"h.py"}),
    ("without a compiler", "", "NODE_OPTIONS=--jitless", set(HANDLERS)),
    ("with the drop-in", (ROOT / "packaging/systemd/triggers-node.conf").read_text(), "", set(HANDLERS))])
def test_lambda_handlers_inside_the_walls(machine, way, more, environment, good):
    for name, text in HANDLERS.items():
        machine.write(f"/etc/doorpost/triggers/{name}", text)
    machine.write("/opt/run", "".join(
        f"echo '{{\"a\":1}}' | env -i {environment} /usr/libexec/doorpost/lambda-"
        f"{'python' if name.endswith('.py') else 'node'} /etc/doorpost/triggers/{name} "
        f">/var/lib/doorpost/{name}.out 2>&1 || true\n" for name in HANDLERS))
    use(machine, "/bin/sh /opt/run", f"Type=oneshot\nRestart=no\n{more}")
    machine.run("systemctl", "start", "doorpost.service")
    said = {name: machine.run("cat", f"/var/lib/doorpost/{name}.out").stdout for name in HANDLERS}
    assert {name for name, text in said.items() if re.search(r'^{"a": ?1, ?"n": ?99999}$', text, re.M)} \
        == good, said


def post(machine, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{machine.port}{path}", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("way", ["without a compiler", "with the drop-in"])
@pytest.mark.parametrize("runners", ["", ", runners: 2"], ids=["one run each", "kept"])
def test_somebody_signs_in_by_triggers_inside_the_walls(machine, way, runners):
    """The tutorial's handlers, as docs/triggers.md sets them; their mail goes to a relay of ours."""
    configure(machine)
    relay, alice = Peer(), "alice@example.org"
    try:
        options = "NODE_OPTIONS: --jitless, " if way == "without a compiler" else ""
        lines = "triggers:\n"
        for name, point in (("define", "define_auth_challenge"), ("create", "create_auth_challenge"),
                            ("verify", "verify_auth_challenge_response")):
            machine.write(f"/etc/doorpost/triggers/{name}.js",
                          (ROOT / f"Tests/Lambda/seed/{name}.js").read_text())
            lines += (f"  {point}: {{ command: [/usr/libexec/doorpost/lambda-node, "
                      f"/etc/doorpost/triggers/{name}.js], environment: {{ {options}MAIL_FROM: l@example.org, "
                      f"SMTP_URL: 'smtp://127.0.0.1:{relay.told['port']}' }}{runners} }}\n")
        machine.run("sh", "-c", "cat >> /etc/doorpost/doorpost.yaml", stdin=lines)
        if way == "with the drop-in":
            machine.run("cp", "/usr/share/doorpost/systemd/triggers-node.conf", f"{DROP_IN}.node.conf")
        machine.run("doorpost", "key", "init")
        machine.run("doorpost", "user", "add", alice)
        use(machine, "/usr/bin/doorpost serve --config /etc/doorpost/doorpost.yaml "
                     f"--listen 127.0.0.1:{machine.port}")
        machine.run("systemctl", "start", "doorpost.service")
        asked = post(machine, "/auth/initiate", {"email": alice})
        raw, = until(lambda: re.findall(rb"\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n\.\r\n", relay.heard()))
        code = re.search(rb"<strong>(\d{6})<", base64.b64decode(raw))[1].decode()
        assert post(machine, "/auth/verify", {"session": asked["session"], "otp": code})["id_token"]
    except (AssertionError, OSError):
        print(machine.run("journalctl", "-u", "doorpost.service", "-o", "cat", "--no-pager").stdout[-3000:])
        raise
    finally:
        relay.stop()
