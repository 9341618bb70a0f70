"""What an electronic signature is: its meaning, what exactly is signed, and when signing is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from biobank.domain.ledger import canonical_json, digest
from biobank.domain.refusal import Reason, RuleViolation

TRAINING_TOPIC = "electronic signature"

# The instant of evaluation is never signed: the second signer would always find the content changed.
INSTANTS_OF_EVALUATION = frozenset({"evaluated_at", "signed_at", "now"})

Content = Mapping[str, object] | Sequence[Mapping[str, object]]


class Meaning(StrEnum):
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RELEASED = "released"
    WITNESSED = "witnessed"


class SessionEnd(StrEnum):
    """Why a signing session ended."""

    SIGNED_OUT = "signed out"
    IDLE = "idle"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a reason in words
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a reason in words
    DEACTIVATED = "person deactivated"


@dataclass(frozen=True)
class Credentials:
    """What a signer typed, and where: the signing session that it continues, or the web session that it may open."""

    username: str | None
    password: str
    signing_session: int | None = None
    web_session: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True)
class SignerFacts:
    """What is known of the signer at the instant of signing."""

    is_active: bool
    is_service: bool
    holds_permission: bool
    is_trained: bool
    password_is_own: bool = True


class SignatureRefused(RuleViolation):
    """No signature was made."""

    code: ClassVar[str] = "signature-refused"
    title: ClassVar[str] = "Signature refused"


class NothingToSign(SignatureRefused):
    code: ClassVar[str] = "nothing-to-sign"


class WrongPassword(SignatureRefused):
    code: ClassVar[str] = "wrong-password"
    mend = "Type your user name and your password again."


class UsernameNeeded(SignatureRefused):
    code: ClassVar[str] = "username-needed"
    mend = "Type your user name as well as your password."


class NotTheSigner(SignatureRefused):
    code: ClassVar[str] = "not-the-signer"
    mend = "Each person signs on their own sign-in. This attempt has been reported."


class SignerNotAllowed(SignatureRefused):
    code: ClassVar[str] = "signer-not-allowed"
    mend = "Ask someone who may sign this, or ask an administrator to check your roles and your training."


def snapshot_text(content: Content) -> str:
    """Return the canonical JSON of one snapshot, or of an ordered list of snapshots: the very text that is hashed.

    Raises ``NothingToSign`` for an empty content and for one that holds the instant of its evaluation.
    """
    snapshots = _snapshots(content)
    if not snapshots or not all(snapshots):
        raise NothingToSign("There is nothing to sign.")
    for snapshot in snapshots:
        if found := INSTANTS_OF_EVALUATION.intersection(snapshot):
            raise NothingToSign(f"What is signed holds facts and verdicts, not “{min(found)}”.")
    return canonical_json(content)


def snapshot_sha256(content: Content) -> str:
    """Return the SHA-256 of ``snapshot_text``: one hash over the snapshot or over the whole ordered list."""
    return digest(snapshot_text(content))


def count_items(content: Content) -> int:
    """Return how many snapshots one signature over this content covers."""
    return len(_snapshots(content))


def is_unbroken(last_signed_at: datetime, at: datetime, *, longest_pause: timedelta) -> bool:
    """Whether a signing session goes on since its last signature.

    21 CFR 11.200(a)(1)(i): the password alone is enough only within one continuous session.
    """
    return timedelta(0) <= at - last_signed_at < longest_pause


def obstacles_to_signing(facts: SignerFacts, permission: str = "") -> list[Reason]:
    """Return every reason why this person may not sign at this instant."""
    reasons = []
    if facts.is_service:
        reasons.append(Reason("A service cannot sign; only a person can.", code="signer-is-a-service"))
    if not facts.is_active:
        reasons.append(Reason("This account is not active.", code="signer-not-active"))
    if not facts.holds_permission:
        reasons.append(Reason(f"No role held now allows to {permission}.", code="signer-lacks-role"))
    if not facts.is_trained:
        reasons.append(Reason(f"No valid training in “{TRAINING_TOPIC}”.", code="signer-not-trained"))
    if not facts.password_is_own:
        text = "Somebody else set this password: change it yourself before you sign."
        reasons.append(Reason(text, code="signer-password-not-own", field="password"))
    return reasons


def _snapshots(content: Content) -> Sequence[Mapping[str, object]]:
    return [content] if isinstance(content, Mapping) else content
