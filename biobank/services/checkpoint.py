"""Publishing checkpoints of the ledger, and holding the database to those that were published."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from biobank.domain.checkpoint import Checkpoint, CheckpointBroken, CheckpointNotWritten, contradiction
from biobank.domain.ledger import written_time
from biobank.domain.proof import Finding
from biobank.exchange.ledger import checkpoint_line, checkpoint_message, fingerprint
from biobank.models.person import Person
from biobank.queries.ledger import head, seal_at
from biobank.services.durable_file import write_durably
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signing_key import SigningKeyUnusable, public_key_of, signing_key
from biobank.services.standing import check_not_behind, checkpoint_files, checkpoint_in, checkpoint_path


@service
def publish_checkpoint(*, by: Person, at: datetime) -> Path:
    """Sign the ledger's head and keep it outside the database; return the file.

    Raises ``LedgerBehindCheckpoint``, ``CheckpointBroken``, ``SigningKeyUnusable`` or ``CheckpointNotWritten``.
    """
    ledger, key = head(), signing_key()
    check_not_behind(ledger)
    checkpoint = Checkpoint(ledger.number, ledger.seal, written_time(at), public_key_of(key))
    path = checkpoint_path(checkpoint.number)
    signature = key.sign(checkpoint_message(checkpoint)).hex()
    # The file comes first: a checkpoint without its entry proves as much, an entry without its file nothing.
    try:
        write_durably(path, checkpoint_line(checkpoint, signature).encode())
    except OSError as error:
        raise CheckpointNotWritten(f"The checkpoint {path} cannot be written ({error.strerror}).") from None
    stated = {"number": checkpoint.number, "seal": checkpoint.seal, "key": fingerprint(checkpoint.public_key)}
    record("checkpoint.published", subjects=[], by=by, at=at, new=stated)
    return path


def checkpoint_findings() -> Iterator[Finding]:
    """Yield every checkpoint that cannot be trusted, and every one that the database contradicts."""
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
        if against:
            yield Finding(f"{against} ({path})")
