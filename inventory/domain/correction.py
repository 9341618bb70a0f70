"""Corrections: what keeps a fact from being corrected, when a second person confirms, and what times must agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.correctable import FACTS, Fact, RestingVerdict
from inventory.domain.donation import LONGEST_AFTER_BIRTH
from inventory.domain.recovery import RecoveryFacts, obstacles_to_times_of_recovery

LONGEST_REASON = 500


class CorrectionStatus(StrEnum):
    """``applying`` lasts no longer than the transaction that writes the new value."""

    PROPOSED = "proposed"
    APPLYING = "applying"
    IN_EFFECT = "in_effect"
    REJECTED = "rejected"


class CorrectionRefused(RuleViolation):
    code = "correction-refused"
    title = "Nothing was corrected"
    mend = "Correct what is named and send it again; the fact stays as it was."


@dataclass(frozen=True)
class CorrectionFacts:
    """A correction as asked for: the old value as it is now, the new one, and what stands in its way.

    ``open_one`` is an open correction of the same fact, ``voided`` what was voided, ``wrong`` what else cannot be.
    """

    subject: str
    old: str
    new: str
    reason: str
    open_one: str = ""
    voided: str = ""
    wrong: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class ConfirmingFacts:
    """A proposed correction as it is to be confirmed; ``expected`` is the value it said that it corrects."""

    reference: str
    status: CorrectionStatus
    asked_by: str
    confirmed_by: str
    expected: str
    now: str
    wrong: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Times:
    """When one donation was born, consented to, collected, processed and frozen, as far as known.

    ``recovery`` is said of a recovery after death, whose times follow others than those of a birth.
    """

    collected_at: datetime | None = None
    born_at: datetime | None = None
    consented_at: datetime | None = None
    runs: tuple[tuple[datetime, datetime | None], ...] = field(default=())
    recovery: RecoveryFacts | None = None


def fact_of(noun: str, name: str) -> Fact:
    """Return the correctable fact. Raises ``CorrectionRefused`` for what is none."""
    fact = FACTS.get((noun, name))
    if fact is None:
        mend = (
            "A code, product or kind is never corrected: void the record and register it anew."
            " What is computed follows what it is computed from: correct that."
        )
        raise CorrectionRefused(f"The {name.replace('_', ' ')} of a {noun} is not corrected.", field=name, mend=mend)
    return fact


def check_asking(fact: Fact, facts: CorrectionFacts) -> None:
    """Raise ``CorrectionRefused`` with everything that keeps this fact from being corrected so."""
    checks = (
        (not facts.voided, f"{facts.voided} was voided: nothing of it is corrected.", "voided"),
        (not facts.open_one, f"{facts.open_one} already waits to correct the {fact.label}.", "open"),
        (facts.old != facts.new, f"The {fact.label} is that already.", "same"),
    )
    reasons = [Reason(text, code, fact.field) for holds, text, code in checks if not holds]
    reasons += [*facts.wrong, *obstacles_to_text(facts.reason, "reason", longest=LONGEST_REASON, needed=True)]
    if reasons:
        raise CorrectionRefused(f"{facts.subject} was not corrected.", reasons=reasons, field=fact.field)


def check_confirming(fact: Fact, facts: ConfirmingFacts) -> None:
    """Raise ``CorrectionRefused`` with everything that keeps a correction from taking effect."""
    checks = (
        (facts.status is CorrectionStatus.PROPOSED, f"{facts.reference} is {_words(facts.status)}.", "status"),
        (facts.confirmed_by != facts.asked_by, "Who asks for a correction does not confirm it.", "same-person"),
        (facts.now == facts.expected, f"The {fact.label} has changed since: look again and propose anew.", "changed"),
    )
    reasons = [Reason(text, code) for holds, text, code in checks if not holds]
    if reasons or facts.wrong:
        raise CorrectionRefused(f"{facts.reference} was not confirmed.", reasons=[*reasons, *facts.wrong])


def check_rejecting(reference: str, status: CorrectionStatus, reason: str) -> None:
    """Raise ``CorrectionRefused`` for a correction that waits no more, or without a reason."""
    reasons = obstacles_to_text(reason, "reason", longest=LONGEST_REASON, needed=True)
    if status is not CorrectionStatus.PROPOSED:
        reasons.append(Reason(f"{reference} is {_words(status)}.", "status"))
    if reasons:
        raise CorrectionRefused(f"{reference} was not rejected.", reasons=reasons)


def needs_second_person(fact: Fact, standing: Mapping[RestingVerdict, bool]) -> frozenset[RestingVerdict]:
    """Return the verdicts that rest on the fact now; where there is any, a second person confirms."""
    return frozenset(verdict for verdict in fact.rests if standing.get(verdict))


def obstacles_to_times(times: Times, name: str, *, at: datetime) -> list[Reason]:
    """Return how times would contradict each other, or the clock, once corrected."""
    started = [start for start, _ in times.runs]
    frozen = [end for _, end in times.runs if end is not None]
    known = [each for each in (times.born_at, times.collected_at, *started, *frozen) if each is not None]
    checks = [
        (all(each <= at for each in known), "It would lie in the future.", "future"),
        (all(end >= start for start, end in times.runs if end), "It would be frozen before processing began.", "order"),
    ]
    if times.collected_at is not None:
        collected = times.collected_at
        checks += [
            (all(collected <= start for start in started), "It would be collected after processing began.", "order"),
            (all(collected < end for end in frozen), "It would be collected after it was frozen.", "after-freezing"),
        ]
    checks += _at_birth(times) if times.recovery is None else _in_the_cold(times.recovery, started)
    of_recovery = obstacles_to_times_of_recovery(times.recovery, at=at) if times.recovery else []
    reasons = [Reason(text, code, name) for holds, text, code in checks if not holds]
    return [*reasons, *(Reason(each.text, each.code, name) for each in of_recovery)]


def _at_birth(times: Times) -> list[tuple[bool, str, str]]:
    born, collected = times.born_at, times.collected_at
    if collected is None:
        return []
    after_birth = born is None or collected - LONGEST_AFTER_BIRTH <= born <= collected
    consented = times.consented_at is None or times.consented_at <= collected
    return [
        (after_birth, "It would be collected before birth, or more than 6 hours after.", "not-at-birth"),
        (consented, "It would be collected before the consent was given.", "before-consent"),
    ]


def _in_the_cold(recovery: RecoveryFacts, started: Sequence[datetime]) -> list[tuple[bool, str, str]]:
    ended = recovery.cold_ended_at
    in_time = ended is None or all(ended <= start for start in started)
    return [(in_time, "It would still be cold after processing began.", "order")]


def _words(status: CorrectionStatus) -> str:
    return status.value.replace("_", " ")
