"""Publishing checkpoints of the ledger, and holding the database to those that were published."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from biobank.domain.checkpoint import Checkpoint, CheckpointBroken, CheckpointNotWritten, contradiction
from biobank.domain.job import JobState
from biobank.domain.ledger import written_time
from biobank.domain.proof import Finding
from biobank.exchange.ledger import checkpoint_line, checkpoint_message, fingerprint
from biobank.models.job import Job
from biobank.models.person import Person
from biobank.queries.ledger import head, seal_at
from biobank.queries.resume import superseded_seals
from biobank.services.durable_file import write_durably
from biobank.services.job import queue_job
from biobank.services.ledger import record
from biobank.services.resume import resumption_findings
from biobank.services.service import service
from biobank.services.signing_key import SigningKeyUnusable, public_key_of, signing_key
from biobank.services.standing import check_not_behind, checkpoint_files, checkpoint_in, checkpoint_path, why_read_only

PUBLISH = "checkpoint.publish"

log = structlog.get_logger(__name__)


@service
def publish_checkpoint(*, by: Person, at: datetime) -> Path:
    """Sign the ledger's head and keep it outside the database; return the file.

    Raises ``LedgerBehindCheckpoint``, ``CheckpointBroken``, ``SigningKeyUnusable`` or ``CheckpointNotWritten``.
    """
    ledger, key = head(), signing_key()
    check_not_behind(ledger)
    checkpoint = Checkpoint(ledger.number, ledger.seal, written_time(at), public_key_of(key))
    path = _free_path(checkpoint)
    signature = key.sign(checkpoint_message(checkpoint)).hex()
    # The file comes first: a checkpoint without its entry proves as much, an entry without its file nothing.
    try:
        write_durably(path, checkpoint_line(checkpoint, signature).encode())
    except OSError as error:
        raise CheckpointNotWritten(f"The checkpoint {path} cannot be written ({error.strerror}).") from None
    stated = {"number": checkpoint.number, "seal": checkpoint.seal, "key": fingerprint(checkpoint.public_key)}
    record("checkpoint.published", subjects=[], by=by, at=at, new=stated)
    return path


@service
def queue_checkpoint(*, by: Person, at: datetime) -> Job | None:
    """Queue the day's checkpoint; None while one is under way, and while the record takes no entry."""
    if why := why_read_only():
        log.error("checkpoint.not_queued", why=why)
        return None
    under_way = Job.objects.filter(kind=PUBLISH, state__in=[JobState.WAITING.value, JobState.RUNNING.value])
    return None if under_way.exists() else queue_job(PUBLISH, {}, by=by, at=at)


def checkpoint_findings() -> Iterator[Finding]:
    """Yield every checkpoint that cannot be trusted, every one that the database contradicts, unsigned resumptions."""
    yield from resumption_findings()
    superseded = superseded_seals()
    try:
        files = checkpoint_files()
        public_key = public_key_of(signing_key()) if files else None
    except (CheckpointBroken, SigningKeyUnusable) as unusable:
        yield Finding(f"The checkpoints cannot be proved. {unusable.message}")
        return
    ledger = head()
    for path in files:
        try:
            checkpoint = checkpoint_in(path, public_key=public_key)
        except CheckpointBroken as broken:
            yield Finding(broken.message)
            continue
        against = contradiction(checkpoint, head_number=ledger.number, seal_there=seal_at(checkpoint.number))
        if against and checkpoint.seal not in superseded:
            yield Finding(f"{against} ({path})")


def _free_path(checkpoint: Checkpoint) -> Path:
    """Return the plain name, unless the checkpoint of a chain that was given up has it: that one stays as it is."""
    path = checkpoint_path(checkpoint.number)
    if not path.exists() or checkpoint_in(path).seal == checkpoint.seal:
        return path
    return checkpoint_path(checkpoint.number, checkpoint.seal)
