"""docs/threat-model.md: every test that it names as `file::test` is there, and no row is missing."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = {
    "Core": "DoorpostCoreTests", "HTTP": "DoorpostHTTPTests", "Mail": "DoorpostMailTests",
    "Store": "StoreContract", "Tokens": "DoorpostTokensTests", "Browser": "Browser",
    "Web": "Web", "Server": "Server", "Packaging": "Packaging", "Commands": "Commands",
    "Cognito": "Cognito", "SDK": "DoorpostCognitoTests",
    "Triggers": "DoorpostTriggersTests", "E2E": "EndToEnd", "Module": "PAMModule",
    "Door": "DoorpostPAMTests",
}
TEXT = (ROOT / "docs/threat-model.md").read_text()


def test_every_row_of_the_web_is_there():
    rows = re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)
    assert rows == [str(n) for n in range(1, 80)]


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(\w+)/([\w/]+\.(?:py|swift))::([^`]+)`", TEXT)
    assert len(named) > 70
    for where, path, test in named:
        text = (ROOT / "Tests" / TESTS[where] / path).read_text()
        sought = f"def {test}(" if path.endswith(".py") else test
        assert sought in text, f"{where}/{path}::{test}"
