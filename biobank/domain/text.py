"""What free text may hold: readable characters only, and no more than its column keeps."""

import unicodedata
from collections.abc import Mapping

from biobank.domain.refusal import Reason, RuleViolation

# Control, format (zero-width, bidirectional), surrogate, private and unassigned characters.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class TextRefused(RuleViolation):
    code = "text-refused"
    title = "The text cannot be kept"
    mend = "Correct the text and send it again; nothing was recorded."


def can_be_written(value: str) -> bool:
    """Whether a text has a written form at all; half of a surrogate pair has none."""
    return not any(unicodedata.category(character) == "Cs" for character in value)


def check_text(value: str, field: str, *, longest: int, needed: bool = True) -> None:
    """Raise ``TextRefused`` naming the field for a text that is missing, too long or unreadable."""
    if reasons := obstacles_to_text(value, field, longest=longest, needed=needed):
        raise TextRefused("What was typed cannot be kept.", reasons=reasons, field=field)


def obstacles_to_texts(longest: Mapping[str, int], values: Mapping[str, str]) -> list[Reason]:
    """Return what is wrong with texts, none of them needed, each by its field and the length of its column."""
    return [each for field, most in longest.items() for each in obstacles_to_text(values[field], field, longest=most)]


def obstacles_to_findings(findings: Mapping[str, str], *, longest: int = 200) -> list[Reason]:
    """Return what is wrong with what was looked at: names and what was found, in words."""
    texts = [text for pair in findings.items() for text in pair]
    reasons = [each for text in texts for each in obstacles_to_text(text, "findings", longest=longest)]
    return list(dict.fromkeys(reasons))


def obstacles_to_text(value: str, field: str, *, longest: int, needed: bool = False) -> list[Reason]:
    """Return what is wrong with a text, without repeating it."""
    words = field.replace("_", " ")
    reasons = []
    if needed and not value.strip():
        reasons.append(Reason(f"The {words} is missing.", "missing", field))
    if len(value) > longest:
        reasons.append(Reason(f"The {words} is longer than {longest} characters.", "too-long", field))
    if any(unicodedata.category(character) in _UNREADABLE and character != "\n" for character in value):
        reasons.append(Reason(f"The {words} holds characters that cannot be seen.", "unreadable", field))
    return reasons
