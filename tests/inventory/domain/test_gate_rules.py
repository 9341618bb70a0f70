"""Each of the nine gates, one changed fact at a time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from inventory.domain.assay import Qualifier
from inventory.domain.expiry import UNDECIDED, Expiry, ExpiryBasis
from inventory.domain.finding import Gate
from inventory.domain.gate import evaluate
from inventory.domain.gate_facts import DeviationFacts, GateFacts, LotFacts, PeopleFacts
from inventory.domain.hold import HoldFacts, HoldKind
from inventory.domain.release import ReleaseKind
from inventory.domain.unit import ProductClass
from inventory.domain.verdict import Outcome
from tests.factories.time import NOON, days
from tests.inventory.domain.gate_examples import (
    GOOD,
    IDENTITY,
    RELEASER,
    REVIEWER,
    THAWED,
    TNC,
    answer,
    measured,
    with_unit,
)

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
INSTANT = timedelta(microseconds=1)


def test_every_gate_passes_when_everything_is_right() -> None:
    findings = evaluate(GOOD, NOON)

    assert [finding.gate for finding in findings] == list(Gate)
    assert all(finding.outcome is PASS for finding in findings), findings
    assert all(finding.reason and finding.gate.label for finding in findings)


@pytest.mark.parametrize(
    ("facts", "expected", "acceptance_stage", "criteria"),
    [
        (GOOD, PASS, PASS, ()),
        (measured(TNC, IDENTITY), UNKNOWN, PASS, ("post_thaw:cd34_viability_percent",)),
        (measured(THAWED, IDENTITY), UNKNOWN, UNKNOWN, ("pre_freeze:tnc",)),
        (measured(replace(TNC, number=Decimal("4.9e8")), THAWED), FAIL, FAIL, ("pre_freeze:tnc",)),
        (measured(TNC, replace(THAWED, number=Decimal(70))), FAIL, PASS, ("post_thaw:cd34_viability_percent",)),
        (measured(replace(TNC, verified=False), THAWED), UNKNOWN, UNKNOWN, ("pre_freeze:tnc",)),
        (with_unit(specification=""), UNKNOWN, UNKNOWN, ()),
        (with_unit(release_specification=""), UNKNOWN, PASS, ()),
        (replace(GOOD, deviations=(DeviationFacts("DEV-1", major=False),)), PASS, PASS, ()),
        (replace(GOOD, deviations=(DeviationFacts("DEV-1", major=True),)), FAIL, FAIL, ()),
    ],
)
def test_gate_3_asks_every_limit_and_every_deviation(
    facts: GateFacts, expected: Outcome, acceptance_stage: Outcome, criteria: tuple[str, ...]
) -> None:
    found = answer(Gate.QUALITY, facts)

    assert (found.outcome, found.acceptance_stage, found.criteria) == (expected, acceptance_stage, criteria)
    waivable = expected is not PASS and not facts.deviations and bool(criteria)
    assert bool(found.waivable_by) is waivable
    assert ReleaseKind.NORMAL not in found.waivable_by


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (GOOD, PASS),
        (measured(TNC, THAWED), UNKNOWN),
        (measured(replace(IDENTITY, verified=False)), UNKNOWN),
        (measured(replace(IDENTITY, text="", qualifier=Qualifier.NOT_DONE)), UNKNOWN),
        (measured(replace(IDENTITY, text="mismatch")), FAIL),
        (measured(IDENTITY, replace(IDENTITY, text="mismatch")), FAIL),
        (measured(replace(IDENTITY, taken_from=TNC.taken_from)), UNKNOWN),
        (with_unit(product_class=ProductClass.PLACENTA, measurements=()), PASS),
    ],
)
def test_gate_4_asks_the_attached_segments_identity_of_cord_blood(facts: GateFacts, expected: Outcome) -> None:
    assert answer(Gate.TYPING, facts).outcome is expected


def expiring(at: timedelta) -> Expiry:
    return Expiry(ExpiryBasis.RETEST_DUE, NOON + at)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (with_unit(expiry=UNDECIDED), UNKNOWN),
        (with_unit(expiry=Expiry(ExpiryBasis.POLICY_YEARS)), UNKNOWN),
        (with_unit(expiry=Expiry(None, NOON + days(1))), UNKNOWN),
        (with_unit(expiry=expiring(INSTANT)), PASS),
        (with_unit(expiry=expiring(timedelta(0))), FAIL),
        (with_unit(expiry=expiring(-INSTANT)), FAIL),
        (with_unit(expiry=expiring(INSTANT), thawed=True), FAIL),
        (replace(with_unit(thawed=True), lot=LotFacts("LOT-1", Expiry(ExpiryBasis.NOT_ASSIGNED))), FAIL),
        (replace(GOOD, lot=LotFacts("LOT-1", Expiry(ExpiryBasis.NOT_ASSIGNED))), PASS),
        (replace(GOOD, lot=LotFacts("LOT-1", expiring(timedelta(0)))), FAIL),
        (replace(GOOD, lot=LotFacts("LOT-1", UNDECIDED)), UNKNOWN),
    ],
)
def test_gate_5_asks_the_expiry_of_unit_and_lot(facts: GateFacts, expected: Outcome) -> None:
    assert answer(Gate.EXPIRY, facts).outcome is expected


@pytest.mark.parametrize("lies_on", ["G123498654321S1234VA0", "LOT-1", "G123498654321", "DNR-1"])
def test_gate_6_refuses_any_open_hold_wherever_it_lies(lies_on: str) -> None:
    hold = HoldFacts("HLD-1", HoldKind.INVESTIGATION, lies_on)

    found = answer(Gate.HOLDS, replace(GOOD, holds=(hold,)))

    assert (found.outcome, found.evidence) == (FAIL, ("HLD-1",))
    assert lies_on in found.reason


RESERVED = GOOD.reservation


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"request": None}, UNKNOWN),
        ({"reservation": None}, FAIL),
        ({"reservation": replace(RESERVED, active=False)}, FAIL),  # type: ignore[type-var]
        ({"reservation": replace(RESERVED, request="REQ-OTHER123")}, FAIL),  # type: ignore[type-var]
        ({"reservation": replace(RESERVED, lapses_at=NOON)}, FAIL),  # type: ignore[type-var]
        ({"reservation": replace(RESERVED, lapses_at=NOON + INSTANT)}, PASS),  # type: ignore[type-var]
        ({"reservation": replace(RESERVED, lapses_at=None)}, PASS),  # type: ignore[type-var]
    ],
)
def test_gate_7_asks_an_active_reservation_for_this_request(changed: dict[str, object], expected: Outcome) -> None:
    assert answer(Gate.RESERVATION, replace(GOOD, **changed)).outcome is expected  # type: ignore[arg-type]


def signed_by(*signers: object, needed: int = 2) -> GateFacts:
    return replace(GOOD, people=PeopleFacts(signers, needed))  # type: ignore[arg-type]


DIRECTOR = replace(RELEASER, username="mira", roles=frozenset({Role.MEDICAL_DIRECTOR}))
BOTH_ROLES = frozenset({Role.QUALITY_REVIEWER, Role.RELEASING_OFFICER})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(GOOD, request=None), UNKNOWN),
        (signed_by(), UNKNOWN),
        (signed_by(needed=0), UNKNOWN),
        (signed_by(REVIEWER), UNKNOWN),
        (signed_by(REVIEWER, needed=1), PASS),
        (signed_by(RELEASER, needed=1), PASS),
        (signed_by(RELEASER, REVIEWER), PASS),
        (signed_by(REVIEWER, DIRECTOR), PASS),
        (signed_by(REVIEWER, replace(REVIEWER, username="ravi")), FAIL),
        (signed_by(RELEASER, DIRECTOR), FAIL),
        (signed_by(replace(REVIEWER, roles=BOTH_ROLES), replace(RELEASER, username="quinn", roles=BOTH_ROLES)), FAIL),
        (signed_by(REVIEWER, replace(RELEASER, username="cora")), FAIL),
        (signed_by(replace(REVIEWER, trained=False), RELEASER), FAIL),
        (signed_by(REVIEWER, replace(RELEASER, roles=frozenset({Role.QUALITY_REVIEWER}))), FAIL),
        (signed_by(REVIEWER, replace(RELEASER, meaning=Meaning.APPROVED)), FAIL),
        (signed_by(replace(REVIEWER, roles=frozenset()), needed=1), FAIL),
    ],
)
def test_gate_9_asks_two_qualified_people_who_are_neither_each_other_nor_the_requester(
    facts: GateFacts, expected: Outcome
) -> None:
    assert answer(Gate.PEOPLE, facts).outcome is expected
