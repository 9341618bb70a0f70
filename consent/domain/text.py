"""What free text may hold: readable characters only, and no more than its column keeps."""

import unicodedata

from biobank.domain.refusal import Reason

# Control, format (zero-width, bidirectional), surrogate, private and unassigned characters.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


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
