"""The home page: what needs me now, the scan box, and how the system is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from biobank.domain.health import examine
from biobank.domain.role import Permission, permissions_of
from biobank.models.person import Person
from biobank.queries.health import health_facts
from biobank.queries.job import late_jobs
from biobank.web.permission import roles_of_visitor
from inventory.queries.home import tasks_of

# An administrator and an auditor have no units to work on, but answer for the system.
SEES_SYSTEM = frozenset({Permission.VERIFY_LEDGER, Permission.MANAGE_SITES})


def home(request: HttpRequest) -> HttpResponse:
    person, at = request.user, timezone.now()
    if not isinstance(person, Person):
        raise TypeError("Home stands behind sign-in.")
    held = permissions_of(roles_of_visitor(request))
    sees_system = bool(SEES_SYSTEM & held)
    facts = health_facts(at)
    page = {
        "tasks": tasks_of(person, held, at),
        "has_role": bool(held),
        "may_scan": Permission.VIEW_UNITS in held,
        "facts": facts,
        "checks": {check.name: check for check in examine(facts, at)},
        "late_count": len(late_jobs(at)) if sees_system else None,
    }
    return render(request, "inventory/home/home.html", page)
