"""`make install` and `make uninstall`, into a directory."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def make(*arguments):
    return subprocess.run(["make", "--no-print-directory", "-s", *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True)


def files(place):
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path):
    done = make("install", f"DESTDIR={tmp_path}")
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_units_dashboard_and_alerts_are_installed(place):
    assert files(place) >= {
        "usr/lib/systemd/system/doorpost.service", "usr/lib/systemd/system/doorpost.socket",
        "usr/lib/systemd/system/doorpost-pam@.service", "usr/lib/systemd/system/doorpost-pam.socket",
        "usr/share/doorpost/pam.d/doorpost-locker",
        "usr/lib/sysusers.d/doorpost.conf", "usr/lib/tmpfiles.d/doorpost.conf",
        "usr/share/doorpost/grafana/doorpost.json", "usr/share/doorpost/prometheus/alerts.yml",
        "usr/share/doorpost/systemd/triggers-node.conf"}
    for name in files(place / "usr/share") | files(place / "usr/lib/systemd"):
        found = [p for p in (place / "usr/share" / name, place / "usr/lib/systemd" / name)
                 if p.exists()][0]
        assert found.stat().st_mode & 0o777 == 0o644, name


def test_the_runners_for_lambda_handlers_find_what_is_beside_them(place):
    """From where they are installed, with nothing in the environment."""
    there = place / "usr/libexec/doorpost"
    handler = place / "handler.js"
    handler.write_text("const { SESClient } = require('@aws-sdk/client-ses');\n"
                       "exports.handler = async (event) => [event, typeof SESClient];\n")
    done = subprocess.run([there / "lambda-node", handler], input='{"a":1}\n', capture_output=True,
                          text=True, env={})
    assert done.stdout == '[{"a":1},"function"]\n', done
    (place / "handler.py").write_text("def handler(event, context):\n    return event\n")
    done = subprocess.run([there / "lambda-python", place / "handler.py"], input='{"a": 1}\n',
                          capture_output=True, text=True, env={})
    assert done.stdout == '{"a": 1}\n', done
    modes = {p.relative_to(there): p.stat().st_mode & 0o7777 for p in there.rglob("*")}
    assert set(modes.values()) == {0o755, 0o644}
    assert files(there) == {"doorpost-pam"} | {str(p) for p in files(ROOT / "lambda")}


def test_installing_again_keeps_the_configuration(place):
    config = place / "etc/doorpost/doorpost.yaml"
    config.write_text("# mine\n")
    assert make("install", f"DESTDIR={place}").returncode == 0
    assert config.read_text() == "# mine\n"


def test_uninstalling_leaves_the_configuration_alone(place):
    done = make("uninstall", f"DESTDIR={place}")
    assert done.returncode == 0, done.stderr
    assert files(place) == {"etc/doorpost/doorpost.yaml"}


def test_another_prefix_is_in_the_unit(tmp_path):
    """The module is compiled for its helper's place, so only the recipe is looked at."""
    recipe = make("-n", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr/local").stdout
    assert "s|/usr/bin/doorpost|/usr/local/bin/doorpost|" in recipe
    assert "s|/usr/libexec/doorpost/doorpost-pam|/usr/local/libexec/doorpost/doorpost-pam|" in recipe
    assert f"{tmp_path}/usr/local/lib/systemd/system" in recipe
