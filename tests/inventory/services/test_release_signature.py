"""Who signs a release: two people, trained, in their roles, neither of whom asked for it."""

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Credentials, Meaning, WrongPassword
from biobank.services.person import end_role, grant_role
from inventory.domain.gate import NotReleasable
from inventory.domain.snapshot import ReleaseNotStanding
from inventory.models.release import Release, ReleaseSignature
from inventory.services.release import sign_release
from tests.factories.person import LONG_AGO, person, staff, the_system
from tests.factories.release import evaluated_release, sign
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db
BEGINS_WITH = (evaluated_release,)


def test_the_same_person_does_not_sign_twice():
    both = person(Role.QUALITY_REVIEWER, Role.RELEASING_OFFICER)
    release = evaluated_release()
    sign(release, by=both)

    with pytest.raises(NotReleasable, match="one person cannot give both"):
        sign(release, Meaning.RELEASED, by=both)

    release.refresh_from_db()
    assert (release.status, release.signatures.count()) == ("evaluated", 1)


def test_two_reviewers_do_not_make_a_release():
    release = evaluated_release()
    sign(release)

    with pytest.raises(NotReleasable, match="the other released"):
        sign(release, by=person(Role.QUALITY_REVIEWER))

    release.refresh_from_db()
    assert (release.status, release.signatures.count()) == ("evaluated", 1)


def test_the_requester_does_not_sign():
    release = evaluated_release()
    grant_role(coordinator(), Role.QUALITY_REVIEWER, by=the_system(), at=LONG_AGO)

    with pytest.raises(NotReleasable, match="made the request"):
        sign(release, by=coordinator())

    assert not ReleaseSignature.objects.exists()


def test_who_is_not_trained_does_not_sign():
    release = evaluated_release()

    with pytest.raises(NotReleasable, match="no valid training"):
        sign(release, by=person(Role.QUALITY_REVIEWER, trained=False))

    assert not ReleaseSignature.objects.exists()


def test_a_role_that_has_ended_does_not_sign():
    release, quality = evaluated_release(), person(Role.QUALITY_REVIEWER)
    end_role(quality, Role.QUALITY_REVIEWER, reason="left", by=the_system(), at=NOON - hours(1))

    with pytest.raises(NotReleasable, match="may not sign as reviewed"):
        sign(release, by=quality)

    assert not ReleaseSignature.objects.exists()


def test_a_wrong_password_makes_no_signature_and_leaves_the_evaluation():
    release, quality = evaluated_release(), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(WrongPassword):
        sign_release(
            release, meaning=Meaning.REVIEWED, credentials=Credentials(quality.username, "guess"), by=quality, at=NOON
        )

    release.refresh_from_db()
    assert release.status == "evaluated"
    assert not ReleaseSignature.objects.exists()


def test_a_void_release_is_not_signed():
    release = evaluated_release()
    sign(release)
    Release.objects.filter(pk=release.pk).update(status="void", ended_because="test")

    with pytest.raises(ReleaseNotStanding):
        sign(release, Meaning.RELEASED)

    assert release.signatures.count() == 1


def test_a_role_that_ended_while_its_signature_waited_does_not_sign():
    release, quality = evaluated_release(), person(Role.QUALITY_REVIEWER)
    end_role(quality, Role.QUALITY_REVIEWER, reason="left", by=the_system(), at=NOON + hours(0.001))

    with pytest.raises(NotReleasable, match="may not sign as reviewed"):
        sign(release, by=quality, at=NOON)

    assert not ReleaseSignature.objects.exists()
