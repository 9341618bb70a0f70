"""Recipients: the one form of the code by which a study knows somebody, and what the gates ask of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.allele import HlaRefused
from inventory.domain.typing import LOCUS_OF_ASSAY, canonical_genotype

LONGEST_CODE = 32
# Matched before it is put in capitals: some letters of other alphabets have capitals among these.
CODE = re.compile(r"[A-Za-z0-9_/.-]+")


class RecipientRefused(RuleViolation):
    code = "recipient-refused"
    title = "This is no code of a recipient"
    mend = "Give the code by which the study knows the recipient, never a name."


@dataclass(frozen=True)
class UnitOfRecipient:
    """One unit that a recipient had or is to have: what is known and verified of it, by assay.

    ``infused_at`` is None while it was not infused, or where nothing asks when it was.
    """

    code: str
    amounts: Mapping[str, Decimal]
    infused_at: datetime | None = None


@dataclass(frozen=True)
class RecipientFacts:
    """The recipient as the study's code knows them, with weight and typing as the request states them.

    ``units`` are all that they had under the study and all of this request; ``typing`` is text by assay.
    """

    code: str
    weight_kg: Decimal | None = None
    units: tuple[UnitOfRecipient, ...] = ()
    typing: Mapping[str, str] = field(default_factory=dict)


def canonical_recipient(typed: str) -> str:
    """Return a recipient's code in its one form: no spaces around it, capitals. Raises ``RecipientRefused``."""
    if reasons := obstacles_to_recipient(typed):
        raise RecipientRefused("The recipient cannot be named so.", reasons=reasons, field="recipient")
    return typed.strip(" ").upper()


def obstacles_to_typing(texts: Mapping[str, str]) -> list[Reason]:
    """Return what is wrong with a recipient's typing as a study states it, text by assay."""
    reasons = []
    for assay, text in texts.items():
        if assay not in LOCUS_OF_ASSAY:
            allowed = ", ".join(LOCUS_OF_ASSAY)
            reasons.append(Reason(f"A recipient's typing is by {allowed}.", "no-locus", "recipient_typing"))
            continue
        try:
            canonical_genotype(LOCUS_OF_ASSAY[assay], text)
        except HlaRefused as refused:
            reasons.append(Reason(str(refused), refused.code, "recipient_typing"))
    return reasons


def canonical_typing(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a stated typing, found to be in order, in the form in which it is kept and compared."""
    return {assay: canonical_genotype(LOCUS_OF_ASSAY[assay], text) for assay, text in sorted(texts.items())}


def obstacles_to_recipient(typed: str) -> list[Reason]:
    """Return what is wrong with a recipient's code, without repeating it: it may be a name."""
    code = typed.strip(" ")
    if code and len(code) <= LONGEST_CODE and CODE.fullmatch(code):
        return []
    text = f"A recipient's code has 1 to {LONGEST_CODE} of the characters A to Z, 0 to 9, “-”, “_”, “/” and “.”."
    return [Reason(text, "recipient-code", "recipient")]
