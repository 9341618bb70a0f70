"""Signing: who may, what is kept, and what a refusal leaves behind."""

import json
from dataclasses import replace

import pytest

from biobank.domain.ledger import NotCanonical, digest
from biobank.domain.role import Permission, Role
from biobank.domain.signature import (
    Credentials,
    Meaning,
    NothingToSign,
    NotTheSigner,
    SignatureRefused,
    SignerNotAllowed,
    UsernameNeeded,
    WrongPassword,
    snapshot_sha256,
)
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.models.signature import Attempts, Signature
from biobank.models.site import Site
from biobank.services.person import change_password, deactivate_person, end_role, grant_role, set_password
from biobank.services.service import service
from biobank.services.signature import sign, verify_signature
from biobank.services.site import register_site
from tests.biobank.domain.test_site import FIT
from tests.factories.person import PASSWORD, credentials, person, the_system, train
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db
CONTENT = {"unit": "A999926000123S1234VA0", "verdict": "eligible"}


def signed(signer, content=CONTENT, **changed):
    arguments = {"meaning": Meaning.REVIEWED, "credentials": credentials(signer), "by": signer, "at": NOON} | changed
    return sign(content, **arguments)


def refused_entries(signer):
    return [
        json.loads(entry.body)["reason"] for entry in LedgerEntry.objects.filter(kind="signature.refused", by=signer)
    ]


def wrong_attempts(signer):
    return sum(Attempts.objects.filter(username=signer.username).values_list("wrong_count", flat=True))


def test_a_signature_shows_printed_name_time_meaning_and_what_was_signed():
    signer = person(Role.QUALITY_REVIEWER)

    signature = signed(signer)

    signature.refresh_from_db()
    assert (signature.person, signature.printed_name) == (signer, signer.printed_name)
    assert (signature.meaning, signature.signed_at, signature.item_count) == ("reviewed", NOON, 1)
    assert json.loads(signature.content) == CONTENT
    assert signature.content_sha256 == snapshot_sha256(CONTENT) == digest(signature.content)
    assert signature.session is None


def test_the_ledger_seals_the_hash_of_what_was_signed():
    signature = signed(person(Role.QUALITY_REVIEWER))

    body = json.loads(LedgerEntry.objects.get(kind="signature.made").body)

    assert body["new"]["content_sha256"] == signature.content_sha256
    assert body["new"]["meaning"] == "reviewed"


def test_one_signature_covers_a_list():
    content = [{"unit": f"A{number}"} for number in range(40)]

    signature = signed(person(Role.QUALITY_REVIEWER), content)

    assert signature.item_count == 40
    assert signature.content_sha256 == snapshot_sha256(content)


def test_a_changed_content_is_found():
    signature = signed(person(Role.QUALITY_REVIEWER))

    assert verify_signature(signature)
    signature.content = signature.content.replace("eligible", "ineligible")
    assert not verify_signature(signature)


def test_what_the_person_is_called_later_does_not_change_the_signature():
    signer = person(Role.QUALITY_REVIEWER)
    name = signer.printed_name
    signature = signed(signer)

    Person.objects.filter(pk=signer.pk).update(printed_name="Another Name")

    signature.refresh_from_db()
    assert signature.printed_name == name


def test_nothing_is_not_signed():
    with pytest.raises(NothingToSign):
        signed(person(Role.QUALITY_REVIEWER), [])

    assert not Signature.objects.exists()


@pytest.mark.parametrize("permission", [Permission.REVIEW_RELEASE, None])
def test_a_role_that_allows_it_is_asked_at_that_instant(permission):
    signer = person()
    grant_role(signer, Role.QUALITY_REVIEWER, by=the_system(), at=NOON - hours(2), ends=NOON + hours(2))

    signed(signer, permission=permission, at=NOON)
    for at in (NOON - hours(3), NOON + hours(2)):
        with pytest.raises(SignerNotAllowed) as refusal:
            signed(signer, permission=permission, at=at)
        assert [reason.code for reason in refusal.value.reasons] == ["signer-lacks-role"]

    assert Signature.objects.count() == 1
    assert refused_entries(signer) == ["signer-lacks-role"] * 2
    assert wrong_attempts(signer) == 0


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.QUALITY_REVIEWER}))
def test_a_role_that_does_not_allow_it_signs_nothing(role):
    signer = person(role)

    with pytest.raises(SignerNotAllowed, match="sign a release as reviewed"):
        signed(signer, permission=Permission.REVIEW_RELEASE)

    assert not Signature.objects.exists()


def test_an_ended_role_signs_nothing():
    signer = person(Role.QUALITY_REVIEWER)
    end_role(signer, Role.QUALITY_REVIEWER, reason="moved", by=the_system(), at=NOON)

    with pytest.raises(SignerNotAllowed):
        signed(signer, permission=Permission.REVIEW_RELEASE)


@pytest.mark.parametrize("permission", [None, Permission.REVIEW_RELEASE])
def test_a_role_that_ended_while_the_signature_waited_signs_nothing(permission):
    signer = person(Role.QUALITY_REVIEWER)
    end_role(signer, Role.QUALITY_REVIEWER, reason="moved", by=the_system(), at=NOON + hours(0.001))

    with pytest.raises(SignerNotAllowed):
        signed(signer, permission=permission, at=NOON)

    assert not Signature.objects.exists()


def test_of_two_roles_the_one_that_did_not_end_still_signs():
    signer = person(Role.QUALITY_REVIEWER, Role.LAB_TECHNICIAN)
    end_role(signer, Role.LAB_TECHNICIAN, reason="moved", by=the_system(), at=NOON + hours(0.001))

    assert signed(signer, permission=Permission.REVIEW_RELEASE, at=NOON).person == signer


@pytest.mark.parametrize(("later", "trained"), [(-1, True), (0, False), (1, False)])
def test_training_in_signing_is_asked_at_that_instant(later, trained):
    signer = person(Role.QUALITY_REVIEWER, trained=False)
    train(signer, valid_until=NOON)

    if trained:
        signed(signer, at=NOON + hours(later))
    else:
        with pytest.raises(SignerNotAllowed, match="No valid training"):
            signed(signer, at=NOON + hours(later))

    assert Signature.objects.exists() is trained


def test_a_person_who_was_deactivated_meanwhile_signs_nothing():
    signer = person(Role.QUALITY_REVIEWER)
    as_still_signed_in = Person.objects.get(pk=signer.pk)
    deactivate_person(signer, reason="left", by=the_system(), at=NOON)

    with pytest.raises(SignerNotAllowed, match="not active"):
        signed(as_still_signed_in)

    assert not Signature.objects.exists()


def test_a_command_always_asks_both():
    signer = person(Role.QUALITY_REVIEWER)
    signed(signer)

    with pytest.raises(UsernameNeeded):
        signed(signer, credentials=Credentials(None, PASSWORD))

    assert Signature.objects.count() == 1
    assert wrong_attempts(signer) == 0


def test_a_wrong_password_is_refused_counted_and_recorded():
    signer = person(Role.QUALITY_REVIEWER)

    with pytest.raises(WrongPassword):
        signed(signer, credentials=Credentials(signer.username, "wrong"))

    assert not Signature.objects.exists()
    assert wrong_attempts(signer) == 1
    assert refused_entries(signer) == ["wrong-password"]


def test_someone_elses_credentials_are_refused_and_reported_even_when_right():
    signer, other = person(Role.QUALITY_REVIEWER), person(Role.QUALITY_REVIEWER)

    with pytest.raises(NotTheSigner):
        signed(signer, credentials=credentials(other))

    assert not Signature.objects.exists()
    assert refused_entries(signer) == ["not-the-signer"]
    assert (wrong_attempts(signer), wrong_attempts(other)) == (1, 0)


def test_a_right_signature_forgets_the_wrong_attempts():
    signer = person(Role.QUALITY_REVIEWER)
    with pytest.raises(WrongPassword):
        signed(signer, credentials=Credentials(signer.username, "wrong"))

    signed(signer)

    assert wrong_attempts(signer) == 0


def test_a_refusal_inside_a_larger_service_undoes_the_larger_work_and_keeps_the_trace():
    signer = person(Role.QUALITY_REVIEWER)

    @service
    def register_and_sign():
        register_site(replace(FIT, code="BANK-2"), by=signer, at=NOON)
        signed(signer, credentials=Credentials(signer.username, "wrong"))

    with pytest.raises(SignatureRefused):
        register_and_sign()

    assert not Site.objects.filter(code="BANK-2").exists()
    assert wrong_attempts(signer) == 1
    assert refused_entries(signer) == ["wrong-password"]


def test_passwords_reach_neither_ledger_nor_logs(caplog):
    signer = person(Role.QUALITY_REVIEWER)

    with pytest.raises(WrongPassword):
        signed(signer, credentials=Credentials(signer.username, "canary-password"))
    signed(signer)

    assert caplog.records
    assert "canary" not in caplog.text
    assert signer.printed_name not in caplog.text
    assert signer.username not in caplog.text
    assert not LedgerEntry.objects.filter(body__contains="canary").exists()


def test_half_a_character_is_neither_signed_nor_a_password():
    signer = person(Role.QUALITY_REVIEWER)

    with pytest.raises(NotCanonical):
        signed(signer, {"reason": "a\ud800"})
    with pytest.raises(WrongPassword):
        signed(signer, credentials=Credentials(signer.username, "a\ud800"))

    assert not Signature.objects.exists()
    assert refused_entries(signer) == ["wrong-password"]


def test_a_password_set_by_somebody_else_signs_nothing_until_its_owner_changes_it():
    signer, given = person(Role.QUALITY_REVIEWER), "nine borrowed centrifuges"
    set_password(signer, given, by=person(Role.ADMINISTRATOR), at=NOON)

    with pytest.raises(SignerNotAllowed, match="change it yourself"):
        signed(signer, credentials=Credentials(signer.username, given))

    assert not Signature.objects.exists()
    assert refused_entries(signer) == ["signer-password-not-own"]
    change_password(signer, current=given, new=PASSWORD, by=signer, at=NOON)
    assert signed(signer).person == signer
