"""Reading the ledger: its head, the entries of a subject, and all of it in order."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Expression, QuerySet

from biobank.domain.ledger import GENESIS
from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject

CHUNK = 5000


def head() -> LedgerHead:
    """Return the ledger's head; of an empty ledger, number 0."""
    return LedgerHead.objects.filter(id=1).first() or LedgerHead(id=1, number=0, seal=GENESIS)


def built_by_a_demo() -> bool:
    """Whether a demo built this bank; its record says so for ever."""
    return LedgerEntry.objects.filter(kind="demo.built").exists()


def seal_at(number: int) -> str | None:
    """Return the seal of an entry, or None where there is none; before the first stands the genesis."""
    if number == 0:
        return GENESIS
    return LedgerEntry.objects.filter(number=number).values_list("seal", flat=True).first()


def entries_of(subject: str) -> QuerySet[LedgerEntry]:
    """Return the entries that name a code, in order."""
    return entries_for([subject])


def entries_for(codes: Iterable[str]) -> QuerySet[LedgerEntry]:
    """Return the entries that name any of the codes, each once and in order, with who made them."""
    named = LedgerSubject.objects.filter(code__in=set(codes)).values("entry_id")
    return LedgerEntry.objects.filter(number__in=named).select_related("by", "by__site").order_by("number")


def numbers_of(subject: str, *, until: int) -> Iterator[int]:
    """Yield the numbers of the entries that name a code, in order."""
    links = LedgerSubject.objects.filter(code=subject, entry_id__lte=until).order_by("entry_id")
    return links.values_list("entry_id", flat=True).iterator(chunk_size=CHUNK)


def chunks(*fields: str | Expression, until: int, size: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all entries up to a number, in order and in bounded chunks; ``fields`` begin with the number.

    Entries never change, so what is read in several statements is still one state of the ledger.
    """
    after = 0
    while True:
        page = LedgerEntry.objects.filter(number__gt=after, number__lte=until).order_by("number")[:size]
        rows = list(page.values_list(*fields))
        if not rows:
            return
        yield rows
        after = rows[-1][0]
