"""Giving, giving again, declining and withdrawing consent. Answers are never edited; each change is an event."""

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
from consent.domain.recovery import Death
from consent.models.consent import Answer, Consent
from consent.models.donor import Donor, Infant
from consent.models.form import ConsentForm, Statement
from consent.queries.consent import earlier_consent, latest_consent
from consent.queries.donor import lock_donors
from consent.queries.form import form_period, form_with_statements
from consent.queries.strand import are_of_age
from consent.services.consent_event import Happening, add_event, tell_reduced


@dataclass(frozen=True, kw_only=True)
class NewConsent:
    """A donor's answers on one form version, by statement key; whoever records it took it, unless named.

    ``infant`` answers itself, come of age; without one the mother does. ``deceased`` is the infant whose recovery after
    death the parents authorise, on the form for it: what was answered at the birth stays as it was. ``follows`` is the
    consent that the paper says it completes or gives again. ``ends_at`` is an end that the donor sets.
    """

    donor: Donor
    form: ConsentForm
    answers: Mapping[str, bool]
    given_at: datetime
    infant: Infant | None = None
    deceased: Infant | None = None
    follows: Consent | None = None
    ends_at: datetime | None = None
    taken_by: Person | None = None
    witness: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Declined:
    """A donor's refusal to consent on one form version."""

    donor: Donor
    form: ConsentForm
    declined_at: datetime
    reason: str = ""
    infant: Infant | None = None
    deceased: Infant | None = None
    taken_by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A withdrawal by the mother, or by the infant that answered itself; or of one authorisation after death.

    The reason leaves names out, because the ledger keeps it for ever.
    """

    donor: Donor
    scope: WithdrawalScope
    reason: str
    occurred_at: datetime
    infant: Infant | None = None
    deceased: Infant | None = None


@service
def give_consent(new: NewConsent, *, by: Person, at: datetime) -> Consent:
    """Record a consent; it takes the place of the active one, whose answers stay as they were.

    An authorisation of a recovery after death takes the place of an earlier one for that infant, and of nothing else.

    One given again after a withdrawal, or by an infant come of age, allows new uses from then on and lifts no hold.
    What it allows less than the one before is stopped in the same transaction. Raises ``ConsentRefused`` with every
    obstacle.
    """
    donor = lock_donors([new.donor.id])[0]
    form, latest = form_with_statements(new.form.id), _latest(new)
    check_consent(obstacles_to_give(_facts(new, form, latest, by=by), at=at))
    old = {"consent": latest.code, "status": latest.status} if latest else {}
    happening = Happening(kind=EventKind.GIVEN, occurred_at=new.given_at)
    replaced = _supersede(latest, happening, by=by, at=at)
    consent = _create(new, form, happening, by=by, at=at)
    Answer.objects.bulk_create(
        Answer(consent=consent, statement=statement, granted=new.answers[statement.key])
        for statement in form.statements.all()
        if statement.key in new.answers
    )
    record(
        "consent.given",
        subjects=[donor.donor_code, consent.code, *([latest.code] if latest else [])],
        by=by,
        at=at,
        old=old,
        new=_written(form, consent, new.answers),
        occurred_at=new.given_at,
    )
    if replaced:
        tell_reduced(consent, happening, by=by, at=at)
    return consent


@service
def decline_consent(declined: Declined, *, by: Person, at: datetime) -> Consent:
    """Record that the donor declined; a collection-only consent that waited for this answer ends with it.

    Raises ``ConsentRefused``; an active full consent is withdrawn instead.
    """
    donor = lock_donors([declined.donor.id])[0]
    form, latest = form_with_statements(declined.form.id), _latest(declined)
    new = NewConsent(
        donor=donor,
        form=form,
        answers={},
        given_at=declined.declined_at,
        infant=declined.infant,
        deceased=declined.deceased,
        taken_by=declined.taken_by,
    )
    check_consent(obstacles_to_decline(_facts(new, form, latest, by=by), reason=declined.reason, at=at))
    old = {"consent": latest.code, "status": latest.status} if latest else {}
    happening = Happening(kind=EventKind.DECLINED, occurred_at=declined.declined_at, reason=declined.reason)
    replaced = _supersede(latest, happening, by=by, at=at)
    consent = _create(new, form, happening, by=by, at=at)
    record(
        "consent.declined",
        subjects=[donor.donor_code, consent.code, *([latest.code] if latest else [])],
        by=by,
        at=at,
        reason=declined.reason,
        old=old,
        new=_written(form, consent, {}),
        occurred_at=declined.declined_at,
    )
    if replaced:
        tell_reduced(consent, happening, by=by, at=at)
    return consent


@service
def withdraw_consent(withdrawal: Withdrawal, *, by: Person, at: datetime) -> Consent:
    """Withdraw a consent, and have everything that rests on it stopped in this same transaction.

    The donor's row is locked first, so no reservation or release can pass between. Raises ``WithdrawalRefused``; what a
    receiver of ``consent_reduced`` raises undoes it all.
    """
    donor = lock_donors([withdrawal.donor.id])[0]
    latest = _latest(withdrawal)
    if latest is None:
        raise nothing_to_withdraw()
    check_withdrawal(_withdrawal_facts(withdrawal, latest), at=at)
    before = latest.status
    happening = Happening(
        kind=EventKind.WITHDRAWN,
        occurred_at=withdrawal.occurred_at,
        reason=withdrawal.reason,
        scope=withdrawal.scope,
    )
    add_event(latest, happening, by=by, at=at)
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
    tell_reduced(latest, happening, by=by, at=at)
    return latest


def _latest(said: NewConsent | Declined | Withdrawal) -> Consent | None:
    """Return the latest consent of the strand that is spoken of."""
    return latest_consent(said.donor.id, _infant_id(said.infant), _infant_id(said.deceased))


def _infant_id(infant: Infant | None) -> int | None:
    return infant.pk if infant is not None else None


def _death(new: NewConsent) -> Death | None:
    infant = new.deceased
    return None if infant is None else Death(infant.donor_id == new.donor.id, infant.born_at)


def _supersede(latest: Consent | None, happening: Happening, *, by: Person, at: datetime) -> bool:
    """End the active consent that another answer takes the place of; tell whether there was one."""
    if latest is None or latest.status != ConsentState.ACTIVE.value:
        return False
    add_event(latest, Happening(kind=EventKind.SUPERSEDED, occurred_at=happening.occurred_at), by=by, at=at)
    return True


def _facts(new: NewConsent, form: ConsentForm, latest: Consent | None, *, by: Person) -> GivingFacts:
    return GivingFacts(
        form_in_force=is_in_force(form_period(form), new.given_at),
        extent=Extent(form.extent),
        questions={statement.key: question_of(statement) for statement in form.statements.all()},
        answers=new.answers,
        given_at=new.given_at,
        taken_by=(new.taken_by or by).pk,
        witness=new.witness.pk if new.witness else None,
        earlier=earlier_consent(latest) if latest else None,
        follows_that=new.follows is None or new.follows == latest,
        by_infant=new.infant is not None,
        is_of_age=are_of_age(new.donor.id, _infant_id(new.infant or new.deceased), at=new.given_at),
        death=_death(new),
        ends_at=new.ends_at,
        form_of=form.establishment,
    )


def question_of(statement: Statement) -> Question:
    """Return what a statement asks of the donor."""
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


def _create(new: NewConsent, form: ConsentForm, happening: Happening, *, by: Person, at: datetime) -> Consent:
    consent = Consent.objects.create(
        code=new_code("CNS"),
        donor_id=new.donor.id,
        infant=new.infant,
        deceased=new.deceased,
        form=form,
        given_at=new.given_at,
        ends_at=new.ends_at,
        recorded_at=at,
        taken_by=new.taken_by or by,
        witness=new.witness,
        status=STATES[happening.kind].value,
    )
    add_event(consent, happening, by=by, at=at)
    return consent


def _written(form: ConsentForm, consent: Consent, answers: Mapping[str, bool]) -> dict[str, object]:
    return {
        "form": str(form),
        "extent": form.extent,
        "status": consent.status,
        "answers": dict(answers),
        "answered_by": "infant" if consent.infant_id else "mother",
        **({"infant_that_died": consent.deceased.order} if consent.deceased else {}),
        "ends_at": consent.ends_at,
        "witnessed": consent.witness_id is not None,
    }
