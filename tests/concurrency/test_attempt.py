"""Guesses made at once are counted one by one."""

import pytest

from biobank.domain.attempt import LockedOut, SignInRefused
from biobank.models.ledger import LedgerEntry
from biobank.models.signature import Attempts
from biobank.services.sign_in import prove_identity
from tests.concurrency.threads import at_once
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_of_sixteen_guesses_at_once_five_are_looked_at():
    ana = person()

    outcomes = at_once([lambda: prove_identity(ana.username, "wrong", at=NOON)] * 16)

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(SignInRefused), kinds.count(LockedOut)) == (5, 11)
    assert Attempts.objects.get(username=ana.username).wrong_count == 5
    assert LedgerEntry.objects.filter(kind="person.locked_out").count() == 1
