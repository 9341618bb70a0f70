"""Severing: when a bag of two compartments can be cut into two units."""

from dataclasses import dataclass

from biobank.domain.refusal import Reason
from inventory.domain.product_code import ProductCodeRefused, read_product_code
from inventory.domain.unit import UnitKind

UNDIVIDED = ("00", "000")


@dataclass(frozen=True)
class SeveringFacts:
    """A bag, the samples that hang on it, and those named for its two parts with the product codes of these."""

    code: str
    kind: UnitKind
    is_measured: bool
    hanging: tuple[int, ...]
    named: tuple[int, ...]
    product_code: str
    parts: tuple[str, str]


def obstacles_to_severing(facts: SeveringFacts) -> list[Reason]:
    """Return every reason why this bag cannot be severed so; what processing asks of it besides is asked there."""
    reasons = []
    if facts.kind is not UnitKind.CRYOBAG:
        reasons.append(Reason(f"{facts.code} is no frozen bag.", "no-bag", "parents"))
    if not facts.is_measured:
        text = f"{facts.code}: its volume is not known, so neither is that of its parts."
        reasons.append(Reason(text, "amount-unknown", "parents"))
    return reasons + _of_samples(facts) + [each for part in facts.parts for each in _of_part(facts, part)]


def _of_samples(facts: SeveringFacts) -> list[Reason]:
    """Every sample that hangs on the bag hangs on one of its parts afterwards, and nothing else does."""
    reasons = []
    if len(set(facts.named)) < len(facts.named):
        reasons.append(Reason("A sample hangs on one part of the bag, not on both.", "samples", "samples"))
    if set(facts.named) - set(facts.hanging):
        reasons.append(Reason(f"A sample named does not hang on {facts.code}.", "samples", "samples"))
    if left := len(set(facts.hanging) - set(facts.named)):
        text = f"{left} of the samples that hang on {facts.code} are not said to hang on either part."
        reasons.append(Reason(text, "samples", "samples"))
    return reasons


def _of_part(facts: SeveringFacts, part: str) -> list[Reason]:
    """A part is the same product, with a division of its own."""
    try:
        read, whole = read_product_code(part), read_product_code(facts.product_code)
    except ProductCodeRefused as refused:
        return [Reason(refused.message, refused.code, "product_code")]
    if (read.description_code, read.collection_type) != (whole.description_code, whole.collection_type):
        text = f"{part} is another product than {facts.product_code}: a part differs by its division alone."
        return [Reason(text, "another-product", "product_code")]
    if read.division in (*UNDIVIDED, whole.division):
        return [Reason(f"{part} has no division of its own.", "no-division", "product_code")]
    return []
