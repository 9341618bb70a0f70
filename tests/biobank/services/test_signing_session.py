"""Signing sessions: what opens one, what goes on in one, and everything that ends one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Credentials, Meaning, NotTheSigner, SessionEnd, UsernameNeeded, WrongPassword
from biobank.models.signature import Signature, SigningSession
from biobank.services.person import change_password, deactivate_person, set_password
from biobank.services.signature import sign
from biobank.services.signing_session import end_signing_sessions
from tests.factories.person import PASSWORD, credentials, person, the_system
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
WEB = "a-web-session-key"
OTHER_PASSWORD = "eleven loud centrifuges"


def signed(signer, typed, at=NOON):
    return sign({"unit": "A1"}, meaning=Meaning.REVIEWED, credentials=typed, by=signer, at=at)


def opened(signer, web_session=WEB, at=NOON):
    return signed(signer, credentials(signer, web_session=web_session), at).session


def password_only(web_session=WEB, signing_session=None):
    return Credentials(None, PASSWORD, signing_session=signing_session, web_session=web_session)


def test_the_first_signature_opens_a_session_and_later_ones_need_the_password_alone():
    signer = person(Role.QUALITY_REVIEWER)

    session = opened(signer)
    by_web_session = signed(signer, password_only())
    by_its_number = signed(signer, password_only(web_session="", signing_session=session.pk))

    assert by_web_session.session == by_its_number.session == session
    assert SigningSession.objects.count() == 1


def test_the_key_of_the_web_session_is_not_kept():
    session = opened(person(Role.QUALITY_REVIEWER))

    assert WEB not in str(session.__dict__)


def test_without_a_session_the_password_alone_is_not_enough():
    signer = person(Role.QUALITY_REVIEWER)

    with pytest.raises(UsernameNeeded):
        signed(signer, password_only())

    assert not Signature.objects.exists()


def test_another_web_session_of_the_same_person_begins_anew():
    signer = person(Role.QUALITY_REVIEWER)
    opened(signer)

    with pytest.raises(UsernameNeeded):
        signed(signer, password_only(web_session="another"))

    assert opened(signer, "another") != opened(signer)


def test_nobody_goes_on_in_the_session_of_another_person():
    signer, other = person(Role.QUALITY_REVIEWER), person(Role.QUALITY_REVIEWER)
    session = opened(other)

    with pytest.raises(UsernameNeeded):
        signed(signer, password_only(signing_session=session.pk))

    assert Signature.objects.filter(person=signer).count() == 0


def test_a_session_is_kept_alive_by_its_signatures_and_broken_by_a_pause():
    signer = person(Role.QUALITY_REVIEWER)
    session = opened(signer)
    almost = timedelta(minutes=14)

    signed(signer, password_only(), NOON + almost)
    signed(signer, password_only(), NOON + 2 * almost)
    with pytest.raises(UsernameNeeded):
        signed(signer, password_only(), NOON + 2 * almost + timedelta(minutes=15))
    next_session = opened(signer, at=NOON + 3 * almost + timedelta(minutes=15))

    session.refresh_from_db()
    assert (session.end_reason, next_session.ended_at) == ("idle", None)
    assert next_session != session


@pytest.mark.parametrize("reason", [SessionEnd.SIGNED_OUT, SessionEnd.IDLE])
def test_sign_out_and_idle_lock_end_the_session(reason):
    signer = person(Role.QUALITY_REVIEWER)
    session = opened(signer)

    end_signing_sessions(signer, reason=reason, by=signer, at=NOON)

    session.refresh_from_db()
    assert (session.ended_at, session.end_reason) == (NOON, reason.value)
    with pytest.raises(UsernameNeeded):
        signed(signer, password_only(signing_session=session.pk))


def test_signing_out_in_one_browser_leaves_the_session_in_the_other():
    signer = person(Role.QUALITY_REVIEWER)
    opened(signer)
    opened(signer, "another")

    end_signing_sessions(signer, reason=SessionEnd.SIGNED_OUT, by=signer, at=NOON, web_session=WEB)

    signed(signer, password_only(web_session="another"))
    with pytest.raises(UsernameNeeded):
        signed(signer, password_only())


@pytest.mark.parametrize("is_own", [True, False])
def test_a_changed_password_ends_every_session(is_own):
    signer = person(Role.QUALITY_REVIEWER)
    sessions = [opened(signer), opened(signer, "another")]

    if is_own:
        change_password(signer, current=PASSWORD, new=OTHER_PASSWORD, by=signer, at=NOON)
    else:
        set_password(signer, OTHER_PASSWORD, by=the_system(), at=NOON)

    for session in sessions:
        session.refresh_from_db()
        assert session.end_reason == "password changed"
    with pytest.raises(UsernameNeeded):
        signed(signer, Credentials(None, OTHER_PASSWORD, web_session=WEB))


def test_deactivation_ends_every_session():
    signer = person(Role.QUALITY_REVIEWER)
    session = opened(signer)

    deactivate_person(signer, reason="left", by=the_system(), at=NOON)

    session.refresh_from_db()
    assert session.end_reason == "person deactivated"


def test_a_wrong_password_ends_the_session_so_that_both_are_asked_again():
    signer = person(Role.QUALITY_REVIEWER)
    session = opened(signer)

    with pytest.raises(WrongPassword):
        signed(signer, Credentials(None, "wrong", web_session=WEB))

    session.refresh_from_db()
    assert session.end_reason == "wrong password"
    with pytest.raises(UsernameNeeded):
        signed(signer, password_only())


def test_someone_elses_username_ends_the_session():
    signer, other = person(Role.QUALITY_REVIEWER), person(Role.QUALITY_REVIEWER)
    session = opened(signer)

    with pytest.raises(NotTheSigner):
        signed(signer, credentials(other, web_session=WEB))

    session.refresh_from_db()
    assert session.ended_at == NOON


def test_the_database_itself_refuses_a_second_open_session_of_one_web_session():
    session = opened(person(Role.QUALITY_REVIEWER))

    with pytest.raises(IntegrityError, match=r"one_open_signing_session|UNIQUE"), transaction.atomic():
        SigningSession.objects.create(
            person=session.person,
            web_session_sha256=session.web_session_sha256,
            opened_at=NOON,
            last_signed_at=NOON,
        )
