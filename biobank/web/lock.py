"""The idle lock: after a pause the password is asked again; the page, and a form just sent, are kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from biobank.domain.refusal import RuleViolation
from biobank.domain.signature import SessionEnd
from biobank.models.person import Person
from biobank.services.sign_in import prove_identity
from biobank.services.signing_session import end_signing_sessions
from biobank.web.next_page import next_page

SEEN_AT = "seen_at"
LOCKED = "locked"
KEPT = "kept:"
OPEN_WHILE_LOCKED = ("unlock", "sign-out", "theme")

# The session row is written at most this often for the sake of the lock alone.
NOTED_EVERY = timedelta(seconds=20)


class Kept(NamedTuple):
    """One field of a form that was sent while locked."""

    name: str
    value: str


def is_open_while_locked(request: HttpRequest) -> bool:
    """Whether this address answers without the password."""
    return request.path in {reverse(name) for name in OPEN_WHILE_LOCKED}


def is_locked(request: HttpRequest, at: datetime) -> bool:
    """Whether the sign-in is locked, by hand or because nothing happened for too long."""
    if request.session.get(LOCKED):
        return True
    seen_at = request.session.get(SEEN_AT)
    pause = timedelta(minutes=settings.BIOBANK_IDLE_LOCK_MINUTES)
    return seen_at is not None and at - datetime.fromisoformat(seen_at) >= pause


def note_seen(request: HttpRequest, at: datetime) -> None:
    """Remember that somebody is there."""
    seen_at = request.session.get(SEEN_AT)
    if seen_at is None or at - datetime.fromisoformat(seen_at) >= NOTED_EVERY:
        request.session[SEEN_AT] = at.isoformat()


def locked(request: HttpRequest, at: datetime) -> HttpResponse:
    """Lock, end the signing session, and ask for the password; a form just sent is carried along."""
    _lock(request, at)
    if request.method != "POST":
        return HttpResponseRedirect(f"{reverse('unlock')}?{urlencode({'next': request.get_full_path()})}")
    return _ask(request, next_path=request.get_full_path(), kept=_sent(request), files=bool(request.FILES), status=403)


@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """Lock by hand, before walking away."""
    _lock(request, timezone.now())
    return HttpResponseRedirect(f"{reverse('unlock')}?{urlencode({'next': next_page(request)})}")


@never_cache
@sensitive_post_parameters("password")
def unlock(request: HttpRequest) -> HttpResponse:
    """Take the password again and go back to the kept page."""
    kept = [
        Kept(name.removeprefix(KEPT), value)
        for name, values in request.POST.lists()
        if name.startswith(KEPT)
        for value in values
    ]
    if request.method != "POST":
        return _ask(request, next_path=next_page(request), kept=[])
    is_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        prove_identity(_person(request).username, request.POST.get("password", ""), at=timezone.now())
    except RuleViolation as refusal:
        if is_script:
            return HttpResponse(status=422, headers={"X-Refusal": f"{refusal} {refusal.mend}".strip()})
        return _ask(request, next_path=next_page(request), kept=kept, refusal=refusal, status=422)
    request.session[LOCKED] = False
    request.session[SEEN_AT] = timezone.now().isoformat()
    if is_script:
        return HttpResponse(status=204)
    if kept:
        return render(request, "biobank/send_again.html", {"action": next_page(request), "kept": kept})
    return HttpResponseRedirect(next_page(request))


def _lock(request: HttpRequest, at: datetime) -> None:
    if request.session.get(LOCKED):
        return
    request.session[LOCKED] = True
    person = _person(request)
    end_signing_sessions(person, reason=SessionEnd.IDLE, by=person, at=at)


def _ask(
    request: HttpRequest,
    *,
    next_path: str,
    kept: list[Kept],
    files: bool = False,
    refusal: RuleViolation | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = {"next": next_path, "kept": kept, "files": files, "refusal": refusal, "prefix": KEPT}
    return render(request, "biobank/locked.html", facts, status=status)


def _sent(request: HttpRequest) -> list[Kept]:
    """Return what the form held; a password is typed again, never carried along."""
    return [
        Kept(name, str(value))
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name.lower()
        for value in values
    ]


def _person(request: HttpRequest) -> Person:
    person = request.user
    if not isinstance(person, Person):
        raise TypeError("The lock stands behind sign-in.")
    return person
