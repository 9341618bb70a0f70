"""Putting away, moving and taking out: the one writer of placements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.container import NotPlaceable, PlacementFacts, obstacles_to_placing
from inventory.domain.sample import SampleState
from inventory.domain.unit import FINAL, UnitState
from inventory.models.container import Position
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.container import lock_containers
from inventory.queries.excursion import excursions_at
from inventory.queries.item import places_of_items
from inventory.queries.journey import bag_of, open_journeys
from inventory.queries.placement import containers_of, lock_positions, taken_among
from inventory.queries.release import picked_for_issued
from inventory.queries.sample import lock_samples
from inventory.queries.unit import Behind, lock_units, with_codes_behind


@dataclass(frozen=True)
class PutAway:
    """One unit or reference sample, and the position it goes to.

    With ``from_position_id``, it is put there only if that is where it still is.
    """

    position_id: int
    unit_id: int | None = None
    sample_id: int | None = None
    from_position_id: int | None = None


@dataclass(frozen=True)
class _Move:
    thing: Unit | ReferenceSample
    before: Position | None
    after: Position | None
    expected_id: int | None = None

    @property
    def moved_to(self) -> str | None:
        """Where it is now when it was said to be elsewhere; "" for nowhere, None where it is as was said."""
        if self.expected_id is None or (self.before is not None and self.before.pk == self.expected_id):
            return None
        return self.before.code if self.before else ""


@service
def put_away(wanted: Sequence[PutAway], *, reason: str, by: Person, at: datetime) -> None:
    """Place things, or move them from where they are: all or nothing, in one write.

    Swapping and re-racking are one command: a position that another of the things leaves counts as free. Locks the
    containers that things go to, then units, samples, positions. Raises ``NotPlaceable`` with every obstacle.
    """
    lock_containers(containers_of([each.position_id for each in wanted]))
    units, samples = _locked(wanted)
    _check_named(wanted, units, samples)
    positions = {position.pk: position for position in lock_positions([each.position_id for each in wanted])}
    now = places_of_items([*units.values(), *samples.values()])
    moves = []
    for each in wanted:
        thing = units[each.unit_id] if each.unit_id is not None else samples[each.sample_id or 0]
        moves.append(_Move(thing, now.get(thing.code), positions.get(each.position_id), each.from_position_id))
    _check(moves, at=at)
    _close(moves, by=by, at=at)
    Placement.objects.bulk_create(
        Placement(
            position=move.after,
            unit=move.thing if isinstance(move.thing, Unit) else None,
            sample=move.thing if isinstance(move.thing, ReferenceSample) else None,
            placed_at=at,
            placed_by=by,
        )
        for move in moves
    )
    _record(moves, reason=reason, by=by, at=at)


@service
def take_out(
    things: Sequence[Unit | ReferenceSample],
    *,
    reason: str,
    behind: Behind | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Close the placements of locked things that leave their positions; what is in no position stays as it is."""
    now = places_of_items(things)
    moves = [_Move(thing, now[thing.code], None) for thing in things if thing.code in now]
    _close(moves, by=by, at=at)
    _record(moves, behind=behind, reason=reason, by=by, at=at)


def _locked(wanted: Sequence[PutAway]) -> tuple[dict[int, Unit], dict[int, ReferenceSample]]:
    units = lock_units([each.unit_id for each in wanted if each.unit_id is not None])
    samples = lock_samples([each.sample_id for each in wanted if each.sample_id is not None])
    return {unit.pk: unit for unit in units}, {sample.pk: sample for sample in samples}


def _check_named(wanted: Sequence[PutAway], units: Mapping[int, Unit], samples: Mapping[int, ReferenceSample]) -> None:
    """Refuse what names nothing, two things, a thing that is not, or one thing for two positions."""
    things = [(each.unit_id, each.sample_id) for each in wanted]
    if any((unit_id is None) is (sample_id is None) for unit_id, sample_id in things):
        raise NotPlaceable("Nothing was put away: name one unit or one sample for each position.", field="position")
    named = [units.get(u or 0) or samples.get(s or 0) for u, s in things]
    if None in named:
        raise NotPlaceable("Nothing was put away: a unit or sample named does not exist.", field="position")
    codes = Counter(thing.code for thing in named if thing is not None)
    if twice := sorted(code for code, times in codes.items() if times > 1):
        raise NotPlaceable(f"Nothing was put away: {', '.join(twice)} is named for two positions.", field="position")


def _check(moves: Sequence[_Move], *, at: datetime) -> None:
    reasons: list[Reason] = []
    known = _known(moves, at=at)
    named: set[int] = set()
    for move in moves:
        if move.after is None:
            reasons.append(Reason(f"There is no such position for {move.thing.code}.", "no-position", "position"))
            continue
        reasons += _obstacles(move.thing, move.after, _facts(move, move.after, known), named)
        if box := known.packed_in.get(move.thing.code):
            reasons.append(Reason(f"{move.thing.code} is packed in {box}: unpack it first.", "packed", "position"))
        named.add(move.after.pk)
    if reasons:
        raise NotPlaceable("Nothing was put away.", reasons=reasons, field="position")


@dataclass(frozen=True)
class _Known:
    """What all moves are judged by: codes of what stays in a position, releases picked for, journeys, excursions."""

    staying: Mapping[int, str]
    picked_for: Mapping[int, str]
    packed_in: Mapping[str, str]
    warm: Mapping[int, str]


def _known(moves: Sequence[_Move], *, at: datetime) -> _Known:
    leaving = {(type(move.thing), move.thing.pk) for move in moves}
    after = [move.after for move in moves if move.after]
    inside = {
        position_id: thing
        for position_id, row in taken_among([position.pk for position in after]).items()
        if (thing := row.unit or row.sample) is not None
    }
    return _Known(
        {pk: thing.code for pk, thing in inside.items() if (type(thing), thing.pk) not in leaving},
        picked_for_issued([move.thing.pk for move in moves if isinstance(move.thing, Unit)]),
        open_journeys(
            unit_ids=[move.thing.pk for move in moves if isinstance(move.thing, Unit)],
            sample_ids=[move.thing.pk for move in moves if isinstance(move.thing, ReferenceSample)],
        ),
        excursions_at({position.container_id for position in after}, at),
    )


def _facts(move: _Move, position: Position, known: _Known) -> PlacementFacts:
    thing = move.thing
    return PlacementFacts(
        product=thing.product_class if isinstance(thing, Unit) else thing.role,
        accepts=frozenset(position.container.kind.accepts),
        taken_by=known.staying.get(position.pk, ""),
        is_final=_is_final(thing),
        attached_to=bag_of(thing),
        picked_for=known.picked_for.get(thing.pk, "") if isinstance(thing, Unit) else "",
        moved_to=move.moved_to,
        warm_since=known.warm.get(position.container_id, ""),
    )


def _obstacles(
    thing: Unit | ReferenceSample, position: Position, facts: PlacementFacts, named: set[int]
) -> list[Reason]:
    reasons = [
        Reason(f"{thing.code} in {position.code}: {each.text}", each.code, each.field)
        for each in obstacles_to_placing(facts)
    ]
    if position.pk in named:
        reasons.append(Reason(f"{position.code} is named twice.", "position-twice", "position"))
    if position.container.site.code != thing.holder:
        text = f"{thing.code} is held by {thing.holder}; {position.code} is at {position.container.site.code}."
        reasons.append(Reason(text, "not-here", "position"))
    return reasons


def _is_final(thing: Unit | ReferenceSample) -> bool:
    return UnitState(thing.state) in FINAL if isinstance(thing, Unit) else thing.state != SampleState.STORED


def _close(moves: Sequence[_Move], *, by: Person, at: datetime) -> None:
    units = [move.thing.pk for move in moves if move.before and isinstance(move.thing, Unit)]
    samples = [move.thing.pk for move in moves if move.before and isinstance(move.thing, ReferenceSample)]
    # Who read the clock first may come second: a removal is never before its placement.
    ending = {"removed_at": Greatest(F("placed_at"), Value(at, DateTimeField())), "removed_by": by}
    open_ones = Placement.objects.filter(removed_at__isnull=True)
    if units:
        open_ones.filter(unit_id__in=units).update(**ending)
    if samples:
        open_ones.filter(sample_id__in=samples).update(**ending)


def _record(moves: Sequence[_Move], *, behind: Behind | None = None, reason: str, by: Person, at: datetime) -> None:
    if behind is None:
        behind = with_codes_behind([move.thing for move in moves if isinstance(move.thing, Unit)])
    for move in moves:
        noun = "unit" if isinstance(move.thing, Unit) else "sample"
        verb = "removed" if move.after is None else "moved" if move.before else "placed"
        also = behind.get(move.thing.pk, ()) if noun == "unit" else ()
        containers = [place.container.code for place in (move.before, move.after) if place]
        record(
            f"{noun}.{verb}",
            subjects=[*also, *containers],
            item=move.thing.code,
            by=by,
            at=at,
            reason=reason,
            old={"place": move.before.code if move.before else ""},
            new={"place": move.after.code if move.after else ""},
        )
