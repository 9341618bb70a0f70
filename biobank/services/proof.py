"""The whole proof of the record: the ledger, the guards around it, and the checkpoints outside."""

from collections.abc import Callable, Iterator

from django.db import connection

from biobank.domain.proof import Fault
from biobank.queries.proof import ledger_faults
from biobank.services.checkpoint import checkpoint_faults
from biobank.services.guard import missing_guards


def record_faults(progress: Callable[[int], object] = lambda number: None) -> Iterator[Fault]:
    """Yield everything that does not hold; nothing when all of it does."""
    yield from (Fault(f"The guard {name} is missing in the database.") for name in missing_guards(connection))
    yield from ledger_faults(progress)
    yield from checkpoint_faults()
