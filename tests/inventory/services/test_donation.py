from dataclasses import replace
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.form import Extent
from inventory.domain.din import Din, DinRefused
from inventory.domain.donation import DonationRefused
from inventory.domain.product_code import ProductCodeRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, UnitState
from inventory.models.donation import Donation
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit, UnitSource
from inventory.services.donation import Collected, register_donations
from tests.factories.donation import COLLECTED_AT, REGISTERED_AT, maternity, new_donation, registered_donation
from tests.factories.donor import GIVEN_AT, form_facts, form_in_force, given_consent, registered_donor, withdrawn
from tests.factories.person import staff
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, given_consent)


def register(*news, at=REGISTERED_AT):
    return register_donations(list(news), by=staff(Role.COLLECTION_STAFF), at=at)


def bag(code="S9001V00", volume_ml="95", mass_g=None):
    mass = Decimal(mass_g) if mass_g else None
    return Collected(ProductClass.CORD_BLOOD, UnitKind.COLLECTED_BAG, code, volume_ml=Decimal(volume_ml), mass_g=mass)


def test_a_donation_is_registered_with_its_unit_and_the_mothers_tubes():
    new = new_donation()
    before = head_number()

    registered = register(new)[0]

    donation, unit = Donation.objects.get(), Unit.objects.get()
    assert donation.code == donation.din == new.din[:13]
    assert unit.code == f"{donation.din}S9001V00"
    assert (unit.state, unit.holder, unit.volume_ml) == (UnitState.COLLECTED, maternity().code, Decimal(95))
    assert UnitSource.objects.get().donation == donation
    assert {tube.role for tube in registered.samples} == {SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA}
    assert {tube.holder for tube in ReferenceSample.objects.all()} == {maternity().code}
    assert kinds_since(before) == ["donation.registered", "sample.registered", "sample.registered", "unit.registered"]


def test_the_entry_of_a_donation_says_when_it_happened_and_names_no_person_of_the_donors():
    consent = given_consent()

    registered_donation(consent)

    entry = last_of("donation.registered")
    assert entry["occurred_at"] == entry["new"]["collected_at"]
    assert set(entry["new"]) == {
        *("event", "purpose", "collected_at", "collector", "site", "delivery"),
        *("gestational_age_days", "clamp_seconds"),
    }


def test_a_din_is_known_by_one_form_however_it_was_scanned_or_typed():
    new = new_donation()
    din = Din.parse(new.din)

    registered = register(new_donation(din=din.scanned))[0]

    assert registered.donation.din == din.text
    again = new_donation(din=din.printed)
    with pytest.raises(DonationRefused, match=f"{din.text} is registered already"), nothing_changes():
        register(again)


def test_a_din_with_a_wrong_check_character_registers_nothing():
    new = new_donation()
    mistyped = new_donation(din=new.din[:-1] + ("A" if new.din[-1] != "A" else "B"))

    with pytest.raises(DinRefused, match="check character"), nothing_changes():
        register(new, mistyped)


def test_one_din_twice_in_one_command_registers_nothing():
    new = new_donation()
    again = new_donation(din=new.din)

    with pytest.raises(DonationRefused, match="is registered already"), nothing_changes():
        register(new, again)


def test_a_birth_without_consent_is_not_registered():
    consented = new_donation()
    donor = registered_donor()
    unasked = new_donation(donor_id=donor.pk, infant_id=donor.infants.get().pk)

    with pytest.raises(DonationRefused, match="No consent in force"), nothing_changes():
        register(consented, unasked)


def test_what_was_collected_before_the_consent_was_given_is_not_registered():
    late = given_consent(given_at=COLLECTED_AT + hours(0.1), at=COLLECTED_AT + hours(0.2))

    with pytest.raises(DonationRefused, match="collected before the consent was given"), nothing_changes():
        register(new_donation(late))


def test_consent_withdrawn_before_the_registration_stops_it():
    consent = given_consent()
    withdrawn(consent, at=REGISTERED_AT - hours(1))

    with pytest.raises(DonationRefused, match="No consent in force"), nothing_changes():
        register(new_donation(consent))


def test_a_consent_to_collection_alone_is_enough_to_collect():
    form = form_in_force(form_facts("CF-PHASED", extent=Extent.COLLECTION_ONLY))

    registered = register(new_donation(given_consent(form=form)))

    assert registered[0].units[0].state == UnitState.COLLECTED


def test_another_donors_infant_is_not_registered_under_this_donor():
    first, second = new_donation(), new_donation()
    swapped = new_donation(given_consent(), infant_id=second.infant_id)

    with pytest.raises(DonationRefused, match="not one of this donor's"), nothing_changes():
        register(first, swapped)


def test_donor_and_infant_that_do_not_exist_are_refused_by_name():
    registered_donation()
    of_nobody = new_donation(donor_id=0, infant_id=0)

    with pytest.raises(DonationRefused, match=r"not one of this donor's.*No consent"), nothing_changes():
        register(of_nobody)


def test_one_bad_donation_of_three_leaves_none_and_is_named():
    good, bad, other = new_donation(), new_donation(clamp_seconds=99999), new_donation()

    with pytest.raises(DonationRefused) as refused, nothing_changes():
        register(good, bad, other)

    assert [reason.code for reason in refused.value.reasons] == ["clamp-time"]
    assert bad.din[:13] in refused.value.reasons[0].text


def test_everything_wrong_with_all_of_them_is_told_at_once():
    early = new_donation(collected_at=GIVEN_AT - hours(1), gestational_age_days=10)
    future = new_donation(collected_at=NOON)

    with pytest.raises(DonationRefused) as refused, nothing_changes():
        register(early, future)

    codes = {reason.code for reason in refused.value.reasons}
    assert codes >= {"before-consent", "gestational-age", "future-collection"}


@pytest.mark.parametrize(
    ("collected", "match"),
    [
        ((), "nothing was collected"),
        ((bag(), bag()), "one unit and cannot be two"),
        ((bag(volume_ml="0"),), "0 is no volume"),
        ((bag(volume_ml="-5"),), "-5 is no volume"),
        ((bag(volume_ml="501"),), "501 is no volume"),
        ((bag(volume_ml="95.125"),), "95.125 is no volume"),
        ((bag(volume_ml="NaN"),), "NaN is no volume"),
        ((bag(mass_g="2001"),), "2001 is no mass"),
        (
            (replace(bag("D0070000"), product_class=ProductClass.LIVER_TISSUE),),
            "liver tissue is not collected",
        ),
        ((replace(bag(), product_class=ProductClass.MSC),), "msc is not collected"),
    ],
)
def test_what_cannot_have_been_collected_registers_nothing(collected, match):
    good, bad = new_donation(), new_donation(collected=collected)

    with pytest.raises(DonationRefused, match=match), nothing_changes():
        register(good, bad)


def test_a_product_code_that_is_none_registers_nothing():
    good, bad = new_donation(), new_donation(collected=(bag("nonsense"),))

    with pytest.raises(ProductCodeRefused), nothing_changes():
        register(good, bad)


def test_two_bags_of_one_birth_have_divisions_of_their_own():
    registered = register(new_donation(collected=(bag("S9001VA0"), bag("S9001VB0"))))[0]

    assert [unit.code[13:] for unit in registered.units] == ["S9001VA0", "S9001VB0"]
    assert {unit.donation for unit in registered.units} == {registered.donation}


def test_one_donation_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    registered_donation()
    by, one, three = staff(Role.COLLECTION_STAFF), [new_donation()], [new_donation() for _ in range(3)]
    assert by.site

    for news in (one, three):
        with django_assert_num_queries(20):
            register_donations(news, by=by, at=REGISTERED_AT)


def test_a_refusal_after_everything_was_written_takes_all_of_it_back():
    @service
    def register_and_fail(new):
        register(new)
        record("donation.registered", subjects=[], by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)
        raise DonationRefused("no after all")

    new = new_donation()

    with pytest.raises(DonationRefused, match="no after all"), nothing_changes():
        register_and_fail(new)
