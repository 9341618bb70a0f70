"""One unit as it is now: with its donation, lot, position, reservation and other codes, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import FilteredRelation, Q, QuerySet

from inventory.models.container import Position
from inventory.models.identifier import Identifier
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.queries.background import Background

# A container stands at most this deep: room, tank, rack, box.
UPWARDS = ("", "__parent", "__parent__parent", "__parent__parent__parent")

JOINED = (
    "donation",
    "lot",
    "other_code",
    "placed__position__container__site",
    *(f"placed__position__container{up}__kind" for up in UPWARDS),
    *(f"kept__request__{name}" for name in ("protocol", "site", "requested_by", "recipient")),
)


@dataclass(frozen=True)
class UnitNow:
    """A unit, the position it is in with the containers around it, what it is kept for, and its other codes."""

    unit: Unit
    position: Position | None
    reservation: Reservation | None
    other_codes: tuple[str, ...]

    def tell(self, behind: Background) -> None:
        """Say what is known here to what stands behind the unit, so that it is not asked for again."""
        behind.places = {self.unit.pk: self.position} if self.position else {}
        behind.reservations = {self.unit.pk: self.reservation} if self.reservation else {}


def unit_now(code: str, among: QuerySet[Unit]) -> UnitNow | None:
    """Return the unit of this code, if it is among these."""
    # A unit has at most one open placement and one active reservation: neither multiplies the rows.
    rows = among.filter(code=code).annotate(
        placed=FilteredRelation("placements", condition=Q(placements__removed_at__isnull=True)),
        kept=FilteredRelation("reservations", condition=Q(reservations__ended_at__isnull=True)),
        other_code=FilteredRelation("identifiers"),
    )
    return _one(list(rows.select_related(*JOINED).order_by("other_code__pk")))


def _one(rows: Sequence[Unit]) -> UnitNow | None:
    """Return the one unit of these rows: there is a row for each of its other codes, and one where it has none."""
    found = [vars(row) for row in rows]
    if not found:
        return None
    unit, placement, reservation = rows[0], found[0].get("placed"), found[0].get("kept")
    codes: list[Identifier] = [row["other_code"] for row in found if row.get("other_code") is not None]
    return UnitNow(
        unit=unit,
        position=placement.position if placement else None,
        reservation=reservation,
        other_codes=tuple(f"{each.value} ({each.issuer})" for each in codes),
    )
