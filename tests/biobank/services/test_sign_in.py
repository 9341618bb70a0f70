"""Proving who signs in, and the count of wrong attempts shared with signing."""

import pytest

from biobank.domain.attempt import LockedOut, SignInRefused
from biobank.domain.role import Role
from biobank.domain.signature import Credentials, Meaning, WrongPassword
from biobank.models.ledger import LedgerEntry
from biobank.models.signature import Attempts, Signature
from biobank.services.person import deactivate_person
from biobank.services.sign_in import prove_identity
from biobank.services.signature import sign
from tests.factories.person import PASSWORD, credentials, person, the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


def fail_to_sign_in(username, times):
    for _ in range(times):
        with pytest.raises(SignInRefused):
            prove_identity(username, "wrong", at=NOON)


def fail_to_sign(signer, times):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            sign(
                {"unit": "A1"},
                meaning=Meaning.REVIEWED,
                credentials=Credentials(signer.username, "wrong"),
                by=signer,
                at=NOON,
            )


def test_username_and_password_prove_who_it_is():
    ana = person()

    assert prove_identity(f" {ana.username} ", PASSWORD, at=NOON) == ana


def test_every_wrong_part_gets_the_same_answer():
    active, gone = person(), person()
    deactivate_person(gone, reason="left", by=active, at=NOON)
    tries = [(active.username, "wrong"), ("nobody", PASSWORD), (gone.username, PASSWORD), (the_system().username, "")]

    answers = set()
    for username, password in tries:
        with pytest.raises(SignInRefused) as refusal:
            prove_identity(username, password, at=NOON)
        answers.add((str(refusal.value), refusal.value.mend, refusal.value.code))

    assert len(answers) == 1


def test_five_wrong_attempts_lock_out_for_half_an_hour_and_are_reported_once():
    ana = person()

    fail_to_sign_in(ana.username, 5)

    for _ in range(3):
        with pytest.raises(LockedOut):
            prove_identity(ana.username, PASSWORD, at=NOON + hours(0.49))
    assert prove_identity(ana.username, PASSWORD, at=NOON + hours(0.5)) == ana
    assert LedgerEntry.objects.filter(kind="person.locked_out", links__code=ana.username).count() == 1


def test_a_right_attempt_forgets_the_wrong_ones():
    ana = person()
    fail_to_sign_in(ana.username, 4)

    prove_identity(ana.username, PASSWORD, at=NOON)
    fail_to_sign_in(ana.username, 4)

    assert prove_identity(ana.username, PASSWORD, at=NOON) == ana


def test_a_username_that_nobody_has_is_locked_out_alike_and_not_kept():
    fail_to_sign_in("canary-secret-typed-here", 5)

    with pytest.raises(LockedOut):
        prove_identity("canary-secret-typed-here", "wrong", at=NOON)
    assert Attempts.objects.get().wrong_count == 5
    assert "canary" not in Attempts.objects.get().username
    assert not LedgerEntry.objects.filter(body__contains="canary").exists()


def test_one_persons_lock_out_is_nobody_elses():
    ana, ben = person(), person()

    fail_to_sign_in(ana.username, 5)

    assert prove_identity(ben.username, PASSWORD, at=NOON) == ben


@pytest.mark.parametrize("wrong_at_sign_in", range(6))
def test_sign_in_and_signing_share_one_count(wrong_at_sign_in):
    ana = person(Role.QUALITY_REVIEWER)

    fail_to_sign_in(ana.username, wrong_at_sign_in)
    fail_to_sign(ana, 5 - wrong_at_sign_in)

    with pytest.raises(LockedOut):
        prove_identity(ana.username, PASSWORD, at=NOON)
    with pytest.raises(LockedOut):
        sign({"unit": "A1"}, meaning=Meaning.REVIEWED, credentials=credentials(ana), by=ana, at=NOON)
    assert not Signature.objects.exists()
    assert LedgerEntry.objects.filter(kind="person.locked_out").count() == 1


@pytest.mark.parametrize("typed", ["a\ud800", "a\x00b"])
def test_what_cannot_be_written_is_nobody_s_name(typed):
    person()

    with pytest.raises(SignInRefused):
        prove_identity(typed, PASSWORD, at=NOON)


def test_half_a_character_is_no_password():
    ana = person()

    with pytest.raises(SignInRefused):
        prove_identity(ana.username, "a\ud800", at=NOON)
