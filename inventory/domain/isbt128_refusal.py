"""How a bar code is refused: one name for each thing that can be wrong with it."""

from biobank.domain.refusal import RuleViolation

LONGEST_SHOWN = 120


class Isbt128Refused(RuleViolation):
    code = "isbt128-refused"
    title = "This bar code could not be read"
    mend = "Scan it again, slowly and alone; nothing of it was used."


class NothingRead(Isbt128Refused):
    code = "isbt128-nothing-read"


class TooLong(Isbt128Refused):
    code = "isbt128-too-long"


class ForeignCharacters(Isbt128Refused):
    code = "isbt128-foreign-characters"


class NotIsbt128(Isbt128Refused):
    code = "isbt128-other-code"


class CutShort(Isbt128Refused):
    code = "isbt128-cut-short"


class UnknownStructure(Isbt128Refused):
    code = "isbt128-unknown-structure"


class WrongContent(Isbt128Refused):
    code = "isbt128-wrong-content"


class WrongCheck(Isbt128Refused):
    code = "isbt128-wrong-check"
    mend = "Compare what was typed with the label, or scan it; nothing of it was used."


class WrongCount(Isbt128Refused):
    code = "isbt128-wrong-count"


class WrongSequence(Isbt128Refused):
    code = "isbt128-wrong-sequence"


class DivisionMissing(Isbt128Refused):
    code = "isbt128-division-missing"
    mend = "Scan the code of the divisions together with the product code; nothing of it was used."


class DateRefused(Isbt128Refused):
    code = "isbt128-date"


def as_text(value: object) -> str:
    """Return a text that was read; what is none is refused, whatever handed it in."""
    if not isinstance(value, str) or not value:
        raise NothingRead("Nothing was read.")
    return value


def shown(text: str) -> str:
    """Return as much of a text as a person would look at."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
