"""Reservations: one unit kept for one request until a time."""

from datetime import datetime, timedelta

from biobank.domain.refusal import RuleViolation


class AlreadyReserved(RuleViolation):
    code = "already-reserved"
    title = "Another request has this unit"
    mend = "Choose another unit, or ask again when that request has ended."


class ReservationTooLong(RuleViolation):
    code = "reservation-too-long"
    title = "The unit cannot be kept that long"
    mend = "Leave the end out, or choose one within what the protocol allows."


def end_of_reservation(wanted: datetime | None, *, at: datetime, hours: int) -> datetime:
    """Return until when a reservation runs: as wanted, or as long as the protocol allows, which is never exceeded."""
    latest = at + timedelta(hours=hours)
    if wanted is None:
        return latest
    if not at < wanted <= latest:
        raise ReservationTooLong(
            f"A reservation under this protocol ends within {hours} hours from now.", field="until"
        )
    return wanted
