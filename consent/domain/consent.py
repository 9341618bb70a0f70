"""Words and rules of consents: giving, giving again, declining and withdrawing; answers are never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing
from consent.domain.recovery import Death, obstacles_of_death


class ConsentState(StrEnum):
    """How one consent stands; only ``active`` can end, nothing becomes active again."""

    ACTIVE = "active"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class EventKind(StrEnum):
    """What happened to a consent."""

    GIVEN = "given"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    NARROWED = "narrowed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


STATES: Mapping[EventKind, ConsentState] = MappingProxyType(
    {
        EventKind.GIVEN: ConsentState.ACTIVE,
        EventKind.DECLINED: ConsentState.DECLINED,
        EventKind.SUPERSEDED: ConsentState.SUPERSEDED,
        EventKind.NARROWED: ConsentState.ACTIVE,
        EventKind.WITHDRAWN: ConsentState.WITHDRAWN,
        EventKind.EXPIRED: ConsentState.EXPIRED,
    }
)

STANDINGS: Mapping[EventKind, Standing] = MappingProxyType(
    {
        EventKind.GIVEN: Standing.ACTIVE,
        EventKind.NARROWED: Standing.ACTIVE,
        EventKind.DECLINED: Standing.DECLINED,
        EventKind.WITHDRAWN: Standing.WITHDRAWN,
        EventKind.EXPIRED: Standing.EXPIRED,
    }
)


WITHDRAWABLE = frozenset({ConsentState.ACTIVE, ConsentState.WITHDRAWN, ConsentState.EXPIRED})


class WithdrawalScope(StrEnum):
    """What the donor withdraws: use from now on, or everything the law lets her."""

    FUTURE_USE = "future_use"
    ALL = "all"


class ConsentRefused(RuleViolation):
    """A consent cannot be recorded as stated."""

    code = "consent-refused"
    title = "Consent not recorded"
    mend = "Correct what is named and record it again; nothing was recorded."


class WithdrawalRefused(RuleViolation):
    """A withdrawal cannot be recorded as stated."""

    code = "withdrawal-refused"
    title = "Withdrawal not recorded"
    mend = "Correct what is named and record the withdrawal again at once: until then the material stays usable."


class Question(StrEnum):
    """What a form's statement asks of the donor.

    A mandatory statement that decides no use is a condition: without collection, testing and storage there is no gift.
    """

    OPTIONAL = "optional"
    MANDATORY = "mandatory"
    CONDITION = "condition"


@dataclass(frozen=True, kw_only=True)
class EarlierConsent:
    """The donor's latest consent before this command."""

    state: ConsentState
    extent: Extent
    given_at: datetime
    ended_at: datetime | None = None
    withdrawal_scope: WithdrawalScope | None = None


@dataclass(frozen=True, kw_only=True)
class GivingFacts:
    """What giving or declining a consent is decided on.

    ``follows_that`` is False where the paper names another consent than the one on record, or another donor's.
    ``is_of_age`` is said of the infant who answers, or, where the mother does, of every infant she has. ``death`` is of
    the infant whose recovery its parents answer for. ``form_of`` is the establishment whose form the version stands
    for, ``attested_by`` the one that says so; both empty for our own.
    """

    form_in_force: bool
    extent: Extent
    questions: Mapping[str, Question]
    answers: Mapping[str, bool]
    given_at: datetime
    taken_by: int
    witness: int | None
    earlier: EarlierConsent | None
    follows_that: bool = True
    by_infant: bool = False
    is_of_age: bool = False
    death: Death | None = None
    ends_at: datetime | None = None
    form_of: str = ""
    attested_by: str = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawalFacts:
    """What a withdrawal is decided on."""

    latest: EarlierConsent
    scope: WithdrawalScope
    reason: str
    occurred_at: datetime


NO_CONSENT = Reason("The donor has no consent to withdraw: record that she declined.", "no-consent", "donor")


@dataclass(frozen=True, kw_only=True)
class ConsentStatus:
    """How a donor's consent stands, by codes alone: nothing here names a person."""

    donor_code: str
    standing: Standing
    consent: str = ""
    form: str = ""
    form_code: str = ""
    form_version: str = ""
    form_language: str = ""
    ethics_reference: str = ""
    extent: str = ""
    withdrawal_until: str = ""
    given_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    withdrawal_scope: str = ""
    by_infant: bool = False
    human_application: bool | None = None
    witnessed: bool = False
    attested: str = ""
    permissions: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()


def obstacles_to_give(facts: GivingFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps a consent from being recorded."""
    asked = facts.questions.items()
    unanswered = sorted(key for key, kind in asked if kind is not Question.OPTIONAL and key not in facts.answers)
    refused = sorted(key for key, kind in asked if kind is Question.CONDITION and facts.answers.get(key) is False)
    unasked = sorted(set(facts.answers) - set(facts.questions))
    return [
        *[Reason(f"Statement “{key}” must be answered.", "unanswered", key) for key in unanswered],
        *[
            Reason(f"Without a yes to “{key}” there is no consent: record that she declined.", "condition", key)
            for key in refused
        ],
        *[Reason(f"The form does not ask “{key}”.", "not-asked", key) for key in unasked],
        *_obstacles_of_the_moment(facts, at=at),
        *_obstacles_of_age(facts),
        *obstacles_of_death(facts.death, facts.extent, given_at=facts.given_at, by_infant=facts.by_infant),
        *_obstacles_of_earlier_consent(facts),
    ]


def obstacles_to_decline(facts: GivingFacts, *, reason: str, at: datetime) -> list[Reason]:
    """Return everything that keeps a refusal to consent from being recorded."""
    reasons = [
        *_obstacles_of_the_moment(facts, at=at),
        *_obstacles_of_age(facts),
        *obstacles_of_death(facts.death, facts.extent, given_at=facts.given_at, by_infant=facts.by_infant),
        *obstacles_to_text(reason, "reason", longest=500),
    ]
    if facts.earlier is not None and facts.earlier.state is ConsentState.ACTIVE and not _completes(facts):
        reasons.append(Reason("The donor has an active consent: record a withdrawal instead.", "active-consent"))
    return reasons


def check_consent(reasons: list[Reason]) -> None:
    """Raise ``ConsentRefused`` where there are reasons to."""
    if reasons:
        raise ConsentRefused("The consent cannot be recorded as stated.", reasons=reasons)


def _obstacles_of_the_moment(facts: GivingFacts, *, at: datetime) -> list[Reason]:
    reasons = []
    if facts.given_at > at:
        reasons.append(Reason("The time it was given lies in the future.", "future", "given_at"))
    if not facts.form_in_force:
        reasons.append(Reason("The form version was not in force at that time.", "form-not-in-force", "form"))
    if facts.form_of != facts.attested_by:
        whose, who = facts.form_of or "this bank", facts.attested_by or "this bank"
        text = f"The form version is one of {whose}, and {who} took the consent."
        reasons.append(Reason(text, "other-establishment", "form"))
    if facts.witness is not None and facts.witness == facts.taken_by:
        reasons.append(Reason("The witness is another person than who took the consent.", "same-person", "witness"))
    if facts.ends_at is not None and facts.ends_at <= facts.given_at:
        reasons.append(Reason("The consent would end before it was given.", "period", "ends_at"))
    return reasons


def _completes(facts: GivingFacts) -> bool:
    """Tell whether this answers the full form that an active collection-only consent waits for."""
    earlier = facts.earlier
    return earlier is not None and earlier.extent is Extent.COLLECTION_ONLY and facts.extent is Extent.FULL


def _obstacles_of_age(facts: GivingFacts) -> list[Reason]:
    if not facts.by_infant:
        text = "The infant has come of age: it answers itself, and no longer its mother."
        return [Reason(text, "of-age", "infant")] if facts.is_of_age else []
    reasons = []
    if not facts.is_of_age:
        reasons.append(Reason("The infant had not come of age at that time.", "minor", "infant"))
    if facts.extent is not Extent.FULL:
        reasons.append(Reason("Who has come of age answers a full form.", "not-full", "form"))
    return reasons


def _obstacles_of_earlier_consent(facts: GivingFacts) -> list[Reason]:
    reasons = []
    if not facts.follows_that:
        text = "The paper names another consent than the donor's latest: it is another donor's, or not the last."
        reasons.append(Reason(text, "other-consent", "follows"))
    earlier = facts.earlier
    if earlier is None:
        return reasons
    # One given in the same minute replaces a collection-only consent, but never lifts a withdrawal.
    is_older = facts.given_at < earlier.given_at if earlier.ended_at is None else facts.given_at <= earlier.ended_at
    if is_older:
        text = "The donor's consent on record is later than this one, which therefore cannot replace it."
        reasons.append(Reason(text, "older-than-record", "given_at"))
    is_full = earlier.state is ConsentState.ACTIVE and earlier.extent is Extent.FULL
    if is_full and facts.extent is Extent.COLLECTION_ONLY:
        reasons.append(
            Reason("A full consent is active; a collection-only one would narrow it.", "full-active", "form")
        )
    return reasons


def obstacles_to_withdraw(facts: WithdrawalFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps a withdrawal from being recorded; one of future use may widen to all.

    An expired consent is withdrawn too: what it left in store is the donor's to speak of.
    """
    latest = facts.latest
    reasons = obstacles_to_text(facts.reason, "reason", longest=500, needed=True)
    if facts.occurred_at > at:
        reasons.append(Reason("The time of the withdrawal lies in the future.", "future", "occurred_at"))
    if latest.state not in WITHDRAWABLE:
        reasons.append(NO_CONSENT)
    elif latest.state is ConsentState.WITHDRAWN and not _widens(latest, facts.scope):
        reasons.append(Reason("The donor's consent is withdrawn already.", "withdrawn-already", "donor"))
    if facts.occurred_at < latest.given_at:
        reasons.append(Reason("The withdrawal lies before the consent was given.", "before-consent", "occurred_at"))
    return reasons


def check_withdrawal(facts: WithdrawalFacts, *, at: datetime) -> None:
    """Raise ``WithdrawalRefused`` with every obstacle."""
    reasons = obstacles_to_withdraw(facts, at=at)
    if reasons:
        raise WithdrawalRefused("The withdrawal cannot be recorded as stated.", reasons=reasons)


def nothing_to_withdraw() -> WithdrawalRefused:
    """Return the refusal for a donor of whom no consent is on record."""
    return WithdrawalRefused("The withdrawal cannot be recorded as stated.", reasons=[NO_CONSENT])


def _widens(latest: EarlierConsent, scope: WithdrawalScope) -> bool:
    return latest.withdrawal_scope is WithdrawalScope.FUTURE_USE and scope is WithdrawalScope.ALL
