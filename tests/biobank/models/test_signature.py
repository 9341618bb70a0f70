"""What the database itself refuses about signatures and their sessions."""

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.signature import Attempts, Signature, SigningSession
from biobank.services.signature import sign
from tests.factories.person import credentials, person
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


def signed():
    signer = person(Role.QUALITY_REVIEWER, username="ana")
    typed = credentials(signer, web_session="key")
    return sign({"unit": "A1"}, meaning=Meaning.APPROVED, credentials=typed, by=signer, at=NOON)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"meaning": "seen"}, "signature_has_a_known_meaning"),
        ({"item_count": 0}, "signature_covers_something"),
        ({"content_sha256": "a" * 63}, "signature_hash_is_a_whole_sha256"),
        ({"printed_name": ""}, "signature_shows_a_printed_name"),
    ],
)
def test_a_signature_is_always_whole(changed, constraint):
    kept = Signature.objects.values().get(pk=signed().pk) | changed
    del kept["id"]

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Signature.objects.create(**kept)


@pytest.mark.parametrize(
    "changed", [{"ended_at": NOON}, {"end_reason": "idle"}, {"ended_at": NOON, "end_reason": "bored"}]
)
def test_an_ended_session_says_why(changed):
    session = signed().session

    with pytest.raises(IntegrityError, match="ended_signing_session_says_why"), transaction.atomic():
        SigningSession.objects.filter(pk=session.pk).update(**changed)


def test_rows_show_themselves_shortly():
    signature = signed()

    assert str(signature) == f"{signature.printed_name}, approved, 2026-03-14 12:00"
    assert str(signature.session) == f"{signature.person_id} 2026-03-14 12:00"
    assert str(Attempts(username="ana", wrong_count=3)) == "3 wrong"
