from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.refusal import RuleViolation
from biobank.models.ledger import LedgerEntry
from consent.domain.consent import ConsentRefused, WithdrawalRefused, WithdrawalScope
from consent.domain.form import Extent
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.services.consent import Declined, NewConsent, Withdrawal, decline_consent, give_consent, withdraw_consent
from consent.services.form import NewForm, draft_form
from consent.signals import consent_reduced
from tests.factories.donor import (
    GIVEN_AT,
    STORAGE,
    USUAL_STATEMENTS,
    approver,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.person import LONG_AGO
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db

ALL_YES = {"storage": True, "research": True, "treatment": True, "companies": True}


def collection_only():
    return form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE])


def events_of(consent):
    return [(event.kind, event.scope, event.occurred_at, event.at) for event in consent.events.all()]


@pytest.fixture
def listener():
    """Collect what ``consent_reduced`` says; a test may have it raise."""
    heard = Listener()
    consent_reduced.connect(heard)
    yield heard
    consent_reduced.disconnect(heard)


class Listener:
    """A receiver that remembers, and raises what it is told to."""

    def __init__(self):
        self.heard = []
        self.refusal = None

    def __call__(self, **said):
        self.heard.append(said)
        if self.refusal:
            raise self.refusal


def test_a_consent_is_given_with_its_answers_and_sealed_without_a_name():
    consent = given_consent(companies=False, at=NOON)

    assert consent.status == "active"
    assert {answer.statement.key: answer.granted for answer in consent.answers.all()} == ALL_YES | {"companies": False}
    assert events_of(consent) == [("given", "", GIVEN_AT, NOON)]
    entry = LedgerEntry.objects.get(kind="consent.given")
    assert {consent.code, consent.donor.donor_code} <= set(entry.subjects.strip("[]").replace('"', "").split(","))
    assert '"companies":false' in entry.body


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"answers": {"storage": True}}, "unanswered"),
        ({"answers": ALL_YES | {"storage": False}}, "condition"),
        ({"answers": ALL_YES | {"sale": True}}, "not-asked"),
        ({"given_at": NOON + hours(1)}, "future"),
        ({"given_at": LONG_AGO - days(1)}, "form-not-in-force"),
        ({"witness": "recorder"}, "same-person"),
    ],
)
def test_a_consent_with_an_obstacle_changes_nothing(change, code):
    people = {"recorder": recorder()}
    change = {name: people.get(value, value) if isinstance(value, str) else value for name, value in change.items()}
    new = NewConsent(donor=registered_donor(), form=form_in_force(), answers=ALL_YES, given_at=GIVEN_AT)
    entries = LedgerEntry.objects.count()

    with pytest.raises(ConsentRefused) as refusal:
        give_consent(replace(new, **change), by=recorder(), at=NOON)

    assert code in [reason.code for reason in refusal.value.reasons]
    assert not Consent.objects.exists()
    assert LedgerEntry.objects.count() == entries


def test_a_draft_is_not_consented_on():
    form = draft_form(NewForm(form=form_facts(), statements=USUAL_STATEMENTS), by=approver(), at=LONG_AGO)

    with pytest.raises(ConsentRefused, match="not in force"):
        given_consent(form=form)

    assert not Consent.objects.exists()


def test_a_witness_and_a_taker_other_than_who_records_are_kept():
    new = NewConsent(
        donor=registered_donor(),
        form=form_in_force(),
        answers=ALL_YES,
        given_at=GIVEN_AT,
        taken_by=recorder(),
        witness=approver(),
    )

    consent = give_consent(new, by=approver(), at=NOON)

    assert (consent.taken_by, consent.witness) == (recorder(), approver())


def test_a_full_consent_takes_the_place_of_the_collection_only_one_and_edits_nothing_in_it():
    first = given_consent(form=collection_only())
    answers = list(first.answers.values())

    second = given_consent(first.donor, given_at=GIVEN_AT + hours(30))

    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "active")
    assert list(first.answers.values()) == answers
    assert [kind for kind, *_ in events_of(first)] == ["given", "superseded"]
    assert first.code in LedgerEntry.objects.filter(kind="consent.given").last().body


def test_a_collection_only_consent_does_not_take_the_place_of_a_full_one():
    full, form = given_consent(), collection_only()

    with pytest.raises(ConsentRefused, match="A full consent is active"):
        given_consent(full.donor, form, given_at=NOON)

    full.refresh_from_db()
    assert full.status == "active"
    assert Consent.objects.count() == 1


def test_a_late_entry_of_an_older_consent_never_lifts_a_withdrawal():
    consent = withdrawn(given_consent(), at=NOON - days(1))

    with pytest.raises(ConsentRefused, match="on record is later"):
        given_consent(consent.donor, given_at=NOON - days(2), at=NOON)
    again = given_consent(consent.donor, given_at=NOON)

    consent.refresh_from_db()
    assert (consent.status, again.status) == ("withdrawn", "active")


def test_a_donor_declines_and_may_consent_later():
    donor, form = registered_donor(), form_in_force()

    declined = decline_consent(
        Declined(donor=donor, form=form, declined_at=GIVEN_AT, reason="Undecided"), by=recorder(), at=NOON
    )
    consent = given_consent(donor, given_at=GIVEN_AT + days(1))

    assert (declined.status, consent.status) == ("declined", "active")
    assert events_of(declined) == [("declined", "", GIVEN_AT, NOON)]
    assert LedgerEntry.objects.filter(kind="consent.declined").count() == 1


def test_a_donor_with_an_active_consent_withdraws_and_does_not_decline():
    consent = given_consent()

    with pytest.raises(ConsentRefused, match="record a withdrawal instead"):
        decline_consent(Declined(donor=consent.donor, form=consent.form, declined_at=NOON), by=recorder(), at=NOON)

    consent.refresh_from_db()
    assert consent.status == "active"
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("scope", WithdrawalScope)
def test_a_withdrawal_is_an_event_sealed_and_told_inside_its_transaction(listener, scope):
    consent = given_consent()

    withdraw_consent(
        Withdrawal(donor=consent.donor, scope=scope, reason="Letter", occurred_at=NOON - hours(1)),
        by=recorder(),
        at=NOON,
    )

    consent.refresh_from_db()
    assert consent.status == "withdrawn"
    assert events_of(consent)[1:] == [("withdrawn", scope.value, NOON - hours(1), NOON)]
    (said,) = listener.heard
    assert {name: said[name] for name in ("donor", "consent", "scope", "reason", "by", "at")} == {
        "donor": consent.donor,
        "consent": consent,
        "scope": scope,
        "reason": "Letter",
        "by": recorder(),
        "at": NOON,
    }
    assert said["sender"] is Consent
    assert LedgerEntry.objects.filter(kind="consent.withdrawn").count() == 1


def test_a_receiver_that_refuses_undoes_the_withdrawal(listener):
    consent = given_consent()
    listener.refusal = RuleViolation("The units could not be stopped.")

    with pytest.raises(RuleViolation, match="could not be stopped"):
        withdrawn(consent)

    consent.refresh_from_db()
    assert consent.status == "active"
    assert not ConsentEvent.objects.filter(kind="withdrawn").exists()
    assert not LedgerEntry.objects.filter(kind="consent.withdrawn").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "reason is missing"),
        ({"occurred_at": NOON + hours(1)}, "in the future"),
        ({"occurred_at": GIVEN_AT - hours(1)}, "before the consent was given"),
    ],
)
def test_a_withdrawal_with_an_obstacle_changes_nothing(listener, change, says):
    consent = given_consent()
    withdrawal = Withdrawal(donor=consent.donor, scope=WithdrawalScope.ALL, reason="Letter", occurred_at=NOON)

    with pytest.raises(WithdrawalRefused, match=says):
        withdraw_consent(replace(withdrawal, **change), by=recorder(), at=NOON)

    consent.refresh_from_db()
    assert consent.status == "active"
    assert listener.heard == []


def test_a_donor_without_consent_has_nothing_to_withdraw(listener):
    given_consent()
    withdrawal = Withdrawal(donor=registered_donor(), scope=WithdrawalScope.ALL, reason="Letter", occurred_at=NOON)

    with pytest.raises(WithdrawalRefused, match="record that she declined"):
        withdraw_consent(withdrawal, by=recorder(), at=NOON)

    assert listener.heard == []


def test_a_withdrawal_of_future_use_widens_to_all_once(listener):
    consent = withdrawn(given_consent(), scope=WithdrawalScope.FUTURE_USE)

    withdrawn(consent)
    with pytest.raises(WithdrawalRefused, match="withdrawn already"):
        withdrawn(consent)

    assert [said["scope"] for said in listener.heard] == [WithdrawalScope.FUTURE_USE, WithdrawalScope.ALL]


def test_giving_consent_takes_few_queries(django_assert_max_num_queries):
    donor, form, by = registered_donor(), form_in_force(), recorder()
    new = NewConsent(donor=donor, form=form, answers=ALL_YES, given_at=GIVEN_AT)

    with django_assert_max_num_queries(17):
        give_consent(new, by=by, at=NOON)


def test_the_database_holds_what_the_rules_say_of_consents():
    consent, by = given_consent(), recorder()
    usual = {"donor": registered_donor(), "form": consent.form, "given_at": GIVEN_AT, "recorded_at": NOON}

    for number, change in enumerate(
        (
            {"donor": consent.donor, "status": "active"},
            {"status": "paused"},
            {"status": "active", "witness": by},
            {"status": "active", "recorded_at": GIVEN_AT - hours(1)},
        )
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(**usual | {"code": f"CNS-{number}", "taken_by": by} | change)
    for change in ({"kind": "paused"}, {"kind": "withdrawn"}, {"scope": "all"}, {"occurred_at": NOON + hours(1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ConsentEvent.objects.create(
                **{"consent": consent, "kind": "given", "occurred_at": NOON, "at": NOON, "by": by} | change
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(consent=consent, statement=consent.answers.first().statement, granted=False)

    assert (str(consent), str(consent.events.get())) == (consent.code, "given")
    assert {str(answer) for answer in consent.answers.all()} == {"yes"}
    assert str(Answer(granted=False)) == "no"
