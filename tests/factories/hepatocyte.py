"""A liver taken in cold, and the lot of hepatocytes accepted of it."""

from biobank.domain.role import Role
from inventory.domain.profile import profile_named
from inventory.domain.specification import Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.lot import Lot
from inventory.models.recovery import Recovery
from inventory.models.unit import Unit
from inventory.services.eligibility import determine_eligibility
from inventory.services.lot import make_lot
from inventory.services.lot_acceptance import accept_lot
from inventory.services.lot_placement import put_away_lot
from inventory.services.result import verify_results
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force
from tests.factories.donation import maternity
from tests.factories.lot import new_lot, vials_of
from tests.factories.person import LONG_AGO, credentials, staff
from tests.factories.recovery import CLAMPED_AT, registered_liver
from tests.factories.result import current
from tests.factories.time import days, hours
from tests.factories.unit import box
from tests.kept import keepable

# Nine hours and a half in the cold: half an hour more, and a minute, is too long.
TAKEN_IN_AT = CLAMPED_AT + hours(9.5)


def ischaemia_in_force() -> None:
    """Put a specification of nothing but ischaemia in force for hepatocytes in the laboratory."""
    profile, quality = profile_named("Hepatocyte-like"), staff(Role.QUALITY_REVIEWER)
    limits = tuple(each for each in profile.limits if each.assay.endswith("ischaemia_minutes"))
    assert {each.stage for each in limits} == {Stage.PRE_FREEZE}
    new = NewSpecification("Ischaemia", ProductClass.HEPATOCYTE, Use.LABORATORY, limits, "of the bank")
    drafted = draft_specification(new, by=quality, at=LONG_AGO)
    put_specifications_in_force([drafted], credentials=credentials(quality), by=quality, at=LONG_AGO)


def verify_ischaemia(unit: Unit) -> None:
    """Verify how long a liver was warm and cold."""
    results = [current(unit, f"{which}_ischaemia_minutes").pk for which in ("warm", "cold")]
    verify_results(results, by=staff(Role.QUALITY_REVIEWER), at=TAKEN_IN_AT + days(1))


@keepable
def accepted_hepatocytes() -> Lot:
    """Return the lot of one liver, accepted for the laboratory on how long that was warm and cold."""
    ischaemia_in_force()
    liver, quality, at = registered_liver().units[0], staff(Role.QUALITY_REVIEWER), TAKEN_IN_AT + days(1)
    new = new_lot(
        liver,
        vials=2,
        product_class=ProductClass.HEPATOCYTE,
        product_code="S9101V",
        method="collagenase perfusion",
        started_at=TAKEN_IN_AT,
        frozen_at=TAKEN_IN_AT + hours(4),
    )
    lot = make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=at)
    put_away_lot(lot, [box("L01-R01-01", at=maternity())], reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=at)
    verify_ischaemia(liver)
    determine_eligibility([liver.donation_id], credentials=credentials(quality), by=quality, at=at)
    accept_lot(lot, Use.LABORATORY, credentials=credentials(quality), by=quality, at=at)
    return lot


def recovery_behind(lot: Lot) -> tuple[Recovery, Unit]:
    """Return the recovery behind a lot, and its liver."""
    recovery = Recovery.objects.get(donation=vials_of(lot)[0].donation)
    return recovery, recovery.donation.units.get(made_from__isnull=True)
