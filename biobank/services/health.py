"""Noting that a part is alive, and how a verification of the records ended."""

from datetime import datetime

from biobank.models.health import Verification
from biobank.models.job import Heartbeat
from biobank.services.service import service


@service
def record_heartbeat(name: str, *, at: datetime) -> None:
    """Note that the named part is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": at})


@service
def record_verification(kind: str, *, ok: bool, detail: str, at: datetime) -> Verification:
    """Note how a verification of the records ended."""
    return Verification.objects.create(kind=kind, ok=ok, detail=detail, at=at)
