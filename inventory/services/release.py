"""Releases: evaluated, signed by two people, issued by the second signature, revoked."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NoReturn

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission, Role
from biobank.domain.signature import TRAINING_TOPIC, Credentials, Meaning, snapshot_sha256, snapshot_text
from biobank.models.person import Person
from biobank.queries.person import is_trained, roles_for_signing, roles_of
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.gate import Step
from inventory.domain.gate_facts import PeopleFacts
from inventory.domain.release import SIGNATURES_NEEDED, ReleaseKind, Signer
from inventory.domain.request import OPEN, RequestStatus, check_open
from inventory.domain.snapshot import EvaluatedUnit, NotAsSigned, ReleaseNotStanding, is_as_signed, release_snapshot
from inventory.domain.unit import Event, UnitState
from inventory.domain.waiver import check_something_is_waived
from inventory.models.release import Release, ReleaseSignature, ReleaseUnit
from inventory.models.request import UnitRequest
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.release import signatures_of
from inventory.queries.request import LockedRequest, lock_request_chain
from inventory.queries.waiver import waiver_of, waiver_words
from inventory.services.duty import owe_after_urgent_need
from inventory.services.gate import Attempt, check_gates, evaluate_all
from inventory.services.unit import Change, change_states
from inventory.services.void import end_request, send_back, void_release

PERMISSIONS = {Meaning.REVIEWED: Permission.REVIEW_RELEASE, Meaning.RELEASED: Permission.RELEASE_UNIT}


@service
def evaluate_release(request: UnitRequest, *, by: Person, at: datetime) -> Release:
    """Evaluate every gate of every unit of an approved request, and write what is to be signed.

    An evaluation that already stands is returned when nothing has changed, and made void when something has.
    Raises ``NotReleasable`` with every obstacle but people: who signs is asked at each signature.
    """
    locked = lock_request_chain(request.pk)
    request, units = locked.request, locked.units
    approved = frozenset({RequestStatus.APPROVED})
    check_open(RequestStatus(request.status), approved, reference=request.reference, verb="evaluated for release")
    evaluated = _evaluate(locked, PeopleFacts(needed=0), at=at)
    findings = {each.code: each.without_people() for each in evaluated}
    kind = ReleaseKind(request.kind)
    check_gates(Step.FIRST_SIGNATURE, findings, Attempt("release.evaluated", _named(locked), by, at), kind=kind)
    check_something_is_waived(findings, kind)
    text = snapshot_text(release_snapshot(request_words(request), evaluated))
    if locked.release is not None:
        if locked.release.snapshot == text:
            return locked.release
        void_release(locked.release, units, because="Evaluated anew.", by=by, at=at)
    return _write(locked, kind, text, by=by, at=at)


def _write(locked: LockedRequest, kind: ReleaseKind, text: str, *, by: Person, at: datetime) -> Release:
    """Write what is to be signed of these units."""
    request, units = locked.request, locked.units
    release = Release.objects.create(
        reference=new_code("REL"),
        request=request,
        kind=kind.value,
        snapshot=text,
        snapshot_sha256=snapshot_sha256(json.loads(text)),
        evaluated_at=at,
        evaluated_by=by,
    )
    ReleaseUnit.objects.bulk_create(ReleaseUnit(release=release, unit=unit) for unit in units)
    record(
        "release.evaluated",
        subjects=(release.reference, *_named(locked)),
        by=by,
        at=at,
        new={
            "release": release.reference,
            "kind": kind,
            "snapshot_sha256": release.snapshot_sha256,
            "units": sorted(unit.code for unit in units),
        },
    )
    return release


@service
def sign_release(
    release: Release, *, meaning: Meaning, credentials: Credentials, by: Person, at: datetime
) -> ReleaseSignature:
    """Sign a release, first or second; the second issues it and its units are released.

    All nine gates are evaluated again at this instant. Raises ``NotReleasable`` with every obstacle, ``NotAsSigned``
    where the facts are no longer those of the snapshot (which makes it void), ``SignatureRefused`` by the signature.
    """
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="evaluated")
    made = signatures_of(standing.pk)
    signers = (*signers_of(made), _signer(by, meaning, roles_for_signing(by, at), at))
    _check_signable(standing, locked, signers, by=by, at=at)
    signature = sign(
        json.loads(standing.snapshot),
        meaning=meaning,
        credentials=credentials,
        by=by,
        at=at,
        permission=PERMISSIONS.get(meaning, Permission.RELEASE_UNIT),
    )
    row = ReleaseSignature.objects.create(
        release=standing, signature=signature, signer=by, meaning=meaning.value, content_sha256=signature.content_sha256
    )
    record(
        "release.signed",
        subjects=(standing.reference, *_named(locked)),
        by=by,
        at=at,
        new={"release": standing.reference, "meaning": meaning, "content_sha256": row.content_sha256},
    )
    if len(signers) == SIGNATURES_NEEDED:
        _issue(standing, locked, by=by, at=at)
    return row


@service
def revoke_release(release: Release, *, reason: str, by: Person, at: datetime) -> Release:
    """Take an issued release back before hand-over: its units go where they were reserved from, its request is void.

    Raises ``ReleaseNotStanding`` unless it is issued, ``RequestNotOpen`` after the hand-over.
    """
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="issued")
    check_open(RequestStatus(locked.request.status), OPEN, reference=locked.request.reference, verb="taken back")
    void_release(standing, (), because=reason, by=by, at=at)
    end_request(locked.request, RequestStatus.VOID, because=reason, at=at)
    also = (standing.reference, locked.request.reference, locked.request.protocol.code)
    send_back(locked.units, Change("unit.unreserved", Event.RELEASE_REVOKED, None, reason, also=also), by=by, at=at)
    return standing


@service
def void_if_standing(release: Release, *, because: str, by: Person, at: datetime) -> None:
    """Make a release void after a refusal, in a transaction of its own, unless it has ended or left meanwhile."""
    locked = lock_request_chain(release.request_id)
    if locked.release is not None and locked.release.pk == release.pk:
        still_here = [unit for unit in locked.units if unit.state in {UnitState.RESERVED, UnitState.RELEASED}]
        void_release(locked.release, still_here, because=because, by=by, at=at)


def standing_release(locked: LockedRequest, release: Release, *, status: str) -> Release:
    """Return the locked release. Raises ``ReleaseNotStanding`` unless it stands, with that status."""
    standing = locked.release
    if standing is None or standing.pk != release.pk or standing.status != status:
        now = standing.status if standing is not None and standing.pk == release.pk else "void"
        raise ReleaseNotStanding(f"{release.reference} is {now}, not {status}.")
    return standing


def check_still_releasable(
    step: Step, release: Release, locked: LockedRequest, void: Callable[[], object], *, by: Person, at: datetime
) -> None:
    """Ask all nine gates of an issued release again, and hold what they answer to what was signed.

    Raises ``NotReleasable`` or ``NotAsSigned``, after which it is void.
    """
    people = PeopleFacts(signers=signers_of(signatures_of(release.pk)))
    evaluated = _evaluate(locked, people, at=at)
    attempt = Attempt("release.evaluated", (release.reference, *_named(locked)), by, at)
    findings = {each.code: each.findings for each in evaluated}
    check_gates(step, findings, attempt, kind=ReleaseKind(release.kind), afterwards=[void])
    content = json.loads(snapshot_text(release_snapshot(request_words(locked.request), evaluated)))
    if not is_as_signed(json.loads(release.snapshot), content):
        _refuse_changed(step, release, attempt, "Nothing left.")


def signers_of(made: Sequence[ReleaseSignature]) -> tuple[Signer, ...]:
    """Return who signed, with the roles and training they had when they did."""
    return tuple(_signed_by(row) for row in made)


def request_words(request: UnitRequest) -> dict[str, object]:
    """Return the request as a signed snapshot names it, with the grounds on which it may leave gates open."""
    waiver = waiver_of(request.pk) if request.kind != ReleaseKind.NORMAL else None
    return {
        "request": request.reference,
        "protocol": request.protocol.code,
        "version": request.protocol.version,
        "site": request.site.code,
        "delivery_address": request.delivery_address,
        "recipient": request.recipient.code if request.recipient else "",
        "weight_kg": request.weight_kg,
        "kind": request.kind,
        "waiver": waiver_words(waiver) if waiver else {},
    }


def _evaluate(locked: LockedRequest, people: PeopleFacts, *, at: datetime) -> list[EvaluatedUnit]:
    facts = gate_facts(locked.units, asked_by(locked.request, people=people), at=at)
    findings = evaluate_all(facts.values(), at=at)
    return [EvaluatedUnit(each, findings[each.unit.code]) for each in facts.values()]


def _check_signable(
    release: Release, locked: LockedRequest, signers: tuple[Signer, ...], *, by: Person, at: datetime
) -> None:
    """Ask all nine gates at this instant, and hold what they answer to the snapshot that is signed."""
    evaluated = _evaluate(locked, PeopleFacts(signers=signers, needed=len(signers)), at=at)
    attempt = Attempt("release.evaluated", (release.reference, *_named(locked)), by, at)
    step = Step.FIRST_SIGNATURE if len(signers) == 1 else Step.SECOND_SIGNATURE
    findings, kind = {each.code: each.findings for each in evaluated}, ReleaseKind(release.kind)
    if snapshot_text(release_snapshot(request_words(locked.request), evaluated)) == release.snapshot:
        check_gates(step, findings, attempt, kind=kind)
        return
    void = _void_as_changed(release, by=by, at=at)
    check_gates(step, findings, attempt, kind=kind, afterwards=[void])
    _refuse_changed(step, release, attempt, "Nothing was signed.")


def _refuse_changed(step: Step, release: Release, attempt: Attempt, message: str) -> NoReturn:
    reasons = [Reason(f"What {release.reference} was evaluated on has changed since.", "changed")]
    trace = (lambda: attempt.note(step, reasons), _void_as_changed(release, by=attempt.by, at=attempt.at))
    raise NotAsSigned(message, reasons=reasons, afterwards=trace)


def _void_as_changed(release: Release, *, by: Person, at: datetime) -> Callable[[], object]:
    return partial(void_if_standing, release, because="What it was evaluated on has changed.", by=by, at=at)


def _signed_by(row: ReleaseSignature) -> Signer:
    signed_at = row.signature.signed_at
    return _signer(row.signer, Meaning(row.meaning), roles_of(row.signer, signed_at), signed_at)


def _signer(person: Person, meaning: Meaning, roles: frozenset[Role], at: datetime) -> Signer:
    return Signer(person.username, meaning, roles, is_trained(person, TRAINING_TOPIC, at))


def _issue(release: Release, locked: LockedRequest, *, by: Person, at: datetime) -> None:
    release.status, release.issued_at = "issued", at
    release.save(update_fields=["status", "issued_at"])
    request = locked.request
    request.status = RequestStatus.RELEASED.value
    request.save(update_fields=["status"])
    also = (release.reference, request.reference, request.protocol.code)
    reason = f"Released by {release.reference}."
    change = Change("unit.released", Event.RELEASED, UnitState.RELEASED, reason, also=also)
    change_states(locked.units, change, by=by, at=at)
    if release.kind == ReleaseKind.URGENT:
        owe_after_urgent_need(release.reference, locked.units, by=by, at=at)


def _named(locked: LockedRequest) -> tuple[str, ...]:
    request = locked.request
    return (request.reference, request.protocol.code, *(unit.code for unit in locked.units))
