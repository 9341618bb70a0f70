"""Moments of custody: sealed ledger entries as a person reads them."""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.domain.custody import EntryRow

# What marks an entry as one where somebody stood up for the unit with their signature, or stopped it.
SIGNED = frozenset(
    {
        *("unit.accepted", "release.signed", "unit.released", "eligibility.determined", "request.approved"),
        *("excursion.assessed", "stocktake.closed", "notice.closed", "deviation.closed"),
    }
)
STOPPED = frozenset(
    {
        *("hold.placed", "acceptance.withdrawn", "unit.quarantined", "consent.withdrawn", "pick.mismatched"),
        "excursion.opened",
    }
)


@dataclass(frozen=True)
class Moment:
    """One entry with its title and how a timeline marks it."""

    entry: EntryRow

    @property
    def title(self) -> str:
        """The kind of entry in words: ``unit.accepted`` is "Unit accepted"."""
        return self.entry.kind.replace(".", " ").replace("_", " ").capitalize()

    @property
    def look(self) -> str:
        """How the line is marked."""
        if self.entry.kind in STOPPED:
            return "moment-held"
        return "moment-signed" if self.entry.kind in SIGNED else ""


def moments_of(entries: Iterable[EntryRow]) -> tuple[Moment, ...]:
    """Return entries as moments, in their order."""
    return tuple(Moment(entry) for entry in entries)
