"""Deviations: opening and extending one, and closing it by one signature over all that was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.deviation import (
    TAKES_BACK,
    ClosingFacts,
    DeviationClass,
    Disposition,
    OpeningFacts,
    check_closing,
    check_extending,
    check_opening,
)
from inventory.domain.duty import DutyKind
from inventory.models.deviation import Deviation, DeviationItem
from inventory.models.duty import Duty
from inventory.queries.deviation import (
    Thing,
    code_of,
    donors_touched,
    ids_touched,
    is_distributed,
    items_of,
    lock_deviation,
    thing_of,
    things_named,
)
from inventory.queries.lot import vial_ids_of
from inventory.queries.unit import made_from
from inventory.services.duty import owe
from inventory.services.look_back import recall_what_left
from inventory.services.void import take_back


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What a deviation touched, by id."""

    unit_ids: tuple[int, ...] = ()
    lot_ids: tuple[int, ...] = ()
    donation_ids: tuple[int, ...] = ()
    shipment_ids: tuple[int, ...] = ()
    container_ids: tuple[int, ...] = ()
    person_ids: tuple[int, ...] = ()

    @property
    def named(self) -> Mapping[str, tuple[int, ...]]:
        """The same by noun."""
        return {field.removesuffix("_ids"): ids for field, ids in vars(self).items()}


@dataclass(frozen=True)
class NewDeviation:
    """A departure from procedure as it is told when it is found."""

    deviation_class: DeviationClass
    what_happened: str
    immediate_action: str
    occurred_at: datetime
    touched: Touched


@dataclass(frozen=True)
class Closing:
    """What the inquiry found: the disposition of each touched unit and lot, and the CAPA it led to, if any."""

    investigation: str
    dispositions: tuple[Disposition, ...] = ()
    capa_reference: str = ""


@service
def open_deviation(new: NewDeviation, *, by: Person, at: datetime) -> Deviation:
    """Record a departure with all that it touched. No state changes; while it is open and major, gate 3 refuses.

    Where some of it was distributed, a report is owed. Raises ``DeviationRefused`` with everything that is wrong.
    """
    named = new.touched.named
    lock_donors(donors_touched(named))
    things = things_named(named)
    facts = OpeningFacts(
        what_happened=new.what_happened,
        immediate_action=new.immediate_action,
        occurred_at=new.occurred_at,
        touched=_codes(named, things),
        unknown=_unknown(named, things),
    )
    check_opening(facts, at=at)
    deviation = Deviation.objects.create(
        reference=new_code("DEV"),
        deviation_class=new.deviation_class.value,
        what_happened=new.what_happened,
        immediate_action=new.immediate_action,
        occurred_at=new.occurred_at,
        opened_by=by,
        opened_at=at,
    )
    _write_items(deviation, things)
    record(
        "deviation.opened",
        subjects=[deviation.reference, *facts.touched],
        by=by,
        at=at,
        reason=new.what_happened,
        occurred_at=new.occurred_at,
        new={"class": deviation.deviation_class, "immediate_action": new.immediate_action, "touched": facts.touched},
    )
    _owe_report(deviation, by=by, at=at)
    return deviation


@service
def extend_deviation(deviation: Deviation, touched: Touched, *, reason: str, by: Person, at: datetime) -> Deviation:
    """Add what an open deviation is found to have touched besides. Raises ``DeviationRefused``."""
    named = touched.named
    lock_donors(donors_touched(named))
    deviation = lock_deviation(deviation.pk)
    known = [code_of(thing_of(item)) for item in items_of(deviation.pk)]
    things = things_named(named)
    codes = _codes(named, things)
    again = tuple(code for code in codes if code in known)
    check_extending((*codes, *again), _unknown(named, things), reason, is_open=deviation.closed_at is None)
    _write_items(deviation, things)
    record(
        "deviation.extended",
        subjects=[deviation.reference, *codes],
        by=by,
        at=at,
        reason=reason,
        old={"touched": known},
        new={"touched": [*known, *codes]},
    )
    _owe_report(deviation, by=by, at=at)
    return deviation


@service
def close_deviation(
    deviation: Deviation, closing: Closing, *, credentials: Credentials, by: Person, at: datetime
) -> Deviation:
    """Close a deviation by quality's signature over all of it: what happened, what it touched, what was found.

    What is to be tested first or discarded, with all that was made of it, loses its acceptance, and is recalled where
    it had left. Raises ``DeviationNotClosed`` with everything that is wrong (among it: who opened it, or is named in
    it, closes it), ``SignatureRefused`` by the signature.
    """
    lock_donors(donors_touched(ids_touched(deviation.pk)))
    deviation = lock_deviation(deviation.pk)
    items = {code_of(thing_of(item)): item for item in items_of(deviation.pk)}
    check_closing(_closing_facts(deviation, closing, items, by))
    deviation.signature = sign(
        closing_snapshot(deviation, sorted(items), closing),
        meaning=Meaning.APPROVED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.CLOSE_DEVIATION,
    )
    deviation.closed_at = at
    deviation.investigation, deviation.capa_reference = closing.investigation, closing.capa_reference
    taken_back = _write_dispositions(closing.dispositions, items)
    deviation.save(update_fields=["signature", "closed_at", "investigation", "capa_reference"])
    _stop(taken_back, because=f"{deviation.reference} closed as test first or discard.", by=by, at=at)
    record(
        "deviation.closed",
        subjects=[deviation.reference, *items],
        by=by,
        at=at,
        reason=closing.investigation,
        new={
            "capa": closing.capa_reference,
            "dispositions": [vars(each) for each in closing.dispositions],
            "content_sha256": deviation.signature.content_sha256,
        },
    )
    _owe_report(deviation, by=by, at=at)
    return deviation


def closing_snapshot(deviation: Deviation, touched: Sequence[str], closing: Closing) -> dict[str, object]:
    """Return what is signed: everything told of the deviation, and everything found."""
    return {
        "deviation": deviation.reference,
        "class": deviation.deviation_class,
        "what_happened": deviation.what_happened,
        "immediate_action": deviation.immediate_action,
        "occurred_at": deviation.occurred_at,
        "opened_by": deviation.opened_by.username,
        "opened_at": deviation.opened_at,
        "touched": list(touched),
        "investigation": closing.investigation,
        "capa": closing.capa_reference,
        "dispositions": [dict(vars(each)) for each in closing.dispositions],
    }


def _closing_facts(
    deviation: Deviation, closing: Closing, items: Mapping[str, DeviationItem], by: Person
) -> ClosingFacts:
    return ClosingFacts(
        opened_by=deviation.opened_by.username,
        closed_by=by.username,
        is_open=deviation.closed_at is None,
        investigation=closing.investigation,
        capa_reference=closing.capa_reference,
        goods=frozenset(code for code, item in items.items() if item.unit_id or item.lot_id),
        people=frozenset(code for code, item in items.items() if item.person_id),
        dispositions=closing.dispositions,
    )


def _codes(named: Mapping[str, Sequence[int]], things: Mapping[str, Sequence[Thing]]) -> tuple[str, ...]:
    """Return the codes of what was named, as often as it was named."""
    codes = {(noun, thing.pk): code_of(thing) for noun, found in things.items() for thing in found}
    return tuple(codes[noun, pk] for noun, ids in named.items() for pk in ids if (noun, pk) in codes)


def _unknown(named: Mapping[str, Sequence[int]], things: Mapping[str, Sequence[Thing]]) -> int:
    return sum(len(set(ids)) - len(things.get(noun, ())) for noun, ids in named.items())


def _write_items(deviation: Deviation, things: Mapping[str, Sequence[Thing]]) -> None:
    rows = [DeviationItem(deviation=deviation, **{noun: thing}) for noun, found in things.items() for thing in found]
    DeviationItem.objects.bulk_create(rows, batch_size=500)


def _write_dispositions(dispositions: Sequence[Disposition], items: Mapping[str, DeviationItem]) -> list[int]:
    """Write what was said of each unit and lot; return the ids of the units taken back, with all made of them."""
    told = [(items[code], each) for each in dispositions for code in each.goods]
    for item, each in told:
        item.disposition, item.because = each.disposition, each.because
    DeviationItem.objects.bulk_update([item for item, _ in told], ["disposition", "because"])
    back = [item for item, each in told if each.disposition in TAKES_BACK]
    vials = vial_ids_of([item.lot_id for item in back if item.lot_id is not None])
    return made_from({*vials, *(item.unit_id for item in back if item.unit_id is not None)})


def _stop(unit_ids: Sequence[int], *, because: str, by: Person, at: datetime) -> None:
    """Take back the acceptance of units, with what was promised of them, and recall those that had left."""
    if unit_ids:
        take_back(unit_ids, because=because, by=by, at=at)
        recall_what_left(unit_ids, because=because, by=by, at=at)


def _owe_report(deviation: Deviation, *, by: Person, at: datetime) -> None:
    """Owe the report of 21 CFR 1271.350(b) once, where something that the deviation touched was distributed."""
    known = Duty.objects.filter(kind=DutyKind.REPORT_DEVIATION.value, subject=deviation.reference)
    if not known.exists() and is_distributed(ids_touched(deviation.pk)):
        because = f"{deviation.reference} touched what was distributed."
        owe(DutyKind.REPORT_DEVIATION, [deviation.reference], because=because, by=by, at=at)
