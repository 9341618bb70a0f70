"""Who may sign a release."""

from dataclasses import replace

from inventory.domain.release import obstacles_to_signers
from tests.inventory.domain.gate_examples import RELEASER, REVIEWER


def test_a_reviewer_and_a_releaser_may_sign_together() -> None:
    assert obstacles_to_signers([REVIEWER, RELEASER], requested_by="cora") == []


def test_every_reason_against_the_signers_is_named() -> None:
    twice = replace(REVIEWER, trained=False, roles=frozenset())

    reasons = obstacles_to_signers([twice, twice], requested_by=twice.username)

    assert set(reasons) == {
        "quinn made the request",
        "quinn has no valid training",
        "quinn may not sign as reviewed",
        "one person cannot give both signatures",
        "one signature says reviewed, the other released",
    }
