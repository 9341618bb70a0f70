"""What the database itself refuses of releases."""

from functools import partial

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from inventory.domain.hold import HoldKind
from inventory.models.release import Release, ReleaseSignature
from inventory.services.hold import NewHold, place_holds
from tests.factories.release import evaluated_release, issued_release, sign
from tests.factories.time import NOON
from tests.factories.unit import available_unit, staff

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_unit, segment=True),)


def refused_by_the_database(match, change):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        change()


def test_the_database_refuses_an_issue_without_two_signers_of_that_snapshot():
    release = evaluated_release()
    sign(release)

    refused_by_the_database(
        "two people", lambda: Release.objects.filter(pk=release.pk).update(status="issued", issued_at=NOON)
    )

    release.refresh_from_db()
    assert release.status == "evaluated"


@pytest.mark.parametrize("lies_on", ["unit", "donation", "donor"])
def test_the_database_refuses_an_issue_over_a_hold(lies_on, monkeypatch):
    release = evaluated_release()
    sign(release)
    unit = release.units.get().unit
    ids = {"unit": unit.pk, "donation": unit.donation_id, "donor": unit.donation.donor_id}
    new = NewHold(HoldKind.INVESTIGATION, "odd", **{f"{lies_on}_id": ids[lies_on]})
    place_holds([new], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    monkeypatch.setattr("inventory.services.release._check_signable", lambda *_given, **_named: None)

    refused_by_the_database("while a hold is open", lambda: sign(release, Meaning.RELEASED))

    release.refresh_from_db()
    assert release.status == "evaluated"


def test_the_database_refuses_to_change_what_was_evaluated():
    release = issued_release()

    refused_by_the_database("never changes", lambda: Release.objects.update(snapshot="{}"))
    refused_by_the_database("never changed", lambda: ReleaseSignature.objects.update(content_sha256="0" * 64))

    release.refresh_from_db()
    assert release.snapshot != "{}"
