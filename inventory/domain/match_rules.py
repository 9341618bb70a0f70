"""How criteria of HLA match are judged: a unit against its recipient, or units against each other.

A count is certain or ambiguous: where what is ambiguous would decide, or a locus is not typed, the answer is unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from inventory.domain.allele import HlaRefused
from inventory.domain.assay import written
from inventory.domain.criterion import OF_6, Criterion
from inventory.domain.hla import Match, match
from inventory.domain.specification import MISSING, Measurement, SampleSource, compare
from inventory.domain.typing import LOCUS_OF_ASSAY, Typing, typing_of
from inventory.domain.verdict import Outcome, worst

OWN = frozenset({SampleSource.UNIT, SampleSource.ATTACHED_SEGMENT})


@dataclass(frozen=True)
class Typed:
    """A unit or a recipient by code, with its typing as text by assay."""

    code: str
    texts: Mapping[str, str]


def typing_texts(measurements: Iterable[Measurement]) -> dict[str, str]:
    """Return a unit's verified typing as text by assay: measured on it or its segment, else on the infant.

    A locus that was typed in two ways is left out: nobody can say here which is right. So is one that was typed of some
    of several infants only.
    """
    found: dict[str, dict[bool, set[str]]] = {}
    for each in measurements:
        own = each.taken_from in OWN
        is_of_infant = _is_of_infant(each)
        is_typed = each.verified and bool(each.text) and (own or is_of_infant)
        if each.assay in LOCUS_OF_ASSAY and (is_typed or (is_of_infant and each.qualifier in MISSING)):
            found.setdefault(each.assay, {}).setdefault(own, set()).add(each.text)
    best = {assay: texts.get(True) or texts[False] for assay, texts in sorted(found.items())}
    return {assay: min(texts) for assay, texts in best.items() if len(texts) == 1 and any(texts)}


def judge_matches(criterion: Criterion, pairs: Iterable[tuple[Typed, Typed]]) -> tuple[Outcome, str]:
    """Judge the match of every pair, donor first; the worst counts, and nothing to compare is unknown."""
    judged = [_judge(criterion, donor, recipient) for donor, recipient in pairs]
    if not judged:
        return Outcome.UNKNOWN, f"{criterion.spoken} is not known: nothing is there to compare"
    outcome = worst(each for each, _ in judged)
    return outcome, "; ".join(reason for each, reason in judged if each is outcome)


def _judge(criterion: Criterion, donor: Typed, recipient: Typed) -> tuple[Outcome, str]:
    what = f"{criterion.spoken} of {donor.code} with {recipient.code}"
    typings = _read(donor), _read(recipient)
    if unread := [each for each in typings if isinstance(each, str)]:
        return Outcome.UNKNOWN, f"{what} is not known: {'; '.join(unread)}"
    found = match(*(each for each in typings if isinstance(each, Typing)))
    certain, possible = _counts(criterion, found)
    if certain is None:
        loci = found.six if criterion.attribute == OF_6 else found.eight
        missing = ", ".join(f"HLA-{each.locus.value}" for each in loci if not each.is_typed)
        return Outcome.UNKNOWN, f"{what} is not known: {missing} is not typed and verified of both"
    if criterion.limit is None:
        return Outcome.UNKNOWN, f"{what} has no limit to be compared with"
    return _compared(criterion, criterion.limit, what, (certain, possible))


def _compared(criterion: Criterion, limit: Decimal, what: str, counts: tuple[int, int]) -> tuple[Outcome, str]:
    certain, possible = counts
    outcomes = {compare(criterion.operator, Decimal(count), limit) for count in (certain, possible)}
    against = f"against {criterion.operator.value.replace('_', ' ')} {written(limit)}"
    if len(outcomes) == 1:
        shown = f"{certain}" if certain == possible else f"{certain} to {possible}"
        return outcomes.pop(), f"{what} {shown} {against}"
    return Outcome.UNKNOWN, f"{what} is ambiguous: {certain} to {possible} {against}"


def _counts(criterion: Criterion, found: Match) -> tuple[int | None, int]:
    if criterion.attribute == OF_6:
        return found.of_6, found.possible_of_6
    return found.of_8, found.possible_of_8


def _read(typed: Typed) -> Typing | str:
    """Return a typing, or why it cannot be read."""
    try:
        return typing_of(typed.texts)
    except HlaRefused as refused:
        return f"the typing of {typed.code} cannot be read: {refused.message}"


def _is_of_infant(each: Measurement) -> bool:
    return each.taken_from is SampleSource.INFANT
