"""Signing: the signer is proved again, what is signed is hashed, and a refusal leaves its trace."""

from datetime import datetime

import structlog
from django.contrib.auth.hashers import check_password

from biobank.domain.attempt import check_not_locked
from biobank.domain.ledger import digest
from biobank.domain.refusal import Reason
from biobank.domain.role import Permission, permissions_of
from biobank.domain.signature import (
    TRAINING_TOPIC,
    Content,
    Credentials,
    Meaning,
    NotTheSigner,
    SessionEnd,
    SignatureRefused,
    SignerFacts,
    SignerNotAllowed,
    UsernameNeeded,
    WrongPassword,
    count_items,
    obstacles_to_signing,
    snapshot_text,
)
from biobank.domain.text import can_be_written
from biobank.models.person import Person
from biobank.models.signature import Signature, SigningSession
from biobank.queries.attempt import count_of
from biobank.queries.person import is_trained, lock_person, roles_for_signing
from biobank.services.attempt import clear_attempts, count_wrong_attempt
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signing_session import continue_session, end_signing_sessions, unbroken_session

log = structlog.get_logger(__name__)


@service
def sign(
    content: Content,
    *,
    meaning: Meaning,
    credentials: Credentials,
    by: Person,
    at: datetime,
    permission: Permission | None = None,
) -> Signature:
    """Sign one snapshot, or an ordered list of them with one signature.

    ``permission`` is what the signer's role must allow at that instant. Raises ``LockedOut`` or a ``SignatureRefused``,
    whose attempt is counted and recorded although all else is rolled back.
    """
    text = snapshot_text(content)
    signer = lock_person(by)
    wrong = count_of(signer.username)
    check_not_locked(wrong, at)
    session = _prove_signer(signer, credentials, at=at)
    _check_signer(signer, permission, at=at)
    if wrong.wrong:
        clear_attempts(signer.username, by=signer, at=at)
    signature = Signature.objects.create(
        person=signer,
        printed_name=signer.printed_name,
        meaning=meaning.value,
        signed_at=at,
        content=text,
        content_sha256=digest(text),
        item_count=count_items(content),
        session=continue_session(session, credentials, by=signer, at=at),
    )
    record("signature.made", subjects=[signer.username], by=signer, at=at, new=_shown(signature))
    return signature


def verify_signature(signature: Signature) -> bool:
    """Whether the stored content still has the hash that was signed."""
    return digest(signature.content) == signature.content_sha256


def _shown(signature: Signature) -> dict[str, object]:
    """Return what the ledger seals of a signature: its number, printed name, meaning and hash."""
    return {
        "signature": signature.pk,
        "printed_name": signature.printed_name,
        "meaning": signature.meaning,
        "content_sha256": signature.content_sha256,
        "items": signature.item_count,
    }


def _prove_signer(signer: Person, credentials: Credentials, *, at: datetime) -> SigningSession | None:
    """Return the session that goes on; refuse who is not the signer, or has not typed enough to show it."""
    session = unbroken_session(credentials, by=signer, at=at)
    if credentials.username is None and session is None:
        raise UsernameNeeded("The first signature asks for the user name and the password.", field="username")
    if credentials.username is not None and credentials.username.strip() != signer.username:
        raise _refused(NotTheSigner("This user name is not the one signed in.", field="username"), signer, at=at)
    if not can_be_written(credentials.password) or not check_password(credentials.password, signer.password):
        raise _refused(WrongPassword("The password is wrong.", field="password"), signer, at=at)
    return session


def _refused(refusal: SignatureRefused, signer: Person, *, at: datetime) -> SignatureRefused:
    """Make the refusal count, end the signer's sessions and leave its entry, once all else is rolled back."""
    refusal.afterwards = (lambda: _report_refusal(refusal.code, by=signer, at=at),)
    return refusal


@service
def _report_refusal(code: str, *, by: Person, at: datetime) -> None:
    log.warning("signature.refused", code=code, person=by.pk)
    record("signature.refused", subjects=[by.username], by=by, at=at, reason=code)
    end_signing_sessions(by, reason=SessionEnd.WRONG_PASSWORD, by=by, at=at)
    count_wrong_attempt(by.username, by=by, at=at)


def why_not_sign(signer: Person, permission: Permission | None, *, at: datetime) -> list[Reason]:
    """Return every reason why this person may not sign at this instant, whatever they typed."""
    roles = roles_for_signing(signer, at)
    facts = SignerFacts(
        is_active=signer.is_active,
        is_service=signer.is_service,
        holds_permission=bool(roles) if permission is None else permission in permissions_of(roles),
        is_trained=is_trained(signer, TRAINING_TOPIC, at),
        password_is_own=signer.password_is_own,
    )
    return obstacles_to_signing(facts, permission or "sign")


def _check_signer(signer: Person, permission: Permission | None, *, at: datetime) -> None:
    if reasons := why_not_sign(signer, permission, at=at):
        trace = (lambda: _report_unauthorised(reasons[0].code, by=signer, at=at),)
        raise SignerNotAllowed("You may not sign this.", reasons=reasons, afterwards=trace)


@service
def _report_unauthorised(code: str, *, by: Person, at: datetime) -> None:
    """Leave the entry of an attempt by the right person without the right to sign: nothing is counted against them."""
    log.warning("signature.refused", code=code, person=by.pk)
    record("signature.refused", subjects=[by.username], by=by, at=at, reason=code)
