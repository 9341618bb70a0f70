"""The head of the unit page: what the unit is, in which state, where, until when."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from inventory.domain.din import Din
from inventory.domain.expiry import ExpiryBasis, is_expired
from inventory.domain.hold import HoldFacts
from inventory.models.container import Container, Position
from inventory.models.unit import Unit
from inventory.queries.background import Background
from inventory.queries.custody_unit import decided, din_on_label, number_text
from inventory.queries.gate_facts import expiry_of
from inventory.queries.unit_now import UnitNow


@dataclass(frozen=True)
class Head:
    """The top of the page."""

    code: str
    printed: tuple[str, ...]
    check: str
    product: str
    product_code: str
    kind: str
    origin: str
    state: str
    use: str
    holder: str
    place: tuple[str, ...]
    expires_at: datetime | None
    expiry_words: str
    is_expired: bool
    amounts: tuple[str, ...]
    holds: tuple[HoldFacts, ...]
    identifiers: tuple[str, ...]
    request: str
    lot: str
    is_pooled: bool


def head_of(found: UnitNow, behind: Background, at: datetime, *, place: tuple[str, ...]) -> Head:
    """Return the head of a unit's page."""
    unit = found.unit
    printed, check = eye_readable(unit)
    expiry = expiry_of(decided(unit))
    return Head(
        code=unit.code,
        printed=printed,
        check=check,
        product=unit.product_class,
        product_code=unit.product_code,
        kind=unit.kind,
        origin=unit.origin,
        state=unit.state,
        use=unit.use,
        holder=unit.holder,
        place=place,
        expires_at=expiry.at,
        expiry_words="not assigned, by policy" if expiry.basis is ExpiryBasis.NOT_ASSIGNED else "not assigned yet",
        is_expired=is_expired(expiry, at),
        amounts=_amounts(unit),
        holds=behind.holds[unit.pk],
        identifiers=found.other_codes,
        request=found.reservation.request.reference if found.reservation else "",
        lot=unit.lot.code if unit.lot else "",
        is_pooled=bool(unit.lot and unit.lot.pool_din),
    )


def eye_readable(unit: Unit) -> tuple[tuple[str, ...], str]:
    """Return the DIN in its printed groups and its check character; a unit without a DIN shows its own code."""
    carried = din_on_label(unit)
    if carried is None:
        return (unit.code,), ""
    din = Din(carried)
    return (din.facility, din.year, din.serial), din.check_character


def way_to(position: Position) -> tuple[str, ...]:
    """Return the way to a position, from site to slot."""
    return (position.container.site.code, *_way_to(position.container), position.label)


def _way_to(container: Container) -> tuple[str, ...]:
    """Return the containers on the way in, outermost first; what repeats the outer code is left out."""
    line: list[Container] = [container]
    while (outer := line[0].parent) is not None:
        line.insert(0, outer)
    outside = ["", *(each.code for each in line)]
    return tuple(
        f"{each.kind.level.capitalize()} {each.code.removeprefix(outer_code).lstrip('-') or each.code}"
        for each, outer_code in zip(line, outside, strict=False)
    )


def _amounts(unit: Unit) -> tuple[str, ...]:
    cells = None if unit.tnc is None else Decimal(unit.tnc)
    stated = ((unit.volume_ml, "mL"), (unit.mass_g, "g"), (cells, "cells"))
    return tuple(f"{number_text(number)} {name}" for number, name in stated if number is not None)
