"""The one writer of a unit's state and holder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.unit import Event, UnitState, check_transition
from inventory.models.unit import Unit
from inventory.queries.unit import Behind, batched, with_codes_behind


@dataclass(frozen=True)
class Change:
    """What happens to units: the event, the state it leads to (none: where it was reserved from), who holds them then.

    ``kind`` is the ledger's word for it, ``also`` further codes the entries name, ``fields`` further columns written.
    """

    kind: str
    event: Event
    to: UnitState | None
    reason: str
    also: tuple[str, ...] = ()
    holder: str = ""
    fields: Mapping[str, object] | None = None
    occurred_at: datetime | None = None


def change_state(unit: Unit, change: Change, *, by: Person, at: datetime) -> None:
    """Change one locked unit's state along the table and record it. Raises ``IllegalTransition``."""
    change_states([unit], change, by=by, at=at)


def change_states(
    units: Sequence[Unit], change: Change, *, behind: Behind | None = None, by: Person, at: datetime
) -> None:
    """Change the state of locked units along the table, in one write, with one entry each.

    ``behind`` are the codes that each entry names beside its unit, where the caller has them. Raises
    ``IllegalTransition`` for the first unit whose state does not allow it.
    """
    behind = with_codes_behind(units) if behind is None else behind
    for unit in units:
        _change(unit, change, codes=behind[unit.pk], by=by, at=at)
    alike: dict[tuple[str, str, str], list[int]] = {}
    for unit in units:
        alike.setdefault((unit.state, unit.holder, unit.reserved_from), []).append(unit.pk)
    for (state, holder, reserved_from), ids in alike.items():
        for batch in batched(ids):
            Unit.objects.filter(pk__in=batch).update(
                state=state, holder=holder, reserved_from=reserved_from, **(change.fields or {})
            )


def set_reserved(
    units: Sequence[Unit],
    *,
    reason: str,
    also: tuple[str, ...],
    behind: Behind | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Change locked units to reserved: from stock by a request, from quarantine by one that asks for an exception."""
    for state, event in _RESERVING.items():
        change = Change("unit.reserved", event, UnitState.RESERVED, reason, also=also)
        change_states([unit for unit in units if unit.state == state], change, behind=behind, by=by, at=at)


def _change(unit: Unit, change: Change, *, codes: tuple[str, ...], by: Person, at: datetime) -> None:
    from_ = UnitState(unit.state)
    reserved_from = UnitState(unit.reserved_from) if unit.reserved_from else None
    to = change.to or reserved_from or from_
    check_transition(from_, to, change.event, reserved_from=reserved_from)
    old, new = {"state": from_.value}, {"state": to.value}
    if change.holder and change.holder != unit.holder:
        old["holder"], new["holder"] = unit.holder, change.holder
        unit.holder = change.holder
    unit.state = to.value
    unit.reserved_from = _remembered(from_, to, unit.reserved_from)
    for name, value in (change.fields or {}).items():
        old[name], new[name] = getattr(unit, name), value  # type: ignore[assignment]
        setattr(unit, name, value)
    record(
        change.kind,
        subjects=(*codes, *change.also),
        item=unit.code,
        by=by,
        at=at,
        reason=change.reason,
        old=old,
        new=new,
        occurred_at=change.occurred_at,
    )


def _remembered(from_: UnitState, to: UnitState, before: str) -> str:
    """Return where a reserved or released unit was reserved from; nothing for any other state."""
    if to is UnitState.RESERVED:
        return from_.value
    return before if to is UnitState.RELEASED else ""


def record_registered(
    units: Iterable[Unit],
    *,
    event: Event | None = None,
    reason: str,
    by: Person,
    at: datetime,
    also: tuple[str, ...] = (),
    behind: Behind | None = None,
) -> None:
    """Record units newly written: their first state and holder, from which the fold begins.

    ``event`` says how they came to be, where it was neither collection nor processing; ``behind`` is as for a change.
    """
    units = list(units)
    behind = with_codes_behind(units) if behind is None else behind
    for unit in units:
        check_transition(None, UnitState(unit.state), event or _FIRST[UnitState(unit.state)])
        record(
            "unit.registered",
            subjects=(*behind[unit.pk], *also),
            item=unit.code,
            by=by,
            at=at,
            reason=reason,
            new={
                "state": unit.state,
                "holder": unit.holder,
                "kind": unit.kind,
                "product_class": unit.product_class,
                "origin": unit.origin,
                "volume_ml": unit.volume_ml,
                "mass_g": unit.mass_g,
                "tnc": unit.tnc,
            },
        )


_RESERVING = {UnitState.AVAILABLE: Event.REQUESTED, UnitState.QUARANTINED: Event.REQUESTED_EXCEPTIONALLY}
_FIRST = {UnitState.COLLECTED: Event.REGISTERED, UnitState.QUARANTINED: Event.PROCESSED}
