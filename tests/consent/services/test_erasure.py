import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.models.ledger import LedgerEntry
from consent.domain.identity import (
    FIELDS,
    IdentityErased,
    IdentityKeyMissing,
    IdentityRefused,
    IdentityUnreadable,
    decrypt,
    read_keyring,
    unwrap,
)
from consent.models.consent import Consent
from consent.models.identity import DonorIdentity
from consent.queries.identity import master_keys_in_use
from consent.services.erasure import Erasure, erase_identity, rewrap_identities
from consent.services.identity import IdentityLookup, find_donor, read_identity
from tests.factories.donor import ANNA, form_in_force, given_consent, recorder, registered_donor
from tests.factories.person import credentials, default_site, person
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since

pytestmark = pytest.mark.django_db

FIRST, SECOND = "0d" * 32, "91" * 32


def erase(donor, reason="Lawful request 7/2026", by=None):
    by = by or person(Role.IDENTITY_OFFICER)
    erase_identity(Erasure(donor=donor, reason=reason), credentials=credentials(by), by=by, at=NOON)


def read(donor):
    return read_identity(donor, reason="Lawful request", by=recorder(), at=NOON)


def lookup():
    return IdentityLookup(site=default_site(), record_number=ANNA.record_number, birth_date=ANNA.birth_date)


def test_an_erased_identity_is_gone_and_the_code_and_consents_stay():
    donor = registered_donor(identity=ANNA)
    consent = given_consent(donor)

    erase(donor)

    with pytest.raises(IdentityErased, match="was erased on 2026"):
        read(donor)
    with pytest.raises(IdentityErased):
        read(donor)
    assert find_donor(lookup(), by=recorder(), at=NOON) is None
    assert Consent.objects.get() == consent
    assert LedgerEntry.objects.filter(kind="identity.erased", subjects__contains=donor.donor_code).count() == 1


def test_the_old_columns_cannot_be_decrypted_with_anything_that_is_kept(settings):
    donor, other = registered_donor(identity=ANNA), registered_donor()
    before = DonorIdentity.objects.values().get(donor=donor)
    keyring = read_keyring(settings.BIOBANK_IDENTITY_KEYS, settings.BIOBANK_IDENTITY_INDEX_KEY)
    data_key = unwrap(before["wrapped_key"], keyring, donor.donor_code)
    assert decrypt(before, data_key, donor.donor_code) == ANNA

    erase(donor)

    after = DonorIdentity.objects.values().get(donor=donor)
    assert (after["wrapped_key"], after["lookup_index"]) == ("", None)
    with pytest.raises((IdentityKeyMissing, IdentityUnreadable)):
        unwrap(after["wrapped_key"], keyring, donor.donor_code)
    for key in (*keyring.keys.values(), keyring.index_key, bytes(32)):
        with pytest.raises(IdentityUnreadable):
            decrypt(after, key, donor.donor_code)
        with pytest.raises(IdentityUnreadable):
            decrypt({name: after[name] for name in FIELDS}, key, other.donor_code)
    # A copy of the row from before still opens, until the master key of its time is destroyed: see the next test.
    assert decrypt(after, data_key, donor.donor_code) == ANNA


def test_once_every_key_is_wrapped_anew_a_backup_opens_nothing_without_the_old_master_key(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"first": FIRST}
    donor, other = registered_donor(identity=ANNA), registered_donor()
    backup = DonorIdentity.objects.values().get(donor=donor)
    erase(donor)

    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND, "first": FIRST}
    rewrap_identities(by=person(Role.ADMINISTRATOR), at=NOON)
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND}

    keyring = read_keyring(settings.BIOBANK_IDENTITY_KEYS, settings.BIOBANK_IDENTITY_INDEX_KEY)
    with pytest.raises(IdentityKeyMissing, match="“first”"):
        unwrap(backup["wrapped_key"], keyring, donor.donor_code)
    assert (master_keys_in_use(), DonorIdentity.objects.filter(donor=other).exists()) == ({}, False)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_without_a_fit_reason_nothing_is_erased(reason):
    donor = registered_donor(identity=ANNA)
    officer, before = person(Role.IDENTITY_OFFICER), head_number()

    with pytest.raises(IdentityRefused, match="reason"):
        erase(donor, reason, by=officer)

    assert kinds_since(before) == []
    assert read(donor) == ANNA


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.IDENTITY_OFFICER])
def test_nobody_but_the_identity_officer_erases(role):
    donor = registered_donor(identity=ANNA)

    with pytest.raises(SignatureRefused):
        erase(donor, by=person(role))

    assert read(donor) == ANNA
    assert not LedgerEntry.objects.filter(kind="identity.erased").exists()


def test_what_was_erased_or_never_kept_is_not_erased():
    donor = registered_donor(identity=ANNA)
    erase(donor)

    with pytest.raises(IdentityRefused, match="erased before"):
        erase(donor)
    with pytest.raises(IdentityRefused, match="No identity"):
        erase(registered_donor())

    assert LedgerEntry.objects.filter(kind="identity.erased").count() == 1


def test_the_database_brings_no_erased_identity_back():
    donor = registered_donor(identity=ANNA)
    wrapped = DonorIdentity.objects.get().wrapped_key
    erase(donor)

    with pytest.raises(IntegrityError, match="stays erased"), transaction.atomic():
        DonorIdentity.objects.update(wrapped_key=wrapped, lookup_index="0" * 64, erased_at=None)

    assert DonorIdentity.objects.get().wrapped_key == ""


def test_keys_are_wrapped_again_under_the_current_master_key_once(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"first": FIRST}
    donor = registered_donor(identity=ANNA)
    administrator = person(Role.ADMINISTRATOR)
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND, "first": FIRST}
    before = head_number()
    assert master_keys_in_use() == {"first": 1}

    assert [rewrap_identities(by=administrator, at=NOON) for _ in range(2)] == [1, 0]

    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND}
    assert (master_keys_in_use(), kinds_since(before)) == ({"second": 1}, ["identity.rewrapped"])
    assert read(donor) == ANNA
    assert find_donor(lookup(), by=recorder(), at=NOON) == donor.donor_code


def test_an_older_key_that_is_missing_leaves_every_identity_as_it_was(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"first": FIRST}
    registered_donor(identity=ANNA)
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND}
    administrator = person(Role.ADMINISTRATOR)

    with pytest.raises(IdentityKeyMissing, match="“first”"):
        rewrap_identities(by=administrator, at=NOON)

    assert master_keys_in_use() == {"first": 1}


def test_only_an_administrator_wraps_keys_again(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"first": FIRST}
    registered_donor(identity=ANNA)
    given_consent(form=form_in_force())
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND, "first": FIRST}

    with pytest.raises(IdentityRefused, match="Only who manages keys"):
        rewrap_identities(by=person(Role.IDENTITY_OFFICER), at=NOON)

    assert master_keys_in_use() == {"first": 1}
