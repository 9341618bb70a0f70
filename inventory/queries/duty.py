"""What is owed: open duties, the most urgent first."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from inventory.domain.duty import DutyKind
from inventory.models.duty import Duty


def open_duties(*, subjects: Collection[str] | None = None) -> QuerySet[Duty]:
    """Return the open duties, of some codes or of all, by due time."""
    duties = Duty.objects.filter(done_at__isnull=True).select_related("opened_by").order_by("due_at", "pk")
    return duties if subjects is None else duties.filter(subject__in=subjects)


def overdue_duties(at: datetime) -> QuerySet[Duty]:
    """Return the open duties whose time has come."""
    return open_duties().filter(due_at__lte=at)


def lock_duty(duty_id: int) -> Duty:
    """Take the row lock of one duty and return it fresh."""
    return Duty.objects.select_for_update(of=("self",)).get(pk=duty_id)


def open_among(kind: DutyKind, subjects: Collection[str]) -> frozenset[str]:
    """Return those codes about which this is owed already."""
    found = open_duties(subjects=subjects).filter(kind=kind.value).order_by().values_list("subject", flat=True)
    return frozenset(found)
