"""Excursions and counts of the usual box, as people report them."""

from datetime import datetime
from decimal import Decimal

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.excursion import Group, Warming
from inventory.models.container import Container
from inventory.models.excursion import Excursion
from inventory.models.unit import Unit
from inventory.queries.hold import open_holds_on
from inventory.services.excursion import NewExcursion, assess_excursion, open_excursion
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, hours
from tests.factories.unit import box

NIGHT = NOON - hours(9)
MORNING = NOON - hours(4)


def warming(
    celsius: str = "-120.5", minutes: int = 45, *, since: datetime = NIGHT, until: datetime = MORNING
) -> Warming:
    """Return a night in which a container was 45 minutes too warm, unless told."""
    return Warming(since, until, Decimal(celsius), minutes)


def excursion(
    container: Container | None = None,
    happened: Warming | None = None,
    *,
    by: Person | None = None,
    at: datetime = NOON,
    note: str = "",
) -> Excursion:
    """Return the usual box's excursion of last night, reported at noon by the storage technician."""
    new = NewExcursion(container or box(), happened or warming(), note)
    return open_excursion(new, by=by or staff(Role.STORAGE_TECHNICIAN), at=at)


def assessed(reported: Excursion, *groups: Group, by: Person | None = None, at: datetime = NOON) -> Excursion:
    """Return an excursion assessed by the quality reviewer, or by somebody else."""
    signer = by or staff(Role.QUALITY_REVIEWER)
    return assess_excursion(reported, groups, credentials=credentials(signer), by=signer, at=at)


def group(verdict: str, *codes: str, because: str = "The logger shows it.") -> Group:
    """Return units of one verdict."""
    return Group(verdict, codes, because)


def held(*units: Unit) -> list[list[str]]:
    """Return the kinds of the open holds on each unit."""
    return [[each.kind for each in open_holds_on([unit.pk])[unit.pk]] for unit in units]
