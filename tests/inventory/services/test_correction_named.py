"""Who collected and processed, where, and under which further code a thing goes: corrected to what the bank knows."""

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.identifier import Identifier
from inventory.models.processing import Processing
from inventory.queries.correction_proof import correction_findings
from inventory.queries.scan import unit_code_of_scan
from tests.factories.correction import confirmed, correction
from tests.factories.donation import registered_donation
from tests.factories.person import site, staff
from tests.factories.trail import last_of
from tests.factories.unit import available_unit, frozen_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, frozen_unit)
SECOND = "the-second-technician"


def fresh(row):
    row.refresh_from_db()
    return row


def test_who_collected_and_who_processed_is_corrected_at_once():
    unit, other = available_unit(), available_unit()
    donation, run = unit.donation, unit.made_from.get().processing
    was, right = donation.collector, staff(Role.LAB_TECHNICIAN, SECOND)

    made = correction("donation", donation.pk, "collector", SECOND)
    correction("processing", run.pk, "operator", SECOND)

    assert (made.old_value, made.new_value, made.status) == (was.username, SECOND, "in_effect")
    assert (fresh(donation).collector, fresh(run).operator) == (right, right)
    assert last_of("fact.corrected")["new"]["operator"] == SECOND
    assert (fresh(other.donation).collector, fresh(unit).state) == (was, UnitState.AVAILABLE)
    assert list(correction_findings()) == []


def test_where_it_was_collected_decides_which_markers_are_asked_and_is_corrected_by_two():
    unit, other = available_unit(), available_unit()
    wrong, right = unit.donation.collection_site, site("MAT-2", country="US")

    made = correction("donation", unit.donation_id, "collection_site", "MAT-2")
    assert (made.rested, fresh(unit.donation).collection_site) == (["acceptance", "eligibility"], wrong)
    confirmed(made)

    assert (fresh(unit.donation).collection_site, fresh(unit).state) == (right, UnitState.QUARANTINED)
    assert EligibilityDetermination.objects.get(donation=unit.donation).reopened_at
    assert not EligibilityDetermination.objects.get(donation=other.donation).reopened_at
    assert fresh(other).state == UnitState.AVAILABLE


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("collector", "nobody", "There is no collector nobody"),
        ("collector", "", "missing"),
        ("collector", "the\u200bsecond", "collector"),
        ("collection_site", "MAT-404", "There is no collection site"),
        ("collection_site", "MAT-1", "is that already"),
        ("registered_by", SECOND, "is not corrected"),
    ],
)
def test_whom_the_bank_does_not_know_collected_nothing(field, value, match):
    donation = registered_donation().donation

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction("donation", donation.pk, field, value)


def identified(unit, value):
    return Identifier.objects.create(issuer="Other LIMS", value=value, unit=unit)


def test_a_further_code_written_wrongly_is_corrected_and_found_by_scan():
    unit, other = frozen_unit(), frozen_unit()
    mine, taken = identified(unit, "TUBE-11"), identified(other, "TUBE-2")

    made = correction("identifier", mine.pk, "value", "TUBE-1")

    assert (made.subject, fresh(mine).value, fresh(taken).value) == (unit.code, "TUBE-1", "TUBE-2")
    assert (unit_code_of_scan("TUBE-1"), unit_code_of_scan("TUBE-11")) == (unit.code, "TUBE-11")
    with pytest.raises(CorrectionRefused, match=f"Other LIMS TUBE-2 is {other.code}"), nothing_changes():
        correction("identifier", mine.pk, "value", "TUBE-2")
    with pytest.raises(CorrectionRefused, match="missing"), nothing_changes():
        correction("identifier", mine.pk, "issuer", "")
    correction("identifier", mine.pk, "issuer", "Tube maker")
    assert fresh(mine).issuer == "Tube maker"


def test_persons_places_and_codes_change_only_by_the_correction_that_says_so():
    unit, twin = frozen_unit(), frozen_unit()
    other, elsewhere = staff(Role.LAB_TECHNICIAN, SECOND), site("MAT-2")
    donations, runs = Donation.objects.filter(pk=unit.donation_id), Processing.objects.filter(lineage__child=unit)
    runs, codes = Processing.objects.filter(pk=runs.get().pk), Identifier.objects.filter(pk=identified(unit, "T-1").pk)
    statements = (
        lambda: donations.update(collector=other),
        lambda: donations.update(collection_site=elsewhere),
        lambda: runs.update(operator=other),
        lambda: codes.update(value="T-2"),
        lambda: codes.update(issuer="another"),
        lambda: codes.update(unit=twin),
    )

    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()

    drop_guards(connection)
    try:
        assert [statement() for statement in statements] == [1] * len(statements)
    finally:
        install_guards(connection)
