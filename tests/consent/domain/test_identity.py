from dataclasses import replace
from datetime import date

import pytest

from consent.domain.identity import (
    FIELDS,
    IdentityKeyMissing,
    IdentityUnreadable,
    decrypt,
    encrypt,
    lookup_index,
    new_data_key,
    obstacles_to_identity,
    read_keyring,
    salted_hashes,
    unwrap,
)
from tests.factories.donor import ANNA

FIRST, SECOND, INDEX = "0d" * 32, "91" * 32, "57" * 32
KEYRING = read_keyring({"first": FIRST}, INDEX)
ROTATED = read_keyring({"second": SECOND, "first": FIRST}, INDEX)


def test_an_identity_opens_again_and_its_values_show_nothing():
    data_key, wrapped = new_data_key(KEYRING, "DNR-1")

    stored = encrypt(ANNA, data_key, "DNR-1")

    assert decrypt(stored, unwrap(wrapped, KEYRING, "DNR-1"), "DNR-1") == ANNA
    assert set(stored) == set(FIELDS)
    assert not [value for value in (*stored.values(), wrapped, repr(ANNA)) if "Canary" in value or "4711" in value]
    assert wrapped.startswith("first:")


def test_the_same_value_is_sealed_differently_each_time():
    data_key, _ = new_data_key(KEYRING, "DNR-1")

    assert encrypt(ANNA, data_key, "DNR-1")["contact"] != encrypt(ANNA, data_key, "DNR-1")["contact"]


def test_after_a_rotation_old_identities_open_and_new_ones_use_the_new_key():
    _, old = new_data_key(KEYRING, "DNR-1")
    _, new = new_data_key(ROTATED, "DNR-2")

    assert len(unwrap(old, ROTATED, "DNR-1")) == 32
    assert new.startswith("second:")


def test_without_the_key_it_was_stored_under_an_identity_names_that_key():
    _, wrapped = new_data_key(ROTATED, "DNR-1")

    with pytest.raises(IdentityKeyMissing, match="“second”") as refusal:
        unwrap(wrapped, KEYRING, "DNR-1")

    assert "BIOBANK_IDENTITY_KEYS" in refusal.value.mend


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "not base64", "other donor", "other field"])
def test_a_value_that_was_tampered_with_does_not_open(damage):
    data_key, _ = new_data_key(KEYRING, "DNR-1")
    stored = encrypt(ANNA, data_key, "DNR-1")
    kind, _, text = stored["contact"].partition(":")
    damaged = {
        "flip": f"{kind}:{text[:20]}{'A' if text[20] != 'A' else 'B'}{text[21:]}",
        "cut": f"{kind}:{text[:12]}",
        "empty": "",
        "not base64": f"{kind}:{text[:-1]}é",
        "other donor": encrypt(ANNA, data_key, "DNR-2")["contact"],
        "other field": stored["mother_name"],
    }

    with pytest.raises(IdentityUnreadable, match="DNR-1"):
        decrypt(stored | {"contact": damaged[damage]}, data_key, "DNR-1")


def test_a_wrapped_key_moved_to_another_donor_does_not_open():
    _, wrapped = new_data_key(KEYRING, "DNR-1")

    with pytest.raises(IdentityUnreadable):
        unwrap(wrapped, KEYRING, "DNR-2")


@pytest.mark.parametrize(
    ("keys", "index_key"),
    [
        (None, INDEX),
        ({}, INDEX),
        ("first:" + FIRST, INDEX),
        ({"first": "short"}, INDEX),
        ({"first": FIRST, "second": "z" * 64}, INDEX),
        ({"first": b"\x00" * 32}, INDEX),
        ({"first": FIRST}, None),
        ({"first": FIRST}, ""),
    ],
)
def test_a_missing_or_broken_key_is_refused_with_the_next_step_and_never_shown(keys, index_key):
    with pytest.raises(IdentityKeyMissing) as refusal:
        read_keyring(keys, index_key)

    assert "Ask an administrator" in refusal.value.mend
    assert "short" not in str(refusal.value)
    assert FIRST not in repr(KEYRING)


def test_the_lookup_index_ignores_how_a_record_number_is_spelled_and_nothing_else():
    index = lookup_index(KEYRING, "SITE-1", "KH-00-4711", date(1994, 5, 17))

    assert index == lookup_index(KEYRING, "site-1", "kh 00/4711", date(1994, 5, 17))
    assert index != lookup_index(KEYRING, "SITE-2", "KH-00-4711", date(1994, 5, 17))
    assert index != lookup_index(KEYRING, "SITE-1", "KH-00-4712", date(1994, 5, 17))
    assert index != lookup_index(KEYRING, "SITE-1", "KH-00-4711", date(1994, 5, 18))
    assert index != lookup_index(read_keyring({"first": FIRST}, SECOND), "SITE-1", "KH-00-4711", date(1994, 5, 17))


def test_hashes_for_the_ledger_are_salted_by_the_donors_own_key():
    one, other = (new_data_key(KEYRING, "DNR-1")[0] for _ in range(2))

    assert salted_hashes(ANNA, one) == salted_hashes(ANNA, one)
    assert not set(salted_hashes(ANNA, one).values()) & set(salted_hashes(ANNA, other).values())


@pytest.mark.parametrize(
    ("identity", "fields"),
    [
        (ANNA, []),
        (replace(ANNA, contact="", infant_names=""), []),
        (replace(ANNA, mother_name=" "), ["mother_name"]),
        (replace(ANNA, record_number=""), ["record_number"]),
        (replace(ANNA, birth_date=date(2026, 3, 14)), ["birth_date"]),
        (replace(ANNA, birth_date=date(1899, 12, 31)), ["birth_date"]),
        (replace(ANNA, contact="\x00"), ["contact"]),
        (replace(ANNA, infant_names="x" * 1001), ["infant_names"]),
    ],
)
def test_an_impossible_identity_is_refused_by_field(identity, fields):
    reasons = obstacles_to_identity(identity, today=date(2026, 3, 14))

    assert [reason.field for reason in reasons] == fields
    assert not [reason for reason in reasons if "Canary" in reason.text]
