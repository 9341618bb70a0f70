"""How the database stands to the newest checkpoint; asked before every append to the ledger."""

import re
from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.db import connection

from biobank.domain.checkpoint import Checkpoint, CheckpointBroken, check_agrees
from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.exchange.ledger import read_checkpoint
from biobank.models.ledger import LedgerHead
from biobank.queries.ledger import head, seal_at
from biobank.queries.resume import superseded_seals

# The name of a checkpoint's file: its entry; and its seal, where another chain's checkpoint has the plain name.
NAME = re.compile(r"checkpoint-(\d+)(?:-[0-9a-f]{12})?\.json")
Place = tuple[str, str, int]

# The newest checkpoint that this process found to agree, by database, folder and the folder's time of change: an
# append costs one look at the folder, and reads a file only after something was put into it or taken out.
_agreed: dict[Place, int] = {}


def check_not_behind(ledger: LedgerHead, *, resuming: Collection[str] = ()) -> None:
    """Refuse to write to a ledger that is older than, or differs from, the newest checkpoint.

    ``resuming`` holds the seals that a resumption among the entries to be written supersedes; those that the record
    itself names are passed over anyway. Raises ``LedgerBehindCheckpoint``, or ``CheckpointBroken`` when the newest
    file cannot be trusted.
    """
    place = _place()
    if place is None or ledger.number >= _agreed.get(place, ledger.number + 1):
        return
    newest = newest_checkpoint(besides=superseded_seals().union(resuming))
    if newest is not None:
        seal_there = ledger.seal if newest.number == ledger.number else seal_at(newest.number)
        check_agrees(newest, head_number=ledger.number, seal_there=seal_there)
    # A resumption may still be rolled back: what agrees only with it is not remembered.
    if not resuming:
        _agreed.clear()
        _agreed[place] = newest.number if newest else 0


def why_read_only() -> str:
    """Return why nothing may be written: a checkpoint contradicts the database or cannot be read; else nothing."""
    try:
        if _place() is not None:
            check_not_behind(head())
    except (LedgerBehindCheckpoint, CheckpointBroken) as refusal:
        return f"{refusal.message} {refusal.mend}"
    return ""


def head_is_behind() -> bool:
    """Whether nothing may be written until the database agrees with its newest checkpoint again."""
    return bool(why_read_only())


def newest_checkpoint(*, besides: Collection[str] = ()) -> Checkpoint | None:
    """Return the checkpoint of the highest number whose seal is not among ``besides``; None where there is none."""
    checkpoints = (checkpoint_in(path) for path in reversed(checkpoint_files()))
    return next((checkpoint for checkpoint in checkpoints if checkpoint.seal not in besides), None)


def checkpoint_files() -> list[Path]:
    """Return the checkpoint files, the highest number last."""
    try:
        names = [path for path in Path(settings.BIOBANK_CHECKPOINT_DIR).iterdir() if path.match("checkpoint-*.json")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(Path(settings.BIOBANK_CHECKPOINT_DIR), error) from None
    return sorted(names, key=_by_entry)


def checkpoint_path(number: int, seal: str = "") -> Path:
    """Return where the checkpoint of an entry is kept; with its seal, beside one of another chain."""
    beside = f"-{seal[:12]}" if seal else ""
    return Path(settings.BIOBANK_CHECKPOINT_DIR) / f"checkpoint-{number:012}{beside}.json"


def checkpoint_in(path: Path, *, public_key: str | None = None) -> Checkpoint:
    """Return the checkpoint in a file; raises ``CheckpointBroken``, naming the file."""
    try:
        checkpoint = read_checkpoint(path.read_bytes(), public_key=public_key)
    except OSError as error:
        raise _unreadable(path, error) from None
    except CheckpointBroken as broken:
        raise CheckpointBroken(f"The checkpoint {path} does not hold. {broken.message}") from None
    if path not in {checkpoint_path(checkpoint.number), checkpoint_path(checkpoint.number, checkpoint.seal)}:
        raise CheckpointBroken(f"The checkpoint {path} is not named after its entry {checkpoint.number}.")
    return checkpoint


def _by_entry(path: Path) -> tuple[bool, int, str]:
    """Put a file that is not named as checkpoints are last, where it is read first and refused."""
    named = NAME.fullmatch(path.name)
    return (named is None, int(named[1]) if named else 0, path.name)


def _place() -> Place | None:
    """Return what the answer depends on; None where there is no folder, so no checkpoint."""
    folder = Path(settings.BIOBANK_CHECKPOINT_DIR)
    try:
        return (str(connection.settings_dict["NAME"]), str(folder), folder.stat().st_mtime_ns)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(folder, error) from None


def _unreadable(path: Path, error: OSError) -> CheckpointBroken:
    return CheckpointBroken(f"{path} cannot be read ({error.strerror}).")
