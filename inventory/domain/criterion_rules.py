"""How a protocol's criteria are judged: exactly, and unknown, with its reason, while anything they ask is missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from inventory.domain.assay import Qualifier, in_words, written
from inventory.domain.criterion import DMSO_INPUTS, DMSO_PER_KG_DAY, HLA_MATCHES, Criterion, Scope
from inventory.domain.dmso import InfusedBag, dmso_g_per_kg_day, dmso_grams, is_within_the_day
from inventory.domain.dose import is_a_weight, per_kg, total_over_units
from inventory.domain.match_rules import Typed, judge_matches
from inventory.domain.quantity import beside
from inventory.domain.recipient import RecipientFacts, UnitOfRecipient
from inventory.domain.specification import MISSING, Measurement, SampleSource, compare, judge_value
from inventory.domain.verdict import Outcome, worst

Judged = tuple[Outcome, str]
# Of several donations each has its own: what is known of one says nothing of the other.
OF_A_BIRTH = frozenset({SampleSource.MOTHER, SampleSource.INFANT})


@dataclass(frozen=True)
class CriterionFacts:
    """What criteria ask: of one unit, of its recipient, and of the typings by code of all units beside it.

    ``units`` are the codes of those that are judged together: all of its recipient, or else all of its request.
    """

    unit: str
    measurements: tuple[Measurement, ...]
    recipient: RecipientFacts | None
    units: tuple[str, ...] = ()
    typings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class CriterionFinding:
    criterion: Criterion
    outcome: Outcome
    reason: str


def judge_criteria(criteria: Iterable[Criterion], facts: CriterionFacts, *, at: datetime) -> Iterator[CriterionFinding]:
    """Judge every criterion; what cannot be judged is unknown and so cannot pass a signature."""
    for criterion in criteria:
        yield CriterionFinding(criterion, *_judge(criterion, facts, at))


def known_amounts(assays: Iterable[str], measurements: Iterable[Measurement]) -> dict[str, Decimal]:
    """Return the one verified value of the unit, by assay; below the method's limit is none, nor are two.

    What was measured of its lot is that of each vial, and counts where nothing was measured on the vial itself.
    """
    wanted, known = set(assays), tuple(measurements)
    of_lot, of_unit = (_measured(wanted, known, source) for source in (SampleSource.LOT, SampleSource.UNIT))
    return {assay: min(numbers) for assay, numbers in sorted((of_lot | of_unit).items()) if len(numbers) == 1}


def _measured(
    assays: Collection[str], measurements: Iterable[Measurement], source: SampleSource
) -> dict[str, set[Decimal]]:
    found: dict[str, set[Decimal]] = {}
    for each in measurements:
        counts = each.verified and each.qualifier is Qualifier.MEASURED and each.taken_from is source
        if counts and each.assay in assays and each.number is not None:
            found.setdefault(each.assay, set()).add(each.number)
    return found


def _judge(criterion: Criterion, facts: CriterionFacts, at: datetime) -> Judged:
    if criterion.attribute in HLA_MATCHES:
        return _match(criterion, facts)
    if criterion.scope is Scope.UNIT:
        return _dose_of_unit(criterion, facts) if criterion.is_per_kg else _of_unit(criterion, facts)
    if criterion.scope is Scope.BETWEEN:
        return Outcome.UNKNOWN, f"{criterion.spoken} between units cannot be judged"
    if criterion.attribute == DMSO_PER_KG_DAY:
        return _dmso(criterion, facts.recipient, at)
    return _of_recipient(criterion, facts.recipient)


def _match(criterion: Criterion, facts: CriterionFacts) -> Judged:
    if criterion.scope is Scope.BETWEEN:
        if len(facts.units) == 1:
            return Outcome.PASS, f"{criterion.spoken}: one unit alone"
        # What the others are to each other was judged with them, and is not this unit's to answer for.
        pairs = [pair for pair in combinations(sorted(facts.units), 2) if facts.unit in pair]
        typed = {code: Typed(code, facts.typings.get(code, {})) for code in facts.units}
        return judge_matches(criterion, [(typed[one], typed[other]) for one, other in pairs])
    recipient = facts.recipient
    if criterion.scope is not Scope.UNIT or recipient is None:
        return Outcome.UNKNOWN, f"{criterion.spoken} is not known: no recipient is named"
    unit = Typed(facts.unit, facts.typings.get(facts.unit, {}))
    return judge_matches(criterion, [(unit, Typed(recipient.code, recipient.typing))])


def _of_unit(criterion: Criterion, facts: CriterionFacts) -> Judged:
    asked = [
        each
        for each in facts.measurements
        if each.assay == criterion.attribute and each.taken_from is not SampleSource.SOURCE
    ]
    relevant = [each for each in asked if _is_known(each)]
    if not relevant or any(each.taken_from in OF_A_BIRTH and not _is_known(each) for each in asked):
        return Outcome.UNKNOWN, f"{criterion.spoken} is not known and verified"
    return _together(judge_value(criterion.operator, criterion.limit, criterion.words, each) for each in relevant)


def _is_known(measurement: Measurement) -> bool:
    return measurement.verified and measurement.qualifier not in MISSING


def _dose_of_unit(criterion: Criterion, facts: CriterionFacts) -> Judged:
    amounts = known_amounts([criterion.assay], facts.measurements)
    missing = [*_missing_amounts([UnitOfRecipient(facts.unit, amounts)], [criterion.assay])]
    return _by_weight(criterion, facts.recipient, amounts.get(criterion.assay), missing)


def _of_recipient(criterion: Criterion, recipient: RecipientFacts | None) -> Judged:
    units = recipient.units if recipient else ()
    missing = _missing_amounts(units, [criterion.assay])
    total = None
    if units and not missing:
        total = total_over_units({each.code: each.amounts[criterion.assay] for each in units})
    if criterion.is_per_kg or recipient is None:
        return _by_weight(criterion, recipient, total, missing)
    return _compared(criterion, total, missing)


def _by_weight(
    criterion: Criterion, recipient: RecipientFacts | None, amount: Decimal | None, missing: list[str]
) -> Judged:
    missing = [*missing, *_missing_weight(recipient)]
    if missing or amount is None or recipient is None or recipient.weight_kg is None:
        return _compared(criterion, None, missing)
    return _compared(criterion, per_kg(amount, recipient.weight_kg), [])


def _dmso(criterion: Criterion, recipient: RecipientFacts | None, at: datetime) -> Judged:
    units = [each for each in recipient.units if is_within_the_day(each.infused_at, at)] if recipient else []
    missing = [*_missing_amounts(units, DMSO_INPUTS), *_missing_weight(recipient)]
    if missing or not units or recipient is None or recipient.weight_kg is None:
        return _compared(criterion, None, missing)
    bags = {
        each.code: InfusedBag(dmso_grams(*(each.amounts[assay] for assay in DMSO_INPUTS)), each.infused_at)
        for each in units
    }
    return _compared(criterion, dmso_g_per_kg_day(bags, recipient.weight_kg, at=at), [])


def _compared(criterion: Criterion, number: Decimal | None, missing: list[str]) -> Judged:
    """Compare a number that was not rounded; without it, say what is missing."""
    if number is None or criterion.limit is None:
        why = "; ".join(missing) or "nothing is there to compare"
        return Outcome.UNKNOWN, f"{criterion.spoken} is not known: {why}"
    against = f"{criterion.operator.value.replace('_', ' ')} {written(criterion.limit)}"
    outcome = compare(criterion.operator, number, criterion.limit)
    return outcome, f"{criterion.spoken} {beside(number, criterion.limit)} against {against}"


def _missing_amounts(units: Iterable[UnitOfRecipient], assays: Iterable[str]) -> list[str]:
    lacking = {assay: [each.code for each in units if assay not in each.amounts] for assay in assays}
    return [
        f"{in_words(assay)} of {', '.join(codes)} is not known and verified"
        for assay, codes in lacking.items()
        if codes
    ]


def _missing_weight(recipient: RecipientFacts | None) -> list[str]:
    if recipient is None:
        return ["no recipient is named"]
    if recipient.weight_kg is None:
        return [f"the weight of {recipient.code} is not stated"]
    return [] if is_a_weight(recipient.weight_kg) else [f"the weight stated of {recipient.code} is no person's"]


def _together(judged: Iterable[Judged]) -> Judged:
    """The worst of several judgements with the reasons of those."""
    found = tuple(judged)
    outcome = worst(each for each, _ in found)
    return outcome, "; ".join(dict.fromkeys(reason for each, reason in found if each is outcome))
