"""When the parts that keep a bank going are well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.domain.job import LATE_AFTER, SILENT_AFTER


@dataclass(frozen=True)
class HealthFacts:
    """What is known of the running system at one instant; ``None`` is never."""

    oldest_waiting_since: datetime | None
    beat_at: datetime | None
    verified_at: datetime | None
    verified_ok: bool | None


@dataclass(frozen=True)
class Check:
    """One part: whether it is well, and for how many seconds it has been as it is, where that says something."""

    name: str
    ok: bool
    age_seconds: int | None


def examine(facts: HealthFacts, at: datetime) -> tuple[Check, ...]:
    """Return the check of every part.

    A bank that was never verified is not ill for that; one whose last verification found a fault is.
    """
    waiting, silent, verified = (
        _age(since, at) for since in (facts.oldest_waiting_since, facts.beat_at, facts.verified_at)
    )
    return (
        Check("jobs", ok=waiting is None or waiting < LATE_AFTER, age_seconds=_seconds(waiting)),
        Check("beat", ok=silent is not None and silent < SILENT_AFTER, age_seconds=_seconds(silent)),
        Check("verification", ok=facts.verified_ok is not False, age_seconds=_seconds(verified)),
    )


def _age(since: datetime | None, at: datetime) -> timedelta | None:
    return None if since is None else max(at - since, timedelta(0))


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())
