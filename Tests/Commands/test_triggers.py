"""Programs at points of the sign-in, as an administrator looks at them."""

import json
import pathlib
import time

import pytest

ECHO = """#!/usr/bin/python3 -I
import json, sys
event = json.load(sys.stdin)
print("seen", file=sys.stderr)
event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"depth": "1.5"}}
json.dump(event, sys.stdout)
"""


@pytest.fixture
def program(place):
    path = place / "program"
    path.write_text(ECHO)
    path.chmod(0o755)
    return path


@pytest.fixture
def triggers(alice, program):
    text = alice.config.read_text()
    alice.config.write_text(
        text + f"\ntriggers:\n  pre_token_generation: {program}\n"
        f"  post_confirmation: {{ command: [{program}, x], runners: 2 }}\n")
    return alice


def test_list(triggers, program):
    result = triggers("trigger", "list", "--json")
    assert result.code == 0, result
    assert result.json == [
        {"point": "post_confirmation", "command": [str(program), "x"], "runners": 2,
         "problem": None},
        {"point": "pre_token_generation", "command": [str(program)], "runners": 0,
         "problem": None},
    ]
    program.chmod(0o757)
    assert "can be changed by others" in triggers("trigger", "list").out


def test_nothing_is_set(instance):
    assert instance("trigger", "list").err == \
        "nothing is set; see 'triggers' in doorpost.yaml(5)\n"
    result = instance("trigger", "test", "pre_sign_up")
    assert result.code == 1 and "no program is set for pre_sign_up" in result.err


def test_event_and_answer_are_shown(triggers, program):
    result = triggers("trigger", "test", "pre_token_generation", "--user", "alice", "--json")
    assert result.code == 0, result
    report = result.json
    assert report["event"]["userName"] == "alice@example.org"
    assert report["event"]["request"]["userAttributes"]["preferred_username"] == "alice"
    assert report["answer"]["response"]["claimsOverrideDetails"] == {
        "claimsToAddOrOverride": {"depth": "1.5"}}
    assert report["error"] is None and report["standard_error"] == [f"{program}: seen"]
    assert 0 <= report["milliseconds"] < 5000
    shown = triggers("trigger", "test", "pre_token_generation", "--user", "alice")
    assert shown.code == 0
    lines = dict(line.split(": ", 1) for line in shown.out.splitlines())
    assert json.loads(lines["event"]) == report["event"]


def test_a_kept_program_gets_one_line_and_ends_with_the_command(triggers, program):
    program.write_text(
        "#!/usr/bin/python3 -I\nimport os, sys\n"
        f"open('{program}.pid', 'w').write(str(os.getpid()))\n"
        "for line in sys.stdin:\n    sys.stdout.write(line)\n    sys.stdout.flush()\n")
    result = triggers("trigger", "test", "post_confirmation")
    assert result.code == 0, result
    pid = int(program.with_name("program.pid").read_text())
    deadline = time.monotonic() + 10
    while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not pathlib.Path(f"/proc/{pid}").exists()


def test_a_wrong_answer_is_1_and_still_shown(triggers, program):
    program.write_text("#!/bin/sh\necho '{\"response\":{\"claimsOverrideDetails\":7}}'\n")
    result = triggers("trigger", "test", "pre_token_generation", "--json")
    assert result.code == 1
    assert result.json["answer"] == {"response": {"claimsOverrideDetails": 7}}
    assert result.json["error"]["fault"] == "badAnswer"
    assert "pre_token_generation" in result.err


def test_unknown_points_and_people(triggers):
    assert triggers("trigger", "test", "pre_singup").code == 2
    assert triggers("trigger", "test", "pre_token_generation", "--user", "eve").code == 1


def test_check_and_doctor_look_at_the_files(triggers, program):
    assert triggers("config", "check").code == 0
    found = [f for f in triggers("doctor", "--json").json if f["name"] == "triggers"]
    assert [f["state"] for f in found] == ["ok", "ok"]
    program.chmod(0o644)
    result = triggers("config", "check")
    assert result.code == 78 and f"triggers.pre_token_generation: {program}" in result.err
    found = [f for f in triggers("doctor", "--json").json if f["name"] == "triggers"]
    assert [f["state"] for f in found] == ["problem", "problem"]
    assert found[0]["remedy"] == f"run: chmod +x {program}"


def test_config_show_is_the_same_configuration(triggers):
    first = triggers("config", "show")
    text = triggers.config
    text.write_text(first.out)
    assert triggers("config", "show").out == first.out
    assert triggers("config", "show", "--json").json["triggers"]["post_confirmation"]["runners"] == 2
