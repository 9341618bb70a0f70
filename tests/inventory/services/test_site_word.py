"""What a site sends, says became of what it has, or knows: for its own people to do, or the bank's for them."""

from collections.abc import Callable
from datetime import date

import pytest

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.disposition import DispositionRefused
from inventory.domain.notice import ItemAnswer, ItemDisposition
from inventory.domain.outcome import OutcomeKind
from inventory.domain.shipment import ShipmentRefused
from inventory.models.disposition import Disposition
from inventory.models.unit import Unit
from inventory.models.waiver import WaiverAcknowledgement
from inventory.services.delivery import return_unit
from inventory.services.disposition import Discard, discard_unit, use_unit
from inventory.services.journey import hand_over_shipment, pack_shipment, unpack_shipment
from inventory.services.look_back import recall_units
from inventory.services.notice import acknowledge_notice, answer_items
from inventory.services.outcome import NewOutcome, report_outcome
from inventory.services.waiver import Acknowledgement, acknowledge_condition
from tests.factories.journey import NEXT_DAY, packed_transfer, transfer_of
from tests.factories.person import person, staff
from tests.factories.protocol import clinic
from tests.factories.release import inside, received
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes
from tests.factories.waiver import issued, weak_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, received, weak_unit)
LATER = NOON + hours(48)
AT_THE_SITE = NEXT_DAY + hours(1)
Telling = Callable[[Person], object]


def used(unit: Unit) -> Telling:
    return lambda by: use_unit(unit, left_over="nothing", occurred_at=AT_THE_SITE, by=by, at=LATER)


def sent_back(unit: Unit) -> Telling:
    return lambda by: return_unit(unit, reason="Patient unfit", occurred_at=AT_THE_SITE, by=by, at=LATER)


def discarded(unit: Unit) -> Telling:
    said = Discard(reason="damaged", amount="25 mL", witness=staff(Role.QUALITY_REVIEWER), occurred_at=AT_THE_SITE)
    return lambda by: discard_unit(unit, said, by=by, at=LATER)


def reported(unit: Unit) -> Telling:
    new = NewOutcome(kind=OutcomeKind.FOLLOW_UP, outcome_date=date(2026, 3, 15), values={"inr": "1.1"})
    return lambda by: report_outcome(unit, new, by=by, at=LATER)


def read(unit: Unit) -> Telling:
    [notice] = recall_units([unit.pk], reason="Leaking bags.", by=staff(Role.QUALITY_REVIEWER), at=AT_THE_SITE)
    return lambda by: acknowledge_notice(notice, acknowledged_by="Dr Site", occurred_at=LATER, by=by, at=LATER)


def answered(unit: Unit) -> Telling:
    [notice] = recall_units([unit.pk], reason="Leaking bags.", by=staff(Role.QUALITY_REVIEWER), at=AT_THE_SITE)
    answer = ItemAnswer(disposition=ItemDisposition.KEPT_APART, occurred_at=LATER)
    return lambda by: answer_items(notice, {unit.code: answer}, by=by, at=LATER)


def someone_of(*, of_the_site: bool) -> Person:
    return coordinator() if of_the_site else person(Role.COORDINATOR, site=clinic("CLINIC-2"))


@pytest.mark.parametrize("telling", [used, sent_back, discarded, reported, read, answered])
def test_another_site_does_not_tell_what_became_of_a_unit(telling: Callable[[Unit], Telling]) -> None:
    [unit] = inside(received())
    tell, stranger = telling(unit), someone_of(of_the_site=False)

    with nothing_changes(), pytest.raises(RuleViolation) as refused:
        tell(stranger)

    assert [each.code for each in refused.value.reasons] == ["other-site"]
    tell(someone_of(of_the_site=True))


def test_another_site_neither_packs_nor_hands_over_nor_unpacks_what_a_site_sends() -> None:
    unit, stranger, by = available_unit(), someone_of(of_the_site=False), staff(Role.STORAGE_TECHNICIAN)
    new, packed = transfer_of(unit), packed_transfer(available_unit())
    steps: tuple[Callable[[], object], ...] = (
        lambda: pack_shipment(new, by=stranger, at=NOON),
        lambda: hand_over_shipment(packed, to="Driver 4", by=stranger, at=NOON),
        lambda: unpack_shipment(packed, because="not needed", by=stranger, at=NOON),
    )

    for step in steps:
        with nothing_changes(), pytest.raises(ShipmentRefused) as refused:
            step()
        assert [each.code for each in refused.value.reasons] == ["other-site"]

    assert pack_shipment(new, by=by, at=NOON).packed_by == by


def test_the_bank_writes_down_what_the_site_told() -> None:
    [unit] = inside(received())

    discarded(unit)(staff(Role.LAB_TECHNICIAN))

    assert Disposition.objects.get().kind == "discarded"


def test_another_site_does_not_acknowledge_the_condition_of_an_exception() -> None:
    release, stranger = issued(weak_unit()), someone_of(of_the_site=False)
    word = Acknowledgement(acknowledged_by="Dr Site", document_sha256="d" * 64, occurred_at=NOON)

    with nothing_changes(), pytest.raises(RuleViolation, match="word was not recorded"):
        acknowledge_condition(release, word, by=stranger, at=NOON)

    acknowledge_condition(release, word, by=coordinator(), at=NOON)
    assert WaiverAcknowledgement.objects.get().recorded_by == coordinator()


@pytest.mark.parametrize("telling", ["use", "return", "discard"])
def test_nothing_became_of_a_unit_at_the_site_before_it_left_the_bank(telling: str) -> None:
    [unit] = inside(received())
    before, by = NOON + hours(1.9), coordinator()
    discard = Discard(reason="damaged", amount="25 mL", witness=staff(Role.QUALITY_REVIEWER), occurred_at=before)
    calls: dict[str, Callable[[], object]] = {
        "use": lambda: use_unit(unit, left_over="nothing", occurred_at=before, by=by, at=LATER),
        "return": lambda: return_unit(unit, reason="unfit", occurred_at=before, by=by, at=LATER),
        "discard": lambda: discard_unit(unit, discard, by=by, at=LATER),
    }

    with nothing_changes(), pytest.raises(DispositionRefused) as refused:
        calls[telling]()

    assert [each.code for each in refused.value.reasons] == ["before-it-left"]
