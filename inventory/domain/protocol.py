"""Protocols: approvals, sites, caps and criteria of a liver study, and what stands against a unit under it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from inventory.domain.assay import in_words, written
from inventory.domain.dose import is_a_weight, per_kg
from inventory.domain.specification import MISSING, Measurement, Operator, SampleSource, compare, judge_value
from inventory.domain.unit import ProductClass, Use
from inventory.domain.verdict import Outcome, worst


class Scope(StrEnum):
    UNIT = "unit"
    RECIPIENT = "recipient"
    BETWEEN = "between"


@dataclass(frozen=True)
class Criterion:
    """One criterion of a protocol. ``attribute`` is an assay; ``…_per_kg`` is a recipient's total by their weight."""

    scope: Scope
    attribute: str
    operator: Operator
    limit: Decimal | None = None
    words: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        limit = "|".join(self.words) if self.words else ("" if self.limit is None else written(self.limit))
        return " ".join(filter(None, (self.scope.value, self.attribute, self.operator.value, limit)))


@dataclass(frozen=True)
class Validity:
    """An approval, authorisation or agreement by its number, in force on both of its days; no end is open-ended."""

    number: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Cap:
    """How many there may be, and how many there would be with this request; no limit None."""

    what: str
    limit: int | None
    with_this: int


@dataclass(frozen=True)
class ProtocolFacts:
    code: str
    version: str
    signed: bool
    human_application: bool
    product_classes: frozenset[ProductClass]
    ethics: Validity | None
    regulatory: Validity | None = None
    site: str = ""
    site_on_protocol: bool = False
    agreement: Validity | None = None
    criteria: tuple[Criterion, ...] = ()
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True)
class RecipientFacts:
    """The recipient as the study's code knows them; ``totals`` are over all their units, by assay."""

    code: str
    weight_kg: Decimal | None = None
    is_the_infant: bool = False
    blood_relative_degree: int | None = None
    totals: Mapping[str, Decimal] | None = None


PER_KG = "_per_kg"


@dataclass(frozen=True)
class CriterionFinding:
    criterion: Criterion
    outcome: Outcome
    reason: str


def is_in_force(validity: Validity, on: date) -> bool:
    """In force on its first day and on its last."""
    return validity.valid_from <= on and (validity.valid_until is None or on <= validity.valid_until)


def obstacles_to_protocol(protocol: ProtocolFacts, *, on: date) -> list[str]:
    """Return every reason why nothing may go to this protocol's site on that day."""
    reasons = [] if protocol.signed else [f"protocol {protocol.code} {protocol.version} is not signed and in force"]
    reasons += _validity("ethics approval", protocol.ethics, on)
    if protocol.human_application:
        reasons += _validity("regulatory authorisation", protocol.regulatory, on)
    if not protocol.site_on_protocol:
        reasons.append(f"site {protocol.site} is not on the protocol")
    reasons += _validity(f"agreement with site {protocol.site}", protocol.agreement, on)
    reasons += [
        f"{cap.what}: {cap.with_this} would be more than {cap.limit}"
        for cap in protocol.caps
        if cap.limit is not None and cap.with_this > cap.limit
    ]
    return reasons


def obstacles_to_product(
    protocol: ProtocolFacts,
    product_class: ProductClass,
    *,
    accepted: Use | None,
    for_humans: bool | None,
    kind_answers: bool,
) -> list[str]:
    """Return why a product does not fit a protocol.

    ``for_humans`` is what its collection type says, None where that is not known; ``kind_answers`` is that it was
    reserved out of quarantine by a kind of release that answers for its use.
    """
    reasons = []
    if product_class not in protocol.product_classes:
        reasons.append(f"the protocol does not take {product_class.value.replace('_', ' ')}")
    if accepted is None and not kind_answers:
        reasons.append("the unit is not accepted for any use")
    if protocol.human_application and accepted is Use.LABORATORY:
        reasons.append("the unit is accepted for laboratory use only")
    if protocol.human_application and for_humans is None:
        reasons.append("its collection type is not known")
    elif protocol.human_application and not for_humans:
        reasons.append("its collection type says: not for human application")
    return reasons


def judge_criteria(
    protocol: ProtocolFacts, measurements: tuple[Measurement, ...], recipient: RecipientFacts | None, *, units: int
) -> Iterator[CriterionFinding]:
    """Judge every criterion; what cannot be judged here is unknown and so cannot pass a signature."""
    for criterion in protocol.criteria:
        if criterion.scope is Scope.UNIT:
            yield _of_unit(criterion, measurements)
        elif criterion.scope is Scope.RECIPIENT:
            yield _of_recipient(criterion, recipient)
        else:
            yield _between(criterion, units)


def _validity(what: str, validity: Validity | None, on: date) -> list[str]:
    if validity is None:
        return [f"{what} is missing"]
    return [] if is_in_force(validity, on) else [f"{what} {validity.number} is not in force"]


def _of_unit(criterion: Criterion, measurements: tuple[Measurement, ...]) -> CriterionFinding:
    relevant = [
        each
        for each in measurements
        if each.assay == criterion.attribute
        and each.verified
        and each.qualifier not in MISSING
        and each.taken_from is not SampleSource.SOURCE
    ]
    if not relevant:
        return CriterionFinding(
            criterion, Outcome.UNKNOWN, f"{in_words(criterion.attribute)} is not known and verified"
        )
    judged = [judge_value(criterion.operator, criterion.limit, criterion.words, each) for each in relevant]
    outcome = worst(each for each, _ in judged)
    return CriterionFinding(criterion, outcome, "; ".join(reason for each, reason in judged if each is outcome))


def _of_recipient(criterion: Criterion, recipient: RecipientFacts | None) -> CriterionFinding:
    number = _total(criterion, recipient)
    if number is None or criterion.limit is None:
        return CriterionFinding(criterion, Outcome.UNKNOWN, f"{_spoken(criterion)} of the recipient is not known")
    outcome = compare(criterion.operator, number, criterion.limit)
    against = f"{criterion.operator.value.replace('_', ' ')} {written(criterion.limit)}"
    return CriterionFinding(criterion, outcome, f"{_spoken(criterion)} {_about(number)} against {against}")


def _total(criterion: Criterion, recipient: RecipientFacts | None) -> Decimal | None:
    if recipient is None:
        return None
    totals = recipient.totals or {}
    if not criterion.attribute.endswith(PER_KG):
        return totals.get(criterion.attribute)
    total = totals.get(criterion.attribute.removesuffix(PER_KG))
    if total is None or recipient.weight_kg is None or not is_a_weight(recipient.weight_kg):
        return None
    return per_kg(total, recipient.weight_kg)


def _between(criterion: Criterion, units: int) -> CriterionFinding:
    if units == 1:
        return CriterionFinding(criterion, Outcome.PASS, f"{in_words(criterion.attribute)}: one unit alone")
    return CriterionFinding(criterion, Outcome.UNKNOWN, f"{in_words(criterion.attribute)} between units is not known")


def _spoken(criterion: Criterion) -> str:
    name = in_words(criterion.attribute.removesuffix(PER_KG))
    return f"{name} per kg" if criterion.attribute.endswith(PER_KG) else name


def _about(number: Decimal) -> str:
    """Rounded down to whole cells for reading: what is compared is never rounded."""
    return written(number.quantize(Decimal(1), ROUND_FLOOR)) if number >= 1 else written(number)
