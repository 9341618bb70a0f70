"""Criteria of a protocol: of what they may speak, and what is wrong with one as it is drafted."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason
from inventory.domain.assay import ASSAYS, ValueKind, in_words, written
from inventory.domain.specification import Operator


class Scope(StrEnum):
    """Of what a criterion speaks: each unit, all units of the recipient together, or these units to each other."""

    UNIT = "unit"
    RECIPIENT = "recipient"
    BETWEEN = "between"


PER_KG = "_per_kg"
DMSO_PER_KG_DAY = "dmso_g_per_kg_day"
DMSO_INPUTS = ("volume_ml", "dmso_percent")
OF_6, OF_8 = "hla_match_of_6", "hla_match_of_8"
HLA_MATCHES = frozenset({OF_6, OF_8})
IN_WORDS = {
    DMSO_PER_KG_DAY: "DMSO in g per kg and day",
    OF_6: "HLA match of 6",
    OF_8: "HLA match of 8",
}
# What can be added up over units.
ADDABLE = frozenset({"cells", "colonies", "mL", "g"})
OF_NUMBERS = frozenset({Operator.AT_LEAST, Operator.MORE_THAN, Operator.AT_MOST, Operator.LESS_THAN})
# As the database keeps a limit.
DECIMALS, MOST = 3, Decimal("1e12")


@dataclass(frozen=True)
class Criterion:
    """One criterion of a protocol.

    ``attribute`` is an assay; an assay with ``…_per_kg``, by the recipient's weight; ``dmso_g_per_kg_day``; or
    ``hla_match_of_6`` and ``…_of_8``: of a unit with the recipient, or of the recipient's units with each other,
    whichever requests they are of; where nobody is to get them, of the request's.
    """

    scope: Scope
    attribute: str
    operator: Operator
    limit: Decimal | None = None
    words: tuple[str, ...] = ()

    @property
    def assay(self) -> str:
        """The assay that is asked, also where it is asked per kilogram."""
        return self.attribute.removesuffix(PER_KG)

    @property
    def is_per_kg(self) -> bool:
        return self.attribute.endswith(PER_KG)

    @property
    def code(self) -> str:
        limit = "|".join(self.words) if self.words else ("" if self.limit is None else written(self.limit))
        return " ".join(filter(None, (self.scope.value, self.attribute, self.operator.value, limit)))

    @property
    def spoken(self) -> str:
        """The attribute in words."""
        if self.attribute in IN_WORDS:
            return IN_WORDS[self.attribute]
        return f"{in_words(self.assay)} per kg" if self.is_per_kg else in_words(self.attribute)


def assays_totalled(criteria: Iterable[Criterion]) -> frozenset[str]:
    """Return the assays that must be known of every unit of the recipient."""
    asked = [each for each in criteria if each.scope is Scope.RECIPIENT]
    plain = {each.assay for each in asked if each.attribute != DMSO_PER_KG_DAY}
    return frozenset(plain | (set(DMSO_INPUTS) if asks_for_dmso(asked) else set()))


def asks_for_dmso(criteria: Iterable[Criterion]) -> bool:
    return any(each.attribute == DMSO_PER_KG_DAY for each in criteria)


def asks_between_units(criteria: Iterable[Criterion]) -> bool:
    return any(each.scope is Scope.BETWEEN for each in criteria)


def asks_for_typing(criteria: Iterable[Criterion]) -> bool:
    return any(each.attribute in HLA_MATCHES for each in criteria)


def obstacles_to_criteria(criteria: Iterable[Criterion], *, human_application: bool) -> list[Reason]:
    """Return why a protocol cannot be drafted with these criteria: no unit could ever meet them, or any would."""
    reasons = []
    for criterion in criteria:
        what = _obstacle_of_attribute(criterion) or _obstacle_of_limit(criterion)
        if not what and not human_application and _needs_a_recipient(criterion):
            what = "speaks of a recipient, and a study in the laboratory has none"
        if what:
            reasons.append(Reason(f"The criterion “{criterion.code}” {what}.", "criterion", "criteria"))
    return reasons


def _obstacle_of_attribute(criterion: Criterion) -> str:
    attribute, assay = criterion.attribute, ASSAYS.get(criterion.assay)
    if attribute in HLA_MATCHES:
        return "is of a unit or between units" if criterion.scope is Scope.RECIPIENT else ""
    if attribute == DMSO_PER_KG_DAY:
        return "" if criterion.scope is Scope.RECIPIENT else "is of all that the recipient gets"
    if criterion.scope is Scope.BETWEEN:
        return "is none between units"
    if assay is None:
        return "speaks of no assay that is known"
    if (criterion.is_per_kg or criterion.scope is Scope.RECIPIENT) and assay.unit not in ADDABLE:
        return "speaks of what cannot be added up"
    return ""


def _obstacle_of_limit(criterion: Criterion) -> str:
    if _is_of_numbers(criterion):
        return _obstacle_of_number(criterion)
    if criterion.operator is Operator.ONE_OF:
        known = ASSAYS[criterion.attribute].codes or criterion.words
        return "" if criterion.words and set(criterion.words) <= set(known) else "names no word that can be recorded"
    return "" if criterion.operator is Operator.RECORDED else "has a limit, and there is no number"


def _obstacle_of_number(criterion: Criterion) -> str:
    limit = criterion.limit
    if criterion.operator is Operator.RECORDED and criterion.scope is Scope.UNIT and criterion.attribute in ASSAYS:
        return ""
    if criterion.operator not in OF_NUMBERS or limit is None:
        return "needs a number as its limit"
    if not limit.is_finite() or not 0 <= limit < MOST or limit != round(limit, DECIMALS):
        return f"has a limit that is no number from 0 to {MOST:f} with at most {DECIMALS} decimals"
    return ""


def _is_of_numbers(criterion: Criterion) -> bool:
    assay = ASSAYS.get(criterion.attribute)
    return assay is None or assay.kind is ValueKind.NUMBER


def _needs_a_recipient(criterion: Criterion) -> bool:
    if criterion.attribute in HLA_MATCHES:
        return criterion.scope is Scope.UNIT
    return criterion.scope is Scope.RECIPIENT or criterion.is_per_kg
