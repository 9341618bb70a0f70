"""When the parts that keep a bank going are well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.domain.job import LATE_AFTER, SILENT_AFTER

# A checkpoint is published each night; two hours are left for it to be made late.
CHECKPOINT_EVERY = timedelta(hours=26)


@dataclass(frozen=True)
class HealthFacts:
    """What is known of the running system at one instant; ``None`` is never. ``began_at`` is when the record began."""

    oldest_waiting_since: datetime | None
    beat_at: datetime | None
    verified_at: datetime | None
    verified_ok: bool | None
    checkpoint_at: datetime | None
    began_at: datetime | None


@dataclass(frozen=True)
class Check:
    """One part: whether it is well, and for how many seconds it has been as it is, where that says something."""

    name: str
    ok: bool
    age_seconds: int | None


def examine(facts: HealthFacts, at: datetime) -> tuple[Check, ...]:
    """Return the check of every part.

    A bank that was never verified is not ill for that; one whose last verification found a fault is, and one that
    published no checkpoint since the last night, or since it began.
    """
    waiting, silent, verified, unpublished = (
        _age(since, at)
        for since in (
            facts.oldest_waiting_since,
            facts.beat_at,
            facts.verified_at,
            facts.checkpoint_at or facts.began_at,
        )
    )
    published = unpublished is None or unpublished < CHECKPOINT_EVERY
    return (
        Check("jobs", ok=waiting is None or waiting < LATE_AFTER, age_seconds=_seconds(waiting)),
        Check("beat", ok=silent is not None and silent < SILENT_AFTER, age_seconds=_seconds(silent)),
        Check("verification", ok=facts.verified_ok is not False, age_seconds=_seconds(verified)),
        Check("checkpoint", ok=published, age_seconds=_seconds(unpublished)),
    )


def _age(since: datetime | None, at: datetime) -> timedelta | None:
    return None if since is None else max(at - since, timedelta(0))


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())
