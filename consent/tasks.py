"""What background workers do for consents: record those that have expired."""

from django.utils import timezone

from biobank.celery import app
from biobank.services.person import system_person
from consent.services.expiry import record_expiries


@app.task(name="consent.record_expiries")
def record_expiries_task() -> None:
    """Write down which consents have expired, and stop what rested on them."""
    at = timezone.now()
    record_expiries(by=system_person(at=at), at=at)
