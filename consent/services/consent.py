"""Giving, declining and withdrawing consent. What was answered is never edited; each change is an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.consent import (
    STATES,
    ConsentState,
    EventKind,
    GivingFacts,
    Question,
    WithdrawalFacts,
    WithdrawalScope,
    check_consent,
    check_withdrawal,
    nothing_to_withdraw,
    obstacles_to_decline,
    obstacles_to_give,
)
from consent.domain.form import Extent, is_in_force
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.models.donor import Donor
from consent.models.form import ConsentForm, Statement
from consent.queries.consent import earlier_consent, latest_consent
from consent.queries.donor import lock_donors
from consent.queries.form import form_period, form_with_statements
from consent.signals import consent_withdrawn


@dataclass(frozen=True, kw_only=True)
class NewConsent:
    """A donor's answers on one form version, by statement key; whoever records it took it, unless named."""

    donor: Donor
    form: ConsentForm
    answers: Mapping[str, bool]
    given_at: datetime
    taken_by: Person | None = None
    witness: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Declined:
    """A donor's refusal to consent on one form version."""

    donor: Donor
    form: ConsentForm
    declined_at: datetime
    reason: str = ""
    taken_by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A donor's withdrawal; the reason leaves names out, because the ledger keeps it for ever."""

    donor: Donor
    scope: WithdrawalScope
    reason: str
    occurred_at: datetime


@service
def give_consent(new: NewConsent, *, by: Person, at: datetime) -> Consent:
    """Record a consent; it takes the place of the donor's active one, whose answers stay as they were.

    Raises ``ConsentRefused`` with every obstacle.
    """
    donor = lock_donors([new.donor.id])[0]
    form = form_with_statements(new.form.id)
    latest = latest_consent(donor.id)
    check_consent(obstacles_to_give(_facts(new, form, latest, by=by), at=at))
    active = latest if latest is not None and latest.status == ConsentState.ACTIVE.value else None
    if active is not None:
        _end(active, EventKind.SUPERSEDED, occurred_at=new.given_at, by=by, at=at)
    consent = _create(new, form, EventKind.GIVEN, by=by, at=at)
    Answer.objects.bulk_create(
        Answer(consent=consent, statement=statement, granted=new.answers[statement.key])
        for statement in form.statements.all()
        if statement.key in new.answers
    )
    record(
        "consent.given",
        subjects=[donor.donor_code, consent.code, *([active.code] if active else [])],
        by=by,
        at=at,
        old={"consent": active.code} if active else {},
        new=_written(form, consent, new.answers),
        occurred_at=new.given_at,
    )
    return consent


@service
def decline_consent(declined: Declined, *, by: Person, at: datetime) -> Consent:
    """Record that the donor declined. Raises ``ConsentRefused``; an active consent is withdrawn instead."""
    donor = lock_donors([declined.donor.id])[0]
    form = form_with_statements(declined.form.id)
    new = NewConsent(donor=donor, form=form, answers={}, given_at=declined.declined_at, taken_by=declined.taken_by)
    facts = _facts(new, form, latest_consent(donor.id), by=by)
    check_consent(obstacles_to_decline(facts, reason=declined.reason, at=at))
    consent = _create(new, form, EventKind.DECLINED, reason=declined.reason, by=by, at=at)
    record(
        "consent.declined",
        subjects=[donor.donor_code, consent.code],
        by=by,
        at=at,
        reason=declined.reason,
        new=_written(form, consent, {}),
        occurred_at=declined.declined_at,
    )
    return consent


@service
def withdraw_consent(withdrawal: Withdrawal, *, by: Person, at: datetime) -> Consent:
    """Withdraw the donor's consent, and have everything that rests on it stopped in this same transaction.

    The donor's row is locked first, so no reservation or release can pass between. Raises ``WithdrawalRefused``; what a
    receiver of ``consent_withdrawn`` raises undoes it all.
    """
    donor = lock_donors([withdrawal.donor.id])[0]
    latest = latest_consent(donor.id)
    if latest is None:
        raise nothing_to_withdraw()
    check_withdrawal(_withdrawal_facts(withdrawal, latest), at=at)
    before = latest.status
    _end(
        latest,
        EventKind.WITHDRAWN,
        occurred_at=withdrawal.occurred_at,
        by=by,
        at=at,
        scope=withdrawal.scope,
        reason=withdrawal.reason,
    )
    record(
        "consent.withdrawn",
        subjects=[donor.donor_code, latest.code],
        by=by,
        at=at,
        reason=withdrawal.reason,
        old={"status": before},
        new={"status": latest.status, "scope": withdrawal.scope},
        occurred_at=withdrawal.occurred_at,
    )
    consent_withdrawn.send(
        sender=Consent, donor=donor, consent=latest, scope=withdrawal.scope, reason=withdrawal.reason, by=by, at=at
    )
    return latest


def _facts(new: NewConsent, form: ConsentForm, latest: Consent | None, *, by: Person) -> GivingFacts:
    return GivingFacts(
        form_in_force=is_in_force(form_period(form), new.given_at),
        extent=Extent(form.extent),
        questions={statement.key: _question(statement) for statement in form.statements.all()},
        answers=new.answers,
        given_at=new.given_at,
        taken_by=(new.taken_by or by).pk,
        witness=new.witness.pk if new.witness else None,
        earlier=earlier_consent(latest) if latest else None,
    )


def _question(statement: Statement) -> Question:
    decides_a_use = bool(statement.duo) or statement.human_application
    if not statement.mandatory:
        return Question.OPTIONAL
    return Question.MANDATORY if decides_a_use else Question.CONDITION


def _withdrawal_facts(withdrawal: Withdrawal, latest: Consent) -> WithdrawalFacts:
    return WithdrawalFacts(
        latest=earlier_consent(latest),
        scope=withdrawal.scope,
        reason=withdrawal.reason,
        occurred_at=withdrawal.occurred_at,
    )


def _create(
    new: NewConsent, form: ConsentForm, kind: EventKind, *, by: Person, at: datetime, reason: str = ""
) -> Consent:
    consent = Consent.objects.create(
        code=new_code("CNS"),
        donor_id=new.donor.id,
        form=form,
        given_at=new.given_at,
        recorded_at=at,
        taken_by=new.taken_by or by,
        witness=new.witness,
        status=STATES[kind].value,
    )
    ConsentEvent.objects.create(consent=consent, kind=kind.value, occurred_at=new.given_at, at=at, by=by, reason=reason)
    return consent


def _end(
    consent: Consent,
    kind: EventKind,
    *,
    occurred_at: datetime,
    by: Person,
    at: datetime,
    scope: WithdrawalScope | None = None,
    reason: str = "",
) -> None:
    consent.status = STATES[kind].value
    consent.save(update_fields=["status"])
    ConsentEvent.objects.create(
        consent=consent,
        kind=kind.value,
        scope=scope.value if scope else "",
        occurred_at=occurred_at,
        at=at,
        by=by,
        reason=reason,
    )


def _written(form: ConsentForm, consent: Consent, answers: Mapping[str, bool]) -> dict[str, object]:
    return {
        "form": str(form),
        "extent": form.extent,
        "status": consent.status,
        "answers": dict(answers),
        "witnessed": consent.witness_id is not None,
    }
