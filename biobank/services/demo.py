"""Marking a bank as a demo's, in its record, for ever."""

from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service


@service
def record_demo(*, by: Person, at: datetime) -> None:
    """Record that a demo builds this bank; outside demo settings nothing serves it from now on."""
    record("demo.built", subjects=["demo"], by=by, at=at, reason="a demo: invented people and units")
