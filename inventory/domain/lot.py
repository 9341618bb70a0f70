"""Lots: how many vials, the divisions that tell them apart, their labels, and which of them go first.

Divisions after ICCBBA ST-001 v6.2.2: a product code ends in a letter and ``0`` (or a small letter, for what was divided
again), or in ``99`` where the division stands in data structure 032 (used, not copied).
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from string import ascii_uppercase

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.amount import FINEST
from inventory.domain.assay import ASSAYS
from inventory.domain.criterion import ADDABLE
from inventory.domain.din import LENGTH, Din
from inventory.domain.isbt128 import DataStructure, compound
from inventory.domain.isbt128_kind import DIN, DIVISIONS, PRODUCT_CODE
from inventory.domain.product_code import DIVISION_IN_ANOTHER_STRUCTURE, ProductCodeRefused, read_product_code
from inventory.domain.unit import UnitState

MOST_VIALS = 999
LAST_DIVISION = 999_999
BASE_LENGTH = 6
CODE_LENGTH = 8
NUMBERED = re.compile(rf"{DIVISION_IN_ANOTHER_STRUCTURE}([0-9]{{6}})")


OWN_OF_A_VIAL = "a vial has its own once thawed, and its own amounts once a part was taken of it"


class LotRefused(RuleViolation):
    code = "lot-refused"
    title = "The lot was not made"
    mend = "Correct what is named and record it again; nothing was recorded."


class TooFewVials(RuleViolation):
    code = "too-few-vials"
    title = "The lot does not have that many vials"
    mend = "Ask for fewer vials, or for another lot as well; nothing was reserved."


class RecordOnTheLot(RuleViolation):
    code = "record-on-the-lot"
    title = "This is the lot's, once for all its vials"
    mend = "Record it on the lot. Nothing was saved."


@dataclass(frozen=True)
class VialFacts:
    """One vial of a lot that a request by count could have: since when and where it lies, and whether it is held."""

    unit_id: int
    state: UnitState
    placed_at: datetime | None = None
    position_id: int = 0
    held: bool = False


def is_a_vials_own(assay: str, *, thawed: bool, drawn: bool) -> bool:
    """Whether a result is of a vial itself: any once it was thawed, an amount once a part was taken of it."""
    known = ASSAYS.get(assay)
    return thawed or (drawn and known is not None and known.unit in ADDABLE)


def obstacles_to_size(vials: int) -> list[Reason]:
    """Return why a lot cannot have that many vials."""
    if 1 <= vials <= MOST_VIALS:
        return []
    return [Reason(f"A lot has 1 to {MOST_VIALS} vials, not {vials}.", "size", "vials")]


def check_lot_product_code(base: str) -> str:
    """Return the six characters that all vials of a lot share. Raises ``ProductCodeRefused`` for any others."""
    if len(base) == BASE_LENGTH and read_product_code(f"{base}{DIVISION_IN_ANOTHER_STRUCTURE}").needs_division:
        return base
    text = "The product code of a lot has six characters: description code and collection type, without a division."
    raise ProductCodeRefused(text, field="product_code")


def divisions(vials: int, taken: Iterable[str]) -> tuple[str, ...]:
    """Return as many divisions as there are vials, none of those taken, as each ends its unit's code.

    Letters where enough are left, else ``99`` and the six digits of data structure 032. Raises ``LotRefused`` beyond
    the last division.
    """
    known = set(taken)
    letters = [letter for letter in ascii_uppercase if not any(each.startswith(letter) for each in known)]
    if vials <= len(letters):
        return tuple(f"{letter}0" for letter in letters[:vials])
    last = max((int(found[1]) for each in known if (found := NUMBERED.fullmatch(each))), default=0)
    if last + vials > LAST_DIVISION:
        text = f"{vials} vials after division {last} go beyond division {LAST_DIVISION}."
        raise LotRefused(text, reasons=[Reason(text, "division", "vials")], field="vials")
    return tuple(f"{DIVISION_IN_ANOTHER_STRUCTURE}{last + number:06d}" for number in range(1, vials + 1))


def label_message(code: str) -> str:
    """Return what the Data Matrix on a vial's label holds: DIN, product code and, beyond 26, divisions in one."""
    division = code[LENGTH + CODE_LENGTH :]
    parts = [DataStructure(DIN, f"{Din(code[:LENGTH])}00"), DataStructure(PRODUCT_CODE, product_code_in(code))]
    return compound([*parts, *([DataStructure(DIVISIONS, division)] if division else [])])


def product_code_in(code: str) -> str:
    """Return the eight characters of the product code in a unit's code."""
    return code[LENGTH : LENGTH + CODE_LENGTH]


def shares(total: Decimal, count: int) -> tuple[Decimal, ...]:
    """Return an amount in as many parts, to two decimals, alike but for a hundredth, that make it up exactly."""
    hundredths = int(total / FINEST)
    each, more = divmod(hundredths, count)
    return tuple((each + (1 if number < more else 0)) * FINEST for number in range(count))


def choose_vials(
    lot: str, wanted: int, vials: Collection[VialFacts], *, states: Collection[UnitState]
) -> tuple[int, ...]:
    """Return the ids of the vials that go first: those placed longest, then by position; none that is held.

    Raises ``TooFewVials`` where fewer are left.
    """
    ready = sorted(
        (each.placed_at, each.position_id, each.unit_id)
        for each in vials
        if each.placed_at is not None and not each.held and each.state in states
    )
    if wanted > len(ready):
        text = f"{lot} has {len(ready)} of its vials left to request, not {wanted}."
        raise TooFewVials(text, reasons=[Reason(text, "too-few-vials", "lots")], field="lots")
    return tuple(unit_id for _, _, unit_id in ready[:wanted])


def about_the_lot(lot: str, reasons: Sequence[Sequence[Reason]], vials: Sequence[str]) -> list[Reason]:
    """Return the reasons against the vials of a lot, one list each: what all have in common is said once, of the lot.

    What only some of them have is said of each, by its code.
    """
    everybodys = set.intersection(*(set(each) for each in reasons)) if reasons else set()
    first = [each for each in (reasons[0] if reasons else ()) if each in everybodys]
    return [
        *(Reason(f"{lot}: {each.text}", each.code, each.field) for each in first),
        *(
            Reason(f"{vial}: {each.text}", each.code, each.field)
            for vial, found in zip(vials, reasons, strict=True)
            for each in found
            if each not in everybodys
        ),
    ]
