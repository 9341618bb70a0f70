"""Excursions: holding what was inside in one transaction, and ending that by one signed assessment."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from inventory.domain.container import Limit
from inventory.domain.excursion import (
    TAKES_BACK,
    AssessmentFacts,
    ExcursionVerdict,
    Group,
    Warming,
    check_assessing,
    check_reporting,
    is_beyond,
    told_to_sites,
)
from inventory.domain.hold import HoldKind
from inventory.domain.notice import NoticeKind
from inventory.domain.unit import FINAL, UnitState
from inventory.domain.withdrawal import LEFT
from inventory.models.container import Container
from inventory.models.excursion import Excursion, ExcursionItem
from inventory.models.hold import Hold
from inventory.models.unit import Unit
from inventory.queries.container import containers_within, limit_of, lock_containers
from inventory.queries.excursion import (
    Exposed,
    exposed_during,
    items_of,
    lock_excursion,
    minutes_besides,
    minutes_of_units,
)
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.hold import NewHold, lift_holds, place_holds
from inventory.services.look_back import recall_what_left
from inventory.services.notice import tell_sites
from inventory.services.void import take_back


@dataclass(frozen=True)
class NewExcursion:
    """A container that was beyond its limits, as a person reports it or as readings say (``warming_of``)."""

    container: Container
    warming: Warming
    note: str = ""


@service
def open_excursion(new: NewExcursion, *, by: Person, at: datetime) -> Excursion:
    """Record an excursion and hold every unit that was inside at any time of it, also what was moved out since.

    So is held what was made of one of them since; minutes add up with those of other excursions within a day, of the
    container and of each unit wherever it was. Each site that has or had one that is held is told now, before anybody
    has assessed it: it might use the unit meanwhile. What stayed within what the container allows is only noted. Raises
    ``ExcursionRefused``.
    """
    limit = limit_of(new.container.pk)
    check_reporting(new.warming, limit, new.note, at=at)
    inside, units = _lock_inside(new)
    besides, of_units = _minutes(new, _unit_ids(inside)) if limit.is_set else (0, {})
    warmed = {pk for pk in _unit_ids(inside) if is_beyond(new.warming, limit, besides=of_units.get(pk, besides))}
    beyond = is_beyond(new.warming, limit, besides=besides) or bool(warmed)
    excursion = Excursion.objects.create(
        reference=new_code("EXC"),
        container=new.container,
        **vars(new.warming),
        warmest_celsius=limit.warmest_celsius,
        coldest_celsius=limit.coldest_celsius,
        minutes_allowed=limit.minutes,
        is_beyond=beyond,
        note=new.note,
        reported_by=by,
        reported_at=at,
    )
    warm = [unit for unit in units if unit.pk in warmed]
    holds = hold_warmed(excursion, warm, by=by, at=at)
    write_items(excursion, inside, holds)
    most = max([besides, *of_units.values()])
    _record_opened(excursion, inside, limit, besides=most, held=len(holds), by=by, at=at)
    tell_sites_of(excursion, warm, by=by, at=at)
    return excursion


@service
def assess_excursion(
    excursion: Excursion, groups: Sequence[Group], *, credentials: Credentials, by: Person, at: datetime
) -> Excursion:
    """End an excursion by one signature over a verdict for each unit that it holds; its holds are lifted.

    A unit to be tested first or discarded loses its acceptance, and what was promised of it is void; where it had left,
    it is recalled. Raises ``AssessmentRefused`` with everything that is wrong, ``SignatureRefused`` by the signature.
    """
    lock_donors(donors_behind([item.unit_id for item in items_of(excursion.pk) if item.unit_id]))
    excursion = lock_excursion(excursion.pk)
    items = {item.unit.code: item for item in items_of(excursion.pk) if item.unit is not None and item.hold is not None}
    check_assessing(
        AssessmentFacts(
            reported_by=excursion.reported_by.username,
            assessed_by=by.username,
            is_beyond=excursion.is_beyond,
            is_open=excursion.assessed_at is None,
            held=frozenset(items),
            groups=tuple(groups),
        )
    )
    content = [_snapshot(excursion), *(dict(vars(group)) for group in groups)]
    excursion.signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.ASSESS_EXCURSION
    )
    excursion.assessed_at = at
    _write_verdicts(groups, items)
    excursion.save(update_fields=["signature", "assessed_at"])
    _take_back(excursion, items.values(), by=by, at=at)
    _lift(excursion, list(items.values()), by=by, at=at)
    _recall(excursion, items.values(), by=by, at=at)
    record(
        "excursion.assessed",
        subjects=[excursion.reference, excursion.container.code, *items],
        by=by,
        at=at,
        old={"held": len(items)},
        new={"groups": content[1:], "content_sha256": excursion.signature.content_sha256},
    )
    return excursion


def _lock_inside(new: NewExcursion) -> tuple[list[Exposed], list[Unit]]:
    """Lock what was inside: donors, containers, units; what came in before the containers were locked counts too.

    Whoever puts something in afterwards waits for the containers and then finds the excursion.
    """
    within = containers_within(new.container.pk)
    interval = (new.warming.started_at, new.warming.ended_at)
    before = _unit_ids(exposed_during(within, *interval))
    lock_donors(donors_behind(before))
    lock_containers(within)
    inside = exposed_during(within, *interval)
    if late := set(_unit_ids(inside)) - set(before):
        lock_donors(donors_behind(late))
    return inside, lock_units(_unit_ids(inside))


def _unit_ids(inside: Sequence[Exposed]) -> list[int]:
    return [each.unit.pk for each in inside if each.unit is not None]


def _minutes(new: NewExcursion, unit_ids: Collection[int]) -> tuple[int, dict[int, int]]:
    """Return the minutes that count besides: of the container, and of each unit if it was warm elsewhere for longer."""
    shared, own = minutes_besides(new.container.pk, new.warming), minutes_of_units(unit_ids, new.warming)
    return shared, {unit_id: max(shared, minutes) for unit_id, minutes in own.items()}


def hold_warmed(excursion: Excursion, units: Sequence[Unit], *, by: Person, at: datetime) -> dict[int, Hold]:
    """Hold, for the assessment of an excursion, each of these units that still is something; return by unit id."""
    kept = [unit.pk for unit in units if UnitState(unit.state) not in FINAL]
    reason = f"{excursion.reference}: {excursion.container.code} at {excursion.extreme_celsius} °C."
    holds = place_holds([NewHold(HoldKind.EXCURSION, reason, unit_id=each) for each in kept], by=by, at=at)
    return dict(zip(kept, holds, strict=True))


def tell_sites_of(excursion: Excursion, units: Sequence[Unit], *, by: Person, at: datetime) -> None:
    """Tell each site that has or had some of these units that they were warm before."""
    left = [unit for unit in units if UnitState(unit.state) in LEFT]
    because = told_to_sites(excursion.reference, warming_told(excursion))
    tell_sites(NoticeKind.EXCURSION, left, excursion=excursion, because=because, by=by, at=at)


def warming_told(excursion: Excursion) -> Warming:
    """Return what happened, as it was recorded."""
    return Warming(excursion.started_at, excursion.ended_at, excursion.extreme_celsius, excursion.minutes_beyond)


def write_items(excursion: Excursion, inside: Sequence[Exposed], holds: Mapping[int, Hold]) -> None:
    """Write what was inside, each unit with its hold, if it has one."""
    ExcursionItem.objects.bulk_create(
        ExcursionItem(
            excursion=excursion,
            unit=each.unit,
            sample=each.sample,
            position_id=each.position_id,
            hold=holds.get(each.unit.pk) if each.unit else None,
        )
        for each in inside
    )


def _record_opened(
    excursion: Excursion,
    inside: Sequence[Exposed],
    limit: Limit,
    *,
    besides: int,
    held: int,
    by: Person,
    at: datetime,
) -> None:
    things = [thing for each in inside if (thing := each.unit or each.sample) is not None]
    record(
        "excursion.opened",
        subjects=[excursion.reference, excursion.container.code, *(thing.code for thing in things)],
        by=by,
        at=at,
        reason=excursion.note,
        occurred_at=excursion.started_at,
        new={
            "ended_at": excursion.ended_at,
            "extreme_celsius": excursion.extreme_celsius,
            "minutes_beyond": excursion.minutes_beyond,
            "minutes_besides": besides,
            "limit": dict(vars(limit)),
            "inside": len(things),
            "held": held,
        },
    )


def _snapshot(excursion: Excursion) -> dict[str, object]:
    return {
        "excursion": excursion.reference,
        "container": excursion.container.code,
        "started_at": excursion.started_at,
        "ended_at": excursion.ended_at,
        "extreme_celsius": excursion.extreme_celsius,
        "minutes_beyond": excursion.minutes_beyond,
        "warmest_celsius": excursion.warmest_celsius,
        "coldest_celsius": excursion.coldest_celsius,
        "minutes_allowed": excursion.minutes_allowed,
    }


def _write_verdicts(groups: Sequence[Group], items: Mapping[str, ExcursionItem]) -> None:
    for group in groups:
        for code in group.units:
            items[code].verdict, items[code].because = group.verdict, group.because
    ExcursionItem.objects.bulk_update(items.values(), ["verdict", "because"])


def _take_back(excursion: Excursion, items: Iterable[ExcursionItem], *, by: Person, at: datetime) -> None:
    """Take back all at once what is not cleared: requests are locked before units."""
    taken = [each.unit_id for each in items if each.unit_id and ExcursionVerdict(each.verdict) in TAKES_BACK]
    if taken:
        take_back(taken, because=f"{excursion.reference} assessed as test first or discard.", by=by, at=at)


def _recall(excursion: Excursion, items: Iterable[ExcursionItem], *, by: Person, at: datetime) -> None:
    """Recall what had left and is not cleared, with one notice to a site for each verdict."""
    verdicts = {each.unit_id: each.verdict for each in items if each.unit_id and each.verdict in TAKES_BACK}
    for verdict in sorted(set(verdicts.values())):
        because = f"{excursion.reference} was assessed: {verdict.replace('_', ' ')}."
        recall_what_left([pk for pk, said in verdicts.items() if said == verdict], because=because, by=by, at=at)


def _lift(excursion: Excursion, items: Sequence[ExcursionItem], *, by: Person, at: datetime) -> None:
    still_open = [item.hold for item in items if item.hold and item.hold.lifted_at is None]
    lift_holds(still_open, reason=f"{excursion.reference} assessed.", by=by, at=at)
