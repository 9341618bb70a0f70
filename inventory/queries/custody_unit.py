"""A unit's identity and lineage as its chain-of-custody document states them."""

from decimal import Decimal

from inventory.domain.custody import Amount, LineageRow, UnitIdentity, utc_text
from inventory.domain.din import Din
from inventory.domain.wording import in_words
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.unit import Lineage, Unit
from inventory.queries.custody_line import Line, is_above


def identity_of(line: Line, other_codes: tuple[str, ...]) -> UnitIdentity:
    """Return who the unit is, where it is, and what holds it."""
    unit = line.unit
    printed, check = printed_din(unit)
    position = line.behind.places.get(unit.pk)
    return UnitIdentity(
        code=unit.code,
        din=unit.donation.din or "",
        din_printed=printed,
        din_check=check,
        product_code=unit.product_code,
        product=_capitalised(in_words(unit.product_class)),
        kind=in_words(unit.kind),
        state=in_words(unit.state),
        place=f"{position.container.site.code} / {position.code}" if position else f"with {unit.holder}",
        origin=in_words(unit.origin),
        accepted_use=in_words(unit.use),
        expires=_expiry(unit),
        identifiers=other_codes,
        amounts=_amounts(unit),
        holds=tuple(
            f"{hold.code} on {hold.lies_on}: {in_words(hold.kind.value)}, {hold.reason}"
            for hold in line.behind.holds[unit.pk]
        ),
    )


def lineage_rows(line: Line) -> tuple[LineageRow, ...]:
    """Return the donations, then each making of the line in the order of processing."""
    return (*map(_donation_row, line.donations), *(_step_row(step, line) for step in line.steps))


def number_text(number: Decimal) -> str:
    """Return a decimal number without needless zeros: ``25``, ``0.5``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def printed_din(unit: Unit) -> tuple[str, str]:
    """Return the DIN in groups and its check character; a migrated unit without a DIN shows its own code."""
    printed = din_on_label(unit)
    if printed is None:
        return unit.code, ""
    din = Din(printed)
    return f"{din.facility} {din.year} {din.serial}", din.check_character


def din_on_label(unit: Unit) -> str | None:
    """Return the DIN that a unit carries: its pool's, or its donation's where that has one."""
    pool = unit.lot.pool_din if unit.lot is not None else None
    return pool or unit.donation.din


def decided(unit: Unit) -> Unit | Lot:
    """Return what the expiry of a unit is recorded on: itself, or its lot."""
    return unit.lot or unit


def _expiry(unit: Unit) -> str:
    thing = decided(unit)
    if thing.expires_at is not None:
        return f"{utc_text(thing.expires_at)} ({in_words(thing.expiry_basis)})"
    return "not assigned, by policy" if thing.expiry_basis == "not_assigned" else ""


def _amounts(unit: Unit) -> tuple[Amount, ...]:
    stated = (
        ("Volume", unit.volume_ml, "mL"),
        ("Mass", unit.mass_g, "g"),
        ("Total nucleated cells", None if unit.tnc is None else Decimal(unit.tnc), "cells"),
    )
    return tuple(Amount(name, number_text(number), measure) for name, number, measure in stated if number is not None)


def _donation_row(donation: Donation) -> LineageRow:
    return LineageRow(
        relation="donation",
        code=donation.code,
        kind=in_words(donation.event),
        state=f"{in_words(donation.purpose)}, donor {donation.donor.donor_code}",
        at=donation.collected_at,
    )


def _step_row(step: Lineage, line: Line) -> LineageRow:
    """Return the making seen from the unit: the parent above it, the child below it."""
    above = is_above(step, line)
    other, run = step.parent if above else step.child, step.processing
    taken = [
        f"{number_text(number)} {measure} taken"
        for number, measure in ((step.taken_ml, "mL"), (step.taken_g, "g"))
        if number is not None
    ]
    return LineageRow(
        relation="made from" if above else "made into",
        code=other.code,
        kind=in_words(other.kind),
        state=in_words(other.state),
        amount=", ".join(taken),
        process=f"{in_words(run.method)}, {run.reference}" if run else "as another system had it",
        at=run.started_at if run else None,
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
