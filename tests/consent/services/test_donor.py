from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from biobank.models.ledger import LedgerEntry
from consent.domain.donor import DonorRefused, InfantFacts, Origin, Sex
from consent.domain.identity import IdentityRefused
from consent.models.donor import Donor, Infant
from consent.models.identity import DonorIdentity
from consent.services.donor import NewDonor, register_donor, register_donors, register_infants
from tests.factories.donor import ANNA, recorder, registered_donor
from tests.factories.person import default_site
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db

TWINS = (
    InfantFacts(order=1, sex=Sex.FEMALE, born_at=NOON - hours(2)),
    InfantFacts(order=2, sex=Sex.MALE, born_at=NOON - hours(1)),
)


def test_a_donor_is_registered_under_a_random_code_with_her_infants():
    donor = register_donor(NewDonor(site=default_site(), infants=TWINS), by=recorder(), at=NOON)

    assert donor.donor_code.startswith("DNR-")
    assert [(infant.order, infant.sex) for infant in donor.infants.all()] == [(1, "female"), (2, "male")]
    entry = LedgerEntry.objects.get(kind="donor.registered")
    assert donor.donor_code in entry.subjects
    assert "2026-03-14T10" not in entry.body


def test_infants_that_cannot_stand_together_register_nobody():
    recorder()
    entries = LedgerEntry.objects.count()

    with pytest.raises(DonorRefused, match="contradicts"):
        register_donor(NewDonor(site=default_site(), infants=_swapped()), by=recorder(), at=NOON)

    assert not Donor.objects.exists()
    assert LedgerEntry.objects.count() == entries


def test_one_impossible_identity_in_a_batch_registers_nobody():
    recorder()
    batch = [
        NewDonor(site=default_site(), identity=ANNA),
        NewDonor(site=default_site(), identity=replace(ANNA, mother_name="")),
    ]

    with pytest.raises(IdentityRefused, match="mother name is missing"):
        register_donors(batch, by=recorder(), at=NOON)

    assert not Donor.objects.exists()
    assert not DonorIdentity.objects.exists()


def test_fifty_donors_take_as_many_queries_as_three(django_assert_num_queries):
    by, migrated = recorder(), NewDonor(site=default_site(), infants=TWINS, origin=Origin.MIGRATED)

    for number in (3, 50):
        with django_assert_num_queries(8):
            register_donors([migrated] * number, by=by, at=NOON)

    assert Donor.objects.count() == 53
    assert Infant.objects.count() == 106


def test_infants_born_after_registration_are_added_in_order():
    donor = registered_donor(infants=0)

    register_infants(donor, TWINS, by=recorder(), at=NOON)

    assert donor.infants.count() == 2


def test_an_infant_that_repeats_a_number_is_refused():
    donor = registered_donor(infants=1)

    with pytest.raises(DonorRefused, match="without gaps"):
        register_infants(donor, [InfantFacts(order=1)], by=recorder(), at=NOON)

    assert donor.infants.count() == 1


def test_the_database_holds_one_infant_per_number_and_known_words():
    donor = registered_donor(infants=1)

    for change in ({"order": 1}, {"order": 2, "sex": "girl"}, {"order": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Infant.objects.create(donor=donor, **change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Donor.objects.filter(id=donor.id).update(origin="found")

    assert str(donor) == donor.donor_code
    assert str(donor.infants.get()) == f"{donor.id}/1"


def _swapped():
    return (replace(TWINS[0], order=2), replace(TWINS[1], order=1))
