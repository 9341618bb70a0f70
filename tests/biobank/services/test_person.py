"""Registering people, granting and ending roles, passwords, and taking access away."""

from dataclasses import replace

import pytest
from django.contrib.auth.hashers import check_password

from biobank.domain.attempt import LockedOut
from biobank.domain.person import (
    EndsBeforeItBegins,
    NotActive,
    PrintedNameMissing,
    UnfitPassword,
    UnfitUsername,
    UsernameTaken,
    WrongCurrentPassword,
)
from biobank.domain.role import Role
from biobank.domain.site import UnfitSite
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.models.signature import Attempts
from biobank.models.training import Training
from biobank.queries.person import roles_of
from biobank.services.person import (
    NewPerson,
    change_password,
    deactivate_person,
    grant_role,
    record_training,
    register_person,
    set_password,
    system_person,
)
from tests.factories.person import PASSWORD, person, site
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db
OTHER_PASSWORD = "eleven loud centrifuges"


def newcomer(**changed):
    return replace(NewPerson(username="ana", printed_name="Ana Lab", site=site(), password=PASSWORD), **changed)


def kinds_about(username):
    return list(LedgerEntry.objects.filter(links__code=username).order_by("number").values_list("kind", flat=True))


def test_a_person_is_registered_with_a_verified_identity_and_an_entry_without_the_password():
    admin = person(Role.ADMINISTRATOR)

    ana = register_person(newcomer(), by=admin, at=NOON)

    ana.refresh_from_db()
    entry = LedgerEntry.objects.get(kind="person.registered", links__code="ana")
    assert (ana.time_zone, ana.is_active, ana.is_service) == ("Europe/Berlin", True, False)
    assert (ana.identity_verified_at, ana.identity_verified_by) == (NOON, admin)
    assert check_password(PASSWORD, ana.password)
    assert PASSWORD not in entry.body
    assert ana.password not in entry.body


def test_a_person_whose_identity_nobody_saw_is_registered_so():
    ana = register_person(newcomer(identity_verified=False), by=person(Role.ADMINISTRATOR), at=NOON)

    assert ana.identity_verified_at is None
    assert ana.identity_verified_by is None


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"username": "Ana"}, UnfitUsername),
        ({"username": "system"}, UsernameTaken),
        ({"printed_name": "  "}, PrintedNameMissing),
        ({"password": "short"}, UnfitPassword),
        ({"password": "seven quiet \ud800 freezers"}, UnfitPassword),
        ({"password": "password1234"}, UnfitPassword),
        ({"username": "ana.labmember.one", "password": "ana.labmember.one"}, UnfitPassword),
        ({"time_zone": "Mars"}, UnfitSite),
    ],
)
def test_an_unfit_newcomer_leaves_nothing(changed, refusal):
    admin = person(Role.ADMINISTRATOR)
    before = LedgerEntry.objects.count(), Person.objects.count()

    with pytest.raises(refusal):
        register_person(newcomer(**changed), by=admin, at=NOON)

    assert (LedgerEntry.objects.count(), Person.objects.count()) == before


def test_a_username_is_never_given_again():
    admin = person(Role.ADMINISTRATOR)
    deactivate_person(register_person(newcomer(), by=admin, at=NOON), reason="left", by=admin, at=NOON)

    with pytest.raises(UsernameTaken):
        register_person(newcomer(printed_name="Ana Other"), by=admin, at=NOON + days(1))

    assert Person.objects.get(username="ana").printed_name == "Ana Lab"


@pytest.mark.parametrize("own", [True, False])
def test_a_registration_says_whether_the_password_is_the_person_s_own(own):
    new = newcomer(password_is_own=own) if own else newcomer()

    ana = register_person(new, by=person(Role.ADMINISTRATOR), at=NOON)

    assert ana.password_is_own is own


def test_the_system_registers_itself_once_and_cannot_be_signed_in_as():
    first = system_person(at=NOON)

    second = system_person(at=NOON + days(1))

    assert first == second
    assert first.is_service
    assert not first.has_usable_password()
    assert kinds_about("system") == ["person.registered"]


def test_a_training_is_recorded_with_its_time():
    ana = person(trained=False)

    record_training(ana, "cryostorage", valid_from=NOON, valid_until=NOON + days(365), by=person(), at=NOON)
    with pytest.raises(EndsBeforeItBegins):
        record_training(ana, "cryostorage", valid_from=NOON, valid_until=NOON, by=person(), at=NOON)

    assert Training.objects.get(person=ana).valid_until == NOON + days(365)
    assert kinds_about(ana.username)[-1] == "person.trained"


def test_a_password_set_anew_works_and_forgets_the_wrong_attempts():
    ana = person()
    Attempts.objects.create(username=ana.username, wrong_count=5, locked_until=NOON + days(1))

    set_password(ana, OTHER_PASSWORD, by=person(Role.ADMINISTRATOR), at=NOON)

    ana.refresh_from_db()
    assert check_password(OTHER_PASSWORD, ana.password)
    assert ana.password_changed_at == NOON
    assert Attempts.objects.get(username=ana.username).wrong_count == 0
    assert kinds_about(ana.username)[-1] == "person.password_changed"


def test_an_unfit_password_changes_nothing():
    ana = person()

    with pytest.raises(UnfitPassword) as refusal:
        set_password(ana, "1234", by=ana, at=NOON)

    ana.refresh_from_db()
    assert len(refusal.value.reasons) >= 2
    assert check_password(PASSWORD, ana.password)


def test_a_person_changes_their_own_password_with_the_current_one():
    ana = person()

    change_password(ana, current=PASSWORD, new=OTHER_PASSWORD, by=ana, at=NOON)

    ana.refresh_from_db()
    assert check_password(OTHER_PASSWORD, ana.password)


def test_a_password_is_not_changed_to_itself():
    ana = person()
    set_password(ana, OTHER_PASSWORD, by=person(Role.ADMINISTRATOR), at=NOON)

    with pytest.raises(UnfitPassword, match="that you use now"):
        change_password(ana, current=OTHER_PASSWORD, new=OTHER_PASSWORD, by=ana, at=NOON)

    ana.refresh_from_db()
    assert not ana.password_is_own


def test_a_wrong_current_password_is_refused_counted_and_at_last_locks_out():
    ana = person()

    for _ in range(5):
        with pytest.raises(WrongCurrentPassword):
            change_password(ana, current="wrong", new=OTHER_PASSWORD, by=ana, at=NOON)
    with pytest.raises(LockedOut):
        change_password(ana, current=PASSWORD, new=OTHER_PASSWORD, by=ana, at=NOON)

    ana.refresh_from_db()
    assert check_password(PASSWORD, ana.password)


def test_nobody_changes_the_password_of_another_person():
    ana = person()

    with pytest.raises(WrongCurrentPassword):
        change_password(ana, current=PASSWORD, new=OTHER_PASSWORD, by=person(), at=NOON)

    ana.refresh_from_db()
    assert check_password(PASSWORD, ana.password)


def test_a_deactivated_person_keeps_their_name_on_what_they_did_and_nothing_else():
    ana = person(Role.AUDITOR, Role.COORDINATOR)

    deactivate_person(ana, reason="left the bank", by=person(Role.ADMINISTRATOR), at=NOON)

    ana.refresh_from_db()
    assert (ana.is_active, ana.deactivated_at) == (False, NOON)
    assert not roles_of(ana, NOON)
    assert roles_of(ana, NOON - hours(1)) == {Role.AUDITOR, Role.COORDINATOR}
    assert kinds_about(ana.username)[-1] == "person.deactivated"


def test_a_deactivated_person_is_given_nothing_more():
    ana, admin = person(), person(Role.ADMINISTRATOR)
    deactivate_person(ana, reason="left", by=admin, at=NOON)

    with pytest.raises(NotActive):
        grant_role(ana, Role.AUDITOR, by=admin, at=NOON)
    with pytest.raises(NotActive):
        set_password(ana, OTHER_PASSWORD, by=admin, at=NOON)
    with pytest.raises(NotActive):
        deactivate_person(ana, reason="again", by=admin, at=NOON)

    assert not roles_of(ana, NOON)
