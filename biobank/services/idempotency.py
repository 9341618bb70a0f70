"""Commands that have one effect however often they arrive: key, effect and answer are saved together."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import OperationalError, connection

from biobank.domain.idempotency import LONGEST_WAIT_SECONDS, KeyInUse, check_key, check_same_body
from biobank.domain.ledger import canonical_json
from biobank.models.idempotency import IdempotencyKey
from biobank.models.person import Person
from biobank.services.service import service


class Answer(dict[str, object]):
    """What a command answered, read back from what is kept, and whether it did so on an earlier call."""

    def __init__(self, kept: str, *, replayed: bool) -> None:
        super().__init__(json.loads(kept))
        self.replayed = replayed


@service
def once(
    actor: Person, key: str, body_sha256: str, call: Callable[[], Mapping[str, object]], *, at: datetime
) -> Answer:
    """Carry a command out under its key, or give the answer that it gave before.

    A second call at the same time waits for the first. A refusal keeps nothing, so the key may be used again. Raises
    ``UnfitKey``, ``KeyReused`` for another body, ``KeyInUse`` when the first takes too long.
    """
    check_key(key)
    row, is_first = _take(actor, key, body_sha256, at=at)
    if not is_first:
        check_same_body(row.body_sha256, body_sha256)
        return Answer(row.answer, replayed=True)
    row.answer = canonical_json(call())
    row.save(update_fields=["answer"])
    return Answer(row.answer, replayed=False)


def _take(actor: Person, key: str, body_sha256: str, *, at: datetime) -> tuple[IdempotencyKey, bool]:
    """Insert the key, or find it; on PostgreSQL the insert waits while another transaction holds the same one."""
    defaults = {"body_sha256": body_sha256, "answer": "", "created_at": at}
    _limit_wait(LONGEST_WAIT_SECONDS)
    try:
        taken = IdempotencyKey.objects.get_or_create(actor=actor, key=key, defaults=defaults)
    except OperationalError as error:
        if _waited_too_long(error):
            raise KeyInUse("The first command under this key has not ended yet.") from None
        raise
    _limit_wait(0)
    return taken


def _limit_wait(seconds: int) -> None:
    """Bound how long a statement of this transaction waits for a lock; nought is without bound."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])


def _waited_too_long(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "55P03"
