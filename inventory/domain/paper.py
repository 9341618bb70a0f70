"""Papers of units that travel in quarantine: what they say of each, and what stands on them.

21 CFR 1271.60(c), as read 2026: records with the product identify the donor, state that the determination of its
eligibility has not been completed, and that it is not implanted, transplanted, infused or transferred until it is.
The donor is told by the donation's own number, the distinct identification code on the container; never by name.
1271.65 and .90 besides: what is known to come of an ineligible donor, or is for its donor alone, says so on every way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.ledger import canonical_json, digest
from biobank.domain.refusal import Reason
from inventory.domain.custody import Edition, Head, as_mapping
from inventory.domain.eligibility import EligibilityVerdict, label_texts
from inventory.domain.gate_facts import DeterminationFacts
from inventory.domain.shipment import ShipmentRefused
from inventory.domain.unit import Use

FORMAT = "quarantine-papers-v1"
NOT_COMPLETE = "The determination of the donor's eligibility has not been completed."
WARNED_OF = (EligibilityVerdict.INELIGIBLE, EligibilityVerdict.NOT_REQUIRED)
GIVE_TO_NOBODY = "This product must not be implanted, transplanted, infused or transferred until it has been completed."
IN_QUARANTINE = "This product is in quarantine and must not be given to anybody before it is released from it."


@dataclass(frozen=True)
class PaperFacts:
    """What the papers of a unit rest on: its donations by code, the last determination of each, and its open holds.

    A hold is told by its kind and its own code: why it lies there is a person's free text and stays in the bank.
    """

    unit: str
    donations: tuple[str, ...]
    determinations: tuple[DeterminationFacts | None, ...]
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitPaper:
    """The page of one unit: how its label names it, its symbol, the fixed warnings, and the statements."""

    code: str
    din_printed: str
    din_check: str
    symbol: str
    product: str
    product_code: str
    legends: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True)
class PapersFacts:
    """Everything that the papers of one shipment say, at one ledger position."""

    bank: str
    time_zone: str
    head: Head
    shipment: str
    from_site: str
    to_site: str
    packed_at: datetime
    shipper_code: str
    seal_code: str
    units: tuple[UnitPaper, ...]


def statements_of(facts: PaperFacts) -> tuple[str, ...]:
    """Return what the papers of a unit in quarantine must say, in sentences: who is the donor, and what is not known.

    While a determination is open: that it is not complete, and that the product is given to nobody until it is.
    """
    said = [_donors(facts.donations)]
    if not facts.determinations or not all(each is not None and each.is_settled for each in facts.determinations):
        said += [NOT_COMPLETE, GIVE_TO_NOBODY]
    else:
        verdicts = ", ".join(sorted({each.verdict.value.replace("_", " ") for each in facts.determinations if each}))
        said += [f"The determination of the donor's eligibility is complete: {verdicts}.", IN_QUARANTINE]
    return (f"Unit {facts.unit}.", *said, *(f"On hold: {each}." for each in facts.holds))


def legends_of(facts: PaperFacts) -> tuple[str, ...]:
    """Return the fixed warnings that the papers bear: of each donor found ineligible, and of gifts to oneself.

    Found once, it is said until the donor is determined anew, also while the determination is open again. Of what is
    merely not complete the statements speak, and nobody is given it.
    """
    found = [each for each in facts.determinations if each is not None and each.verdict in WARNED_OF]
    texts = (label_texts(each.verdict, Use.HUMAN_APPLICATION, reactive=each.reactive) for each in found)
    return tuple(dict.fromkeys(text for each in texts for text in each))


def _donors(donations: tuple[str, ...]) -> str:
    if len(donations) == 1:
        return f"The donor is identified by the donation number {donations[0]}."
    return f"The donors are identified by the donation numbers {', '.join(donations)}."


def statements_sha256(statements: tuple[str, ...]) -> str:
    """Return the hash by which papers are compared with what they would say now."""
    return digest(canonical_json(list(statements)))


def check_as_drawn(drawn: Mapping[str, tuple[str, ...]], true: Mapping[str, tuple[str, ...]]) -> None:
    """Raise ``ShipmentRefused`` where what is true of a unit changed while its papers were drawn."""
    changed = sorted(code for code in drawn.keys() | true.keys() if drawn.get(code) != true.get(code))
    if changed:
        reasons = [Reason(f"What is true of {code} changed meanwhile.", "stale-papers", "papers") for code in changed]
        raise ShipmentRefused("The papers were drawn and are not true any more: enclose them anew.", reasons=reasons)


def papers_record(facts: PapersFacts, edition: Edition) -> str:
    """Return the papers' data as canonical JSON, the text that is attached to them."""
    return canonical_json({"edition": as_mapping(edition), "facts": as_mapping(facts), "format": FORMAT})
