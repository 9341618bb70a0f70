"""Checkpoints: signed statements of the ledger's head, kept outside the database, and what they prove about it."""

from dataclasses import dataclass

from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.domain.refusal import RuleViolation


@dataclass(frozen=True)
class Checkpoint:
    """The head as it was when it was published; ``at`` is written as the ledger writes times."""

    number: int
    seal: str
    at: str
    public_key: str


class CheckpointBroken(RuleViolation):
    """A checkpoint file cannot be read as one, or was changed after it was signed."""

    code = "checkpoint-broken"
    title = "A checkpoint cannot be read"
    mend = (
        "Fetch an unchanged copy of the file from where checkpoints are kept, or take the file out of the folder "
        "together with quality; then try again."
    )


class CheckpointNotWritten(RuleViolation):
    """The checkpoint could not be kept outside the database."""

    code = "checkpoint-not-written"
    title = "The checkpoint was not written"
    mend = "Make the folder of BIOBANK_CHECKPOINT_DIR writable, with room on its disk, and publish again."


def contradiction(checkpoint: Checkpoint, *, head_number: int, seal_there: str | None) -> str:
    """Return in one sentence how the ledger contradicts a checkpoint; nothing when it agrees.

    ``seal_there`` is the seal that the ledger holds at the checkpoint's number.
    """
    if checkpoint.number > head_number:
        return (
            f"The record ends at entry {head_number}, but a checkpoint of {checkpoint.at} knows entry "
            f"{checkpoint.number}: entries {head_number + 1} to {checkpoint.number} are missing."
        )
    if seal_there != checkpoint.seal:
        return (
            f"Entry {checkpoint.number} is not the one that the checkpoint of {checkpoint.at} sealed: "
            "the record was replaced or rewritten since."
        )
    return ""


def check_agrees(checkpoint: Checkpoint, *, head_number: int, seal_there: str | None) -> None:
    """Refuse to write to a ledger that is older than, or differs from, a checkpoint."""
    if against := contradiction(checkpoint, head_number=head_number, seal_there=seal_there):
        raise LedgerBehindCheckpoint(against)
