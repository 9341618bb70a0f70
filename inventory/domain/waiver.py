"""Waivers: what an exceptional or urgent release may leave open, what it needs besides, and what it owes afterwards.

Which gate each kind may leave open is said by the gates themselves (``Finding.waivable_by``): 3 by both kinds, each
criterion named; 2 by urgent medical need alone (21 CFR 1271.60(d), 1271.65(b)). Nothing else is ever waived.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Role
from biobank.domain.text import obstacles_to_text
from inventory.domain.finding import Finding, Gate
from inventory.domain.release import ReleaseKind
from inventory.domain.verdict import Outcome

SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_STATEMENT = 1000
LONGEST_NAME = 120


class WaiverRefused(RuleViolation):
    code = "waiver-refused"
    title = "This release cannot be asked for or go on as an exception"
    mend = "Complete what is named, or choose a unit that passes every gate; nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """Why a physician asks for a unit that does not pass: the signed request by its hash, and what they were told.

    ``deviation_known`` is the deviation in the words of the request; ``no_alternative`` why nothing comparable will do.
    """

    kind: ReleaseKind
    physician: str
    physician_request_sha256: str
    deviation_known: str
    no_alternative: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What the medical director weighed."""

    benefit: str
    risk: str


def kind_asked(grounds: Grounds | None, *, human_application: bool, recipient: str) -> ReleaseKind:
    """Return of what kind a request is; without grounds it is a normal one. Raises ``WaiverRefused``."""
    if grounds is None:
        return ReleaseKind.NORMAL
    check_grounds(grounds, human_application=human_application, recipient=recipient)
    return grounds.kind


def check_grounds(grounds: Grounds, *, human_application: bool, recipient: str) -> None:
    """Raise ``WaiverRefused`` with everything that stands against asking for an exception."""
    reasons = [] if human_application else [Reason("Only human application has exceptions.", "laboratory", "protocol")]
    if not recipient:
        reasons.append(Reason("An exception is for one recipient, named by code.", "missing", "recipient"))
    if grounds.kind is ReleaseKind.NORMAL:
        reasons.append(Reason("A normal release leaves nothing open: ask for it as such.", "normal", "kind"))
    reasons += obstacles_to_text(grounds.physician, "physician", longest=LONGEST_NAME, needed=True)
    reasons += _obstacles_to_statements(
        {"deviation_known": grounds.deviation_known, "no_alternative": grounds.no_alternative}
    )
    if not SHA256.fullmatch(grounds.physician_request_sha256):
        text = "The physician's signed request is named by its SHA-256: 64 hexadecimal digits, lower-case."
        reasons.append(Reason(text, "hash", "physician_request_sha256"))
    if reasons:
        raise WaiverRefused("An exception cannot be asked for like this.", reasons=reasons)


def check_statement(statement: Statement, *, roles: frozenset[Role], requested: bool) -> None:
    """Raise ``WaiverRefused`` unless a medical director, who did not make the request, states benefit and risk."""
    reasons = _obstacles_to_statements({"benefit": statement.benefit, "risk": statement.risk})
    if Role.MEDICAL_DIRECTOR not in roles:
        reasons.append(Reason("Benefit and risk are for the medical director to state.", "role"))
    if requested:
        reasons.append(Reason("Who made the request does not weigh it.", "own-request"))
    if reasons:
        raise WaiverRefused("Benefit and risk were not recorded.", reasons=reasons)


def waived(findings: Iterable[Finding], kind: ReleaseKind) -> tuple[Finding, ...]:
    """Return the findings that a release of this kind leaves open."""
    return tuple(each for each in findings if each.outcome is not Outcome.PASS and kind in each.waivable_by)


def waived_words(findings: Iterable[Finding], kind: ReleaseKind) -> list[dict[str, object]]:
    """Return what is signed of it: each gate left open, every criterion named, and why."""
    return [
        {"gate": each.gate.value, "criteria": list(each.criteria), "outcome": each.outcome, "reason": each.reason}
        for each in waived(findings, kind)
    ]


def check_something_is_waived(findings: Mapping[str, Iterable[Finding]], kind: ReleaseKind) -> None:
    """Raise ``WaiverRefused`` where every unit passes: then the release is a normal one and is asked for as such."""
    if kind is not ReleaseKind.NORMAL and not any(waived(found, kind) for found in findings.values()):
        raise WaiverRefused("Every gate passes, so there is nothing to except.", mend="Ask for a normal release.")


def conditions(findings: Iterable[Finding], kind: ReleaseKind) -> tuple[str, ...]:
    """Return what label or papers say of a unit released so: the fixed warnings, and each criterion not met."""
    found = tuple(findings)
    warnings = (text for each in found if each.gate is Gate.ELIGIBILITY for text in each.warnings)
    title = {ReleaseKind.EXCEPTIONAL: "EXCEPTIONAL RELEASE", ReleaseKind.URGENT: "URGENT MEDICAL NEED"}
    left_open = (f"{title[kind]}: {each.reason}" for each in waived(found, kind) if kind in title)
    return tuple(dict.fromkeys((*left_open, *warnings)))


def _obstacles_to_statements(statements: Mapping[str, str]) -> list[Reason]:
    return [
        each
        for field, text in statements.items()
        for each in obstacles_to_text(text, field, longest=LONGEST_STATEMENT, needed=True)
    ]
