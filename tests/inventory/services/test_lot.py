"""Lots through the services: made, put away, judged once, requested by count, and what is refused of them."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from inventory.domain.assay import Subject
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.lot import LotRefused, RecordOnTheLot, TooFewVials
from inventory.domain.product_code import ProductCodeRefused
from inventory.domain.request import RequestRefused
from inventory.domain.unit import UnitState
from inventory.models.acceptance import Acceptance
from inventory.models.lot import Lot
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.fold import fold_findings
from inventory.services.hold import NewHold, lift_hold, place_holds
from inventory.services.lot import make_lot
from inventory.services.lot_source import Taken
from inventory.services.request import LotCount, request_units
from inventory.services.result import NewResult, ResultRefused, record_results, verify_results
from tests.factories.lot import (
    available_lot,
    made_lot,
    new_lot,
    specification_in_force,
    stored,
    tissue,
    vials_of,
    vials_wanted,
)
from tests.factories.person import staff
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.unit import FROZEN_AT, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue)


def make(new):
    return make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def request(wanted, by=None):
    return request_units(wanted, by=by or coordinator(), at=NOON)


def test_one_processing_makes_a_lot_of_vials_each_with_its_division():
    piece = tissue()

    lot = made_lot(piece)

    vials = vials_of(lot)
    assert [vial.code.removeprefix(piece.donation.code) for vial in vials[:2]] == ["S3001VA0", "S3001VB0"]
    assert {(vial.state, vial.kind, vial.product_class) for vial in vials} == {("quarantined", "vial", "msc")}
    assert len(vials) == lot.size == 24
    piece.refresh_from_db()
    assert piece.state == UnitState.CONSUMED
    assert sum(row.taken_g for row in Lineage.objects.filter(parent=piece)) == Decimal(40)
    assert LedgerEntry.objects.filter(kind="lot.made").count() == 1
    assert list(fold_findings()) == []


def test_a_lot_of_hundreds_is_told_apart_by_data_structure_032():
    lot = made_lot(vials=300)

    assert [vial.code[13:] for vial in vials_of(lot)][299] == "S3001V99000300"


def test_a_lot_expires_once_and_its_vials_with_it():
    lot = made_lot()

    assert lot.expiry_basis == ExpiryBasis.RETEST_DUE
    assert {(vial.expires_at, vial.expiry_basis) for vial in vials_of(lot)} == {(None, "")}


def test_a_part_of_a_unit_makes_a_lot_and_the_rest_lives_on():
    piece = tissue()

    first = make(new_lot(parents=(Taken(piece.pk, Decimal(10)),)))
    second = make(new_lot(parents=(Taken(piece.pk, Decimal(30)),), vials=4))

    piece.refresh_from_db()
    assert (piece.state, vials_of(first)[0].code[-2:], vials_of(second)[0].code[-8:]) == (
        "consumed",
        "A0",
        "99000001",
    )


@pytest.mark.parametrize(
    ("otherwise", "refusal"),
    [
        ({"vials": 0}, LotRefused),
        ({"vials": 1000}, LotRefused),
        ({"product_code": "S3001V00"}, ProductCodeRefused),
        ({"frozen_at": FROZEN_AT + days(1)}, LotRefused),
        ({"volume_ml": Decimal("0.001")}, LotRefused),
        ({"parents": ()}, LotRefused),
    ],
)
def test_a_lot_that_cannot_be_is_refused_and_nothing_is_made(otherwise, refusal):
    piece = tissue()

    with pytest.raises(refusal):
        make(new_lot(piece, **otherwise))

    piece.refresh_from_db()
    assert (piece.state, Lot.objects.count(), Unit.objects.filter(kind="vial").count()) == ("quarantined", 0, 0)


def test_more_than_a_unit_holds_is_not_taken_of_it():
    piece = tissue()

    with pytest.raises(LotRefused, match="which holds 40"):
        make(new_lot(parents=(Taken(piece.pk, Decimal("40.01")),)))

    assert not Lot.objects.exists()


def test_one_unit_named_twice_makes_no_lot():
    piece = tissue()

    with pytest.raises(LotRefused, match="once"):
        make(new_lot(piece, piece))

    assert not Lot.objects.exists()


def test_a_vial_has_no_result_of_its_own_for_what_its_lot_carries():
    specification_in_force()
    lot, lab = stored(made_lot()), staff(Role.LAB_TECHNICIAN)
    vial, count = vials_of(lot)[0], Result.objects.count()

    with pytest.raises(RecordOnTheLot, match="its lot carries cell_count"):
        record_results([NewResult("cell_count", Subject.UNIT, unit=vial, value="9000000")], by=lab, at=NOON)

    assert Result.objects.count() == count


def test_a_vial_that_was_thawed_has_its_own_result():
    specification_in_force()
    lot, lab = stored(made_lot()), staff(Role.LAB_TECHNICIAN)
    Unit.objects.filter(pk=vials_of(lot)[0].pk).update(thawed=True)

    record_results([NewResult("cell_count", Subject.UNIT, unit=vials_of(lot)[0], value="4000000")], by=lab, at=NOON)

    assert Result.objects.filter(unit__lot=lot).count() == 1


def test_a_result_names_exactly_what_it_is_of():
    lot, lab = made_lot(), staff(Role.LAB_TECHNICIAN)
    vial = vials_of(lot)[0]

    for new in (
        NewResult("cell_count", Subject.LOT, value="5000000"),
        NewResult("cell_count", Subject.LOT, unit=vial, value="5000000"),
        NewResult("cell_count", Subject.LOT, lot=lot, unit=vial, value="5000000"),
        NewResult("cell_count", Subject.UNIT, lot=lot, value="5000000"),
    ):
        with pytest.raises(ResultRefused):
            record_results([new], by=lab, at=NOON)

    assert not Result.objects.filter(assay="cell_count").exists()


def test_a_late_failing_result_of_the_lot_takes_every_vial_back_and_its_acceptance():
    lot, lab = available_lot(), staff(Role.LAB_TECHNICIAN)
    request(vials_wanted(lot))

    late = record_results([NewResult("mycoplasma", Subject.LOT, lot=lot, value="positive")], by=lab, at=NOON)
    verify_results([each.pk for each in late], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=NOON)

    assert {(vial.state, vial.use) for vial in vials_of(lot)} == {("quarantined", "")}
    assert not Acceptance.objects.filter(withdrawn_at__isnull=True).exists()
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()


def test_twelve_of_a_lot_are_those_placed_first():
    lot = available_lot()

    request(vials_wanted(lot, 12))

    vials = vials_of(lot)
    assert [vial.state for vial in vials] == ["reserved"] * 12 + ["available"] * 12


def test_a_vial_held_alone_is_passed_over_and_the_others_go():
    lot = available_lot()
    hold = NewHold(HoldKind.MIX_UP, "label loose", unit_id=vials_of(lot)[0].pk)
    place_holds([hold], by=staff(Role.STORAGE_TECHNICIAN), at=NOON)

    request(vials_wanted(lot, 12))

    assert [vial.state for vial in vials_of(lot)] == ["available", *["reserved"] * 12, *["available"] * 11]


def test_a_hold_on_the_lot_stops_every_vial_until_quality_lifts_it():
    lot, quality = available_lot(), staff(Role.QUALITY_REVIEWER)
    new = NewHold(HoldKind.INVESTIGATION, "doubt about the medium", lot_id=lot.pk)
    [hold] = place_holds([new], by=staff(Role.STORAGE_TECHNICIAN), at=NOON)

    with pytest.raises(NotReleasable, match=f"on {lot.code}"):
        request(vials_wanted(lot))
    lift_hold(hold, reason="The medium was in order.", by=quality, at=NOON)
    request(vials_wanted(lot))

    assert Reservation.objects.count() == 12


def test_more_vials_than_are_left_are_refused_and_none_is_reserved():
    lot = available_lot()
    request(vials_wanted(lot, 20))

    with pytest.raises(TooFewVials, match="4 of its vials left"):
        request(vials_wanted(lot, 5))

    assert Reservation.objects.count() == 20


@pytest.mark.parametrize("count", [0, -3])
def test_no_vial_at_all_is_not_asked_for(count):
    lot = available_lot()

    with pytest.raises(RequestRefused, match="at least one vial"):
        request(vials_wanted(lot, count))

    assert not Reservation.objects.exists()


def test_a_lot_named_twice_or_unknown_is_refused():
    lot = available_lot()

    with pytest.raises(RequestRefused, match="named 2 times"):
        request(vials_wanted(lot, lots=(LotCount(lot.pk, 1), LotCount(lot.pk, 1))))
    with pytest.raises(RequestRefused, match="not in this bank"):
        request(vials_wanted(lot, lots=(LotCount(lot.pk + 1, 1),)))

    assert not Reservation.objects.exists()


def test_a_vial_named_is_not_picked_again_by_the_count():
    lot = available_lot()
    first = vials_of(lot)[0]

    asked = request(vials_wanted(lot, 11, unit_ids=(first.pk,)))

    assert asked.lines.count() == len({line.unit_id for line in asked.lines.all()}) == 12


def test_a_total_counts_each_vial_once():
    lot = available_lot()
    first = vials_of(lot)[0]

    with pytest.raises(RequestRefused, match="named 2 times"):
        request(vials_wanted(lot, 10, unit_ids=(first.pk, first.pk)))
    with pytest.raises(NotReleasable, match="per kg"):
        request(vials_wanted(lot, 10, unit_ids=(first.pk,)))

    assert not Reservation.objects.exists()


def test_an_expired_lot_is_not_requested():
    lot = available_lot(expiry=Expiry(ExpiryBasis.STABILITY_DATA, NOON))

    with pytest.raises(NotReleasable, match="its lot expired"):
        request(vials_wanted(lot))

    assert not Reservation.objects.exists()


def test_every_vial_names_its_donation():
    lot = made_lot()

    assert UnitSource.objects.filter(unit__lot=lot).count() == 24
