"""Receipt at the bank: what came against what was sent, and the decision by the bank's criteria."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason
from inventory.domain.unit import ProductClass


class ReceiptDecision(StrEnum):
    ACCEPT = "accept"
    ACCEPT_LABORATORY = "accept_laboratory"
    REJECT = "reject"


@dataclass(frozen=True)
class ReceiptCriteria:
    """The bank's criteria for one product class; editable policy, with defaults of its own."""

    longest_hours: Decimal
    coldest_celsius: Decimal
    warmest_celsius: Decimal
    least_volume_ml: Decimal = Decimal(0)
    longest_hours_laboratory: Decimal = Decimal(72)


CRITERIA: dict[ProductClass, ReceiptCriteria] = {
    ProductClass.CORD_BLOOD: ReceiptCriteria(Decimal(42), Decimal(4), Decimal(25), least_volume_ml=Decimal(40)),
    ProductClass.PLACENTA: ReceiptCriteria(Decimal(24), Decimal(2), Decimal(10)),
    ProductClass.CORD_TISSUE: ReceiptCriteria(Decimal(48), Decimal(2), Decimal(25)),
    ProductClass.LIVER_TISSUE: ReceiptCriteria(Decimal(24), Decimal(0), Decimal(10)),
}


@dataclass(frozen=True)
class ReceiptFacts:
    """What the receiving person saw of one item; ``temperatures`` are the coldest and warmest of the journey."""

    product_class: ProductClass
    label_matches: bool
    seal_intact: bool
    bag_intact: bool
    hours_since_collection: Decimal
    coldest_celsius: Decimal | None
    warmest_celsius: Decimal | None
    volume_ml: Decimal | None = None
    maternal_tubes_present: bool = True
    papers_present: bool = True


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What was seen of one unit or sample that keeps its state: at a laboratory, or at another site of the bank."""

    label_matches: bool = True
    intact: bool = True
    temperature_kept: bool = True
    note: str = ""


@dataclass(frozen=True)
class ReceiptVerdict:
    """The decision and its reasons; ``differences`` are those that place a hold: not what was sent."""

    decision: ReceiptDecision
    reasons: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def doubt(self) -> str:
        """Why it is held: it was rejected, or differs from what was sent; nothing otherwise."""
        if not self.differences and self.decision is not ReceiptDecision.REJECT:
            return ""
        return "; ".join(filter(None, [*self.reasons, told_differing(self.differences)]))


# What is measured of an item, and whether it can be left out.
MEASURED = {"hours_since_collection": False, "coldest_celsius": True, "warmest_celsius": True, "volume_ml": True}


def obstacles_to_measured(facts: ReceiptFacts) -> list[Reason]:
    """Return which measured findings are no numbers, or missing."""
    values = {name: getattr(facts, name) for name in MEASURED}
    return [
        Reason(f"The {name.replace('_', ' ')} is a number.", "finding", "findings")
        for name, value in values.items()
        if not ((isinstance(value, Decimal) and value.is_finite()) or (value is None and MEASURED[name]))
    ]


def told_differing(differences: Collection[str]) -> str:
    """Return in words what of a thing is not as it was sent."""
    return f"differs from what was sent: {', '.join(differences)}" if differences else ""


def judge_receipt(facts: ReceiptFacts, criteria: ReceiptCriteria | None = None) -> ReceiptVerdict:
    """Decide one item: reject what cannot be used at all, take for the laboratory what misses a clinical criterion."""
    bank = criteria or CRITERIA[facts.product_class]
    rejected = _rejecting(facts, bank)
    lowered = _lowering(facts, bank)
    differences = _differences(facts, bank)
    if rejected:
        return ReceiptVerdict(ReceiptDecision.REJECT, (*rejected, *lowered), differences)
    if lowered:
        return ReceiptVerdict(ReceiptDecision.ACCEPT_LABORATORY, lowered, differences)
    return ReceiptVerdict(ReceiptDecision.ACCEPT, (), differences)


def judge_condition(condition: Condition) -> tuple[str, ...]:
    """Return what of a thing is not as it was sent."""
    checks = (
        (condition.label_matches, "label"),
        (condition.intact, "container"),
        (condition.temperature_kept, "temperature"),
    )
    return tuple(what for same, what in checks if not same)


def _rejecting(facts: ReceiptFacts, bank: ReceiptCriteria) -> tuple[str, ...]:
    checks = (
        (facts.label_matches, "the label is not the one that was sent"),
        (facts.bag_intact, "the bag or container is damaged"),
        (
            facts.hours_since_collection <= bank.longest_hours_laboratory,
            f"more than {bank.longest_hours_laboratory} hours since collection",
        ),
        (facts.hours_since_collection >= 0, "received before it was collected"),
    )
    return tuple(reason for holds, reason in checks if not holds)


def _lowering(facts: ReceiptFacts, bank: ReceiptCriteria) -> tuple[str, ...]:
    checks = (
        (facts.seal_intact, "the seal was broken"),
        (
            facts.hours_since_collection <= bank.longest_hours,
            f"more than {bank.longest_hours} hours since collection",
        ),
        (_temperature_kept(facts, bank), f"not kept at {bank.coldest_celsius} to {bank.warmest_celsius} °C"),
        (_enough(facts, bank), f"less than {bank.least_volume_ml} mL"),
        (facts.maternal_tubes_present, "the mother's tubes are missing"),
        (facts.papers_present, "papers are missing"),
    )
    return tuple(reason for holds, reason in checks if not holds)


def _temperature_kept(facts: ReceiptFacts, bank: ReceiptCriteria) -> bool:
    """An unknown temperature is not a kept one."""
    if facts.coldest_celsius is None or facts.warmest_celsius is None:
        return False
    return bank.coldest_celsius <= facts.coldest_celsius and facts.warmest_celsius <= bank.warmest_celsius


def _enough(facts: ReceiptFacts, bank: ReceiptCriteria) -> bool:
    if bank.least_volume_ml == 0:
        return True
    return facts.volume_ml is not None and facts.volume_ml >= bank.least_volume_ml


def _differences(facts: ReceiptFacts, bank: ReceiptCriteria) -> tuple[str, ...]:
    measured = facts.coldest_celsius is not None and facts.warmest_celsius is not None
    checks = (
        (facts.label_matches, "label"),
        (facts.seal_intact, "seal"),
        (facts.bag_intact, "bag"),
        (facts.maternal_tubes_present, "maternal tubes"),
        (facts.papers_present, "papers"),
        (not measured or _temperature_kept(facts, bank), "temperature"),
    )
    return tuple(what for same, what in checks if not same)
