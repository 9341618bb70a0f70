import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services import guard
from inventory.models.result import Result
from tests.factories.person import staff
from tests.factories.result import of, record, second_technician
from tests.factories.time import NOON
from tests.factories.unit import MEASURED_AT, frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def test_the_database_itself_refuses_a_result_verified_by_who_entered_it():
    result = record(of(frozen_unit(), "fungal_culture", "no_growth"))[0]
    own = Result.objects.filter(pk=result.pk)

    with pytest.raises(DatabaseError, match="a_result_is_verified_by_another_person"), transaction.atomic():
        own.update(verified_by=result.entered_by, verified_at=NOON)

    own.update(verified_by=second_technician(), verified_at=NOON)
    assert own.get().verified_by == second_technician()


def test_the_database_itself_refuses_an_edited_result_and_without_its_guard_would_not():
    result = record(of(frozen_unit(), "fungal_culture", "no_growth"))[0]
    edited = Result.objects.filter(pk=result.pk)

    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        edited.update(text="growth")
    assert edited.get().text == "no_growth"

    guard.drop_guards(connection)
    try:
        edited.update(text="growth")
    finally:
        guard.install_guards(connection)
    assert edited.get().text == "growth"


def test_the_database_refuses_a_result_that_says_nothing():
    unit = frozen_unit()
    lab = staff(Role.LAB_TECHNICIAN)

    with pytest.raises(DatabaseError, match="a_result_says_something"):
        Result.objects.create(assay="tnc", subject="unit", unit=unit, entered_by=lab, entered_at=MEASURED_AT)
