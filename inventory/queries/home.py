"""What needs a person now: counts of the work that their permissions let them do."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from biobank.domain.role import Permission
from biobank.models.person import Person
from inventory.models.hold import Hold
from inventory.models.release import Release
from inventory.models.request import UnitRequest, WorklistItem
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.result import current_results
from inventory.queries.unit import units_visible_to

LATE_JOURNEY = timedelta(days=3)
EXPIRING_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Asking:
    """Who asks, and when."""

    person: Person
    at: datetime


@dataclass(frozen=True)
class Work:
    """One kind of work: who has it, how it is counted, and where its list is."""

    name: str
    more: str
    permission: Permission
    rows: Callable[[Asking], QuerySet[Any]]
    is_overdue: bool = False
    state: str = ""


@dataclass(frozen=True)
class Task:
    """One kind of work with how much of it there is."""

    name: str
    more: str
    count: int
    is_overdue: bool
    state: str


def _in_state(state: str) -> Callable[[Asking], QuerySet[Any]]:
    def rows(asking: Asking) -> QuerySet[Any]:
        units: QuerySet[Unit] = units_visible_to(asking.person, asking.at).filter(state=state)
        return units

    return rows


_P = Permission
WORK: tuple[Work, ...] = (
    Work(
        "Worklist overdue",
        "what a release still needs, past its due date",
        _P.APPROVE_REQUEST,
        lambda asking: WorklistItem.objects.filter(done_at__isnull=True, due_date__lt=asking.at.date()),
        is_overdue=True,
    ),
    Work(
        "Journeys overdue",
        "handed over more than three days ago, not received",
        _P.SEND_SHIPMENT,
        lambda asking: Shipment.objects.filter(handed_over_at__lt=asking.at - LATE_JOURNEY, received_at__isnull=True),
        is_overdue=True,
    ),
    Work(
        "To receive at the bank",
        "collected, not yet received",
        _P.RECEIVE_COLLECTION,
        _in_state("collected"),
        state="collected",
    ),
    Work(
        "Results to verify",
        "entered by somebody else",
        _P.VERIFY_RESULT,
        lambda asking: current_results().filter(verified_at__isnull=True).exclude(entered_by=asking.person),
    ),
    Work("In quarantine", "waiting for acceptance", _P.ACCEPT_UNIT, _in_state("quarantined"), state="quarantined"),
    Work(
        "Requests to approve",
        "submitted by study sites",
        _P.APPROVE_REQUEST,
        lambda _: UnitRequest.objects.filter(status="submitted"),
    ),
    Work(
        "Releases to review",
        "evaluated, waiting for signatures",
        _P.REVIEW_RELEASE,
        lambda _: Release.objects.filter(status="evaluated"),
    ),
    Work(
        "Releases to sign",
        "evaluated, waiting for signatures",
        _P.RELEASE_UNIT,
        lambda _: Release.objects.filter(status="evaluated"),
    ),
    Work("To pick", "released, still in store", _P.PICK_UNIT, _in_state("released"), state="released"),
    Work(
        "Holds open",
        "doubts to settle",
        _P.LIFT_HOLD,
        lambda _: Hold.objects.filter(lifted_at__isnull=True),
    ),
    Work(
        "On their way to you",
        "confirm each on arrival",
        _P.RECEIVE_RELEASE,
        lambda asking: Shipment.objects.filter(
            to_site_id=asking.person.site_id, handed_over_at__isnull=False, received_at__isnull=True
        ),
    ),
    Work(
        "Expiring in 90 days",
        "available or reserved",
        _P.ACCEPT_UNIT,
        lambda asking: Unit.objects.alias(ends_at=Coalesce("lot__expires_at", "expires_at")).filter(
            state__in=["available", "reserved"],
            ends_at__gt=asking.at,
            ends_at__lte=asking.at + EXPIRING_WITHIN,
        ),
    ),
)


def tasks_of(person: Person, permissions: Collection[Permission], at: datetime) -> tuple[Task, ...]:
    """Return the work that this person may do, overdue first; one count each."""
    asking = Asking(person, at)
    mine = (work for work in WORK if work.permission in permissions)
    tasks = [Task(work.name, work.more, work.rows(asking).count(), work.is_overdue, work.state) for work in mine]
    return tuple(sorted(tasks, key=lambda task: not (task.is_overdue and task.count)))
