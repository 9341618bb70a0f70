"""Batches of consumables: their facts, and everything that each of them touched."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from inventory.domain.batch import BatchFacts, BatchState
from inventory.domain.unit import UnitState
from inventory.models.batch import Batch, BatchUse
from inventory.queries.journey import Touched, touched
from inventory.queries.unit import units_by_code

# What was made of these stands for itself; all else is, or was, somewhere and with somebody.
NOTHING_LEFT = frozenset({UnitState.CONSUMED, UnitState.VOIDED})


def lock_batch(batch_id: int) -> Batch:
    """Take a batch's row lock and return it fresh."""
    return Batch.objects.select_for_update(of=("self",)).select_related("received_by", "site").get(pk=batch_id)


def batch_facts(batch_ids: Collection[int]) -> dict[int, BatchFacts]:
    """Return, by id, what decides whether each batch can be used. One query."""
    return _facts(Batch.objects.filter(pk__in=batch_ids))


def lock_batches_to_use(batch_ids: Collection[int]) -> dict[int, BatchFacts]:
    """Return the same under the batches' locks, in id order: whoever rejects one waits, or has rejected it by now."""
    locked = Batch.objects.select_for_update(no_key=True)
    return _facts(locked.filter(pk__in=batch_ids).order_by("pk"))


def batches_by_lot(lot_numbers: Collection[str]) -> dict[str, Batch]:
    """Return the batches of these lots, by their numbers; of two makers' lots of one number the one taken in last."""
    rows = Batch.objects.filter(lot_number__in=lot_numbers).order_by("received_at", "pk")
    return {row.lot_number: row for row in rows}


def units_stopped_with(batch: Batch) -> list[int]:
    """Return the ids of the units that a batch touched and that are still something, wherever they are."""
    codes = [each.code for each in touched_by_batch(batch) if each.state not in NOTHING_LEFT]
    return list(units_by_code(codes).order_by("pk").values_list("pk", flat=True))


def touched_by_batch(batch: Batch) -> list[Touched]:
    """Return every unit that a batch touched: what it was collected into or processed with, and all made from that.

    Each with where it is now and who holds it, in the order of codes; a constant number of queries.
    """
    uses = BatchUse.objects.filter(batch=batch)
    births = uses.filter(donation__isnull=False).values("donation_id")
    return touched(uses.filter(processing__isnull=False).values("processing_id"), Q(sources__donation_id__in=births))


def _facts(rows: Iterable[Batch]) -> dict[int, BatchFacts]:
    return {row.pk: BatchFacts(row.reference, BatchState(row.state), row.expires_at, row.inspected_at) for row in rows}
