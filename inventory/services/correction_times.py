"""What a corrected time or source would contradict: the times of every donation behind it, as they would be then."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from biobank.domain.refusal import Reason
from consent.domain.standing import Source
from consent.queries.consent import first_given
from consent.queries.donor import infant_of_source
from inventory.domain.correctable import SOURCE, Fact, FactKind
from inventory.domain.correction import Times, obstacles_to_times
from inventory.queries.correction import Target, times_of
from inventory.queries.recovery import authorisation_of, liver_of


def infant_named(typed: str) -> Any:
    """Return the infant that a source names, or None."""
    found = SOURCE.fullmatch(typed)
    return infant_of_source(found[1], int(found[2])) if found else None


def disagreements_of_times(fact: Fact, target: Target, raw: Any, *, at: datetime) -> list[Reason]:
    """Return how the times of each donation behind a row would contradict each other with this new value."""
    each = [_corrected(fact, target, raw, times, at=at) for times in times_of(target) or [Times()]]
    reasons = [reason for times in each for reason in obstacles_to_times(times, fact.field, at=at)]
    if fact.kind is FactKind.SOURCE and each[0].recovery is not None:
        reasons += _other_liver(infant_named(raw))
    if fact.field == "cold_ended_at" and raw is None and any(times.runs for times in each):
        reasons.append(Reason("It went into a run, which ended the cold.", "run", fact.field))
    return list(dict.fromkeys(reasons))


def _corrected(fact: Fact, target: Target, raw: Any, times: Times, *, at: datetime) -> Times:
    """Return the times of one donation as they would be."""
    if fact.kind is FactKind.SOURCE:
        return _of_source(times, infant_named(raw), at=at)
    if fact.noun == "processing":
        return _of_run(fact, target, raw, times)
    if fact.noun == "recovery":
        return replace(times, recovery=times.recovery and replace(times.recovery, **{fact.field: raw}))
    times = replace(times, **{fact.field: raw})
    if times.recovery is None or raw is None:
        return times
    name = {"collected_at": "recovered_at"}.get(fact.field, fact.field)
    return replace(times, recovery=replace(times.recovery, **{name: raw}))


def _of_source(times: Times, infant: Any, *, at: datetime) -> Times:
    """Return the times with another infant's birth, and with what its parents said: of a recovery, of that alone."""
    if infant is None:
        return times
    if times.recovery is None:
        source = Source(infant.donor_id, infant.pk)
        return replace(times, born_at=infant.born_at, consented_at=first_given([source])[source])
    authorisation = authorisation_of(infant.donor_id, infant.pk, at)
    authorised_at = authorisation.given_at if authorisation else None
    recovery = replace(times.recovery, born_at=infant.born_at, authorised_at=authorised_at)
    return replace(times, born_at=infant.born_at, recovery=recovery)


def _of_run(fact: Fact, target: Target, raw: Any, times: Times) -> Times:
    """Return the times with those of a run; what ended the cold of a liver when it began goes with it."""
    was = (target.row.started_at, target.row.frozen_at)
    now = (raw, was[1]) if fact.field == "started_at" else (was[0], raw)
    corrected = replace(times, runs=tuple(now if run == was else run for run in times.runs))
    recovery = times.recovery
    if recovery is None or recovery.cold_ended_at != was[0]:
        return corrected
    return replace(corrected, recovery=replace(recovery, cold_ended_at=min(start for start, _ in corrected.runs)))


def _other_liver(infant: Any) -> list[Reason]:
    liver = liver_of(infant.pk) if infant is not None else ""
    text = f"The liver of this infant is registered, as {liver}."
    return [Reason(text, "recovered-already", "source")] if liver else []
