"""Outcomes as a study reads them: series, change from baseline, and the quality of the unit that was given."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Prefetch

from inventory.domain.assay import ASSAYS, AssayGroup
from inventory.domain.outcome import IN_A_PERSON, NUMBERS, OutcomeKind
from inventory.domain.outcome_course import Change, Point, changes_from_baseline
from inventory.domain.specification import Measurement
from inventory.models.disposition import Disposition
from inventory.models.outcome import Outcome
from inventory.models.protocol import Protocol
from inventory.models.recipient import Recipient
from inventory.models.result import Result
from inventory.queries.ancestry import Ancestry, ancestries_of
from inventory.queries.result import measurements_from, results_behind
from inventory.queries.shipment import last_release_shipments

# Groups of assays that say how good a unit is: how many cells, how many of them alive, and what they can do.
QUALITY_GROUPS = frozenset({AssayGroup.COUNT, AssayGroup.VIABILITY, AssayGroup.POTENCY})


@dataclass(frozen=True)
class UnitQuality:
    """What was known and verified of a unit when its release was issued; nothing where none was."""

    released_at: datetime | None = None
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class QualityAndChange:
    """A follow-up's change from baseline beside the quality of the unit that the report is about."""

    change: Change
    quality: UnitQuality


def score_series(
    *, recipient: Recipient | None = None, protocol: Protocol | None = None, names: Collection[str] = ()
) -> list[Point]:
    """Return the scores and numbers reported of recipients, by recipient and day; all of them unless some are named.

    A protocol's are those under any of its versions. The number of queries does not grow.
    """
    return [point for each in _followed(recipient, protocol) for point in _points(each, names)]


def change_from_baseline(
    *, recipient: Recipient | None = None, protocol: Protocol | None = None, names: Collection[str] = ()
) -> list[Change]:
    """Return every follow-up of recipients with its change from baseline, or why there is none, as few queries."""
    followed = _followed(recipient, protocol)
    points = [point for each in followed for point in _points(each, names)]
    return changes_from_baseline(points, {each.pk: min(days) for each in followed if (days := _administered_on(each))})


def change_by_unit_quality(
    *, recipient: Recipient | None = None, protocol: Protocol | None = None, names: Collection[str] = ()
) -> list[QualityAndChange]:
    """Return the same, each with what was known of its unit at release. The number of queries does not grow."""
    changes = change_from_baseline(recipient=recipient, protocol=protocol, names=names)
    quality = unit_quality(sorted({change.point.unit_id for change in changes}))
    return [QualityAndChange(change, quality[change.point.unit_id]) for change in changes]


def unit_quality(unit_ids: Collection[int]) -> dict[int, UnitQuality]:
    """Return, by unit id, counts, viability and potency as they stood when the unit was last released.

    They are of the unit, of its segments and of what it was made from; each measurement says which. What was corrected
    later counts as it was then.
    """
    shipments = last_release_shipments(unit_ids)
    issued = {unit_id: each.release.issued_at for unit_id, each in shipments.items() if each.release}
    ancestries = ancestries_of(unit_ids)
    assays = [code for code, assay in ASSAYS.items() if assay.group in QUALITY_GROUPS]
    verified = Result.objects.filter(assay__in=assays, verified_at__isnull=False)
    results = list(results_behind(verified, ancestries).annotate(replaced_at=F("replaced_by__entered_at")))
    by_unit: dict[int | None, list[Result]] = {}
    for result in results:
        by_unit.setdefault(result.unit_id, []).append(result)
    return {unit_id: _quality(ancestry, by_unit, issued.get(unit_id)) for unit_id, ancestry in ancestries.items()}


def _quality(ancestry: Ancestry, by_unit: Mapping[int | None, list[Result]], at: datetime | None) -> UnitQuality:
    if at is None:
        return UnitQuality()
    known = [each for member in ancestry.member_ids for each in by_unit.get(member, ()) if _counted(each, at)]
    measured = measurements_from(known, {ancestry.unit_id: ancestry})[ancestry.unit_id]
    return UnitQuality(at, tuple(each for each in measured if each.verified))


def _counted(result: Result, at: datetime) -> bool:
    """Whether a result was verified by then and no correction had replaced it."""
    replaced_at: datetime | None = vars(result)["replaced_at"]
    verified = result.verified_at is not None and result.verified_at <= at
    return verified and (replaced_at is None or replaced_at > at)


def _followed(recipient: Recipient | None, protocol: Protocol | None) -> list[Recipient]:
    """Return the recipients, each with what was reported of them in person, its scores, and the use of its units."""
    reports = Outcome.objects.filter(kind__in=[kind.value for kind in IN_A_PERSON]).select_related("unit")
    reports = reports.prefetch_related(
        "scores", Prefetch("unit__dispositions", queryset=Disposition.objects.filter(kind="used"))
    )
    recipients = Recipient.objects.prefetch_related(
        Prefetch("outcomes", queryset=reports.order_by("outcome_date", "pk"))
    ).order_by("pk")
    if recipient is not None:
        recipients = recipients.filter(pk=recipient.pk)
    if protocol is not None:
        recipients = recipients.filter(protocol_code=protocol.code)
    return list(recipients)


def _administered_on(recipient: Recipient) -> list[date]:
    """Return the days on which a unit was reported as administered, or was used, of the recipient's reported units."""
    reports = recipient.outcomes.all()
    reported = [each.outcome_date for each in reports if each.kind == OutcomeKind.ADMINISTRATION]
    return [*reported, *(use.occurred_at.date() for each in reports for use in each.unit.dispositions.all())]


def _points(recipient: Recipient, names: Collection[str]) -> list[Point]:
    return [
        Point(
            recipient_id=recipient.pk,
            recipient=recipient.code,
            unit_id=outcome.unit_id,
            unit=outcome.unit.code,
            kind=OutcomeKind(outcome.kind),
            outcome_date=outcome.outcome_date,
            name=name,
            value=value,
            grade=grade,
            revision=revision,
        )
        for outcome in recipient.outcomes.all()
        for name, value, grade, revision in _numbers(outcome)
        if not names or name in names
    ]


def _numbers(outcome: Outcome) -> list[tuple[str, Decimal, str, str]]:
    """Return name, number, class and revision of the scores, then of the values, which have only the first two."""
    scores = sorted(outcome.scores.all(), key=lambda each: each.pk)
    computed = [(each.name, each.value, each.grade, each.revision) for each in scores if each.value is not None]
    reported = [(name, Decimal(text), "", "") for name, text in sorted(outcome.values.items()) if name in NUMBERS]
    return [*computed, *reported]
