"""What people of one site see of a unit that other sites asked for, or had."""

from functools import partial

import pytest
from django.test import Client

from biobank.domain.role import Role
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.unit import units_visible_to
from inventory.queries.unit_now import unit_now
from inventory.queries.unit_page import unit_page
from inventory.services.look_back import recall_units
from inventory.services.request import cancel_request, request_units
from tests.factories.lot import available_lot, vials_of
from tests.factories.person import person, staff
from tests.factories.protocol import clinic, on_protocol, protocol_in_force
from tests.factories.release import inside, shipped
from tests.factories.request import coordinator, submitted_request, wanted
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_unit, segment=True),)


def of_the_other_site():
    return person(Role.COORDINATOR, site=clinic("CLINIC-2"), username="other-coordinator")


def for_both_sites():
    return protocol_in_force(sites=(on_protocol(), on_protocol(clinic("CLINIC-2"))))


def ask(asked, protocol, by, at, **otherwise):
    return request_units(wanted(asked, protocol=protocol, site=by.site, **otherwise), by=by, at=at)


def asked_by_the_other_and_then_by_us():
    """A unit that the other site requested and gave back, and that stands requested by ours."""
    asked, protocol, other = available_unit(segment=True), for_both_sites(), of_the_other_site()
    theirs = ask(asked, protocol, other, NOON, recipient="SECRET-PATIENT-9")
    cancel_request(theirs, reason="Secret reason of theirs", by=other, at=NOON)
    ours = ask(asked, protocol, coordinator(), NOON + hours(1))
    asked.refresh_from_db()
    return asked, ours, theirs


def page_of(client: Client, visitor, asked):
    client.force_login(visitor)
    return client.get(f"/units/{asked.code}/")


def test_a_request_that_came_to_nothing_shows_its_site_nothing_more(client: Client):
    asked, protocol, ours, other = available_unit(segment=True), for_both_sites(), coordinator(), of_the_other_site()
    request = ask(asked, protocol, ours, NOON)
    assert page_of(client, ours, asked).status_code == 200

    cancel_request(request, reason="not needed", by=ours, at=NOON)
    theirs = ask(asked, protocol, other, NOON + hours(1))

    assert page_of(client, ours, asked).status_code == 404
    assert "Location" not in client.get(f"/search/?code={theirs.reference}")
    assert "Location" not in client.get(f"/search/?code={asked.code}")
    assert page_of(client, other, asked).status_code == 200


def test_a_unit_taken_out_of_the_request_is_no_longer_seen():
    request = submitted_request()
    asked = request.lines.get()
    assert asked.unit in units_visible_to(coordinator(), NOON)

    request.lines.update(removed_at=NOON, removed_because="hold")

    assert asked.unit not in units_visible_to(coordinator(), NOON)


def test_a_unit_that_was_shipped_is_seen_by_the_site_it_went_to():
    protocol = for_both_sites()
    here = inside(shipped(protocol=protocol))
    there = inside(shipped(protocol=protocol, site=clinic("CLINIC-2"), recipient="PATIENT-8"))

    assert list(units_visible_to(coordinator(), NOON)) == here
    assert list(units_visible_to(of_the_other_site(), NOON)) == there


def test_the_page_says_nothing_of_what_another_site_asked(client: Client):
    asked, ours, theirs = asked_by_the_other_and_then_by_us()

    page = page_of(client, coordinator(), asked).content.decode()

    assert ours.reference in page
    assert "Request submitted" in page or "Unit reserved" in page
    for secret in (theirs.reference, theirs.requested_by.printed_name, "SECRET-PATIENT-9", "CLINIC-2", "Secret reason"):
        assert secret not in page


def test_the_page_names_no_donor_no_place_and_no_result_of_the_mother(client: Client):
    asked, _, _ = asked_by_the_other_and_then_by_us()
    place = places_of([asked.pk])[asked.pk]
    told = page_of(client, staff(Role.QUALITY_REVIEWER), asked).content.decode()
    secrets = (asked.donation.donor.donor_code, place.container.code, "HIV", '<td class="whose">mother')
    assert [secret for secret in secrets if secret not in told] == []

    page = page_of(client, coordinator(), asked).content.decode()

    assert [secret for secret in secrets if secret in page] == []
    assert "Donor eligible for this use" in page


def test_who_collected_a_unit_does_not_learn_which_site_asks_for_it(client: Client):
    asked, ours, _ = asked_by_the_other_and_then_by_us()
    collector = person(Role.COLLECTION_STAFF, site=asked.donation.collection_site)

    page = page_of(client, collector, asked).content.decode()

    for secret in (ours.reference, ours.requested_by.printed_name, "CLINIC-1", asked.donation.donor.donor_code):
        assert secret not in page


def test_a_reference_of_another_site_leads_nowhere_and_ones_own_to_the_unit(client: Client):
    asked, ours, theirs = asked_by_the_other_and_then_by_us()
    client.force_login(coordinator())

    assert client.get(f"/search/?code={ours.reference}")["Location"] == f"/units/{asked.code}/"
    assert "Location" not in client.get(f"/search/?code={theirs.reference}")


def test_of_a_vial_the_results_of_its_lot_are_shown_and_none_of_mother_or_infant():
    vial = vials_of(available_lot())[0]
    found = unit_now(vial.code, Unit.objects.all())
    assert found is not None

    page = unit_page(found, NOON, site=clinic("CLINIC-2"))
    whole = unit_page(found, NOON)

    assert {each.whose.split(",")[0] for each in page.results} == {"lot"}
    assert {"lot", "mother"} < {each.whose.split(",")[0] for each in whole.results}
    assert (page.links_lineage, whole.links_lineage) == (False, True)


def test_a_unit_under_notice_says_so_to_staff_and_to_the_site_that_is_told_and_to_no_other(client: Client):
    [gone] = inside(shipped(protocol=for_both_sites()))
    quality = staff(Role.QUALITY_REVIEWER)
    [notice] = recall_units([gone.pk], reason="Bag set of a bad lot.", by=quality, at=NOON + hours(4))

    told = page_of(client, quality, gone).content.decode()
    site = page_of(client, coordinator(), gone).content.decode()
    found = unit_now(gone.code, Unit.objects.all())
    assert found is not None
    other = unit_page(found, NOON + hours(5), site=clinic("CLINIC-2"))

    for page in (told, site):
        assert "Under notice: recall" in page
        assert "not acknowledged yet" in page
        assert "Notice to a site opened" in page
    assert "Bag set of a bad lot." in told
    assert "Bag set of a bad lot." not in site
    assert (other.notices, notice.reference in str(other.moments)) == ((), False)
