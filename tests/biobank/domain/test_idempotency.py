"""Keys of commands."""

import pytest

from biobank.domain.idempotency import KeyReused, UnfitKey, check_key, check_same_body


@pytest.mark.parametrize("key", ["a", "5b0f6a3e-9d4a-4c59-bb0c-6d8c1b7d1f5e", "~" * 200])
def test_a_visible_key_is_taken(key):
    check_key(key)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "\x00", "é", "k" * 201])
def test_any_other_key_is_refused(key):
    with pytest.raises(UnfitKey):
        check_key(key)


def test_a_key_serves_one_body():
    check_same_body("a" * 64, "a" * 64)

    with pytest.raises(KeyReused):
        check_same_body("a" * 64, "b" * 64)
