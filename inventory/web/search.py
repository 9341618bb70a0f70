"""The omnibox: whatever was scanned or typed, land on its page or say what was read."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Permission, sees_own_site_only
from biobank.web.permission import check_permission, roles_of_visitor
from inventory.domain.identifier import decode
from inventory.queries.search import units_found

LONGEST = 200


def search(request: HttpRequest) -> HttpResponse:
    """Go straight to the one unit a code names; else list what it leads to, or show what was read."""
    person, at = check_permission(request, Permission.VIEW_UNITS), timezone.now()
    typed = (request.POST.get("code") or request.GET.get("code") or "")[:LONGEST]
    if not typed.strip():
        return render(request, "inventory/search/search.html", {"is_empty": True})
    try:
        scan = decode(typed)
    except RuleViolation as refusal:
        return render(request, "inventory/search/refused.html", {"refusal": refusal, "read": shown(typed)}, status=422)
    found = units_found(scan, person, at, sees_all_sites=not sees_own_site_only(roles_of_visitor(request)))
    if found.only is not None:
        return HttpResponseRedirect(reverse("inventory:unit-detail", args=[found.only.code]))
    return render(request, "inventory/search/search.html", {"scan": scan, "found": found, "read": shown(typed)})


def shown(text: str) -> str:
    """Return what was read with everything invisible made visible, so that it misleads nobody."""
    return "".join(each if " " <= each <= "~" else f"⟨U+{ord(each):04X}⟩" for each in text)
