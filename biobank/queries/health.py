"""The facts by which one sees that the bank's parts are well."""

from datetime import datetime

from django.db.models import QuerySet

from biobank.domain.health import HealthFacts
from biobank.domain.job import BEAT
from biobank.models.health import Verification
from biobank.models.ledger import LedgerEntry
from biobank.queries.job import last_beat, oldest_waiting_since


def health_facts(at: datetime) -> HealthFacts:
    """Gather the facts at one instant; raises the database's own error when it does not answer."""
    verification = last_verification()
    return HealthFacts(
        oldest_waiting_since=oldest_waiting_since(at),
        beat_at=last_beat(BEAT),
        verified_at=verification.at if verification else None,
        verified_ok=verification.ok if verification else None,
        checkpoint_at=_at(LedgerEntry.objects.filter(kind="checkpoint.published").order_by("-number")),
        began_at=_at(LedgerEntry.objects.order_by("number")),
    )


def last_verification() -> Verification | None:
    """Return the newest verification of the records."""
    return Verification.objects.order_by("-at", "-id").first()


def _at(entries: QuerySet[LedgerEntry]) -> datetime | None:
    """Return when the first of these entries was recorded."""
    return entries.values_list("at", flat=True).first()
