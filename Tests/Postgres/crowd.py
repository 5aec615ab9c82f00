"""Many at once."""

import threading

CROWD = 12
PATIENCE = 60


def together(calls):
    """Runs all calls at the same instant, a thread for each."""
    barrier = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def run(number, call):
        barrier.wait()
        answers[number] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert all(answers)
    return answers
