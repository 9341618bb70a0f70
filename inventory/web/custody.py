"""The chain-of-custody page: the HTML twin of the document, its history, download and verification."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from biobank.domain.role import Permission, permissions_of
from biobank.queries.proof import chain_findings
from biobank.web.permission import check_permission, roles_of_visitor
from inventory.domain.custody import CustodyFacts
from inventory.models.report import Report
from inventory.models.unit import Unit
from inventory.queries.custody import custody_facts
from inventory.queries.moment import moments_of
from inventory.queries.report import find_report, latest_report_job, reports_of
from inventory.queries.unit import unit_visible_to
from inventory.services.report_file import kept_content
from inventory.services.report_proof import verify_report
from inventory.services.report_request import request_custody_report
from inventory.web.unit import is_code

# Enough to act on; the verifier on the command line lists all.
MOST_FAULTS = 20


@dataclass(frozen=True)
class Verdict:
    """What a verification found of one document and of the ledger it rests on."""

    report: Report
    document_faults: tuple[str, ...]
    ledger_faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether everything holds."""
        return not (self.document_faults or self.ledger_faults)


def custody(request: HttpRequest, code: str) -> HttpResponse:
    unit = _asked(request, code)
    return render(request, "inventory/custody/detail.html", _page(request, unit))


@require_POST
def generate(request: HttpRequest, code: str) -> HttpResponse:
    """Queue the document; the page shows it when it is made."""
    unit = _asked(request, code)
    person = check_permission(request, Permission.GENERATE_REPORT)
    request_custody_report(unit.code, by=person, at=timezone.now())
    return HttpResponseRedirect(reverse("inventory:custody", args=[unit.code]) + "#documents")


@require_POST
def verify(request: HttpRequest, reference: str) -> HttpResponse:
    """Check file, seal, data and the whole ledger, and say what was found."""
    report = _report(request, reference)
    unit = _asked(request, report.subject)
    ledger_faults = [str(found) for found, _ in zip(chain_findings(), range(MOST_FAULTS), strict=False)]
    verdict = Verdict(report, verify_report(report), tuple(ledger_faults))
    return render(request, "inventory/custody/detail.html", _page(request, unit) | {"verdict": verdict})


def download(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the kept file as an attachment, never to be shown or run in place."""
    report = _report(request, reference)
    content = kept_content(report.file_name)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="custody-{report.subject}-{report.reference}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest, code: str) -> Unit:
    person = check_permission(request, Permission.VIEW_CUSTODY)
    roles = roles_of_visitor(request)
    unit = unit_visible_to(code, person, timezone.now(), roles=roles) if is_code(code) else None
    if unit is None:
        raise Http404
    return unit


def _report(request: HttpRequest, reference: str) -> Report:
    person = check_permission(request, Permission.VIEW_CUSTODY)
    report = find_report(reference, person, timezone.now()) if is_code(reference) else None
    if report is None:
        raise Http404
    return report


def _beside(facts: CustodyFacts) -> frozenset[str]:
    """Return the codes of donations and donors, which stand beside nearly every entry."""
    donations = (row.code for row in facts.lineage if row.relation == "donation")
    return frozenset({*donations, *(each.donor_code for each in facts.donors)})


def _page(request: HttpRequest, unit: Unit) -> dict[str, Any]:
    facts = custody_facts(unit.code, timezone.now())
    return {
        "facts": facts,
        "moments": moments_of(facts.entries, unit.code, _beside(facts)),
        "reports": reports_of(unit.code),
        "job": latest_report_job(unit.code),
        "may_generate": Permission.GENERATE_REPORT in permissions_of(roles_of_visitor(request)),
        "trail": [
            ("Home", "/"),
            ("Units", reverse("inventory:units")),
            (unit.code, reverse("inventory:unit-detail", args=[unit.code])),
            ("Chain of custody", ""),
        ],
    }
