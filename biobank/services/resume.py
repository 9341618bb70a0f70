"""Resuming a record that is older than its checkpoints: administrator and quality sign what is missing, together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from biobank.domain.proof import Finding
from biobank.domain.resume import (
    LONGEST_REASON,
    RESUMED,
    Missing,
    Seen,
    check_missing,
    check_two_people,
    what_is_missing,
)
from biobank.domain.role import Permission, permissions_of
from biobank.domain.signature import Credentials, Meaning, SignerNotAllowed, snapshot_sha256
from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.queries.ledger import head, seal_at
from biobank.queries.person import lock_person, roles_of
from biobank.queries.resume import lock_head, resumptions, superseded_seals
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.sign_in import prove_identity
from biobank.services.signature import sign, why_not_sign
from biobank.services.standing import checkpoint_files, checkpoint_in

PERMISSIONS = (Permission.RESUME_AS_ADMINISTRATOR, Permission.RESUME_AS_QUALITY)


@dataclass(frozen=True)
class Typed:
    """The user name and password that one of the two typed."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Typed(…)"


@dataclass(frozen=True)
class Resumption:
    """What two people sign: the list as it was shown to them, and why they go on without what is missing."""

    shown: Missing
    reason: str
    administrator: Typed
    quality: Typed


def missing_of_checkpoints() -> Missing:
    """Return what the record lacks of its checkpoints.

    Raises ``CheckpointBroken``: a list that leaves out a file that cannot be read is not whole.
    """
    ledger = head()
    seen = []
    for path in checkpoint_files():
        checkpoint = checkpoint_in(path)
        seal_there = seal_at(checkpoint.number)
        seen.append(Seen(path.name, sha256(path.read_bytes()).hexdigest(), checkpoint, seal_there))
    return what_is_missing(ledger.number, ledger.seal, seen, superseded=superseded_seals())


def resume_ledger(resumption: Resumption, *, at: datetime) -> Missing:
    """Let work go on with the record as it is, signed by administrator and quality; return what they gave up.

    Raises ``NothingIsMissing`` or ``MissingChanged``, ``SignedByOnePerson``, ``SignInRefused`` or ``LockedOut`` for who
    does not prove to be one of the two, and ``SignerNotAllowed``.
    """
    # While the record takes no entry, a wrong password at a signature could not be counted; at sign-in it is.
    signers = [
        prove_identity(who.username, who.password, at=at) for who in (resumption.administrator, resumption.quality)
    ]
    return _resume(resumption, quality=signers[1], by=signers[0], at=at)


@service
def _resume(resumption: Resumption, *, quality: Person, by: Person, at: datetime) -> Missing:
    check_two_people(by.username, quality.username)
    check_text(resumption.reason, "reason", longest=LONGEST_REASON)
    signers = {person.pk: lock_person(person) for person in sorted((by, quality), key=lambda person: person.pk)}
    lock_head()
    missing = missing_of_checkpoints()
    check_missing(missing, shown=resumption.shown)
    content = missing.content(resumption.reason)
    signatures = _signed(content, resumption, [signers[by.pk], signers[quality.pk]], at=at)
    _record(content, signatures, by=by, at=at)
    return missing


def _signed(
    content: dict[str, object], resumption: Resumption, signers: list[Person], *, at: datetime
) -> list[Signature]:
    for person, permission in zip(signers, PERMISSIONS, strict=True):
        # Asked before: what a signature that is refused leaves behind could not be recorded now.
        if reasons := why_not_sign(person, permission, at=at):
            raise SignerNotAllowed(f"{person.username} may not sign this.", reasons=reasons)
    passwords = (resumption.administrator.password, resumption.quality.password)
    return [
        sign(
            content,
            meaning=Meaning.APPROVED,
            credentials=Credentials(username=person.username, password=password),
            permission=permission,
            by=person,
            at=at,
        )
        for person, password, permission in zip(signers, passwords, PERMISSIONS, strict=True)
    ]


def _record(content: dict[str, object], signatures: list[Signature], *, by: Person, at: datetime) -> None:
    signed = [{"by": each.person.username, "signature": each.pk} for each in signatures]
    new = {**content, "content_sha256": signatures[0].content_sha256, "signed": signed}
    subjects = [each.person.username for each in signatures]
    record(RESUMED, subjects=subjects, by=by, at=at, reason=str(content["reason"]), new=new)


def resumption_findings() -> Iterator[Finding]:
    """Yield every resumption that an administrator and quality did not sign, to the very list that it states."""
    for number, stated in resumptions():
        content = {name: value for name, value in stated.items() if name not in {"content_sha256", "signed"}}
        signatures = Signature.objects.filter(content_sha256=snapshot_sha256(content)).select_related("person")
        held = [permissions_of(roles_of(each.person, each.signed_at)) for each in signatures]
        if not all(any(permission in allowed for allowed in held) for permission in PERMISSIONS):
            yield Finding("It resumes the record, unsigned by administrator and quality.", number)
