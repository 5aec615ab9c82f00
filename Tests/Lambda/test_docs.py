"""What docs/triggers.md shows, as it stands."""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from conftest import ROOT

sys.path.insert(0, str(ROOT / "Tests/Web"))

from harness.server import Server, temporary  # noqa: E402

PAGE = (ROOT / "docs/triggers.md").read_text()
POINTS = ["define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response", "pre_sign_up",
          "post_confirmation", "pre_authentication", "post_authentication", "pre_token_generation",
          "custom_message", "custom_email_sender"]
EVENT = {"request": {"challengeAnswer": "5"}, "response": {}}


def snippets(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def program(place, text):
    place.write_text(text)
    place.chmod(0o755)
    return place


@pytest.mark.parametrize("day", [6, 7])
def test_the_program_in_bash(tmp_path, day):
    (text,) = snippets("bash")
    script = program(tmp_path / "trigger", text)
    program(tmp_path / "date", f"#!/bin/sh\necho {day}\n")
    done = subprocess.run([script], input=json.dumps(EVENT) + "\n", capture_output=True, text=True,
                          env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.returncode == 0 and not done.stderr
    answer = json.loads(done.stdout)
    assert answer == (EVENT if day == 6 else {"errorMessage": "We are closed on Sundays", "errorType": "Closed"})
    assert "failed with error We are closed on Sundays." in PAGE


def test_the_program_in_bash_with_an_empty_environment(tmp_path):
    (text,) = snippets("bash")
    done = subprocess.run([program(tmp_path / "trigger", text)], input=json.dumps(EVENT) + "\n",
                          capture_output=True, text=True, env={})
    is_sunday = datetime.date.today().isoweekday() == 7
    assert ("errorMessage" in json.loads(done.stdout)) == is_sunday


def test_the_kept_program_in_python(tmp_path):
    (text,) = snippets("python")
    other = {**EVENT, "request": {"challengeAnswer": "6"}}
    done = subprocess.run([program(tmp_path / "trigger", text)], input="".join(
        json.dumps(e) + "\n" for e in (EVENT, other)), capture_output=True, text=True, env={})
    answers = [json.loads(line)["response"]["answerCorrect"] for line in done.stdout.splitlines()]
    assert (answers, done.returncode) == ([True, False], 0), done


def test_every_point_is_in_the_table_the_manual_and_the_example():
    table = PAGE.partition("## The points")[2].partition("## Setting them")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert rows == POINTS
    manual = (ROOT / "man/doorpost.yaml.5").read_text()
    assert all(re.search(rf"^\.It Ic .*\b{point}\b", manual, re.MULTILINE) for point in POINTS)
    example = (ROOT / "packaging/doorpost.yaml").read_text()
    assert set(re.findall(r"^#   (\w+):", example, re.MULTILINE)) <= set(POINTS)


@pytest.fixture
def instance():
    """With the programs that the pages name in places of its own, as their reader puts them."""
    with temporary() as base:
        place = pathlib.Path(base)
        os.chmod(place, 0o755)
        shutil.copytree(ROOT / "lambda", place / "libexec")
        (place / "triggers").mkdir(mode=0o755)
        for name in ("define", "tokens", "verify"):
            program(place / "triggers" / name, "#!/bin/sh\ncat\n")
        for name in ("define", "create", "verify"):
            shutil.copy(ROOT / f"Tests/Lambda/seed/{name}.js", place / "triggers")
        server = Server(place, users=())
        server.place = place
        yield server


@pytest.mark.parametrize("day, status", [(6, 200), (7, 403)])
def test_nobody_signs_in_on_sundays(instance, day, status):
    (text,) = snippets("bash")
    program(instance.place / "triggers/closed", text)
    program(instance.place / "triggers/date", f"#!/bin/sh\necho {day}\n")
    instance.configure(lambda c: c.update(triggers={"pre_authentication": {
        "command": [str(instance.place / "triggers/closed")],
        "environment": {"PATH": f"{instance.place}/triggers:/usr/bin:/bin"}}}))
    try:
        instance.start()
        answer = instance.client().initiate("alice@example.org")
        assert answer.status == status
        if status == 403:
            assert answer.error == "refused"
            assert re.search(r"^\| .*We are closed on Sundays.*\| 403 `refused` \|", PAGE, re.MULTILINE)
    finally:
        instance.kill()


def settings():
    yield from ((f"docs/triggers.md, {n}", text) for n, text in enumerate(snippets("yaml")))
    example = (ROOT / "packaging/doorpost.yaml").read_text()
    commented = re.search(r"^# (triggers:.*\n(?:#   .*\n)+)", example, re.MULTILINE)[1]
    yield "packaging/doorpost.yaml", re.sub(r"^# ", "", commented, flags=re.MULTILINE)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in settings()])
def test_doorpost_takes_the_settings(instance, text):
    """Needs a Doorpost with triggers."""
    text = text.replace("/usr/libexec/doorpost", str(instance.place / "libexec")) \
        .replace("/etc/doorpost/triggers", str(instance.place / "triggers"))
    instance.configure(lambda c: c.update(yaml.safe_load(text)))
    instance.run("config", "check")
