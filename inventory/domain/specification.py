"""Specifications: versioned limits by product class, use and stage, and how measurements are judged by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from inventory.domain.assay import ASSAYS, Assay, Qualifier, Subject, ValueKind, in_words, written
from inventory.domain.dose import recovery_percent
from inventory.domain.verdict import Outcome, worst


class Stage(StrEnum):
    PRE_PROCESS = "pre_process"
    PRE_FREEZE = "pre_freeze"
    POST_THAW = "post_thaw"
    RELEASE = "release"


ACCEPTANCE_STAGES = (Stage.PRE_PROCESS, Stage.PRE_FREEZE)
RELEASE_STAGES = (Stage.POST_THAW, Stage.RELEASE)


class Operator(StrEnum):
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    ONE_OF = "one_of"
    RECORDED = "recorded"


class SampleSource(StrEnum):
    """On what a value must have been measured to count for a limit."""

    UNIT = "unit"
    SOURCE = "source"
    ATTACHED_SEGMENT = "attached_segment"
    QC_VIAL = "qc_vial"
    LOT = "lot"
    MOTHER = "mother"
    INFANT = "infant"


@dataclass(frozen=True)
class Limit:
    """One line of a specification; ``words`` are the allowed codes of a coded assay."""

    stage: Stage
    assay: str
    operator: Operator
    limit: Decimal | None = None
    words: tuple[str, ...] = ()
    taken_from: SampleSource = SampleSource.UNIT
    mandatory: bool = True


@dataclass(frozen=True)
class Measurement:
    """One current result (not replaced): a number, or a code in ``text``; where it was measured; whether verified.

    A result that names its ``stage`` counts for limits of that stage alone. A below-limit result carries the method's
    limit in ``number``. ``reference`` is what evidence names, ``lacking`` why there is no value that counts.
    """

    assay: str
    taken_from: SampleSource
    verified: bool
    number: Decimal | None = None
    text: str = ""
    qualifier: Qualifier = Qualifier.MEASURED
    stage: Stage | None = None
    reference: str = ""
    lacking: str = ""


@dataclass(frozen=True)
class LimitFinding:
    limit: Limit
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()


# Codes that say "not known yet" whatever the assay.
UNSETTLED = frozenset({"pending", "inconclusive", "indeterminate", "initially_reactive_pending"})
MISSING = frozenset({Qualifier.NOT_DONE, Qualifier.QUANTITY_INSUFFICIENT})
THOUSANDTH = Decimal("0.001")


# Whose result a value is that was measured there: segments and quality-control vials are tested for their unit.
SUBJECT_OF: Mapping[SampleSource, Subject] = {
    SampleSource.UNIT: Subject.UNIT,
    SampleSource.SOURCE: Subject.UNIT,
    SampleSource.ATTACHED_SEGMENT: Subject.UNIT,
    SampleSource.QC_VIAL: Subject.UNIT,
    SampleSource.LOT: Subject.LOT,
    SampleSource.MOTHER: Subject.MOTHER,
    SampleSource.INFANT: Subject.INFANT,
}


def obstacles_to_limit(limit: Limit) -> list[str]:
    """Return why a limit could never judge a value: no such assay, not measured there, no value it could compare."""
    assay = ASSAYS.get(limit.assay)
    if assay is None:
        return [f"There is no assay “{ascii(limit.assay[:40])[1:-1]}”."]
    reasons = []
    if SUBJECT_OF[limit.taken_from] not in assay.subjects:
        reasons.append(f"{assay.name} is not measured on the {limit.taken_from.value.replace('_', ' ')}.")
    if limit.operator is Operator.RECORDED:
        fits = limit.limit is None and not limit.words
    elif limit.operator is Operator.ONE_OF:
        fits = limit.limit is None and bool(limit.words) and set(limit.words) <= set(assay.codes) - UNSETTLED
    else:
        fits = not limit.words and _can_be_compared(limit.limit, assay)
    return reasons if fits else [*reasons, f"{assay.name} cannot be held to this limit: {_allowed(limit, assay)}."]


def _can_be_compared(limit: Decimal | None, assay: Assay) -> bool:
    """Whether a limit lies in the assay's plausible range, with no more decimals than are kept."""
    if limit is None or not limit.is_finite() or assay.low is None or assay.high is None:
        return False
    return assay.low <= limit <= assay.high and limit == limit.quantize(THOUSANDTH)


def _allowed(limit: Limit, assay: Assay) -> str:
    if limit.operator is Operator.RECORDED:
        return "what is recorded alone has no limit"
    if assay.kind is ValueKind.NUMBER and limit.operator is not Operator.ONE_OF:
        return f"a number from {assay.low} to {assay.high} {assay.unit}, with three decimals at most"
    settled = [code for code in assay.codes if code not in UNSETTLED]
    return f"some of {', '.join(settled)}" if settled else "it is recorded alone"


def evaluate(limits: Iterable[Limit], measurements: Iterable[Measurement], *stages: Stage) -> tuple[LimitFinding, ...]:
    """Judge every limit of the stages; each current measurement that a limit speaks of must be within it."""
    measured = tuple(measurements)
    return tuple(_judge(limit, measured) for limit in limits if limit.stage in stages)


def compare(operator: Operator, number: Decimal, limit: Decimal, *, below: bool = False) -> Outcome:
    """Compare a number with a limit, never rounding.

    With ``below`` the true value is somewhere under ``number``: it passes or fails only where every such value would.
    """
    upwards = operator in (Operator.AT_LEAST, Operator.MORE_THAN)
    if below:
        if number > limit:
            return Outcome.UNKNOWN
        return Outcome.FAIL if upwards else Outcome.PASS
    if number == limit:
        return Outcome.PASS if operator in (Operator.AT_LEAST, Operator.AT_MOST) else Outcome.FAIL
    return Outcome.PASS if (number > limit) is upwards else Outcome.FAIL


def hours_to_freezing(collected_at: datetime, frozen_at: datetime) -> Decimal:
    """Hours from collection to freezing, rounded up to a thousandth so that rounding never brings one within 48 h."""
    microseconds = Decimal((frozen_at - collected_at) // timedelta(microseconds=1))
    return (microseconds / 3_600_000_000).quantize(THOUSANDTH, ROUND_CEILING)


def recorded_recovery_percent(before_cells: Decimal, after_cells: Decimal) -> Decimal:
    """Recovery as it is recorded: rounded down to a thousandth so that rounding never brings one within its limit."""
    return recovery_percent(before_cells, after_cells).quantize(THOUSANDTH, ROUND_FLOOR)


def _judge(limit: Limit, measurements: tuple[Measurement, ...]) -> LimitFinding:
    relevant = tuple(measurement for measurement in measurements if _speaks_of(limit, measurement))
    evidence = tuple(measurement.reference for measurement in relevant if measurement.reference)
    if all(measurement.qualifier in MISSING for measurement in relevant):
        if limit.mandatory:
            return LimitFinding(limit, Outcome.UNKNOWN, _missing(limit, relevant), evidence)
        return LimitFinding(limit, Outcome.PASS, f"{in_words(limit.assay)} is not asked for", evidence)
    judged = [_judge_one(limit, measurement) for measurement in relevant]
    outcome = worst(outcome for outcome, _ in judged)
    reasons = dict.fromkeys(reason for each, reason in judged if each is outcome)
    return LimitFinding(limit, outcome, "; ".join(reasons), evidence)


def _missing(limit: Limit, measurements: Iterable[Measurement]) -> str:
    why = "; ".join(dict.fromkeys(each.lacking for each in measurements if each.lacking))
    return f"{in_words(limit.assay)} is missing" + (f" ({why})" if why else "")


def _speaks_of(limit: Limit, measurement: Measurement) -> bool:
    return (
        measurement.assay == limit.assay
        and measurement.taken_from is limit.taken_from
        and measurement.stage in (None, limit.stage)
    )


def _judge_one(limit: Limit, measurement: Measurement) -> tuple[Outcome, str]:
    if measurement.qualifier in MISSING:
        return Outcome.UNKNOWN, _missing(limit, [measurement])
    if not measurement.verified:
        return Outcome.UNKNOWN, f"{in_words(limit.assay)} awaits verification"
    return judge_value(limit.operator, limit.limit, limit.words, measurement)


def judge_value(
    operator: Operator, limit: Decimal | None, words: tuple[str, ...], measurement: Measurement
) -> tuple[Outcome, str]:
    """Judge one verified measurement; a value of the wrong shape for its limit is unknown, never a pass."""
    assay = in_words(measurement.assay)
    if operator is Operator.RECORDED:
        return Outcome.PASS, f"{assay} is recorded"
    if operator is Operator.ONE_OF:
        return _judge_word(assay, words, measurement.text)
    if measurement.number is None or limit is None:
        return Outcome.UNKNOWN, f"{assay} cannot be compared with its limit"
    below = measurement.qualifier is Qualifier.BELOW_LIMIT
    outcome = compare(operator, measurement.number, limit, below=below)
    shown = f"{'<' if below else ''}{written(measurement.number)}"
    return outcome, f"{assay} {shown} against {operator.value.replace('_', ' ')} {written(limit)}"


def _judge_word(assay: str, words: tuple[str, ...], word: str) -> tuple[Outcome, str]:
    if word in words:
        return Outcome.PASS, f"{assay} {word}"
    if not word or word in UNSETTLED:
        return Outcome.UNKNOWN, f"{assay} is not settled"
    return Outcome.FAIL, f"{assay} {word} is not one of {', '.join(words)}"
