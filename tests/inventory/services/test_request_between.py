"""What a protocol asks between units and in total: of all that one recipient gets, by however many requests."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from inventory.domain.assay import Subject
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.finding import Gate
from inventory.domain.gate import NotReleasable, evaluate
from inventory.domain.specification import Operator
from inventory.domain.verdict import Outcome
from inventory.models.protocol import Protocol
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.unit import Unit
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.result import current_results
from inventory.services.approval import approve_request
from inventory.services.pick import pick_unit
from inventory.services.request import cancel_request, request_units
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.person import credentials, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import evaluated_release, scans_of, sign
from tests.factories.request import coordinator, submitted_request, wanted
from tests.factories.time import NOON
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_unit, segment=True),)

ALIKE = Criterion(Scope.BETWEEN, "hla_match_of_6", Operator.AT_LEAST, Decimal(4))
IN_TOTAL = Criterion(Scope.RECIPIENT, "tnc", Operator.AT_MOST, Decimal(2_200_000_000))
# Two antigens of six in common with every other unit.
UNLIKE = {"hla_a": "A*03:01+A*11:01", "hla_b": "B*44:02+B*51:01"}


def two_units() -> tuple[Unit, Unit]:
    return available_unit(segment=True), available_unit(segment=True)


def typed(unit: Unit, texts: Mapping[str, str]) -> None:
    """Type a unit by itself, verified by a second technician."""
    news = [NewResult(assay, Subject.UNIT, unit=unit, value=text) for assay, text in texts.items()]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=NOON)
    entered = current_results().filter(unit=unit, assay__in=texts, verified_at=None).values_list("pk", flat=True)
    verify_results(list(entered), by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=NOON)


def refused(*units: Unit, protocol: Protocol, match: str) -> None:
    """See that these units cannot be requested, and that nothing is written but the attempt."""
    new, by = wanted(*units, protocol=protocol), coordinator()
    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match=match):
        request_units(new, by=by, at=NOON)


def test_a_double_graft_that_does_not_match_is_refused_in_one_request_and_in_two() -> None:
    protocol = protocol_in_force(criteria=(ALIKE,))
    first, second = two_units()
    typed(second, UNLIKE)
    unmatched = f"HLA match of 6 of {first.code} with {second.code} 2 against at least 4"

    refused(first, second, protocol=protocol, match=unmatched)
    earlier = submitted_request(first, protocol=protocol)
    refused(second, protocol=protocol, match=unmatched)
    for_another = submitted_request(second, protocol=protocol, recipient="PATIENT-8")
    cancel_request(for_another, reason="not needed", by=coordinator(), at=NOON)
    cancel_request(earlier, reason="not needed", by=coordinator(), at=NOON)
    alone = submitted_request(second, protocol=protocol)

    assert alone.status == "submitted"


@contextmanager
def as_if_unlike(unit: Unit) -> Iterator[None]:
    """Take the unit's typing for another while the block lasts."""
    with transaction.atomic():
        typed(unit, UNLIKE)
        yield
        transaction.set_rollback(True)


def stopped(step: Callable[[], object], unlike: Unit) -> None:
    """See that a step is refused while the unit of the recipient's other request does not match."""
    with as_if_unlike(unlike), pytest.raises(NotReleasable, match=r"HLA match of 6 of \S+ with \S+ 2 against"):
        step()


def test_every_step_asks_the_match_with_the_units_of_the_recipients_other_requests() -> None:
    protocol = protocol_in_force(criteria=(ALIKE,))
    first, second = two_units()
    submitted_request(first, protocol=protocol)
    request = submitted_request(second, protocol=protocol)
    quality = staff(Role.QUALITY_REVIEWER)
    approve = partial(approve_request, request, owner=quality, credentials=credentials(quality), by=quality, at=NOON)

    stopped(approve, first)
    approve()
    release = evaluated_release(request)
    stopped(partial(sign, release), first)
    sign(release)
    stopped(partial(sign, release, Meaning.RELEASED), first)
    sign(release, Meaning.RELEASED)
    pick = partial(pick_unit, release, second, scans=scans_of(second), by=staff(Role.STORAGE_TECHNICIAN), at=NOON)
    stopped(pick, first)
    pick()

    release.refresh_from_db()
    assert release.status == "issued"


def test_a_locus_typed_in_two_ways_of_the_other_unit_stops_this_one() -> None:
    protocol = protocol_in_force(criteria=(ALIKE,))
    first, second = two_units()
    submitted_request(first, protocol=protocol)
    for text in ("DRB1*03:01+DRB1*15:01", "DRB1*03:01+DRB1*04:01"):
        typed(first, {"hla_drb1": text})

    refused(second, protocol=protocol, match="HLA-DRB1 is not typed and verified of both")


def test_a_total_counts_each_unit_of_the_recipient_once_whatever_requests_name_it() -> None:
    protocol = protocol_in_force(criteria=(IN_TOTAL,))
    first, second = two_units()
    earlier = submitted_request(first, protocol=protocol)
    request = submitted_request(second, protocol=protocol)

    RequestLine.objects.create(request=earlier, unit=second)
    counted_of_two = of_protocol(second, request)

    assert counted_of_two == (Outcome.PASS, "the protocol takes this unit")
    refused(available_unit(segment=True), protocol=protocol, match="nucleated cells 3300000000 against at most")


def of_protocol(unit: Unit, request: UnitRequest) -> tuple[Outcome, str]:
    findings = evaluate(gate_facts([unit], asked_by(request), at=NOON)[unit.pk], NOON)
    return next((each.outcome, each.reason) for each in findings if each.gate is Gate.PROTOCOL)
