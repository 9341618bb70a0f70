"""Registering places."""

import pytest

from biobank.domain.site import NewSite, SiteCodeTaken, SiteKind, UnfitSite
from biobank.models.ledger import LedgerEntry
from biobank.models.site import Site
from biobank.services.site import register_site
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
NEW = NewSite(code="CLINIC-7", name=" Clinic ", kind=SiteKind.COLLECTION, time_zone="Europe/Paris", country="FR")


def test_a_site_is_registered_with_its_entry():
    by = person()

    registered = register_site(NEW, by=by, at=NOON)

    registered.refresh_from_db()
    entry = LedgerEntry.objects.get(kind="site.registered", subjects='["CLINIC-7"]')
    assert (registered.name, registered.kind, registered.registered_at) == ("Clinic", "collection", NOON)
    assert (entry.by, entry.at) == (by, NOON)


def test_a_code_belongs_to_one_site():
    by = person()
    register_site(NEW, by=by, at=NOON)
    before = LedgerEntry.objects.count()

    with pytest.raises(SiteCodeTaken):
        register_site(NEW, by=by, at=NOON)

    assert Site.objects.filter(code="CLINIC-7").count() == 1
    assert LedgerEntry.objects.count() == before


def test_an_unfit_site_leaves_nothing():
    by = person()

    with pytest.raises(UnfitSite):
        register_site(NewSite("CLINIC-8", "", SiteKind.COLLECTION, "Mars", "FR"), by=by, at=NOON)

    assert not Site.objects.filter(code="CLINIC-8").exists()
