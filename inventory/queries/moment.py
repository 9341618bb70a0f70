"""Moments of custody: sealed ledger entries as a person reads them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inventory.domain.custody import EntryRow

# What marks an entry as one where somebody stood up for the unit with their signature, or stopped it.
SIGNED = frozenset(
    {
        *("unit.accepted", "lot.accepted", "release.signed", "unit.released", "eligibility.determined"),
        *("request.approved", "excursion.assessed", "stocktake.closed", "notice.closed", "deviation.closed"),
        *("expiry.extended", "use.reviewed", "withdrawal.decided"),
    }
)
STOPPED = frozenset(
    {
        *("hold.placed", "acceptance.withdrawn", "unit.quarantined", "consent.withdrawn", "pick.mismatched"),
        *("excursion.opened", "excursion.extended", "eligibility.reopened", "release.revoked"),
    }
)

# Kinds whose own words say too little to somebody who reads them beside a unit.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "unit.drawn": "Part of the unit taken",
        "unit.unreserved": "Unit no longer reserved",
        "unit.processed": "Processing recorded",
        "sample.rehung": "Sample attached to another bag",
        "facts.attested": "Facts attested by another establishment",
        "use.reviewed": "Permitted use answered by review",
        "waiver.asked": "Exception asked for",
        "waiver.stated": "Exception: benefit and risk stated",
        "waiver.acknowledged": "Exception: condition acknowledged by the site",
        "worklist.done": "Line of the release worklist done",
        "pick.mismatched": "Pick stopped: the scans do not match",
        "papers.enclosed": "Papers of quarantine enclosed",
        "receipt.recorded": "Receipt checked",
        "fact.corrected": "Recorded fact corrected",
        "kinship.stated": "Kinship to a recipient stated",
        "withdrawal.referred": "Withdrawal referred to the medical director",
        "withdrawal.decided": "Withdrawal decided by the medical director",
        "notice.opened": "Notice to a site opened",
        "notice.acknowledged": "Notice acknowledged by the site",
        "notice.answered": "Notice answered by the site",
        "notice.letter_written": "Letter of a notice written",
        "label.issued": "DIN labels issued",
        "label.spoiled": "DIN label spoiled",
        "file.imported": "Brought in from a file",
        "form.put_in_force": "Consent form put in force",
    }
)


@dataclass(frozen=True)
class Moment:
    """One entry with its title and how a timeline marks it; ``about`` names what it is of, where not the unit."""

    entry: EntryRow
    about: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The kind of entry in words: ``unit.accepted`` is "Unit accepted"."""
        plain = self.entry.kind.replace(".", " ").replace("_", " ").capitalize()
        return TITLES.get(self.entry.kind, plain)

    @property
    def look(self) -> str:
        """How the line is marked."""
        if self.entry.kind in STOPPED:
            return "moment-held"
        return "moment-signed" if self.entry.kind in SIGNED else ""


def moments_of(entries: Iterable[EntryRow], unit: str, beside: Collection[str] = ()) -> tuple[Moment, ...]:
    """Return entries of a unit's chain as moments, in their order.

    An entry that does not name the unit says what it is of instead. Codes that stand ``beside`` nearly every entry, of
    donations and donors, say that only where nothing else does.
    """
    return tuple(Moment(entry, _about(entry.subjects, unit, beside)) for entry in entries)


def _about(subjects: tuple[str, ...], unit: str, beside: Collection[str]) -> tuple[str, ...]:
    if unit in subjects:
        return ()
    return tuple(each for each in subjects if each not in beside) or subjects
