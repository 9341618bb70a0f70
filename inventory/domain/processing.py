"""Processing: times in order, what can be made of what, and amounts that agree between parents and children."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.unit import ProductClass, UnitState

PROCESSABLE = frozenset({UnitState.COLLECTED, UnitState.QUARANTINED, UnitState.AVAILABLE})
# An acceptance was of the whole: what was accepted goes back to quarantine before a part of it is taken.
DIVISIBLE = frozenset({UnitState.COLLECTED, UnitState.QUARANTINED})

# What can be made of what. A class that is not named makes only its own.
MAKES: Mapping[ProductClass, frozenset[ProductClass]] = MappingProxyType(
    {
        ProductClass.PLACENTA: frozenset({ProductClass.AMNION_EPITHELIAL, ProductClass.MSC}),
        ProductClass.CORD_TISSUE: frozenset({ProductClass.MSC}),
        ProductClass.LIVER_TISSUE: frozenset({ProductClass.HEPATOCYTE, ProductClass.LIVER_PROGENITOR}),
    }
)


class ProcessingRefused(RuleViolation):
    code = "processing-refused"
    title = "The processing was not recorded"
    mend = "Correct what is named and record it again; nothing was recorded."


@dataclass(frozen=True)
class ParentFacts:
    """One parent, its amount before, and what its children took of it (mL or g; None where not measured).

    ``lives_on`` says that it is to live on with what is left; ``makes`` are the classes of its children.
    """

    code: str
    state: UnitState
    amount: Decimal | None
    taken: tuple[Decimal | None, ...]
    collected_at: datetime | None = None
    lives_on: bool = False
    thawed: bool = False
    product_class: ProductClass | None = None
    makes: tuple[ProductClass, ...] = ()


@dataclass(frozen=True)
class ProcessingFacts:
    """One run as stated. ``stays_frozen`` says that it was done in the cold, without thawing anything."""

    parents: tuple[ParentFacts, ...]
    children: tuple[str, ...]
    started_at: datetime
    frozen_at: datetime | None = None
    volume_before_ml: Decimal | None = None
    volume_after_ml: Decimal | None = None
    stays_frozen: bool = False


def can_be_made_of(parent: ProductClass, child: ProductClass) -> bool:
    """Tell whether processing can make the one class of the other."""
    return child is parent or child in MAKES.get(parent, frozenset())


def obstacles_to_processing(facts: ProcessingFacts, *, at: datetime) -> list[Reason]:
    """Return every reason why this processing cannot be recorded as stated."""
    reasons = [*_of_times(facts, at), *_of_volumes(facts)]
    if not facts.parents or not facts.children:
        reasons.append(Reason("Processing has at least one parent and one child.", "no-lineage", "children"))
    if len(set(facts.children)) < len(facts.children):
        reasons.append(Reason("Two children have the same code.", "same-code", "children"))
    for parent in facts.parents:
        reasons += [
            *_of_parent(parent, facts.started_at),
            *_of_amounts(parent),
            *_of_thawed(parent, facts),
            *_of_classes(parent),
        ]
    return reasons


def check_processing(facts: ProcessingFacts, *, at: datetime) -> None:
    if reasons := obstacles_to_processing(facts, at=at):
        raise ProcessingRefused("This processing cannot be recorded as stated.", reasons=reasons)


def remaining(amount: Decimal, taken: Iterable[Decimal]) -> Decimal:
    """What is left of a parent; zero means that it was wholly turned into children."""
    return amount - sum(taken, start=Decimal(0))


def _of_times(facts: ProcessingFacts, at: datetime) -> list[Reason]:
    reasons = []
    if facts.started_at > at:
        reasons.append(Reason("The processing lies in the future.", "future-start", "started_at"))
    if facts.frozen_at is not None and facts.frozen_at > at:
        reasons.append(Reason("The freezing lies in the future.", "future-freezing", "frozen_at"))
    if facts.frozen_at is not None and facts.frozen_at < facts.started_at:
        reasons.append(Reason("It was frozen before processing began.", "frozen-before-start", "frozen_at"))
    if facts.frozen_at is not None and facts.stays_frozen:
        reasons.append(Reason("What was never thawed is not frozen anew.", "stays-frozen", "frozen_at"))
    return reasons


def _of_volumes(facts: ProcessingFacts) -> list[Reason]:
    named = (("volume_before_ml", facts.volume_before_ml), ("volume_after_ml", facts.volume_after_ml))
    return [
        Reason("A volume is more than nothing.", "volume", field)
        for field, volume in named
        if volume is not None and volume <= 0
    ]


def _of_parent(parent: ParentFacts, started_at: datetime) -> list[Reason]:
    reasons = []
    if parent.state not in PROCESSABLE:
        reasons.append(Reason(f"{parent.code} is {parent.state.value}.", "parent-state", "parents"))
    elif parent.lives_on and parent.state not in DIVISIBLE:
        text = f"{parent.code} is {parent.state.value}: take its acceptance back before taking a part of it."
        reasons.append(Reason(text, "parent-state", "parents"))
    if parent.collected_at is not None and started_at < parent.collected_at:
        reasons.append(Reason(f"{parent.code} was collected after that.", "before-collection", "started_at"))
    return reasons


def _of_amounts(parent: ParentFacts) -> list[Reason]:
    taken = [each for each in parent.taken if each is not None]
    if any(each <= 0 for each in taken):
        return [Reason(f"An amount taken from {parent.code} is nothing or less.", "amount", "children")]
    if parent.lives_on and (parent.amount is None or len(taken) < len(parent.taken)):
        text = f"{parent.code} lives on: its own amount, and what each child takes of it, must be known."
        return [Reason(text, "amount-unknown", "children")]
    if parent.amount is not None and remaining(parent.amount, taken) < 0:
        total = sum(taken, start=Decimal(0))
        return [Reason(f"{total} taken from {parent.code}, which holds {parent.amount}.", "amount", "children")]
    return []


def _of_thawed(parent: ParentFacts, facts: ProcessingFacts) -> list[Reason]:
    """A unit is thawed once: nothing of it is frozen again, and it is not left for another time."""
    if not parent.thawed:
        return []
    if facts.stays_frozen or facts.frozen_at is not None:
        return [Reason(f"{parent.code} was thawed, and nothing of it is frozen again.", "thawed", "parents")]
    if parent.lives_on:
        return [Reason(f"{parent.code} was thawed already: use all of it, or discard the rest.", "thawed", "parents")]
    return []


def _of_classes(parent: ParentFacts) -> list[Reason]:
    if parent.product_class is None:
        return []
    own = parent.product_class
    return [
        Reason(f"{_words(made)} cannot be made of {_words(own)} ({parent.code}).", "product-class", "children")
        for made in dict.fromkeys(parent.makes)
        if not can_be_made_of(own, made)
    ]


def _words(product_class: ProductClass) -> str:
    return product_class.value.replace("_", " ")
