"""Recipients: the one form of the code by which a study knows somebody."""

import re

from biobank.domain.refusal import Reason, RuleViolation

LONGEST_CODE = 32
# Matched before it is put in capitals: some letters of other alphabets have capitals among these.
CODE = re.compile(r"[A-Za-z0-9_/.-]+")


class RecipientRefused(RuleViolation):
    code = "recipient-refused"
    title = "This is no code of a recipient"
    mend = "Give the code by which the study knows the recipient, never a name."


def canonical_recipient(typed: str) -> str:
    """Return a recipient's code in its one form: no spaces around it, capitals. Raises ``RecipientRefused``."""
    if reasons := obstacles_to_recipient(typed):
        raise RecipientRefused("The recipient cannot be named so.", reasons=reasons, field="recipient")
    return typed.strip(" ").upper()


def obstacles_to_recipient(typed: str) -> list[Reason]:
    """Return what is wrong with a recipient's code, without repeating it: it may be a name."""
    code = typed.strip(" ")
    if code and len(code) <= LONGEST_CODE and CODE.fullmatch(code):
        return []
    text = f"A recipient's code has 1 to {LONGEST_CODE} of the characters A to Z, 0 to 9, “-”, “_”, “/” and “.”."
    return [Reason(text, "recipient-code", "recipient")]
