"""What the database itself refuses of releases."""

from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.hold import HoldKind
from inventory.models.release import Release, ReleaseSignature
from inventory.services.hold import NewHold, place_holds
from tests.factories.person import staff
from tests.factories.release import evaluated_release, issued_release, sign
from tests.factories.time import NOON
from tests.factories.unit import available_unit

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


def signed_once_with_nobody_asked(monkeypatch):
    """Return a release that awaits its second signature, where no rule asks the gates again."""
    release = evaluated_release()
    sign(release)
    monkeypatch.setattr("inventory.services.release._check_signable", lambda *_given, **_named: None)
    return release


def held(release, lies_on):
    """Hold something behind the one unit of a release."""
    unit = release.units.get().unit
    ids = {
        "unit": {"unit_id": unit.pk},
        "what it was made from": {"unit_id": unit.made_from.get().parent_id},
        "donation": {"donation_id": unit.donation_id},
        "donor": {"donor_id": unit.donation.donor_id},
    }
    place_holds([NewHold(HoldKind.INVESTIGATION, "odd", **ids[lies_on])], by=staff(Role.LAB_TECHNICIAN), at=NOON)


@pytest.mark.parametrize("lies_on", ["unit", "what it was made from", "donation", "donor"])
def test_the_database_refuses_an_issue_over_a_hold(lies_on, monkeypatch):
    release = signed_once_with_nobody_asked(monkeypatch)
    held(release, lies_on)

    refused_by_the_database("while a hold is open", lambda: sign(release, Meaning.RELEASED))

    release.refresh_from_db()
    assert release.status == "evaluated"


def test_canary_without_its_guard_a_release_is_issued_over_a_hold_on_an_ancestor(monkeypatch):
    release = signed_once_with_nobody_asked(monkeypatch)
    held(release, "what it was made from")

    drop_guards(connection)
    try:
        sign(release, Meaning.RELEASED)
    finally:
        install_guards(connection)

    release.refresh_from_db()
    assert release.status == "issued"


def test_the_database_refuses_to_change_what_was_evaluated():
    release = issued_release()

    refused_by_the_database("never changes", lambda: Release.objects.update(snapshot="{}"))
    refused_by_the_database("never changed", lambda: ReleaseSignature.objects.update(content_sha256="0" * 64))

    release.refresh_from_db()
    assert release.snapshot != "{}"
