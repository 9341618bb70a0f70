"""Picking: the position and the unit that were scanned must be the ones the release names."""

from dataclasses import dataclass

from biobank.domain.refusal import Reason, RuleViolation


class PickMismatch(RuleViolation):
    code = "pick-mismatch"
    title = "Stop: this is not what the release names"
    mend = "Put it back where it was, close the tank, and call quality. The attempt has been recorded."


@dataclass(frozen=True)
class PickFacts:
    """What the release names, and what was scanned; all four are canonical codes."""

    expected_unit: str
    scanned_unit: str
    expected_position: str
    scanned_position: str


def check_pick(facts: PickFacts) -> None:
    """Raise ``PickMismatch`` with the expected and the scanned value of whatever differs."""
    compared = (
        ("unit", "wrong-unit", facts.expected_unit, facts.scanned_unit),
        ("position", "wrong-position", facts.expected_position, facts.scanned_position),
    )
    reasons = [
        Reason(f"The {what} scanned is {scanned or 'nothing'}, the release names {expected or 'none'}.", code, what)
        for what, code, expected, scanned in compared
        if not expected or scanned != expected
    ]
    if reasons:
        raise PickMismatch("What was scanned does not match.", reasons=reasons)
