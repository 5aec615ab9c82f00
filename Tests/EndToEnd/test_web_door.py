"""Both doors of one Doorpost: a code is good at the door it was mailed for, and failures are
counted together."""

import http.client
import json
import re
import subprocess
import time

import pytest

from harness.instance import BIN
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE


class Web:
    """`doorpost serve` on the instance, as a service would run it."""

    def __init__(self, instance):
        self.log = instance.directory.with_name(instance.directory.name + "-serve.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [BIN / "doorpost", "serve", "--config", instance.config,
                 "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while not (found := re.search(r"listening on http://127.0.0.1:(\d+)",
                                      self.log.read_text())):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.01)
        self.port = int(found[1])

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    def stop(self):
        self.process.terminate()
        assert self.process.wait(40) == 0


@pytest.fixture
def web(instance):
    instance.configure({"code": {"resend_after": "0s"}})
    server = Web(instance)
    yield server
    server.stop()


def test_a_code_mailed_for_the_web_opens_no_pam(web, service, instance, mailbox):
    status, started = web.post("/auth/initiate", {"email": instance.emails[ALICE]})
    assert status == 200
    for_web = mailbox.code(instance.emails[ALICE])
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        for_pam = mailbox.code(instance.emails[ALICE], count=2)
        if for_web != for_pam:
            host.answer(for_web).prompt()
        assert host.answer(for_pam).result() == Code.SUCCESS
    status, body = web.post("/auth/verify", {"session": started["session"], "otp": for_web})
    assert status == 200


def test_a_code_mailed_for_pam_opens_no_web(web, service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        for_pam = mailbox.code(instance.emails[ALICE])
        status, started = web.post("/auth/initiate", {"email": instance.emails[ALICE]})
        for_web = mailbox.code(instance.emails[ALICE], count=2)
        if for_web != for_pam:
            status, body = web.post(
                "/auth/verify", {"session": started["session"], "otp": for_pam})
            assert (status, body["error"]) == (401, "code_mismatch")
        assert host.answer(for_pam).result() == Code.SUCCESS


def test_the_failures_of_both_doors_are_one_budget(service, instance, mailbox):
    instance.configure({"limits": {"failures_per_account": "4/d"}, "code": {"resend_after": "0s"}})
    server = Web(instance)
    try:
        far = {"rhost": "192.0.2.9"}
        with PamHost(service, ALICE, items=far) as host:
            host.begin("authenticate").prompt()
            wrong = other_than(mailbox.code(instance.emails[ALICE]))
            host.answer(wrong).prompt()
            host.answer(wrong).prompt()
        status, started = server.post("/auth/initiate", {"email": instance.emails[ALICE]})
        assert status == 200
        right = mailbox.code(instance.emails[ALICE], count=2)
        guess = {"session": started["session"], "otp": other_than(right)}
        assert server.post("/auth/verify", guess)[0] == 401
        assert server.post("/auth/verify", guess)[0] == 401
        # Four failures: the account is shut at both doors, for the right code, too.
        status, body = server.post(
            "/auth/verify", {"session": started["session"], "otp": right})
        assert (status, body["error"]) == (429, "rate_limited")
        with PamHost(service, ALICE, items=far) as host:
            assert host.begin("authenticate").result() == Code.MAXTRIES
        # Nobody far away can shut the console.
        with PamHost(service, ALICE) as host:
            host.begin("authenticate").prompt()
            at_console = mailbox.code(instance.emails[ALICE], count=3)
            assert host.answer(at_console).result() == Code.SUCCESS
    finally:
        server.stop()
