"""Amounts that were measured before a part was taken: they count no more, and what is left can be measured."""

from dataclasses import replace
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.assay import Qualifier
from inventory.domain.lot import RecordOnTheLot
from inventory.domain.profile import profile_named
from inventory.domain.specification import Operator, SampleSource
from inventory.domain.unit import ProductClass, UnitKind, Use
from inventory.models.lot import Lot
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.result import measurements_of
from inventory.services.lot_acceptance import accept_lot
from inventory.services.processing import Child, NewProcessing, process_units
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force
from tests.factories.lot import determined, made_lot, stored, tissue, vials_of
from tests.factories.person import LONG_AGO, credentials, staff
from tests.factories.result import correct, of, record, verify
from tests.factories.time import NOON, hours
from tests.factories.unit import FROZEN_AT, frozen_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue, frozen_unit)
DRAWN_AT = NOON - hours(3)


def part_taken(unit: Unit, product_code: str, kind: UnitKind) -> Unit:
    """Take 0.40 mL of a frozen unit, which stays frozen and lives on with the rest."""
    new = NewProcessing(
        parent_id=unit.pk,
        children=(Child(product_code, kind, taken_ml=Decimal("0.40"), volume_ml=Decimal("0.40")),),
        method="severing",
        started_at=DRAWN_AT - hours(1),
        operator=staff(Role.LAB_TECHNICIAN),
        stays_frozen=True,
        lives_on=True,
    )
    process_units([new], by=staff(Role.LAB_TECHNICIAN), at=DRAWN_AT)
    unit.refresh_from_db()
    return unit


def cells_of(unit: Unit, assay: str, source: SampleSource) -> list[tuple[Decimal | None, Qualifier]]:
    """Return what counts as an amount of a unit, by where it was measured."""
    known = measurements_of([unit.pk])[unit.pk]
    return [(each.number, each.qualifier) for each in known if (each.assay, each.taken_from) == (assay, source)]


def test_a_correction_of_a_count_from_before_is_no_count_of_what_is_left() -> None:
    unit = frozen_unit()
    counted = record(of(unit), at=FROZEN_AT + hours(1))
    verify(*counted)
    part_taken(unit, "S9002VZ0", UnitKind.CRYOBAG)

    once = correct(counted[0], of(unit, value="1000000000"))
    twice = correct(once, of(unit, value="900000000"))
    verify(twice)

    assert cells_of(unit, "tnc", SampleSource.UNIT) == [(None, Qualifier.NOT_DONE)]
    verify(*record(of(unit, value="800000000")))
    assert cells_of(unit, "tnc", SampleSource.UNIT) == [(Decimal(800000000), Qualifier.MEASURED)]


def lot_held_to_its_count() -> Lot:
    """Return a lot in quarantine whose specification asks a million cells of a vial."""
    profile, quality = profile_named("UC-MSC-like"), staff(Role.QUALITY_REVIEWER)
    least = replace(profile.limits[0], assay="cell_count", operator=Operator.AT_LEAST, limit=Decimal(1_000_000))
    limits = (*profile.limits, least)
    new = NewSpecification(profile.name, ProductClass.MSC, profile.use, limits, profile.source, {})
    drafted = draft_specification(new, by=quality, at=LONG_AGO)
    put_specifications_in_force([drafted], credentials=credentials(quality), by=quality, at=LONG_AGO)
    return determined(stored(made_lot()))


def test_a_vial_with_a_part_taken_is_accepted_with_its_lot_once_its_own_cells_are_counted() -> None:
    lot, quality = lot_held_to_its_count(), staff(Role.QUALITY_REVIEWER)
    vial, whole = vials_of(lot)[:2]
    signed = credentials(quality)
    with nothing_changes(), pytest.raises(RecordOnTheLot, match="once a part was taken"):
        record(of(vial, "cell_count", "3000000"))
    part_taken(vial, "S3001VZ0", UnitKind.VIAL)

    with nothing_changes(), pytest.raises(NotAcceptable) as refused:
        accept_lot(lot, Use.HUMAN_APPLICATION, credentials=signed, by=quality, at=NOON)
    assert [each.text for each in refused.value.reasons] == [
        f"{vial.code}: Cells in the container is missing (measured before a part was taken: measure what is left)."
    ]
    with nothing_changes(), pytest.raises(RecordOnTheLot):
        record(of(vial, "cell_viability_percent", "94.0"))
    verify(*record(of(vial, "cell_count", "3000000")))
    accept_lot(lot, Use.HUMAN_APPLICATION, credentials=signed, by=quality, at=NOON)

    assert {each.state for each in vials_of(lot)} == {"available"}
    assert cells_of(vial, "cell_count", SampleSource.LOT) == [(Decimal(3_000_000), Qualifier.MEASURED)]
    assert cells_of(whole, "cell_count", SampleSource.LOT) == [(Decimal(5_000_000), Qualifier.MEASURED)]


def test_a_vial_with_too_few_cells_left_is_refused_by_its_own_count() -> None:
    lot, quality = lot_held_to_its_count(), staff(Role.QUALITY_REVIEWER)
    vial = part_taken(vials_of(lot)[0], "S3001VZ0", UnitKind.VIAL)
    verify(*record(of(vial, "cell_count", "900000")))
    signed = credentials(quality)

    with nothing_changes(), pytest.raises(NotAcceptable, match=f"{vial.code}: Cells in the container 900000 against"):
        accept_lot(lot, Use.HUMAN_APPLICATION, credentials=signed, by=quality, at=NOON)

    assert not Result.objects.filter(unit__in=vials_of(lot)[1:], assay="cell_count").exists()
