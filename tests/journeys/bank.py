"""The banks that everything is tried in, proved once: one in order, and one in the middle of its day."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.role import Role
from consent.domain.duo import RESEARCH_SPECIFIC
from consent.domain.form import StatementFacts, WithdrawalStage
from inventory.domain.batch import BatchKind
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.hold import HoldKind
from inventory.domain.specification import Operator
from inventory.models.unit import Unit
from inventory.services.batch import name_batches_of_collection
from inventory.services.correction_fact import FactCorrection, correct_fact
from inventory.services.delivery import return_unit
from inventory.services.hold import NewHold, place_holds
from inventory.services.look_back import recall_units
from inventory.services.placement import PutAway, put_away
from inventory.services.stocktake import open_stocktake
from inventory.services.voiding import propose_voiding
from tests.factories.deviation import deviation
from tests.factories.donation import maternity, on_its_way, registered_donation
from tests.factories.donor import (
    ANNA,
    USUAL_STATEMENTS,
    approver,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
)
from tests.factories.excursion import NIGHT, excursion
from tests.factories.journey import batch, packed_transfer, receiver, second_bank, transferred
from tests.factories.lot import available_lot, determined, lot_protocol, made_lot, stored, tissue
from tests.factories.person import site, staff
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.release import evaluated_release, inside, issued_release, packed_shipment, received, shipped
from tests.factories.request import approved_request, coordinator, submitted_request
from tests.factories.time import NOON, days, hours
from tests.factories.unit import available_unit, box, determined_unit, frozen_unit, received_unit
from tests.factories.waiver import weak_unit
from tests.journeys.invariant_record import Record, Rows, rows_of
from tests.kept import keepable

# What the busy bank shipped at noon came and was sent back the day after.
BEGIN = NOON + hours(26)
ASKED = ("biobank", "consent", "inventory")
# What the bank has to put things into, and its other site.
BOXES, ELSEWHERE = ("T01-R01-01", "T01-R01-02"), "B2-R01-01"
# A form that leaves to a person what research is meant.
LIMITED = "CF-LIMITED"
CERTAIN = StatementFacts(
    key="certain", text="Only certain research.", duo=RESEARCH_SPECIFIC, parameter="children", mandatory=True
)
FEW_CELLS = Criterion(Scope.RECIPIENT, "cell_count_per_kg", Operator.AT_LEAST, Decimal(50_000))


@dataclass(frozen=True)
class Prepared:
    """What every example begins with: the rows of a bank and its record, proved once."""

    rows: Rows
    record: Record


def prepared_bank() -> Prepared:
    """Make a bank with everybody in it: two units in stock, one of them to expire, a weak one, and one on its way."""
    # The clinic's own coordinator, before the roles of the bank's own people are filled.
    coordinator(), clinic()
    for role in Role:
        staff(role)
    for code in BOXES:
        box(code)
    recorder(), approver(), maternity(), site()
    staff(Role.LAB_TECHNICIAN, "the-second-technician")
    staff(Role.QUALITY_REVIEWER, "the-second-reviewer")
    protocol_in_force()
    available_unit(segment=True)
    expiring = available_unit(consent=given_consent(registered_donor()), segment=True)
    Unit.objects.filter(pk=expiring.pk).update(expires_at=NOON + days(9), expiry_basis="stability_data")
    weak_unit()
    shipped(available_unit(segment=True))
    return _proved()


@keepable
def busy_bank() -> Prepared:
    """Make a bank in the middle of its day: something stands at every stage, so that any command can be next."""
    prepared_bank()
    _on_their_way_in()
    _on_their_way_out()
    _in_doubt()
    return _proved()


def _on_their_way_in() -> None:
    """Births, boxes, bags, a unit and a lot before acceptance, a lot in stock, two transfers."""
    receiver(second_bank()), box(ELSEWHERE, at=second_bank())
    registered_donation(), on_its_way(registered_donation()), received_unit(), determined_unit()
    tissue(), tissue(), available_lot(tissue(), vials=3)
    determined(stored(made_lot(tissue(), vials=2)))
    lot_protocol(criteria=(FEW_CELLS,))
    packed_transfer(frozen_unit()), transferred(frozen_unit())


def _on_their_way_out() -> None:
    """A unit at each stage of a release; one may be stopped only up to its reservation; one is used, one came back."""
    submitted_request(available_unit(segment=True), recipient="PATIENT-3")
    early = form_in_force(form_facts("CF-EARLY", withdrawal_until=WithdrawalStage.RESERVATION))
    theirs = available_unit(consent=given_consent(registered_donor(), early), segment=True)
    evaluated_release(approved_request(theirs, recipient="PATIENT-4"))
    issued_release(available_unit(segment=True), recipient="PATIENT-5")
    packed_shipment(available_unit(segment=True), recipient="PATIENT-6")
    received(available_unit(segment=True), recipient="PATIENT-8")
    back = inside(received(available_unit(segment=True), recipient="PATIENT-9"))[0]
    return_unit(back, reason="Not needed.", occurred_at=_NEXT_DAY, by=coordinator(), at=_NEXT_DAY)
    recall_units([back.pk], reason="Bag set of a recalled lot.", by=staff(Role.QUALITY_REVIEWER), at=_NEXT_DAY)


def _in_doubt() -> None:
    """A hold, a deviation, an excursion, a stocktake, a batch, and what waits for a second person."""
    limited = form_in_force(form_facts(LIMITED), (*USUAL_STATEMENTS, CERTAIN))
    held = available_unit(consent=given_consent(form=limited), segment=True)
    stopped = available_unit(consent=given_consent(registered_donor(identity=ANNA)), segment=True)
    warm, bags = frozen_unit(), batch("BAGS", kind=BatchKind.COLLECTION_BAG_SET)
    batch("SPARE", kind=BatchKind.COLLECTION_BAG_SET)
    name_batches_of_collection([held.donation, stopped.donation], [bags.pk], by=staff(Role.COLLECTION_STAFF), at=NOON)
    technician, storage = staff(Role.LAB_TECHNICIAN), staff(Role.STORAGE_TECHNICIAN)
    place_holds([NewHold(HoldKind.MIX_UP, "odd", unit_id=held.pk)], by=storage, at=_NEXT_DAY)
    deviation(stopped)
    elsewhere = PutAway(box(BOXES[1]).positions.order_by("pk")[5].pk, unit_id=warm.pk)
    put_away([elsewhere], reason="elsewhere", by=storage, at=NIGHT - hours(1))
    excursion(box(BOXES[1]))
    open_stocktake(box(BOXES[1]), by=storage, at=_NEXT_DAY)
    wrong = FactCorrection("unit", held.pk, "volume_ml", "26", "read from the wrong line")
    correct_fact(wrong, by=technician, at=_NEXT_DAY)
    twice = registered_donation()
    propose_voiding(twice.donation, reason="typed twice", by=technician, at=_NEXT_DAY)


def _proved() -> Prepared:
    """Read what is there, and see that it is in order."""
    record, _, problems = Record().read_on()
    assert problems == []
    return Prepared(rows_of(*ASKED), record)


_NEXT_DAY: datetime = NOON + hours(25)
