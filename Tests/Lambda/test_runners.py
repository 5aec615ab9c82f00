"""One answer for one event, whatever the handler is, does, and prints."""

import os
import subprocess

import pytest

from conftest import RUNNERS, run

EVENT = {"region": "local", "userName": "alice@example.org", "request": {"ü": " "}, "response": {}}
BOTH = pytest.mark.parametrize("suffix", ["js", "py"])


@pytest.mark.parametrize("place, answer", [
    ("answers.js", {**EVENT, "response": {"by": "promise"}}),
    ("answers.js:handler", {**EVENT, "response": {"by": "promise"}}),
    ("answers.js:later", {"by": "callback"}),
    ("answers.js:atOnce", {**EVENT, "finished": True}),
    ("answers.js:unfinished", EVENT),
    ("answers.js:done", {"by": "done"}),
    ("answers.js:succeed", {"by": "succeed"}),
    ("answers.js:returned", None),
    ("answers.js:nothing", None),
    ("answers.js:never", None),
    ("answers.js:open", EVENT),
    ("module.mjs", {**EVENT, "by": "module", "ses": ["function", "function"]}),
    ("exported.js", {**EVENT, "by": "export", "ses": "function"}),
    ("answers.py", {**EVENT, "response": {"by": "lambda_handler", "beside": "beside"}}),
    ("answers.py:nothing", None),
    ("plain.py", {**EVENT, "by": "handler"}),
])
def test_answers(place, answer, kept):
    once = run(f"handlers/{place}", EVENT)
    assert (once.answers, once.returncode) == ([answer], 0), once
    several = run(f"handlers/{place}", EVENT, EVENT, EVENT)
    assert (several.answers, several.returncode) == ([answer] * 3, 0), several
    stays = kept(f"handlers/{place}")
    assert [stays.ask(EVENT) for _ in range(3)] == [answer] * 3
    assert stays.end() == 0


def said(message, kind):
    return {"errorMessage": message, "errorType": kind}


FAILURES = [
    ("answers.js:thrown", "thrown\nin two lines", "TypeError"),
    ("answers.js:rejected", "rejected", "Error"),
    ("answers.js:calledBack", "called back", "Error"),
    ("answers.js:fail", "by fail", "RangeError"),
    ("answers.js:text", "Unauthorized", "string"),
    ("answers.js:empty", "undefined", "undefined"),
    ("answers.py:thrown", "thrown\nin two lines", "ValueError"),
]


@pytest.mark.parametrize("place, message, kind", FAILURES)
def test_a_handler_that_throws(place, message, kind, kept):
    once = run(f"handlers/{place}", EVENT, EVENT)
    assert (once.answers, once.returncode) == ([said(message, kind)] * 2, 0), once
    assert message.splitlines()[0] in once.stderr
    if "Error" in kind:
        assert f"answers.{place.partition(':')[0][-2:]}" in once.stderr, "the log does not say where"
    stays = kept(f"handlers/{place}")
    assert [stays.ask(EVENT) for _ in range(2)] == [said(message, kind)] * 2


@pytest.mark.parametrize("place", ["answers.js:cyclic", "answers.js:big", "answers.py:unwritable",
                                   "answers.py:nan", "answers.py:cyclic"])
def test_an_answer_that_cannot_be_written(place):
    answer, = run(f"handlers/{place}", EVENT).answers
    assert answer["errorType"] == "Runtime.MarshalError" and answer["errorMessage"]


@pytest.mark.parametrize("place, kind, reason", [
    ("broken.js", "UserCodeSyntaxError", "SyntaxError"),
    ("missing.js", "ImportModuleError", "there-is-no-such-package"),
    ("missing.mjs", "ImportModuleError", "there-is-no-such-package"),
    ("nowhere.js", "ImportModuleError", "nowhere.js"),
    ("answers.js:nobody", "HandlerNotFound", "nobody"),
    ("broken.py", "UserCodeSyntaxError", "SyntaxError"),
    ("missing.py", "ImportModuleError", "there_is_no_such_package"),
    ("nowhere.py", "ImportModuleError", "nowhere.py"),
    ("answers.py:nobody", "HandlerNotFound", "nobody"),
    ("beside.py", "HandlerNotFound", "lambda_handler or handler"),
])
def test_a_handler_that_does_not_load(place, kind, reason):
    """The log says why. Who signs in reads no path of this machine."""
    done = run(f"handlers/{place}", EVENT, EVENT)
    assert [a["errorType"] for a in done.answers] == [f"Runtime.{kind}"] * 2 and done.returncode == 0
    assert reason in done.stderr
    assert all("/" not in a["errorMessage"] for a in done.answers), done.answers


@pytest.mark.parametrize("place, message", [("answers.js:lost", "lost"),
                                            ("answers.js:forgotten", "forgotten")])
def test_what_is_thrown_where_nobody_waits(place, message):
    """The event is answered, and the runner ends: nobody knows what state it is in."""
    done = run(f"handlers/{place}", EVENT, EVENT)
    assert (done.answers, done.returncode) == ([said(message, "Error")], 1), done


@BOTH
def test_a_handler_that_exits(suffix):
    done = run(f"handlers/answers.{suffix}:exits", EVENT, EVENT)
    assert (done.stdout, done.returncode) == ("", 7)


@BOTH
def test_nothing_else_gets_among_the_answers(suffix):
    done = run(f"handlers/answers.{suffix}:loud", EVENT, EVENT)
    assert done.answers == [EVENT, EVENT]
    assert done.stderr.count('{"by":') == 4 * 2, done.stderr


@BOTH
def test_the_context(suffix):
    told, = run(f"handlers/answers.{suffix}:tells", EVENT).answers
    assert told["functionName"] == "answers" and len(told["awsRequestId"]) == 36
    assert told["invokedFunctionArn"] == "arn:aws:lambda:local:000000000000:function:answers"
    assert 4000 < told["remaining"] <= 5000
    named, = run(f"handlers/answers.{suffix}:tells", EVENT,
                 environment={"AWS_LAMBDA_FUNCTION_NAME": "tutorial"}).answers
    assert named["functionName"] == "tutorial" and named["awsRequestId"] != told["awsRequestId"]


@BOTH
def test_the_environment_is_what_the_configuration_says(suffix):
    told, = run(f"handlers/answers.{suffix}:tells", EVENT, environment={"MAIL_FROM": "a"}).answers
    # The shell and Python's start add these.
    assert set(told["environment"]) - {"PWD", "NODE_PATH", "LC_CTYPE"} == {"MAIL_FROM"}


@BOTH
def test_a_kept_runner_keeps_its_state_and_ends_with_its_input(suffix, kept):
    one, other = (kept(f"handlers/answers.{suffix}:counts") for _ in range(2))
    assert [one.ask(EVENT)["count"] for _ in range(3)] == [1, 2, 3]
    assert other.ask(EVENT)["count"] == 1
    assert one.end() == other.end() == 0


def test_one_event_after_the_other():
    waits = [60, 30, 1]
    assert [a["wait"] for a in run("handlers/answers.js:slow", *({"wait": w} for w in waits)).answers] \
        == waits


@BOTH
def test_a_large_event_and_its_large_answer(suffix):
    event = {**EVENT, "request": {"long": "é" * 20000}}
    answer, = run(f"handlers/answers.{suffix}", event).answers
    assert answer["request"] == event["request"]


@BOTH
def test_a_line_that_is_no_event(suffix, kept):
    stays = kept(f"handlers/answers.{suffix}")
    stays.process.stdin.write(b"not json\n")
    assert "errorMessage" in stays.line()
    assert "errorMessage" not in stays.ask(EVENT)


@BOTH
def test_wrong_usage(suffix):
    runner = RUNNERS["node" if suffix == "js" else "python"]
    for words in ([], ["a", "b"], [""]):
        done = subprocess.run([runner, *words], capture_output=True, text=True, env={})
        assert (done.returncode, done.stdout) == (2, "") and "usage: lambda-" in done.stderr


def test_python_leaves_no_files_behind(tmp_path):
    (tmp_path / "own.py").write_text("import helper\ndef handler(e, c):\n    return helper.a\n")
    (tmp_path / "helper.py").write_text("a = 1\n")
    assert run(str(tmp_path / "own.py"), EVENT).answers == [1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["helper.py", "own.py"]


@pytest.mark.parametrize("name", ["own.js", "own.mjs"])
def test_packages_of_the_handler_come_first(tmp_path, name):
    """Who installed Amazon's SDK beside the handler gets that."""
    package = tmp_path / "node_modules/@aws-sdk/client-ses"
    package.mkdir(parents=True)
    (package / "index.js").write_text("exports.SESClient = 'their own';\n")
    (tmp_path / "own.js").write_text("exports.handler = async () => require('@aws-sdk/client-ses').SESClient;\n")
    (tmp_path / "own.mjs").write_text("import { SESClient } from '@aws-sdk/client-ses';\n"
                                      "export const handler = async () => SESClient;\n")
    assert run(str(tmp_path / name), EVENT).answers == ["their own"]


def test_a_package_of_modules(tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "own.js").write_text("import './beside.js';\nexport const handler = async () => globalThis.beside;\n")
    (tmp_path / "beside.js").write_text("globalThis.beside = import.meta.url.length > 0;\nexport {};\n")
    assert run(str(tmp_path / "own.js"), EVENT).answers == [True]


@pytest.mark.parametrize("name, text", [("own.js", "exports.handler = async () => 'ran';\n"),
                                        ("own.mjs", "export const handler = async () => 'ran';\n"),
                                        ("own.py", "def handler(event, context):\n    return 'ran'\n")])
@pytest.mark.parametrize("change, reason", [
    (lambda file: file.chmod(0o644), None),
    (lambda file: file.chmod(0o664), "the handler can be changed by others"),
    (lambda file: file.chmod(0o646), "the handler can be changed by others"),
    (lambda file: file.parent.chmod(0o775), "the directory of the handler can be changed by others"),
    (lambda file: file.parent.chmod(0o1777), "the directory of the handler can be changed by others"),
    (lambda file: os.chown(file, 1234, -1), "the handler belongs to uid 1234"),
    (lambda file: os.chown(file.parent, 1234, -1), "the directory of the handler belongs to uid 1234"),
    (lambda file: linked(file, 0o755), None),
    (lambda file: linked(file, 0o777), "the directory of the handler can be changed by others"),
    (lambda file: (linked(file, 0o755), file.parent.chmod(0o777)),
     "the directory of the handler can be changed by others"),
], ids=["as it should be", "group", "others", "directory's group", "sticky", "owner", "directory's owner",
        "link", "link into a bad directory", "link in a bad directory"])
def test_a_handler_that_others_can_change_does_not_run(tmp_path, name, text, change, reason):
    file = tmp_path / name
    file.write_text(text)
    change(file)
    done = run(str(file), EVENT)
    if reason is None:
        assert done.answers == ["ran"]
    else:
        assert done.answers == [said(f"{name} cannot be loaded; the log says why", "Runtime.ImportModuleError")]
        assert reason in done.stderr


def linked(file, mode):
    elsewhere = file.parent / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(mode)
    file.rename(elsewhere / file.name)
    file.symlink_to(elsewhere / file.name)
