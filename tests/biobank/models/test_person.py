"""What the database itself refuses about people, roles and trainings."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError

from biobank.domain.role import Role
from biobank.models.person import Person, RoleGrant
from biobank.models.site import Site
from biobank.models.training import Training
from tests.factories.person import LONG_AGO, person, the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"site": None}, "only_a_service_belongs_to_no_site"),
        ({"is_active": False}, "inactive_person_has_the_time_of_deactivation"),
        ({"deactivated_at": NOON}, "inactive_person_has_the_time_of_deactivation"),
        ({"identity_verified_by": None}, "verified_identity_names_who_verified_it"),
    ],
)
def test_a_person_is_always_whole(changed, constraint):
    person(username="ana")
    ben = person(username="ben")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Person.objects.filter(pk=ben.pk).update(**changed)


def test_usernames_differ_in_more_than_case():
    ana = person(username="ana")

    with pytest.raises(IntegrityError, match="usernames_differ_in_more_than_case"), transaction.atomic():
        Person.objects.create(
            username="ANA", printed_name="Ana", site=ana.site, password="!", password_changed_at=NOON, created_at=NOON
        )


def test_a_role_is_a_known_one_ends_after_it_begins_and_is_open_once():
    ana = person(Role.AUDITOR)

    granted = {"person": ana, "granted_by": the_system(), "granted_at": NOON}
    for values, constraint in [
        ({"role": "superuser", "granted_from": NOON}, "granted_role_is_a_known_one"),
        (
            {"role": "coordinator", "granted_from": NOON, "granted_until": NOON - hours(1)},
            "role_does_not_end_before_it_begins",
        ),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            RoleGrant.objects.create(**granted, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(
            person=ana, role="auditor", granted_from=NOON, granted_by=the_system(), granted_at=NOON
        )


def test_a_training_ends_after_it_begins():
    ana = person()

    with pytest.raises(IntegrityError, match="training_ends_after_it_begins"), transaction.atomic():
        Training.objects.create(
            person=ana, topic="x", valid_from=NOON, valid_until=NOON, recorded_by=ana, recorded_at=NOON
        )


@pytest.mark.parametrize(
    ("model", "changed", "message"),
    [
        (Person, {"username": "another"}, "belongs to one person"),
        (RoleGrant, {"role": "medical_director"}, "never changed"),
        (RoleGrant, {"granted_from": LONG_AGO - hours(1)}, "never changed"),
        (Training, {"valid_until": NOON + hours(1)}, "never changed"),
    ],
)
def test_the_database_keeps_usernames_grants_and_trainings_as_they_were_recorded(model, changed, message):
    ana = person(Role.AUDITOR)
    own = {"pk": ana.pk} if model is Person else {"person": ana}

    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        model.objects.filter(**own).update(**changed)


def test_a_grant_that_ended_is_never_opened_again():
    ana = person(Role.AUDITOR)
    grants = RoleGrant.objects.filter(person=ana)
    grants.update(granted_until=NOON)

    for later in (None, NOON + hours(1)):
        with pytest.raises(DatabaseError, match="only ends"), transaction.atomic():
            grants.update(granted_until=later)


def test_nobody_who_did_something_can_be_deleted():
    ana = person(Role.AUDITOR)

    with pytest.raises(ProtectedError):
        ana.delete()
    with pytest.raises(ProtectedError):
        Site.objects.get(pk=ana.site_id).delete()


def test_rows_show_themselves_shortly():
    ana = person(Role.AUDITOR, username="ana")

    shown = [str(row) for row in (ana, ana.site, RoleGrant.objects.get(person=ana), Training.objects.get(person=ana))]

    assert shown == ["ana", "BANK-1 Site BANK-1", f"{ana.pk} auditor", f"{ana.pk} electronic signature"]


def test_signing_in_writes_nothing_past_the_services():
    assert Person.last_login is None
    assert "last_login" not in {field.name for field in Person._meta.get_fields()}
