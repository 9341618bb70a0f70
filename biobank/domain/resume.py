"""Going on with a record older than its checkpoints: what is missing, who signs that it is, and what the entry says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from biobank.domain.checkpoint import Checkpoint, contradiction
from biobank.domain.refusal import RuleViolation

RESUMED = "ledger.resumed"
LONGEST_REASON = 500


@dataclass(frozen=True)
class Seen:
    """A checkpoint as it lies outside the database, and the seal that the database holds at its entry."""

    file: str
    sha256: str
    checkpoint: Checkpoint
    seal_there: str | None


@dataclass(frozen=True)
class Missing:
    """What a record lacks of what its checkpoints know; ``gone`` are the contradicted ones, the highest entry last."""

    head_number: int
    head_seal: str
    agrees_until: int
    gone: tuple[Seen, ...]

    @property
    def last(self) -> int:
        """The last entry that a contradicted checkpoint knows."""
        return max((seen.checkpoint.number for seen in self.gone), default=0)

    @property
    def sentence(self) -> str:
        """What is missing, for people."""
        rest = f"Entries {self.agrees_until + 1} to {self.last} may be others than those that were sealed."
        if self.last <= self.head_number:
            return rest
        lost = f"Entries {self.head_number + 1} to {self.last} are missing."
        return f"{lost} {rest}" if self._rewritten else lost

    @property
    def _rewritten(self) -> bool:
        return any(seen.checkpoint.number <= self.head_number for seen in self.gone)

    def content(self, reason: str) -> dict[str, object]:
        """Return what administrator and quality sign: the head gone on from, what is missing after it, and why."""
        return {
            "agrees_until": self.agrees_until,
            "checkpoints": [_told(seen) for seen in self.gone],
            "head": {"number": self.head_number, "seal": self.head_seal},
            "missing": {"first": self.head_number + 1, "last": self.last} if self.last > self.head_number else {},
            "reason": reason,
            "supersedes": sorted({seen.checkpoint.seal for seen in self.gone}),
        }


class NothingIsMissing(RuleViolation):
    """Every checkpoint agrees with the record: there is nothing to decide."""

    code: ClassVar[str] = "nothing-is-missing"
    title: ClassVar[str] = "Nothing is missing"
    mend = "Go on working; nothing was saved."


class MissingChanged(RuleViolation):
    """What is missing is not what was shown to those who sign."""

    code: ClassVar[str] = "missing-changed"
    title: ClassVar[str] = "The list has changed"
    mend = "Read the list anew and sign that; nothing was saved."


class SignedByOnePerson(RuleViolation):
    """Administrator and quality are two people."""

    code: ClassVar[str] = "signed-by-one-person"
    title: ClassVar[str] = "Two people must sign"
    mend = "Ask a second person to sign with their own user name; nothing was saved."


def what_is_missing(head_number: int, head_seal: str, seen: Iterable[Seen], *, superseded: Iterable[str]) -> Missing:
    """Return what the record lacks of its checkpoints, but for those that an entry of it supersedes already."""
    known = set(superseded)
    ours = [each for each in seen if each.checkpoint.seal not in known]
    ours.sort(key=lambda each: (each.checkpoint.number, each.file))
    gone = tuple(each for each in ours if _contradicts(each, head_number))
    agreeing = (each.checkpoint.number for each in ours if each not in gone)
    # A chain that went another way does not come back: what agrees behind the first contradiction proves nothing.
    first_gone = gone[0].checkpoint.number if gone else head_number + 1
    until = max((number for number in agreeing if number < first_gone), default=0)
    return Missing(head_number=head_number, head_seal=head_seal, agrees_until=until, gone=gone)


def check_missing(missing: Missing, *, shown: Missing) -> None:
    """Refuse to go on where nothing is missing, or something else than was shown."""
    if not missing.gone:
        raise NothingIsMissing("The record agrees with its checkpoints.")
    if missing != shown:
        raise MissingChanged(f"The list was shown otherwise. Now: {missing.sentence}")


def check_two_people(administrator: str, quality: str) -> None:
    """Refuse one person in both places."""
    if administrator == quality:
        raise SignedByOnePerson("Administrator and quality sign together, and are two people.", field="quality")


def _contradicts(seen: Seen, head_number: int) -> bool:
    return bool(contradiction(seen.checkpoint, head_number=head_number, seal_there=seen.seal_there))


def _told(seen: Seen) -> dict[str, object]:
    checkpoint = seen.checkpoint
    return {
        "at": checkpoint.at,
        "file": seen.file,
        "number": checkpoint.number,
        "seal": checkpoint.seal,
        "sha256": seen.sha256,
    }
