"""Signing sessions: opened by the first signature, ended by whatever breaks the unbroken stretch."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from biobank.domain.ledger import digest
from biobank.domain.signature import Credentials, SessionEnd, is_unbroken
from biobank.models.person import Person
from biobank.models.signature import SigningSession
from biobank.services.service import service


@service
def end_signing_sessions(
    person: Person,
    *,
    reason: SessionEnd,
    by: Person,  # noqa: ARG001 - every service says by whom
    at: datetime,
    web_session: str = "",
) -> None:
    """End the person's open signing sessions, or the one of a web session; their next signature asks everything."""
    sessions = SigningSession.objects.filter(person=person, ended_at__isnull=True)
    if web_session:
        sessions = sessions.filter(web_session_sha256=digest(web_session))
    sessions.update(ended_at=at, end_reason=reason.value)


def unbroken_session(credentials: Credentials, *, by: Person, at: datetime) -> SigningSession | None:
    """Return the open signing session that these credentials continue, if the pause was not too long."""
    named = Q(pk=credentials.signing_session)
    if credentials.web_session:
        named |= Q(web_session_sha256=digest(credentials.web_session))
    session = SigningSession.objects.filter(named, person=by, ended_at__isnull=True).order_by("-pk").first()
    pause = timedelta(minutes=settings.BIOBANK_IDLE_LOCK_MINUTES)
    return session if session is not None and is_unbroken(session.last_signed_at, at, longest_pause=pause) else None


@service
def continue_session(
    session: SigningSession | None, credentials: Credentials, *, by: Person, at: datetime
) -> SigningSession | None:
    """Note one more signature in its session, or open a new one; a command, which has no web session, has none."""
    if session is not None:
        session.last_signed_at = at
        session.save(update_fields=["last_signed_at"])
        return session
    if not credentials.web_session:
        return None
    end_signing_sessions(by, reason=SessionEnd.IDLE, by=by, at=at, web_session=credentials.web_session)
    session, _ = SigningSession.objects.get_or_create(
        person=by,
        web_session_sha256=digest(credentials.web_session),
        ended_at=None,
        defaults={"opened_at": at, "last_signed_at": at},
    )
    return session
