"""Units for tests of pages: rows as the services leave them, without the way there."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import unit_of_work
from consent.models.donor import Donor
from inventory.models.container import Container, ContainerKind, Position
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.placement import Placement
from inventory.models.unit import Unit, UnitSource
from tests.factories.person import default_site, person, site
from tests.kept import keepable

DIN = "A999926000123"
CHECK = "P"
CRYOBAG = f"{DIN}S1234VA0"
VIAL = f"{DIN}S1234VB0"
TUBE = "3021450012"
OUT = ("available", "reserved", "released", "shipped")
WAYS = {
    "available": OUT[:1],
    "reserved": OUT[:2],
    "released": OUT[:3],
    "shipped": OUT,
    "received": (*OUT, "received"),
    "used": (*OUT, "received", "used"),
    "discarded": ("discarded",),
}
BOX = "T02-R04-07"
POSITION = f"{BOX}-D07"


def maternity() -> Site:
    """The collection site of every donation here."""
    return site("MAT-3", SiteKind.COLLECTION, name="Maternity Three")


def donation(din: str = DIN) -> Donation:
    """Return the donation of this number, collected at the maternity thirty days ago."""
    if found := Donation.objects.filter(din=din).first():
        return found
    at = timezone.now() - timedelta(days=30)
    collector = person(Role.COLLECTION_STAFF, site=maternity(), username=f"collector{din[-4:]}")
    return Donation.objects.create(
        code=din,
        din=din,
        donor=Donor.objects.create(donor_code=f"DNR-{din[-8:]}", site=maternity(), created_at=at),
        collection_site=maternity(),
        collector=collector,
        collected_at=at,
        registered_by=collector,
        registered_at=at,
    )


@keepable
def unit(code: str = CRYOBAG, *, state: str = "quarantined", **described: object) -> Unit:
    """Return a cryobag in quarantine at the bank, its registration in the ledger."""
    behind = donation(code[:13])
    usual: dict[str, object] = {
        "kind": "cryobag",
        "product_class": "cord_blood",
        "product_code": code[13:21],
        "holder": default_site().code,
        "volume_ml": Decimal("25.00"),
        "tnc": 1_420_000_000,
        "registered_at": timezone.now() - timedelta(days=29),
    }
    made = Unit.objects.create(code=code, donation=behind, state="quarantined", **usual | described)
    UnitSource.objects.create(unit=made, donation=behind)
    _bring_to(made, state)
    tell(made, "unit.registered", by=behind.registered_by)
    return made


def _bring_to(made: Unit, state: str) -> None:
    """Take the unit along the table of states, as the database demands."""
    for step in WAYS.get(state, ()):
        made.state = step
        made.use = made.use or "laboratory"
        made.reserved_from = "available" if step in ("reserved", "released") else ""
        made.save()


def tell(told: Unit, kind: str, *, by: Person, reason: str = "") -> None:
    """Write one ledger entry about the unit."""
    with unit_of_work():
        record(kind, subjects=[told.code], by=by, at=timezone.now(), reason=reason, new={"state": told.state})


def identified(named: Unit, value: str = TUBE) -> Identifier:
    """Give the unit a further code."""
    return Identifier.objects.create(issuer="Rack scanner", value=value, unit=named)


def placed(stored: Unit, label: str = "D07") -> Position:
    """Put the unit into a box in a rack in a tank of the bank."""
    box = Container.objects.filter(code=BOX).first() or _box()
    position = Position.objects.create(container=box, label=label, code=f"{BOX}-{label}")
    Placement.objects.create(
        position=position, unit=stored, placed_at=timezone.now(), placed_by=stored.donation.registered_by
    )
    return position


def _box() -> Container:
    parent = None
    for level, code in (("tank", "T02"), ("rack", "T02-R04"), ("box", BOX)):
        kind = ContainerKind.objects.create(name=level, level=level)
        parent = Container.objects.create(
            code=code, kind=kind, site=default_site(), parent=parent, registered_at=timezone.now()
        )
    assert parent is not None
    return parent
