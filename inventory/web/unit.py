"""Pages of units: one unit, and lists by state."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from biobank.domain.role import Permission, permissions_of, sees_own_site_only
from biobank.web.permission import check_permission, roles_of_visitor
from inventory.domain.unit import UnitState
from inventory.queries.search import units_in_state
from inventory.queries.unit_page import find_unit, unit_page

PAGE = 50
LONGEST_CODE = 64


def unit_detail(request: HttpRequest, code: str) -> HttpResponse:
    person, at = check_permission(request, Permission.VIEW_UNITS), timezone.now()
    roles = roles_of_visitor(request)
    found = find_unit(code, person, at, roles=roles) if is_code(code) else None
    if found is None:
        raise Http404
    facts = {
        "page": unit_page(found, at, site=person.site if sees_own_site_only(roles) else None),
        "may_see_custody": Permission.VIEW_CUSTODY in permissions_of(roles),
        "trail": [("Home", "/"), ("Units", reverse("inventory:units")), (found.unit.code, "")],
    }
    return render(request, "inventory/unit/detail.html", facts)


def units(request: HttpRequest) -> HttpResponse:
    """List units in the order of their registration, all or those in one state."""
    person, at = check_permission(request, Permission.VIEW_UNITS), timezone.now()
    state, after = request.GET.get("state", ""), request.GET.get("after", "0")
    if state not in ("", *UnitState) or not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Http404
    roles = roles_of_visitor(request)
    page, has_more = units_in_state(person, at, roles=roles, state=state, after=int(after), most=PAGE)
    facts = {
        "units": page,
        "state": state,
        "states": [each.value for each in UnitState],
        "next": f"?state={state}&after={page[-1].pk}" if has_more else "",
        "first": f"?state={state}" if after != "0" else "",
    }
    return render(request, "inventory/unit/list.html", facts)


def is_code(text: str) -> bool:
    """Whether a text could be a code at all: no database is asked for what cannot be one."""
    return len(text) <= LONGEST_CODE and text.isascii() and text.isprintable()
