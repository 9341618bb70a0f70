"""How a recipient fares over time: points of one value or score, and their change from the baseline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inventory.domain.outcome import OutcomeKind


@dataclass(frozen=True)
class Point:
    """One number of one report: a score with its class and revision, or a reported value without them."""

    recipient_id: int
    recipient: str
    unit_id: int
    unit: str
    kind: OutcomeKind
    outcome_date: date
    name: str
    value: Decimal
    grade: str = ""
    revision: str = ""


@dataclass(frozen=True)
class Change:
    """A follow-up against the baseline: the difference, or None and ``because``."""

    point: Point
    baseline: Point | None = None
    change: Decimal | None = None
    because: str = ""


def changes_from_baseline(points: Iterable[Point], administered_on: Mapping[int, date]) -> list[Change]:
    """Return every follow-up with its change, in the order given.

    The baseline is the latest baseline report on or before the recipient's first administration; of several of one day
    it is the one given last. ``administered_on`` is that first day by recipient.
    """
    points = tuple(points)
    baselines = _baselines(points, administered_on)
    return [
        _change(point, baselines.get((point.recipient_id, point.name)), administered_on)
        for point in points
        if point.kind is OutcomeKind.FOLLOW_UP
    ]


def _baselines(points: Iterable[Point], administered_on: Mapping[int, date]) -> dict[tuple[int, str], Point]:
    return {
        (point.recipient_id, point.name): point
        for point in sorted(points, key=lambda each: each.outcome_date)
        if point.kind is OutcomeKind.BASELINE
        and point.recipient_id in administered_on
        and point.outcome_date <= administered_on[point.recipient_id]
    }


def _change(point: Point, baseline: Point | None, administered_on: Mapping[int, date]) -> Change:
    if point.recipient_id not in administered_on:
        return Change(point, because="No administration is reported for this recipient.")
    if baseline is None:
        return Change(point, because=f"No baseline of {point.name} is reported up to the first administration.")
    if point.revision != baseline.revision:
        because = f"The baseline was computed by {baseline.revision}, this by {point.revision}."
        return Change(point, baseline, because=because)
    return Change(point, baseline, point.value - baseline.value)
