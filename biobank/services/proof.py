"""The whole proof of the record: the ledger, the guards around it, and the checkpoints outside."""

from collections.abc import Callable, Iterator

from django.db import connection

from biobank.domain.proof import Finding
from biobank.queries.proof import chain_findings
from biobank.services.checkpoint import checkpoint_findings
from biobank.services.guard import missing_guards


def ledger_findings(progress: Callable[[int], object] | None = None) -> Iterator[Finding]:
    """Yield everything that does not hold; nothing when all of it does."""
    yield from (Finding(f"The guard {name} is missing in the database.") for name in missing_guards(connection))
    yield from chain_findings(progress)
    yield from checkpoint_findings()
