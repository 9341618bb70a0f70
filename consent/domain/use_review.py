"""Answering REVIEW: once per protocol version and form version, by a signature, for every consent on that form."""

from dataclasses import dataclass, replace
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from consent.domain.permitted_use import PermittedUse, Verdict


class ReviewAnswer(StrEnum):
    """What a person decided where the rules could not."""

    ALLOW = "allow"
    DENY = "deny"


class UseReviewRefused(RuleViolation):
    """The question cannot be answered so, or is none."""

    code = "use-review-refused"
    title = "The review was not answered"
    mend = "Look at what the consent says to the protocol now; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class ReviewFacts:
    """What answering is decided on: what the rules alone say, and whether it was answered before."""

    use: PermittedUse
    protocol: str
    protocol_version: str
    form: str
    answered_before: bool
    reason: str


@dataclass(frozen=True)
class UseReview:
    """One answer as the decision uses it."""

    code: str
    answer: ReviewAnswer
    reason: str


NO_FORM = Reason(
    "No consent on a known form version raises the question: there is nothing an answer could stand for.",
    "no-form",
    "consent",
)


def nothing_to_answer() -> UseReviewRefused:
    """Return the refusal for a donor of whom no consent is on record."""
    return UseReviewRefused("The review cannot be answered so.", reasons=[NO_FORM])


def obstacles_to_answer(facts: ReviewFacts) -> list[Reason]:
    """Return everything that keeps an answer from being recorded."""
    reasons = obstacles_to_text(facts.reason, "reason", longest=500, needed=True)
    if not facts.protocol or not facts.protocol_version:
        reasons.append(Reason("Name the protocol and its version.", "no-protocol", "protocol"))
    if not facts.form:
        reasons.append(NO_FORM)
    elif facts.use.verdict is not Verdict.REVIEW:
        text = f"The rules answer it themselves: {facts.use.verdict.value}. {facts.use.reason}"
        reasons.append(Reason(text, "not-a-question", "consent"))
    if facts.answered_before:
        text = f"{facts.form} was reviewed for {facts.protocol} {facts.protocol_version}; the answer stands."
        reasons.append(Reason(text, "answered", "form"))
    return reasons


def check_answer(facts: ReviewFacts) -> None:
    """Raise ``UseReviewRefused`` with every obstacle."""
    if reasons := obstacles_to_answer(facts):
        raise UseReviewRefused("The review cannot be answered so.", reasons=reasons)


def with_review(use: PermittedUse, review: UseReview | None) -> PermittedUse:
    """Return what holds once a person has answered: only REVIEW is answered, never ALLOW or DENY."""
    if review is None or use.verdict is not Verdict.REVIEW:
        return use
    verdict = Verdict.ALLOW if review.answer is ReviewAnswer.ALLOW else Verdict.DENY
    said = f"Reviewed and {'allowed' if verdict is Verdict.ALLOW else 'refused'} ({review.code}): {review.reason}"
    return replace(use, verdict=verdict, reasons=(said, *use.reasons), consents=(*use.consents, review.code))
