"""Batches of consumables: their facts, and everything that each of them touched."""

from collections.abc import Collection

from django.db.models import Q

from inventory.domain.batch import BatchFacts, BatchState
from inventory.models.batch import Batch, BatchUse
from inventory.queries.journey import Touched, touched


def lock_batch(batch_id: int) -> Batch:
    """Take a batch's row lock and return it fresh."""
    return Batch.objects.select_for_update(of=("self",)).select_related("received_by", "site").get(pk=batch_id)


def batch_facts(batch_ids: Collection[int]) -> dict[int, BatchFacts]:
    """Return, by id, what decides whether each batch can be used. One query."""
    return {
        row.pk: BatchFacts(row.reference, BatchState(row.state), row.expires_at, row.inspected_at)
        for row in Batch.objects.filter(pk__in=batch_ids)
    }


def batches_by_lot(lot_numbers: Collection[str]) -> dict[str, Batch]:
    """Return the batches of these lots, by their numbers; of two makers' lots of one number the one taken in last."""
    rows = Batch.objects.filter(lot_number__in=lot_numbers).order_by("received_at", "pk")
    return {row.lot_number: row for row in rows}


def touched_by_batch(batch: Batch) -> list[Touched]:
    """Return every unit that a batch touched: what it was collected into or processed with, and all made from that.

    Each with where it is now and who holds it, in the order of codes; a constant number of queries.
    """
    uses = BatchUse.objects.filter(batch=batch)
    births = uses.filter(donation__isnull=False).values("donation_id")
    return touched(uses.filter(processing__isnull=False).values("processing_id"), Q(sources__donation_id__in=births))
