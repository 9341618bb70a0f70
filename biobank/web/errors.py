"""Error pages: what happened, what was not saved, what to do now."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from biobank.domain.refusal import RuleViolation
from biobank.web.permission import PermissionMissing

log = structlog.get_logger(__name__)

RETRY_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    missing = exception if isinstance(exception, PermissionMissing) else None
    roles = [role.label for role in missing.roles] if missing else []
    facts = {"permission": missing.permission if missing else None, "roles": roles}
    return render(request, "errors/403.html", facts, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is gone or of another sign-in: the page was open too long, or was sent from elsewhere."""
    return render(request, "errors/stale.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def refused(request: HttpRequest, refusal: RuleViolation) -> HttpResponse:
    """A rule said no where no form could show it."""
    return render(request, "errors/409.html", {"refusal": refusal}, status=409)


def too_many_requests(request: HttpRequest, retry_seconds: int) -> HttpResponse:
    response = render(request, "errors/429.html", {"retry_seconds": retry_seconds}, status=429)
    response["Retry-After"] = str(retry_seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    response = render(request, "errors/503.html", {"retry_seconds": RETRY_SECONDS}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
