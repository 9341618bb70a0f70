"""Extending an expiry that was assigned: on new evidence alone, and never longer than policy lets evidence carry."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.assay import ASSAYS, AssayGroup
from inventory.domain.expiry import FROZEN, Expiry, ExpiryBasis, is_expired, years_later
from inventory.domain.unit import ProductClass

LONGEST_REASON = 500
LONGEST_DOCUMENT = 120
SHA256 = re.compile(r"[0-9a-f]{64}")
# What says that a product still does what it is for.
SHOWS_STABILITY = frozenset({AssayGroup.VIABILITY, AssayGroup.POTENCY})
# How long one piece of evidence carries where the policy of a product assigns no expiry and somebody did: a retest each
# five years (docs/sources.md, expiry).
RETEST_YEARS = 5


class ExtensionRefused(RuleViolation):
    code = "extension-refused"
    title = "The expiry stays as it is"
    mend = "Settle what is named, or let it expire; nothing was saved."


@dataclass(frozen=True)
class ResultEvidence:
    """A result that is to show stability: whether it is of the very thing, and stands verified and measured."""

    assay: str
    of_this: bool
    stands: bool
    entered_at: datetime
    specimen_at: datetime | None = None

    @property
    def shown_at(self) -> datetime:
        """When it was measured, as early as that can have been."""
        return min(self.entered_at, self.specimen_at or self.entered_at)


@dataclass(frozen=True)
class Document:
    """A report of a stability programme, kept outside: its name, its day and the hash of its bytes."""

    name: str
    dated: date
    sha256: str

    @property
    def shown_at(self) -> datetime:
        """The beginning of its day: nothing in it is younger."""
        return datetime(self.dated.year, self.dated.month, self.dated.day, tzinfo=UTC)


@dataclass(frozen=True)
class ExtensionFacts:
    """An extension as asked for. ``assigned_at`` is when the expiry that stands was assigned or last extended."""

    product_class: ProductClass
    expiry: Expiry
    assigned_at: datetime
    is_here: bool
    until: datetime
    reason: str
    result: ResultEvidence | None = None
    document: Document | None = None


def check_extending(facts: ExtensionFacts, *, at: datetime) -> datetime:
    """Return the instant that is extended. Raises ``ExtensionRefused`` with everything that stands against it."""
    reasons = [
        *_of_what_stands(facts, at),
        *obstacles_to_text(facts.reason, "reason", longest=LONGEST_REASON, needed=True),
        *_of_evidence(facts, at),
    ]
    if reasons or facts.expiry.at is None:
        raise ExtensionRefused("The expiry was not extended.", reasons=reasons, field=reasons[0].field)
    return facts.expiry.at


def latest_by_policy(product_class: ProductClass, shown_at: datetime) -> datetime:
    """Return until when what was shown then carries."""
    return years_later(shown_at, FROZEN[product_class].years or RETEST_YEARS)


def _of_what_stands(facts: ExtensionFacts, at: datetime) -> list[Reason]:
    if facts.expiry.at is None or facts.expiry.basis is None:
        return [Reason("No expiry is assigned to it: there is none to extend.", "not-assigned", "until")]
    basis, over = facts.expiry.basis, is_expired(facts.expiry, at)
    checks = (
        (basis is not ExpiryBasis.POLICY_YEARS, "What is fresh is never extended: it is frozen in time.", "fresh"),
        (
            not over or basis is ExpiryBasis.RETEST_DUE,
            "It has expired: only a date for a retest is extended once it is past.",
            "expired",
        ),
        (facts.is_here, "Nothing of it is in the bank any more.", "not-here"),
        (facts.until > facts.expiry.at, "It expires no earlier as it is.", "not-later"),
        (facts.until > at, "It would have expired by now.", "past"),
    )
    return [Reason(text, code, "until") for holds, text, code in checks if not holds]


def _of_evidence(facts: ExtensionFacts, at: datetime) -> list[Reason]:
    evidence = facts.result or facts.document
    if evidence is None or (facts.result and facts.document):
        return [Reason("Name what shows its stability: one result or one document.", "no-evidence", "evidence")]
    reasons = _of_result(evidence) if isinstance(evidence, ResultEvidence) else _of_document(evidence, at)
    if evidence.shown_at <= facts.assigned_at:
        text = "It was known when the expiry was assigned: an extension asks for something newer."
        reasons.append(Reason(text, "old-evidence", "evidence"))
    if facts.until > (latest := latest_by_policy(facts.product_class, evidence.shown_at)):
        reasons.append(Reason(f"By policy this evidence carries until {latest:%Y-%m-%d %H:%M %Z}.", "policy", "until"))
    return reasons


def _of_result(result: ResultEvidence) -> list[Reason]:
    group = ASSAYS[result.assay].group if result.assay in ASSAYS else None
    checks = (
        (group in SHOWS_STABILITY, "Viability and potency show stability, and no other result.", "not-stability"),
        (result.of_this, "The result is of something else.", "other-subject"),
        (result.stands, "The result is not verified, was not measured, or was corrected since.", "not-verified"),
    )
    return [Reason(text, code, "evidence") for holds, text, code in checks if not holds]


def _of_document(document: Document, at: datetime) -> list[Reason]:
    reasons = obstacles_to_text(document.name, "document", longest=LONGEST_DOCUMENT, needed=True)
    if document.shown_at > at:
        reasons.append(Reason("The document is dated in the future.", "future", "document"))
    if not SHA256.fullmatch(document.sha256):
        text = "A document is named by its SHA-256: 64 lower-case hexadecimal digits."
        reasons.append(Reason(text, "hash", "document"))
    return reasons
