"""Which checkpoints the record itself has gone past, by entries that administrator and quality signed."""

import json
from collections.abc import Iterator
from typing import Any

from biobank.domain.resume import RESUMED
from biobank.models.ledger import LedgerEntry, LedgerHead


def lock_head() -> LedgerHead:
    """Return the ledger's head, locked until the transaction ends; whoever takes it holds every other lock already."""
    return LedgerHead.objects.select_for_update().get(id=1)


def resumptions() -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and stated values of every entry by which the record was resumed."""
    for number, body in LedgerEntry.objects.filter(kind=RESUMED).order_by("number").values_list("number", "body"):
        yield number, json.loads(body)["new"]


def superseded_seals() -> set[str]:
    """Return the seals of the checkpoints that the record was resumed without."""
    return {str(seal) for _, stated in resumptions() for seal in stated.get("supersedes", ())}
