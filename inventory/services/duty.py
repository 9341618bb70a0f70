"""Owing something after an event, and answering that it was done."""

from collections.abc import Collection, Sequence
from datetime import datetime

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.duty import OWED, DutyKind, check_done
from inventory.domain.gate_facts import DeterminationFacts
from inventory.models.duty import Duty
from inventory.models.unit import Unit
from inventory.queries.ancestry import ancestries_of
from inventory.queries.duty import lock_duty, open_among
from inventory.queries.eligibility import determinations_of

LONGEST_NOTE = 500


@service
def owe(kind: DutyKind, subjects: Collection[str], *, because: str, by: Person, at: datetime) -> list[Duty]:
    """Open this duty about each code about which it is not owed yet; whoever calls holds the locks of the codes."""
    known = open_among(kind, subjects)
    duties = [
        Duty(
            reference=new_code("DTY"),
            kind=kind.value,
            subject=subject,
            because=because,
            opened_by=by,
            opened_at=at,
            due_at=at + OWED[kind].within,
        )
        for subject in sorted(set(subjects) - known)
    ]
    Duty.objects.bulk_create(duties, batch_size=500)
    for duty in duties:
        new = {"kind": kind, "due_at": duty.due_at}
        record("duty.opened", subjects=[duty.reference, duty.subject], by=by, at=at, reason=because, new=new)
    return duties


@service
def owe_after_urgent_need(release: str, units: Sequence[Unit], *, by: Person, at: datetime) -> list[Duty]:
    """Open what 21 CFR 1271.60(d) asks after urgent medical need: complete each determination left open, tell of it."""
    because = f"Released for urgent medical need by {release}."
    behind = ancestries_of([unit.pk for unit in units]).values()
    donations = {donation.pk: donation for each in behind for donation in each.donations}
    known = determinations_of(donations)
    left = [donation.code for pk, donation in donations.items() if not _is_settled(known.get(pk))]
    return [
        *owe(DutyKind.COMPLETE_DETERMINATION, left, because=because, by=by, at=at),
        *owe(DutyKind.INFORM_TREATING_PHYSICIAN, [release], because=because, by=by, at=at),
    ]


def _is_settled(determination: DeterminationFacts | None) -> bool:
    return determination is not None and determination.is_settled


@service
def fulfil_duty(duty: Duty, *, note: str, by: Person, at: datetime) -> Duty:
    """Close a duty by saying how it was done. Raises ``DutyRefused`` for one done already or another role's."""
    check_text(note, "note", longest=LONGEST_NOTE)
    duty = lock_duty(duty.pk)
    kind = DutyKind(duty.kind)
    check_done(kind=kind, roles=roles_of(by, at), is_done=duty.done_at is not None)
    duty.done_by, duty.done_at, duty.done_note = by, at, note
    duty.save(update_fields=["done_by", "done_at", "done_note"])
    record("duty.done", subjects=[duty.reference, duty.subject], by=by, at=at, reason=note, new={"kind": kind})
    return duty
