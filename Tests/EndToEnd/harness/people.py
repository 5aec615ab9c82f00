"""The Linux users of the tests, in our world only."""

# In the pool of every instance.
ALICE, BOB = "dpe-alice", "dpe-bob"
# A Linux user like them, in no pool.
CAROL = "dpe-carol"
# The helper's own account (`run_as`).
SERVICE_USER = "dpe-service"
PASSWORDS = {ALICE: "alice-Password-1", BOB: "bob-Password-2", CAROL: "carol-Password-3",
             "root": "root-Password-0"}
