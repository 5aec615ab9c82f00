"""Whether a user exists must not show in the time that a login takes."""

import statistics

import pytest

from harness.pam import PamHost
from harness.people import ALICE, CAROL

PAIRS = 200
WITHIN = 0.002


@pytest.mark.alone
@pytest.mark.slow
def test_a_member_and_a_stranger_take_the_same_time_to_the_prompt_and_to_the_refusal(
        services, instance, peer):
    """Interleaved pairs, a relay that takes 300 ms for every answer, medians of the differences."""
    peer("--slow", "300")
    instance.configure({"code": {"resend_after": "0s", "attempts": 1}})
    services.write("doorpost-e2e", instance.line())
    to_prompt, to_end = [], []
    for pair in range(PAIRS):
        order = (ALICE, CAROL) if pair % 2 else (CAROL, ALICE)
        times = {user: one_login(user, f"192.0.2.{pair % 250}") for user in order}
        to_prompt.append(times[ALICE][0] - times[CAROL][0])
        to_end.append(times[ALICE][1] - times[CAROL][1])
    shown = {"prompt": statistics.median(to_prompt), "refusal": statistics.median(to_end)}
    assert all(abs(difference) < WITHIN for difference in shown.values()), shown


def one_login(user, rhost):
    with PamHost("doorpost-e2e", user, items={"rhost": rhost}) as host:
        host.begin("authenticate").prompt()
        host.answer("12345678")
        host.prompt_or_end()
        return host.asked - host.began, host.ended - host.asked
