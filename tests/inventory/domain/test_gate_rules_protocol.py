"""Gate 8, of the protocol, and for whom a donation was given, one changed fact at a time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from inventory.domain.criterion import Criterion, Scope
from inventory.domain.donation import DonationPurpose
from inventory.domain.finding import Gate
from inventory.domain.gate_facts import GateFacts
from inventory.domain.protocol import Cap
from inventory.domain.recipient import UnitOfRecipient
from inventory.domain.release import ReleaseKind
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass, Use
from inventory.domain.verdict import Outcome
from tests.factories.time import NOON
from tests.inventory.domain.gate_examples import (
    DONOR,
    GOOD,
    IDENTITY,
    IN_FORCE,
    OTHER_DONOR,
    RECIPIENT,
    THAWED,
    TNC,
    answer,
    measured,
    of_degree,
    with_protocol,
    with_request,
    with_unit,
)

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
LABORATORY = with_protocol(human_application=False)


def for_recipient(facts: GateFacts, **changed: object) -> GateFacts:
    return replace(facts, request=with_request(recipient=replace(RECIPIENT, **changed)).request)  # type: ignore[arg-type]


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
