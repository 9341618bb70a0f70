"""Words and rules of consent form versions: what they ask, and when one is in force."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from consent.domain.disease import is_known
from consent.domain.duo import DISEASE_SPECIFIC, is_modifier, is_permission, parameter_fault

# The statement by which parents authorise the recovery after their infant's death.
AUTHORISES_RECOVERY = "recovery_after_death"


class Extent(StrEnum):
    """What a form asks for: everything, or only to collect, carry, test and freeze.

    ``after_death`` is the parents' authorisation to recover from the infant that died: it asks everything of that gift,
    and stands beside what the mother answered at the birth, which goes on as it was.
    """

    FULL = "full"
    COLLECTION_ONLY = "collection_only"
    AFTER_DEATH = "after_death"


class FormStatus(StrEnum):
    """The life of a form version."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


class WithdrawalStage(StrEnum):
    """The stage up to which a withdrawal still stops a unit."""

    RESERVATION = "reservation"
    RELEASE = "release"
    PICK = "pick"
    HAND_OVER = "hand_over"


class FormRefused(RuleViolation):
    """A form version cannot be drafted or put in force as it stands."""

    code = "form-refused"
    title = "Consent form refused"
    mend = "Correct what is named and try again; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class StatementFacts:
    """One thing a form asks, and the permitted use that the answer decides.

    ``applies_when_refused`` turns a question round: "companies may use it" answered *no* is a restriction.
    """

    key: str
    text: str
    duo: str = ""
    mondo: str = ""
    parameter: str = ""
    human_application: bool = False
    mandatory: bool = False
    applies_when_refused: bool = False


@dataclass(frozen=True, kw_only=True)
class FormFacts:
    """A form version as written, without its statements.

    ``valid_until`` ends its use for new consents; ``consent_months`` is how long one that was given on it lasts.
    ``establishment`` names who asked by this form, where it was another than the bank: consents on it are attested.
    """

    code: str
    version: str
    language: str
    text_sha256: str
    ethics_reference: str
    valid_from: datetime
    valid_until: datetime | None = None
    extent: Extent = Extent.FULL
    withdrawal_until: WithdrawalStage = WithdrawalStage.HAND_OVER
    consent_months: int | None = None
    establishment: str = ""


def form_reference(code: str, version: str, language: str) -> str:
    """Return the one way a form version is written: in the ledger, on pages and in reports."""
    return f"{code}/{version}/{language}"


def obstacles_to_draft(form: FormFacts, statements: Sequence[StatementFacts]) -> list[Reason]:
    """Return everything that keeps a form version from being drafted."""
    reasons = [*_form_obstacles(form), *_repeated_keys(statements), *_authorisation_obstacles(form, statements)]
    for statement in statements:
        reasons.extend(_statement_obstacles(statement))
    asks_all = form.extent is not Extent.COLLECTION_ONLY
    if asks_all and not any(is_permission(statement.duo) for statement in statements):
        text = "A full form asks for at least one permitted use; none of its statements names a DUO permission."
        reasons.append(Reason(text, "no-permission", "statements"))
    return reasons


def check_draft(form: FormFacts, statements: Sequence[StatementFacts]) -> None:
    """Raise ``FormRefused`` with every reason why the form version cannot be drafted."""
    reasons = obstacles_to_draft(form, statements)
    if reasons:
        raise FormRefused("The consent form cannot be drafted as written.", reasons=reasons)


def _form_obstacles(form: FormFacts) -> list[Reason]:
    reasons = []
    for name, longest in (("code", 24), ("version", 16), ("language", 16)):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", getattr(form, name)) or len(getattr(form, name)) > longest:
            text = f"The {name} is 1 to {longest} letters, digits, points or hyphens; the first a letter or digit."
            reasons.append(Reason(text, "malformed", name))
    if not re.fullmatch(r"[0-9a-f]{64}", form.text_sha256):
        reasons.append(Reason("The text's SHA-256 is 64 lower-case hexadecimal digits.", "malformed", "text_sha256"))
    reasons.extend(obstacles_to_text(form.ethics_reference, "ethics_reference", longest=100, needed=True))
    reasons.extend(obstacles_to_text(form.establishment, "establishment", longest=120))
    if form.valid_until is not None and form.valid_until <= form.valid_from:
        reasons.append(Reason("The form ends before it begins.", "period", "valid_until"))
    if form.consent_months is not None and not 1 <= form.consent_months <= 9999:
        reasons.append(Reason("A consent lasts 1 to 9999 months, or without end.", "period", "consent_months"))
    return reasons


def _repeated_keys(statements: Sequence[StatementFacts]) -> list[Reason]:
    counted = Counter(statement.key for statement in statements)
    return [
        Reason(f"Two statements have the key “{key}”.", "repeated", "statements") for key, n in counted.items() if n > 1
    ]


def _authorisation_obstacles(form: FormFacts, statements: Sequence[StatementFacts]) -> list[Reason]:
    """A recovery is authorised by a condition of a form of its own: without a yes the parents declined."""
    asked = [each for each in statements if each.key == AUTHORISES_RECOVERY]
    if form.extent is not Extent.AFTER_DEATH:
        text = f"“{AUTHORISES_RECOVERY}” is asked on a form of its own, after death and beside the birth's consent."
        return [Reason(text, "authorisation", "statements")] if asked else []
    if any(each.mandatory and not each.duo and not each.human_application for each in asked):
        return []
    text = f"A form for recovery after death asks “{AUTHORISES_RECOVERY}”: mandatory, and deciding no use."
    return [Reason(text, "authorisation", "statements")]


def _statement_obstacles(statement: StatementFacts) -> list[Reason]:
    texts = []
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", statement.key):
        texts.append("the key is lower-case letters, digits and underscores")
    texts.extend(_text_faults(statement))
    if statement.human_application and statement.duo:
        texts.append("human application is a statement of its own and carries no DUO term")
    texts.extend(_term_faults(statement))
    return [Reason(f"Statement “{statement.key}”: {text}.", "statement", "statements") for text in texts]


def _text_faults(statement: StatementFacts) -> list[str]:
    reasons = [
        *obstacles_to_text(statement.text, "text", longest=4000, needed=True),
        *obstacles_to_text(statement.parameter, "parameter", longest=200),
    ]
    return [reason.text.removesuffix(".") for reason in reasons]


def _term_faults(statement: StatementFacts) -> list[str]:
    texts = []
    modifier = is_modifier(statement.duo)
    if statement.duo and not modifier and not is_permission(statement.duo):
        texts.append(f"{statement.duo} is not a DUO permission or modifier in use")
    if (statement.duo == DISEASE_SPECIFIC) != bool(statement.mondo):
        texts.append("a disease-specific permission names a Mondo term, and nothing else does")
    if statement.mondo and not is_known(statement.mondo):
        texts.append(f"{statement.mondo} is not in the table of liver diseases")
    if modifier and not statement.mandatory:
        texts.append("a restriction must be answered, so the statement is mandatory")
    if statement.applies_when_refused and not modifier:
        texts.append("only a restriction can follow from a refusal")
    fault = parameter_fault(statement.duo, statement.parameter)
    return [*texts, fault] if fault else texts


@dataclass(frozen=True, kw_only=True)
class FormPeriod:
    """When a form version could be given: from the day it became valid until it ended or was superseded."""

    status: FormStatus
    valid_from: datetime
    valid_until: datetime | None
    superseded_at: datetime | None


def is_in_force(period: FormPeriod, at: datetime) -> bool:
    """Tell whether a consent given at that instant could use this form version; the instant of its end is past."""
    ends = [end for end in (period.valid_until, period.superseded_at) if end is not None]
    return period.status is not FormStatus.DRAFT and period.valid_from <= at and all(at < end for end in ends)


def obstacles_to_force(period: FormPeriod, at: datetime) -> list[Reason]:
    """Return everything that keeps a drafted form version from being put in force."""
    reasons = []
    if period.status is not FormStatus.DRAFT:
        reasons.append(Reason("The form version is in force already, or was.", "not-a-draft", "status"))
    if period.valid_until is not None and period.valid_until <= at:
        reasons.append(Reason("The form version's validity is over.", "period", "valid_until"))
    return reasons


def check_force(period: FormPeriod, at: datetime) -> None:
    """Raise ``FormRefused`` with every reason why the form version cannot be put in force."""
    reasons = obstacles_to_force(period, at)
    if reasons:
        raise FormRefused("The consent form cannot be put in force.", reasons=reasons)
