"""Every command in any order, over a bank: a refusal changes nothing, and every invariant holds after each step.

Asked after each step: INV-01 to 06, 08 to 13, 15, 17, 18, 20 of what was recorded, 21, 30, 31 and 33; by the rules
themselves INV-25, 27 and who may be on both ends. Not asked here, because a database cannot say it or the machine asks
for nothing of the kind: that the guards refuse (07, 34: tests of the guards), whose identity was read (19: nobody looks
here), imports (22), alerts (23, 24), reports (26), and what no column can hold (14, 28, 29).
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from biobank.services.signing_key import create_signing_key
from tests.journeys.bank import busy_bank
from tests.journeys.machine import Machine
from tests.journeys.machine_bank import Bank
from tests.journeys.walk import walk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BEGINS_WITH = (busy_bank,)

# Always the same few banks, each of so many steps; MACHINE_EXAMPLES=300 tries others, for a night before a release.
MORE = int(os.environ.get("MACHINE_EXAMPLES") or 0)
PROFILE = settings(
    max_examples=MORE or 10,
    stateful_step_count=12,
    derandomize=not MORE,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
# On each of these days everything is asked once: what a machine draws by itself is mostly the same few again.
DAYS = settings(PROFILE, max_examples=MORE or 5)
# What can only be done: sweeps, which end what has ended anyway.
SWEEPS = {"expire", "lapse"}
# Every command: each must have been done by the end of it, and each but a sweep refused, so that no rule is for show.
COMMANDS = SWEEPS | {
    *("birth", "register", "pack collection", "hand over collection", "receive collection", "count", "freeze"),
    *(
        "put away",
        "measure",
        "thaw segment",
        "verify",
        "late result",
        "determine",
        "accept",
        "move",
        "swap",
        "lose",
        "discard",
    ),
    *("hold", "lift", "excursion", "assess", "withdraw", "narrow", "give again", "decide referral"),
    *("request", "request anything", "request by exception", "request vials", "once", "again"),
    *("approve", "weigh", "reject"),
    *("cancel", "take out", "evaluate", "sign reviewed", "sign released", "revoke", "pick", "pack", "acknowledge"),
    *("hand over", "receive", "use", "send back", "receive back"),
    *("correct", "correct fact", "confirm correction", "reject correction"),
    *("void", "confirm voiding", "reject voiding", "deviate", "extend", "close deviation"),
    *("make lot", "make pool", "put away lot", "measure lot", "accept lot", "hold lot", "late result of lot"),
    *("pack transfer", "enclose papers", "hand over transfer", "unpack", "receive transfer"),
    *("sever", "re-rack", "register sample", "end sample", "extend expiry", "reject batch", "publish checkpoint"),
    *("acknowledge notice", "answer notice", "close notice", "report outcome", "erase", "answer review"),
    *("open stocktake", "count box", "compare", "resolve", "close stocktake", "abandon"),
}


@pytest.fixture(autouse=True)
def _prepared(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Begin with a bank that is proved already, and with the key that its checkpoints are signed with."""
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    create_signing_key()
    Machine.prepared, Machine.told = busy_bank(), Counter()
    yield
    del Machine.prepared


def test_whatever_is_asked_of_the_bank_in_whatever_order_nothing_that_must_hold_breaks() -> None:
    run_state_machine_as_test(Bank, settings=PROFILE)


def test_everything_asked_once_a_day_in_any_order_breaks_nothing_and_no_rule_is_for_show() -> None:
    days()
    bank = Bank()
    try:
        walk(bank)
    finally:
        bank.teardown()

    done = {name.removesuffix(": done") for name in Machine.told if name.endswith(": done")}
    refused = {name.split(": ")[0] for name in Machine.told if not name.endswith(": done")}
    assert (COMMANDS - done, done - COMMANDS) == (set(), set()), "never done; not named above"
    assert COMMANDS - refused == SWEEPS, "never refused, or a sweep that was"


@DAYS
@given(st.data())
def days(data: st.DataObject) -> None:
    """Ask everything of the bank once, in any order."""
    rules = sorted(Bank.setup_state().rules, key=lambda rule: rule.function.__name__)
    bank = Bank()
    try:
        for each in data.draw(st.permutations(rules)):
            if all(holds(bank) for holds in each.preconditions):
                each.function(bank, **{name: data.draw(drawn) for name, drawn in sorted(each.arguments.items())})
    finally:
        bank.teardown()
