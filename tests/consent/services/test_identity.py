from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from biobank.models.ledger import LedgerEntry
from consent.domain.identity import Identity, IdentityKeyMissing, IdentityRefused, IdentityUnreadable
from consent.models.identity import DonorIdentity, IdentityRead
from consent.services.identity import IdentityLookup, NewIdentity, find_donor, read_identity, record_identity
from tests.factories.donor import ANNA, recorder, registered_donor
from tests.factories.person import default_site, site
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db


def record(donor, identity=ANNA, reason=""):
    record_identity(NewIdentity(donor=donor, identity=identity, reason=reason), by=recorder(), at=NOON)


def read(donor, reason="Lawful request 12/2026", **more):
    return read_identity(donor, reason=reason, by=recorder(), at=NOON, **more)


def lookup(record_number="KH-00-4711", birth_date=ANNA.birth_date, where=None):
    return IdentityLookup(site=where or default_site(), record_number=record_number, birth_date=birth_date)


def test_an_identity_is_stored_so_that_its_row_shows_nothing():
    donor = registered_donor()

    record(donor)

    row = DonorIdentity.objects.values().get()
    assert not [value for value in map(str, row.values()) if any(word in value for word in _words(ANNA))]
    assert str(DonorIdentity.objects.get()) == f"identity of donor {donor.id}"


def test_reading_returns_the_identity_and_records_who_and_why():
    donor = registered_donor(identity=ANNA)

    identity = read(donor, inspector="Inspector Smith")

    assert identity == ANNA
    look = IdentityRead.objects.get()
    assert (look.donor, look.read_by, look.read_at, look.kind) == (donor, recorder(), NOON, "read")
    assert (look.reason, look.inspector) == ("Lawful request 12/2026", "Inspector Smith")
    entry = LedgerEntry.objects.get(kind="identity.read")
    assert "Lawful request 12/2026" in entry.body
    assert "Inspector Smith" in entry.body
    assert str(look) == f"read of donor {donor.id}"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b"])
def test_reading_without_a_fit_reason_shows_nothing(reason):
    donor = registered_donor(identity=ANNA)

    with pytest.raises(IdentityRefused) as refusal:
        read(donor, reason=reason)

    assert refusal.value.field == "reason"
    assert not IdentityRead.objects.exists()
    assert not [word for word in _words(ANNA) if word in str(refusal.value)]


def test_reading_what_was_never_recorded_is_refused():
    registered_donor(identity=ANNA)

    with pytest.raises(IdentityRefused, match="No identity"):
        read(registered_donor())

    assert not IdentityRead.objects.exists()


def test_the_database_refuses_a_read_without_its_reason_or_of_an_unknown_kind():
    donor = registered_donor(identity=ANNA)

    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityRead.objects.create(donor=donor, read_by=recorder(), read_at=NOON, kind="read", reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityRead.objects.create(donor=donor, read_by=recorder(), read_at=NOON, kind="glance", reason="x")

    assert not IdentityRead.objects.exists()


@pytest.mark.parametrize("field", ["mother_name", "birth_date", "wrapped_key"])
def test_a_row_changed_outside_the_system_does_not_open(field):
    donor, other = registered_donor(identity=ANNA), registered_donor(identity=_other())
    theirs = DonorIdentity.objects.values_list(field, flat=True).get(donor=other)
    DonorIdentity.objects.filter(donor=donor).update(**{field: theirs})

    with pytest.raises(IdentityUnreadable, match=donor.donor_code):
        read(donor)

    assert not IdentityRead.objects.exists()


def test_after_a_key_rotation_old_and_new_identities_are_read(settings):
    first, second = "0d" * 32, "91" * 32
    settings.BIOBANK_IDENTITY_KEYS = {"first": first}
    old = registered_donor(identity=ANNA)

    settings.BIOBANK_IDENTITY_KEYS = {"second": second, "first": first}
    new = registered_donor(identity=_other())

    assert (read(old), read(new)) == (ANNA, _other())
    settings.BIOBANK_IDENTITY_KEYS = {"second": second}
    assert read(new) == _other()
    with pytest.raises(IdentityKeyMissing, match="“first”"):
        read(old)


@pytest.mark.parametrize("broken", [None, {}, {"first": "not a key"}])
def test_without_a_usable_key_nothing_is_recorded_read_or_found(settings, broken):
    donor, other = registered_donor(identity=ANNA), registered_donor()
    settings.BIOBANK_IDENTITY_KEYS = broken

    with pytest.raises(IdentityKeyMissing, match="key"):
        record(other, _other())
    with pytest.raises(IdentityKeyMissing, match="key"):
        read(donor)
    with pytest.raises(IdentityKeyMissing, match="key"):
        find_donor(lookup(), by=recorder(), at=NOON)

    assert DonorIdentity.objects.count() == 1
    assert not IdentityRead.objects.exists()


def test_a_setting_that_is_absent_is_a_missing_key(settings):
    donor = registered_donor(identity=ANNA)
    del settings.BIOBANK_IDENTITY_INDEX_KEY

    with pytest.raises(IdentityKeyMissing, match="index key"):
        read(donor)


def test_a_lookup_answers_only_the_code_and_is_recorded():
    donor = registered_donor(identity=ANNA)
    registered_donor(identity=_other())

    found = find_donor(lookup("kh 00 4711"), by=recorder(), at=NOON)

    assert found == donor.donor_code
    assert IdentityRead.objects.get().kind == "lookup"
    assert donor.donor_code in LedgerEntry.objects.get(kind="identity.found").subjects


@pytest.mark.parametrize("miss", ["number", "date", "site"])
def test_a_lookup_that_is_not_exact_finds_nobody_and_records_nothing(miss):
    registered_donor(identity=ANNA)
    misses = {
        "number": lookup("KH-00-471"),
        "date": lookup(birth_date=date(1994, 5, 18)),
        "site": lookup(where=site("CLINIC-2")),
    }

    assert find_donor(misses[miss], by=recorder(), at=NOON) is None
    assert not IdentityRead.objects.exists()


def test_one_mother_is_registered_once_and_the_refusal_says_under_which_code():
    donor, other = registered_donor(identity=ANNA), registered_donor()

    with pytest.raises(IdentityRefused, match=donor.donor_code) as refusal:
        record(other, replace(ANNA, mother_name="Somebody Else"))

    assert refusal.value.field == "record_number"
    assert "Canary" not in str(refusal.value)
    assert DonorIdentity.objects.count() == 1


def test_an_identity_is_replaced_only_with_a_reason_and_keeps_its_key():
    donor = registered_donor(identity=ANNA)
    moved = replace(ANNA, contact="Heron Street 9")
    wrapped = DonorIdentity.objects.get().wrapped_key

    with pytest.raises(IdentityRefused, match="reason is missing"):
        record(donor, moved)
    assert read(donor) == ANNA
    record(donor, moved, reason="Moved house")

    assert read(donor) == moved
    assert DonorIdentity.objects.get().wrapped_key == wrapped


def test_an_impossible_identity_is_not_recorded():
    donor = registered_donor()

    with pytest.raises(IdentityRefused, match="birth date"):
        record(donor, replace(ANNA, birth_date=NOON.date() + days(1)))

    assert not DonorIdentity.objects.exists()
    assert not LedgerEntry.objects.filter(kind="identity.recorded").exists()


def test_an_erased_identity_is_neither_read_nor_found_nor_recorded_again():
    donor = registered_donor(identity=ANNA)
    DonorIdentity.objects.update(wrapped_key="", lookup_index=None, erased_at=NOON)

    with pytest.raises(IdentityRefused, match="erased"):
        read(donor)
    with pytest.raises(IdentityRefused, match="erased"):
        record(donor, reason="Once more")

    assert find_donor(lookup(), by=recorder(), at=NOON) is None


def test_the_database_keeps_a_key_until_erasure_and_none_after():
    registered_donor(identity=ANNA)

    for change in ({"wrapped_key": ""}, {"erased_at": NOON}, {"lookup_index": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DonorIdentity.objects.update(**change)

    assert DonorIdentity.objects.filter(erased_at=None).count() == 1


def _other():
    return Identity(mother_name="Beatrix Finch", birth_date=date(1990, 1, 2), record_number="KH-00-9999")


def _words(identity):
    return [identity.mother_name, "Canary", identity.record_number, "1994-05-17", identity.contact, "Wren"]
