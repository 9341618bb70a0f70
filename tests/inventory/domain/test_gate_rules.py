"""Each of the nine gates, one changed fact at a time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.permitted_use import PermittedUse, Standing, Verdict
from inventory.domain.assay import Qualifier
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.donation import DonationPurpose
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.expiry import UNDECIDED, Expiry, ExpiryBasis
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate import evaluate
from inventory.domain.gate_facts import DeviationFacts, DonorFacts, GateFacts, LotFacts, PeopleFacts
from inventory.domain.hold import HoldFacts, HoldKind
from inventory.domain.protocol import Cap
from inventory.domain.recipient import UnitOfRecipient
from inventory.domain.release import ReleaseKind
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass, Use
from inventory.domain.verdict import Outcome
from tests.factories.time import NOON, days
from tests.inventory.domain.gate_examples import (
    DONOR,
    ELIGIBLE,
    GOOD,
    IDENTITY,
    IN_FORCE,
    RECIPIENT,
    RELEASER,
    REVIEWER,
    THAWED,
    TNC,
    with_consent,
    with_determination,
    with_protocol,
    with_request,
    with_unit,
)

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
V = EligibilityVerdict
INSTANT = timedelta(microseconds=1)
OTHER_DONOR = DonorFacts("DNR-2", "G123498654322", DONOR.permitted_use, ELIGIBLE)
DENIED = PermittedUse(Verdict.DENY, ("excludes the disease",))
REVIEW = PermittedUse(Verdict.REVIEW, ("form version unknown",))
LABORATORY = with_protocol(human_application=False)


def answer(gate: Gate, facts: GateFacts) -> Finding:
    return next(finding for finding in evaluate(facts, NOON) if finding.gate is gate)


def test_every_gate_passes_when_everything_is_right() -> None:
    findings = evaluate(GOOD, NOON)

    assert [finding.gate for finding in findings] == list(Gate)
    assert all(finding.outcome is PASS for finding in findings), findings
    assert all(finding.reason and finding.gate.label for finding in findings)


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (with_consent(DENIED), FAIL, "excludes the disease"),
        (with_consent(REVIEW), UNKNOWN, "form version unknown"),
        (with_consent(None), UNKNOWN, "no purpose"),
        (replace(GOOD, donors=(replace(DONOR, permitted_use=None, standing=Standing.WITHDRAWN),)),
         UNKNOWN, "The donor withdrew her consent; no purpose is known yet"),
        (replace(GOOD, donors=()), UNKNOWN, "no donor"),
        (replace(GOOD, donors=(DONOR, OTHER_DONOR)), PASS, "covers"),
        (replace(GOOD, donors=(DONOR, replace(OTHER_DONOR, permitted_use=DENIED))), FAIL, "DNR-2"),
        (replace(GOOD, donors=(replace(DONOR, permitted_use=REVIEW), replace(OTHER_DONOR, permitted_use=DENIED))),
         FAIL, "DNR-1: form version unknown; DNR-2: excludes the disease"),
    ],
)  # fmt: skip
def test_gate_1_asks_the_consent_of_every_donor(facts: GateFacts, expected: Outcome, reason: str) -> None:
    found = answer(Gate.CONSENT, facts)

    assert found.outcome is expected
    assert reason in found.reason


def test_gate_1_names_the_consents_it_rests_on() -> None:
    assert answer(Gate.CONSENT, GOOD).evidence == ("CON-1",)


def for_recipient(facts: GateFacts, **changed: object) -> GateFacts:
    return replace(facts, request=with_request(recipient=replace(RECIPIENT, **changed)).request)  # type: ignore[arg-type]


def of_degree(facts: GateFacts, degree: int | None, purpose: DonationPurpose = DonationPurpose.UNRELATED) -> GateFacts:
    """Return the facts where every donation behind the unit knows the recipient as such kin."""
    return replace(facts, donors=tuple(replace(each, degree=degree, purpose=purpose) for each in facts.donors))


INELIGIBLE = with_determination(verdict=V.INELIGIBLE, reactive=("hbs_ag",))
AUTOLOGOUS = with_determination(verdict=V.NOT_REQUIRED)
UNDETERMINED = replace(GOOD, donors=(replace(DONOR, determination=None),))


@pytest.mark.parametrize(
    ("facts", "expected", "urgent_may_waive"),
    [
        (GOOD, PASS, False),
        (UNDETERMINED, UNKNOWN, True),
        (with_determination(signed=False), UNKNOWN, True),
        (with_determination(reopened=True), UNKNOWN, True),
        (with_determination(verdict=V.INCOMPLETE), UNKNOWN, True),
        (INELIGIBLE, FAIL, True),
        (of_degree(INELIGIBLE, 1), PASS, False),
        (of_degree(INELIGIBLE, 2), PASS, False),
        (of_degree(INELIGIBLE, 3), FAIL, True),
        (replace(INELIGIBLE, request=None), FAIL, True),
        (AUTOLOGOUS, FAIL, False),
        (of_degree(INELIGIBLE, 0), FAIL, True),
        (of_degree(AUTOLOGOUS, 0), PASS, False),
        (of_degree(AUTOLOGOUS, 1), FAIL, False),
        (replace(GOOD, donors=(DONOR, replace(OTHER_DONOR, determination=None))), UNKNOWN, True),
        (replace(GOOD, donors=()), UNKNOWN, False),
        (replace(UNDETERMINED, protocol=LABORATORY.protocol), PASS, False),
        (replace(INELIGIBLE, protocol=LABORATORY.protocol), PASS, False),
        (replace(UNDETERMINED, protocol=None), UNKNOWN, True),
        (replace(UNDETERMINED, protocol=None, unit=replace(GOOD.unit, accepted_use=Use.LABORATORY)), PASS, False),
    ],
)
def test_gate_2_asks_the_eligibility_of_every_donation(
    facts: GateFacts, expected: Outcome, urgent_may_waive: bool
) -> None:
    found = answer(Gate.ELIGIBILITY, facts)

    assert found.outcome is expected
    assert found.waivable_by == (frozenset({ReleaseKind.URGENT}) if urgent_may_waive else frozenset())


def test_gate_2_shows_the_warnings_that_go_on_the_label() -> None:
    laboratory = answer(Gate.ELIGIBILITY, replace(INELIGIBLE, protocol=LABORATORY.protocol))
    reopened = answer(Gate.ELIGIBILITY, with_determination(reopened=True))

    assert laboratory.warnings[:2] == ("For Nonclinical Use Only", "BIOHAZARD")
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in reopened.warnings
    assert laboratory.evidence == reopened.evidence == ("DET-1",)


def test_gate_2_warns_of_a_donor_nobody_determined_and_says_nothing_of_an_eligible_one() -> None:
    undetermined = answer(Gate.ELIGIBILITY, replace(GOOD, donors=(replace(GOOD.donors[0], determination=None),)))

    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in undetermined.warnings
    assert undetermined.evidence == ()
    assert answer(Gate.ELIGIBILITY, GOOD).warnings == ()


def measured(*measurements: object) -> GateFacts:
    return with_unit(measurements=measurements)


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


LAPSED = replace(IN_FORCE, valid_until=NOON.date() - timedelta(days=1))
LAST_DAY = replace(IN_FORCE, valid_until=NOON.date())
FUTURE = replace(IN_FORCE, valid_from=NOON.date() + timedelta(days=1))
FIRST_DAY = replace(IN_FORCE, valid_from=NOON.date(), valid_until=None)
TOTAL = Criterion(Scope.RECIPIENT, "tnc", Operator.AT_LEAST, Decimal("1e9"))


def having(tnc: str | None) -> tuple[UnitOfRecipient, ...]:
    return (UnitOfRecipient("U2", {} if tnc is None else {"tnc": Decimal(tnc)}),)


HLA_BETWEEN = Criterion(Scope.BETWEEN, "hla_match_of_6", Operator.AT_LEAST, Decimal(4))


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (replace(GOOD, protocol=None), UNKNOWN, "no request"),
        (replace(GOOD, request=None), UNKNOWN, "no request"),
        (with_protocol(signed=False), FAIL, "not signed"),
        (with_protocol(ethics=None), FAIL, "ethics approval is missing"),
        (with_protocol(ethics=LAPSED), FAIL, "ethics approval APPROVED-1 is not in force"),
        (with_protocol(ethics=LAST_DAY), PASS, ""),
        (with_protocol(ethics=FUTURE), FAIL, "not in force"),
        (with_protocol(ethics=FIRST_DAY), PASS, ""),
        (with_protocol(regulatory=None), FAIL, "regulatory authorisation is missing"),
        (with_protocol(regulatory=None, human_application=False), PASS, ""),
        (with_protocol(site_on_protocol=False), FAIL, "site STUDY-1"),
        (with_protocol(agreement=LAPSED), FAIL, "agreement"),
        (with_protocol(agreement=None), FAIL, "agreement"),
        (with_protocol(caps=(Cap("recipients", 2, 2), Cap("open reservations", None, 99))), PASS, ""),
        (with_protocol(caps=(Cap("recipients", 2, 3),)), FAIL, "recipients: 3 would be more than 2"),
        (with_protocol(product_classes=frozenset({ProductClass.PLACENTA})), FAIL, "does not take cord blood"),
        (with_unit(accepted_use=Use.LABORATORY), FAIL, "laboratory use only"),
        (replace(LABORATORY, unit=replace(GOOD.unit, accepted_use=Use.LABORATORY)), PASS, ""),
        (replace(LABORATORY, unit=replace(GOOD.unit, collection_type="R")), PASS, ""),
        (with_unit(collection_type="R"), FAIL, "not for human application"),
        (with_unit(collection_type="r"), FAIL, "not for human application"),
        (with_unit(collection_type=""), PASS, ""),
        (with_unit(collection_type=None), FAIL, "collection type is not known"),
        (replace(LABORATORY, unit=replace(GOOD.unit, collection_type=None)), PASS, ""),
        (with_unit(accepted_use=None), FAIL, "not accepted for any use"),
        (replace(with_unit(accepted_use=None), request=with_request(kind=ReleaseKind.URGENT).request), PASS, ""),
        (measured(THAWED, IDENTITY), UNKNOWN, "cells is not known"),
        (measured(replace(TNC, verified=False)), UNKNOWN, "cells is not known"),
        (measured(replace(TNC, number=Decimal("4.9e8"))), FAIL, "cells 490000000 against at least 500000000"),
        (for_recipient(GOOD, weight_kg=Decimal("50.001")), FAIL, "per kg 24999500 against at least 25000000"),
        (for_recipient(GOOD, weight_kg=Decimal(50)), PASS, ""),
        (for_recipient(GOOD, weight_kg=None), UNKNOWN, "per kg is not known: the weight of REC-1 is not stated"),
        (for_recipient(GOOD, weight_kg=Decimal(0)), UNKNOWN, "the weight stated of REC-1 is no person's"),
        (for_recipient(GOOD, units=()), UNKNOWN, "per kg is not known: nothing"),
        (with_request(recipient=None), UNKNOWN, "per kg is not known: no recipient is named"),
        (with_protocol(criteria=(TOTAL,)), PASS, ""),
        (for_recipient(with_protocol(criteria=(TOTAL,)), units=having("1")), FAIL, "cells 1 against"),
        (for_recipient(with_protocol(criteria=(TOTAL,)), units=having("0.5")), FAIL, "cells 0.5 against"),
        (for_recipient(with_protocol(criteria=(TOTAL,)), units=having(None)), UNKNOWN, "cells of U2 is not"),
        (with_protocol(criteria=(HLA_BETWEEN,)), PASS, ""),
        (replace(with_protocol(criteria=(HLA_BETWEEN,)), request=with_request(units=("U2",)).request),
         UNKNOWN, f"HLA match of 6 of {GOOD.unit.code} with U2 is not known: HLA-A, HLA-B, HLA-DRB1"),
        (for_recipient(with_protocol(criteria=(HLA_BETWEEN,)), units=having(None)),
         UNKNOWN, f"HLA match of 6 of {GOOD.unit.code} with U2 is not known"),
    ],
)  # fmt: skip
def test_gate_8_asks_protocol_site_product_and_criteria(facts: GateFacts, expected: Outcome, reason: str) -> None:
    found = answer(Gate.PROTOCOL, facts)

    assert found.outcome is expected, found
    assert reason in found.reason


def test_gate_8_names_the_criteria_that_are_not_met() -> None:
    found = answer(Gate.PROTOCOL, measured(replace(TNC, number=Decimal("4.9e8"))))

    assert found.criteria == ("unit tnc at_least 500000000",)
    assert found.evidence == ("LIVER-1 2", "APPROVED-1", "APPROVED-1", "APPROVED-1")


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


RELATED, AUTOLOGOUS_GIFT = DonationPurpose.RELATED, DonationPurpose.AUTOLOGOUS


@pytest.mark.parametrize(
    ("purpose", "degree", "expected"),
    [
        (DonationPurpose.UNRELATED, None, PASS),
        (RELATED, None, FAIL),
        (RELATED, 1, PASS),
        (RELATED, 4, PASS),
        (AUTOLOGOUS_GIFT, None, FAIL),
        (AUTOLOGOUS_GIFT, 1, FAIL),
        (AUTOLOGOUS_GIFT, 0, PASS),
    ],
)
@pytest.mark.parametrize("kind", list(ReleaseKind))
@pytest.mark.parametrize("human", [True, False])
def test_gate_8_refuses_a_gift_for_one_recipient_to_anybody_else_by_every_kind_of_release(
    purpose: DonationPurpose, degree: int | None, expected: Outcome, kind: ReleaseKind, human: bool
) -> None:
    protocol = with_protocol(human_application=human).protocol
    request = replace(GOOD.request, kind=kind) if GOOD.request else None
    facts = replace(of_degree(GOOD, degree, purpose), protocol=protocol, request=request)

    found = answer(Gate.PROTOCOL, facts)

    assert ("given for another recipient" in found.reason) is (expected is FAIL)
    assert found.outcome is FAIL or expected is PASS
    assert not found.waivable_by


def test_gate_8_asks_every_donation_of_a_shared_placenta_for_whom_it_was_given() -> None:
    own = replace(DONOR, purpose=AUTOLOGOUS_GIFT, degree=0)
    twin = replace(OTHER_DONOR, purpose=AUTOLOGOUS_GIFT, degree=1)

    found = answer(Gate.PROTOCOL, replace(GOOD, donors=(own, twin)))

    assert found.outcome is FAIL
    assert OTHER_DONOR.din in found.reason
    assert DONOR.din not in found.reason
