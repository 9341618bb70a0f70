"""Kinship: how near a recipient is to the infant of a donation, and for whom a donation was given."""

from dataclasses import dataclass

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.donation import DonationPurpose
from inventory.domain.recipient import obstacles_to_recipient

THE_INFANT = 0
# First and second degree: parents and siblings, then grandparents, aunts, uncles and half-siblings (21 CFR 1271.3(b)
# leaves out what is further).
CLOSE = (1, 2)
FURTHEST = 4
LONGEST_SHOWN_BY = 200
LONGEST_PROTOCOL_CODE = 32


class KinshipRefused(RuleViolation):
    code = "kinship-refused"
    title = "The kinship was not recorded"
    mend = "Correct what is named and record it again; nothing was recorded."


@dataclass(frozen=True)
class Kin:
    """A recipient by the study's code, the degree of kinship to the infant (0: the infant itself), and what shows it.

    ``shown_by`` names the document that was seen, never a person.
    """

    protocol_code: str
    recipient: str
    degree: int
    shown_by: str


def obstacles_to_kin(kin: Kin) -> list[Reason]:
    """Return what is wrong with a kinship as stated."""
    reasons = obstacles_to_recipient(kin.recipient)
    reasons += obstacles_to_text(kin.protocol_code, "protocol_code", longest=LONGEST_PROTOCOL_CODE, needed=True)
    reasons += obstacles_to_text(kin.shown_by, "shown_by", longest=LONGEST_SHOWN_BY, needed=True)
    if kin.degree not in range(THE_INFANT, FURTHEST + 1):
        text = f"Kinship is the infant itself (0) or of degree 1 to {FURTHEST}."
        reasons.append(Reason(text, "degree", "degree"))
    return reasons


def obstacles_to_naming(purpose: DonationPurpose, kin: Kin | None, *, named_already: int = 0) -> list[Reason]:
    """Return why a donation for this purpose cannot name this recipient, or none."""
    if kin is None:
        if purpose is DonationPurpose.RELATED:
            return [Reason("A related donation names its recipient.", "no-recipient", "recipient")]
        return []
    reasons = obstacles_to_kin(kin)
    if purpose is DonationPurpose.AUTOLOGOUS and kin.degree != THE_INFANT:
        reasons.append(Reason("An autologous donation is for the infant itself alone.", "degree", "degree"))
    if purpose is DonationPurpose.RELATED and kin.degree == THE_INFANT:
        text = "A related donation is for a relative; one for the infant itself is autologous."
        reasons.append(Reason(text, "degree", "degree"))
    return reasons + _of_another(purpose, named_already)


def _of_another(purpose: DonationPurpose, named_already: int) -> list[Reason]:
    if purpose is not DonationPurpose.RELATED or not named_already:
        return []
    text = "A related donation is for the one recipient it was given for, and names no other."
    return [Reason(text, "named-already", "recipient")]


def fits(purpose: DonationPurpose, degree: int | None) -> bool:
    """Tell whether a donation may go to a recipient; ``degree`` is None for one whom it does not name."""
    if purpose is DonationPurpose.AUTOLOGOUS:
        return degree == THE_INFANT
    return purpose is DonationPurpose.UNRELATED or degree is not None


def is_close(degree: int | None) -> bool:
    """Tell whether a named recipient is a blood relative of first or second degree."""
    return degree in CLOSE
