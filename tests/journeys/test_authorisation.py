"""A mother gave cord blood at the birth; her newborn died, and its parents authorise the recovery of the liver.

What was answered at the birth and what is authorised after death stand beside each other, and each is taken back for
itself.
"""

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from consent.domain.consent import ConsentRefused, WithdrawalRefused, WithdrawalScope
from consent.domain.form import AUTHORISES_RECOVERY
from consent.domain.permitted_use import Standing
from consent.domain.standing import Source
from consent.models.consent import Consent
from consent.queries.consent import consent_status, consent_statuses
from consent.queries.donor import infants_of
from consent.queries.due import infants_coming_of_age
from consent.services.consent import NewConsent, Withdrawal, give_consent, withdraw_consent
from inventory.domain.donation import DonationRefused
from inventory.domain.unit import UnitState, Use
from inventory.models.hold import Hold
from inventory.queries.custody import custody_facts
from inventory.queries.fold import fold_findings
from inventory.queries.hold import open_holds_on
from inventory.services.hold import lift_hold
from inventory.services.recovery import register_recovery
from tests.factories.donor import consented_donor, form_in_force, given_consent, recorder, registered_donor, withdrawn
from tests.factories.person import staff
from tests.factories.recovery import (
    AUTHORISED_AT,
    LIVER_REGISTERED_AT,
    authorised,
    declined_recovery,
    new_recovery,
    recovery_form,
    registered_liver,
)
from tests.factories.time import NOON, days, hours
from tests.factories.trail import last_of
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db


def infant_of(donor, order=0):
    return infants_of([donor.pk])[donor.pk][order]


def authorisation(donor, **otherwise):
    form = recovery_form()
    asked = {statement.key: True for statement in form.statements.all()}
    usual = NewConsent(donor=donor, form=form, answers=asked, given_at=AUTHORISED_AT, deceased=infant_of(donor))
    return replace(usual, **otherwise)


def give(new):
    return give_consent(new, by=recorder(), at=NOON)


def take_back(consent):
    what = Withdrawal(
        donor=consent.donor,
        scope=WithdrawalScope.ALL,
        reason="Letter of the parents",
        occurred_at=NOON,
        deceased=consent.deceased,
    )
    return withdraw_consent(what, by=recorder(), at=NOON)


def test_an_authorisation_stands_beside_the_births_consent_and_changes_nothing_of_it():
    birth = given_consent(treatment=False)
    donor = birth.donor

    given = give(authorisation(donor))

    birth.refresh_from_db()
    assert (birth.status, given.status) == ("active", "active")
    sources = [Source(donor.pk, infant_of(donor).pk, after_death=after) for after in (False, True)]
    of_birth, of_death = (consent_statuses(sources, NOON)[each] for each in sources)
    assert (of_birth.consent, of_birth.human_application) == (birth.code, False)
    assert (of_death.consent, of_death.human_application, of_death.standing) == (given.code, True, Standing.ACTIVE)
    assert consent_status([donor.pk], NOON)[donor.pk].consent == birth.code
    assert last_of("consent.given")["new"]["infant_that_died"] == 1
    assert last_of("consent.given")["old"] == {}


def test_a_birth_and_a_recovery_of_one_donor_are_each_spoken_for_by_their_own_answer():
    birth = given_consent(treatment=False)
    bag = available_unit(Use.LABORATORY, consent=birth)
    liver = registered_liver(authorised(birth)).units[0]

    assert [each.form for each in custody_facts(bag.code, NOON).donors] == ["CF-USUAL version 1 (en)"]
    assert [each.form for each in custody_facts(liver.code, NOON).donors] == ["CF-RECOVERY version 1 (en)"]


def test_no_birth_consent_however_wide_authorises_a_recovery():
    new = new_recovery(given_consent())

    with pytest.raises(DonationRefused, match="No authorisation"), nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)


def test_parents_who_decline_leave_the_births_consent_as_it_was():
    birth = given_consent()
    declined = declined_recovery(birth)
    new = new_recovery(birth)

    birth.refresh_from_db()
    assert (birth.status, declined.status) == ("active", "declined")
    with pytest.raises(DonationRefused, match="No authorisation"), nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)


def test_parents_who_declined_may_authorise_later_and_an_authorisation_given_again_replaces_the_first():
    donor = declined_recovery(given_consent()).donor
    first = give(authorisation(donor, given_at=AUTHORISED_AT + hours(1)))

    second = give(authorisation(donor, given_at=AUTHORISED_AT + hours(2)))

    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "active")
    assert Consent.objects.filter(donor=donor, status="active").count() == 2


def test_withdrawing_the_authorisation_stops_the_liver_and_not_the_cord_blood():
    birth = given_consent()
    bag = available_unit(consent=birth)
    given = authorised(birth)
    liver = registered_liver(given).units[0]

    take_back(given)

    birth.refresh_from_db()
    bag.refresh_from_db()
    held = open_holds_on([bag.pk, liver.pk])
    assert (birth.status, bag.state) == ("active", UnitState.AVAILABLE)
    assert [len(held[each.pk]) for each in (bag, liver)] == [0, 1]
    assert list(fold_findings()) == []


def test_withdrawing_the_births_consent_stops_the_cord_blood_and_not_the_liver():
    birth = given_consent()
    bag = available_unit(consent=birth)
    given = authorised(birth)
    liver = registered_liver(given).units[0]

    withdrawn(birth)

    given.refresh_from_db()
    bag.refresh_from_db()
    held = open_holds_on([bag.pk, liver.pk])
    assert (given.status, bag.state) == ("active", UnitState.QUARANTINED)
    assert [len(held[each.pk]) for each in (bag, liver)] == [1, 0]


def test_withdrawing_the_births_consent_between_authorisation_and_recovery_does_not_stop_the_liver():
    birth = given_consent()
    bag = available_unit(consent=birth)
    given = authorised(birth)

    withdrawn(birth, at=NOON - days(1))
    liver = registered_liver(given).units[0]

    held = open_holds_on([bag.pk, liver.pk])
    assert [len(held[each.pk]) for each in (bag, liver)] == [1, 0]


def test_a_mother_who_withdrew_before_she_authorised_is_held_until_quality_has_seen_the_authorisation():
    birth = given_consent()
    bag = available_unit(consent=birth)
    withdrawn(birth, at=NOON - days(2))
    liver = registered_liver(authorised(birth)).units[0]
    held = open_holds_on([bag.pk, liver.pk])
    assert {hold.lies_on for holds in held.values() for hold in holds} == {birth.donor.donor_code}
    assert [len(held[each.pk]) for each in (bag, liver)] == [1, 1]

    [hold] = Hold.objects.all()
    lift_hold(hold, reason="The parents authorised the recovery", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    sources = [Source(birth.donor_id, infant_of(birth.donor).pk, after_death=after) for after in (False, True)]
    stands = consent_statuses(sources, NOON)
    assert [stands[each].standing for each in sources] == [Standing.WITHDRAWN, Standing.ACTIVE]
    assert [len(holds) for holds in open_holds_on([bag.pk, liver.pk]).values()] == [0, 0]
    bag.refresh_from_db()
    assert bag.state == UnitState.QUARANTINED


def test_an_authorisation_withdrawn_before_anything_is_recovered_holds_nothing_and_refuses_the_recovery():
    given = authorised(given_consent())
    take_back(given)
    new = new_recovery(given)

    assert not Hold.objects.exists()
    with pytest.raises(DonationRefused, match="No authorisation"), nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)


def test_a_mother_who_only_consented_at_the_birth_has_no_authorisation_to_withdraw():
    birth = given_consent()
    what = Withdrawal(
        donor=birth.donor,
        scope=WithdrawalScope.ALL,
        reason="Letter",
        occurred_at=NOON,
        deceased=infant_of(birth.donor),
    )

    with pytest.raises(WithdrawalRefused, match="no consent to withdraw"), nothing_changes():
        withdraw_consent(what, by=recorder(), at=NOON)


def test_an_authorisation_is_of_one_twin_and_the_other_is_not_recovered_by_it():
    donor = registered_donor(infants=2)
    first, second = infant_of(donor), infant_of(donor, 1)
    give(authorisation(donor, deceased=first))
    other = replace(new_recovery(given_consent(donor)), infant_id=second.pk)

    with pytest.raises(DonationRefused, match="No authorisation"), nothing_changes():
        register_recovery(other, by=other.collector, at=LIVER_REGISTERED_AT)

    give(authorisation(donor, deceased=second))
    assert Consent.objects.filter(donor=donor, status="active").count() == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (lambda _donor: {"deceased": None}, "no-infant"),
        (lambda _donor: {"deceased": infant_of(consented_donor())}, "other-donor"),
        (lambda _donor: {"form": form_in_force()}, "other-form"),
        (lambda donor: {"given_at": infant_of(donor).born_at - hours(1)}, "before-birth"),
        (lambda donor: {"answers": {**authorisation(donor).answers, AUTHORISES_RECOVERY: False}}, "condition"),
    ],
)
def test_what_is_no_authorisation_is_refused_and_changes_nothing(changed, code):
    donor = consented_donor()
    new = authorisation(donor, **changed(donor))

    with pytest.raises(ConsentRefused) as refused, nothing_changes():
        give(new)

    assert code in [each.code for each in refused.value.reasons]


def test_nobody_waits_for_an_infant_that_died_to_come_of_age():
    died, lives = authorised(given_consent()).donor, consented_donor()
    in_twenty_years = NOON + days(20 * 365)

    assert {each.donor_code for each in infants_coming_of_age(in_twenty_years)} == {lives.donor_code}
    assert LedgerEntry.objects.filter(links__code=died.donor_code).exists()


@pytest.mark.parametrize(
    ("of", "why"),
    [
        ("another donor", "under its own donor"),
        ("no form for it", "names the infant that died"),
        ("nobody", "names the infant that died"),
    ],
)
def test_the_database_itself_refuses_an_authorisation_of_another_donors_infant_or_on_another_form(of, why):
    birth, given = given_consent(), authorised(given_consent())
    row, infant = {
        "another donor": (given, infant_of(birth.donor)),
        "no form for it": (birth, infant_of(birth.donor)),
        "nobody": (given, None),
    }[of]
    row.pk, row.code, row.status, row.deceased = None, "CNS-FALSE", "declined", infant

    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        row.save(force_insert=True)


def test_the_database_itself_keeps_one_active_authorisation_of_one_infant_as_it_was_given():
    given, other = authorised(given_consent()), authorised()

    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=given.pk).update(deceased=other.deceased)
    given.pk, given.code = None, "CNS-TWICE"
    with pytest.raises(DatabaseError, match=r"one_active_authorisation|UNIQUE"), transaction.atomic():
        given.save(force_insert=True)
