"""Putting away, moving and taking out: the one writer of placements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from inventory.queries.placement import lock_positions, places_of, places_of_samples, taken_among
from inventory.queries.release import picked_for_issued
from inventory.queries.sample import lock_samples
from inventory.queries.unit import lock_units, with_codes_behind


@dataclass(frozen=True)
class PutAway:
    """One unit or reference sample, and the position it goes to."""

    position_id: int
    unit_id: int | None = None
    sample_id: int | None = None


@dataclass(frozen=True)
class _Move:
    thing: Unit | ReferenceSample
    before: Position | None
    after: Position | None


@service
def put_away(wanted: Sequence[PutAway], *, reason: str, by: Person, at: datetime) -> None:
    """Place things, or move them from where they are: all or nothing, in one write.

    Swapping and re-racking are one command: a position that another of the things leaves counts as free.
    Raises ``NotPlaceable`` with every obstacle.
    """
    units, samples = _locked(wanted)
    _check_named(wanted, units, samples)
    positions = {position.pk: position for position in lock_positions([each.position_id for each in wanted])}
    now = places_of(list(units)), places_of_samples(list(samples))
    moves = [
        _Move(units[each.unit_id], now[0].get(each.unit_id), positions.get(each.position_id))
        if each.unit_id is not None
        else _Move(samples[each.sample_id or 0], now[1].get(each.sample_id or 0), positions.get(each.position_id))
        for each in wanted
    ]
    _check(moves)
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
def take_out(things: Sequence[Unit | ReferenceSample], *, reason: str, by: Person, at: datetime) -> None:
    """Close the placements of locked things that leave their positions; what is in no position stays as it is."""
    now = (
        places_of([thing.pk for thing in things if isinstance(thing, Unit)]),
        places_of_samples([thing.pk for thing in things if isinstance(thing, ReferenceSample)]),
    )
    moves = [
        _Move(thing, place, None)
        for thing in things
        if (place := now[0 if isinstance(thing, Unit) else 1].get(thing.pk)) is not None
    ]
    _close(moves, by=by, at=at)
    _record(moves, reason=reason, by=by, at=at)


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


def _check(moves: Sequence[_Move]) -> None:
    reasons: list[Reason] = []
    leaving = {(type(move.thing), move.thing.pk) for move in moves}
    taken = taken_among([move.after.pk for move in moves if move.after])
    picked = picked_for_issued([move.thing.pk for move in moves if isinstance(move.thing, Unit)])
    named: set[int] = set()
    for move in moves:
        if move.after is None:
            reasons.append(Reason(f"There is no such position for {move.thing.code}.", "no-position", "position"))
            continue
        occupant = taken.get(move.after.pk)
        inside = (occupant.unit or occupant.sample) if occupant else None
        stays = inside is not None and (type(inside), inside.pk) not in leaving
        picked_for = picked.get(move.thing.pk, "") if isinstance(move.thing, Unit) else ""
        facts = _facts(move.thing, move.after, inside.code if stays and inside else "", picked_for)
        reasons += _obstacles(move.thing, move.after, facts, named)
        named.add(move.after.pk)
    if reasons:
        raise NotPlaceable("Nothing was put away.", reasons=reasons, field="position")


def _facts(thing: Unit | ReferenceSample, position: Position, inside: str, picked_for: str) -> PlacementFacts:
    return PlacementFacts(
        product=thing.product_class if isinstance(thing, Unit) else thing.role,
        accepts=frozenset(position.container.kind.accepts),
        taken_by=inside,
        is_final=_is_final(thing),
        attached_to=thing.unit.code if isinstance(thing, ReferenceSample) and thing.attached and thing.unit else "",
        picked_for=picked_for,
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
    open_ones = Placement.objects.filter(removed_at__isnull=True)
    if units:
        open_ones.filter(unit_id__in=units).update(removed_at=at, removed_by=by)
    if samples:
        open_ones.filter(sample_id__in=samples).update(removed_at=at, removed_by=by)


def _record(moves: Sequence[_Move], *, reason: str, by: Person, at: datetime) -> None:
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
