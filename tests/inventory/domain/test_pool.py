"""Pools: what several donations must satisfy to become one lot."""

import pytest

from consent.domain.permitted_use import Standing
from inventory.domain.pool import PooledDonation, PoolFacts, obstacles_to_pooling

DIN = "A999926000017"


def donation(code="A999926000001", **otherwise):
    usual = {"purpose": "unrelated", "donor_code": f"D-{code}", "consent": Standing.ACTIVE}
    return PooledDonation(code, **usual | otherwise)


def codes(*donations, din=DIN, **otherwise):
    facts = PoolFacts(din, donations, **otherwise)
    return [each.code for each in obstacles_to_pooling(facts)]


def test_two_unrelated_donations_with_consents_in_force_are_pooled():
    assert codes(donation(), donation("A999926000002")) == []


@pytest.mark.parametrize("purpose", ["related", "autologous"])
def test_what_is_for_one_recipient_is_never_pooled(purpose):
    assert codes(donation(), donation("A999926000002", purpose=purpose)) == ["not-unrelated"]


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.ACTIVE])
def test_one_donor_whose_consent_is_not_in_force_stops_the_pool(standing):
    assert codes(donation(), donation("A999926000002", consent=standing)) == ["consent"]


def test_a_hold_on_anything_that_goes_in_stops_the_pool():
    assert codes(donation(), donation("A999926000002"), holds=["HLD-1"]) == ["held"]


def test_a_pool_has_a_din_of_its_own_and_nothing_else_has_one():
    assert codes(donation(), donation("A999926000002"), din="") == ["no-din"]
    assert codes(donation(), donation("A999926000002"), din_taken=True) == ["din-taken"]
    assert codes(donation(), din=DIN) == ["no-pool"]


def test_a_lot_of_one_donation_asks_nothing_of_pooling():
    assert codes(donation(purpose="related", consent=Standing.WITHDRAWN), din="") == []
