"""What is signed, when a session goes on, and who may sign."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from biobank.domain.signature import (
    Credentials,
    NothingToSign,
    SignerFacts,
    count_items,
    is_unbroken,
    obstacles_to_signing,
    snapshot_sha256,
    snapshot_text,
)
from tests.factories.time import NOON

PAUSE = timedelta(minutes=15)


def test_the_same_facts_have_one_text_whatever_their_order():
    first = snapshot_text({"unit": "A1", "gates": ["pass"], "volume_ml": Decimal("20.50")})

    second = snapshot_text({"volume_ml": Decimal("20.50"), "gates": ["pass"], "unit": "A1"})

    assert first == second == '{"gates":["pass"],"unit":"A1","volume_ml":"20.50"}'


def test_one_hash_covers_the_ordered_list():
    forth = [{"unit": "A1"}, {"unit": "A2"}]
    back = [{"unit": "A2"}, {"unit": "A1"}]

    assert snapshot_sha256(forth) != snapshot_sha256(back)
    assert snapshot_sha256(forth) != snapshot_sha256(forth[:1])
    assert snapshot_sha256([{"unit": "A1"}]) != snapshot_sha256({"unit": "A1"})


def test_a_hash_is_known_for_ever():
    assert snapshot_sha256({"unit": "A1"}) == "93ae36abdb142c59cf0db2a07262d248be8e959b18c6ccd6fa93badf03afa2d7"


@pytest.mark.parametrize("content", [{}, [], [{}], [{"unit": "A1"}, {}]])
def test_nothing_cannot_be_signed(content):
    with pytest.raises(NothingToSign):
        snapshot_text(content)


@pytest.mark.parametrize("name", ["evaluated_at", "signed_at", "now"])
def test_the_instant_of_evaluation_cannot_be_signed(name):
    with pytest.raises(NothingToSign, match=name):
        snapshot_text([{"unit": "A1"}, {"unit": "A2", name: NOON}])


def test_items_are_counted():
    assert count_items({"unit": "A1"}) == 1
    assert count_items([{"unit": "A1"}, {"unit": "A2"}]) == 2


@pytest.mark.parametrize(
    ("pause", "unbroken"),
    [
        (timedelta(0), True),
        (PAUSE - timedelta(microseconds=1), True),
        (PAUSE, False),
        (timedelta(days=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_session_goes_on_until_the_pause_is_over(pause, unbroken):
    assert is_unbroken(NOON, NOON + pause, longest_pause=PAUSE) is unbroken


@pytest.mark.parametrize(("active", "service", "permitted", "trained"), list(product([True, False], repeat=4)))
def test_only_an_active_trained_person_with_the_role_may_sign(active, service, permitted, trained):
    facts = SignerFacts(is_active=active, is_service=service, holds_permission=permitted, is_trained=trained)

    codes = {reason.code for reason in obstacles_to_signing(facts, "sign")}

    assert ("signer-not-active" in codes) is not active
    assert ("signer-is-a-service" in codes) is service
    assert ("signer-lacks-role" in codes) is not permitted
    assert ("signer-not-trained" in codes) is not trained


def test_credentials_never_show_themselves():
    assert "canary" not in repr(Credentials(username="canary-name", password="canary-word"))
