"""Consignee notices: word to the sites that have or had material, what they answer, and when a notice is closed.

Four kinds: consent withdrawn, look-back after a late or corrected reactive result, excursion that was learnt of after
the unit had left, and recall of a defective product; only the last is called recall. An excursion is doubt, told at
once so that nobody uses the unit meanwhile; what its assessment does not clear is recalled. Tracking to the consignee
and back: 21 CFR 1271.290.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.excursion import ExcursionVerdict


class NoticeKind(StrEnum):
    CONSENT_WITHDRAWAL = "consent_withdrawal"
    LOOK_BACK = "look_back"
    EXCURSION = "excursion"
    RECALL = "recall"


class ItemDisposition(StrEnum):
    """What the site says became of one unit."""

    KEPT_APART = "kept_apart"
    SENT_BACK = "sent_back"
    USED_ALREADY = "used_already"
    DISCARDED = "discarded"
    NEVER_ARRIVED = "never_arrived"


LONGEST_REASON = 10_000
LONGEST_NAME, LONGEST_NOTE = 120, 500
TITLES: Mapping[NoticeKind, str] = {
    NoticeKind.CONSENT_WITHDRAWAL: "Consent was withdrawn",
    NoticeKind.LOOK_BACK: "Look-back: a donor's result has changed",
    NoticeKind.EXCURSION: "Storage outside its limits before the unit was sent to you",
    NoticeKind.RECALL: "Recall",
}
ASKED: Mapping[NoticeKind, str] = {
    NoticeKind.CONSENT_WITHDRAWAL: (
        "Please stop every use of the units named, keep them apart, and tell us what became of each. What was used "
        "cannot be undone; tracing records are kept."
    ),
    NoticeKind.LOOK_BACK: (
        "Please keep the units named apart, have the physician of whoever received one decide what to do for them, "
        "and tell us what became of each."
    ),
    NoticeKind.EXCURSION: (
        "Please keep the units named apart and do not use them until we have told you how this was assessed, and tell "
        "us what became of each."
    ),
    NoticeKind.RECALL: "Please keep the units named apart, do not use them, and tell us what became of each.",
}


ANSWER = (
    "Answer to the bank, naming {reference}, who has read this and what became of each unit: kept apart, sent back, "
    "used already, discarded, or never arrived."
)


# What the site is told of a unit once its excursion is assessed.
ASSESSED: Mapping[str, str] = {
    ExcursionVerdict.CLEARED.value: "cleared: it need not be kept apart for this any longer",
    ExcursionVerdict.TEST_FIRST.value: "not cleared: it is recalled by a notice of its own",
    ExcursionVerdict.DISCARD.value: "not fit for use: it is recalled by a notice of its own",
}


class NoticeRefused(RuleViolation):
    code = "notice-refused"
    title = "The notice stays as it is"
    mend = "Look at what is named in the notice and answer again; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """What a site says became of one unit, and when that was."""

    disposition: ItemDisposition
    occurred_at: datetime
    note: str = ""


def check_acknowledgement(
    name: str, occurred_at: datetime, *, opened_at: datetime, at: datetime, is_known: bool
) -> None:
    """Raise ``NoticeRefused`` for a second word, a nameless one, or one from before the notice or from the future."""
    reasons = obstacles_to_text(name, "acknowledged_by", longest=LONGEST_NAME, needed=True)
    if is_known:
        reasons.append(Reason("The site has acknowledged this notice already.", "already"))
    if not opened_at <= occurred_at <= at:
        reasons.append(Reason("A site answers after the notice, and not in the future.", "time", "occurred_at"))
    if reasons:
        raise NoticeRefused("The site's word was not recorded.", reasons=reasons)


def check_answers(
    answers: Mapping[str, ItemAnswer], *, open_items: Collection[str], is_closed: bool, at: datetime
) -> None:
    """Raise ``NoticeRefused`` with everything against these answers, which are by unit code."""
    reasons = [Reason("The notice is closed.", "closed")] if is_closed else []
    if not answers:
        reasons.append(Reason("Say what became of at least one unit.", "nothing", "answers"))
    for code, answer in answers.items():
        if code not in open_items:
            reasons.append(Reason(f"{code} is not in this notice, or was answered already.", "not-open", code))
        if answer.occurred_at > at:
            reasons.append(Reason(f"{code}: it lies in the future.", "future", code))
        reasons += obstacles_to_text(answer.note, code, longest=LONGEST_NOTE, needed=False)
    if reasons:
        raise NoticeRefused("The answers were not recorded.", reasons=reasons)


def check_closing(*, is_closed: bool, is_acknowledged: bool, unanswered: Collection[str], awaits: str = "") -> None:
    """Raise ``NoticeRefused`` unless the site has acknowledged, and said what became of every unit.

    ``awaits`` is the excursion that the notice is about, while nobody has assessed it.
    """
    reasons = [Reason("The notice is closed already.", "closed")] if is_closed else []
    if awaits:
        text = f"{awaits} is not assessed: the site still waits to be told."
        reasons.append(Reason(text, "not-assessed"))
    if not is_acknowledged:
        reasons.append(Reason("The site has not acknowledged the notice.", "not-acknowledged"))
    reasons += [Reason(f"{code}: nobody has said what became of it.", "unanswered", code) for code in unanswered]
    if reasons:
        raise NoticeRefused("The notice cannot be closed.", reasons=reasons)


def letter(
    kind: NoticeKind,
    *,
    reference: str,
    site: str,
    bank: str,
    reason: str,
    units: Collection[str],
    verdicts: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the paragraphs of the letter to the site: codes alone, and no word about who gave.

    ``verdicts`` are of the excursion's assessment, by unit code; while there are none the site is asked to wait.
    """
    said = "; ".join(f"{code}: {ASSESSED[verdict]}" for code, verdict in sorted((verdicts or {}).items()))
    return [
        f"{TITLES[kind]} ({reference})",
        f"From {bank} to {site}.",
        f"It concerns {len(units)} unit{'' if len(units) == 1 else 's'} that you have or had: {', '.join(units)}.",
        f"Reason: {reason}",
        f"It is assessed. {said}." if said else ASKED[kind],
        ANSWER.format(reference=reference),
    ]
