"""What the ledger gained while something was done."""

import json

from biobank.models.ledger import LedgerEntry, LedgerHead


def head_number() -> int:
    """Return the number of the ledger's last entry."""
    head = LedgerHead.objects.first()
    return head.number if head else 0


def kinds_since(number: int) -> list[str]:
    """Return the kinds of the entries after that number, in order."""
    return list(LedgerEntry.objects.filter(number__gt=number).order_by("number").values_list("kind", flat=True))


def last_of(kind: str) -> dict[str, object]:
    """Return the body of the last entry of a kind."""
    body: dict[str, object] = json.loads(LedgerEntry.objects.filter(kind=kind).order_by("-number")[0].body)
    return body
