"""The unit page and the list of units."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from consent.models.consent import Consent
from inventory.models.hold import Hold
from tests.factories.donor import withdrawn
from tests.factories.page_unit import CHECK, CRYOBAG, DIN, VIAL, identified, maternity, placed, tell, unit
from tests.factories.person import person
from tests.factories.release import issued_release, shipped
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db

# Session, person and roles; the unit as it is now; its line, what stands behind it, its chain; what waits.
QUERIES = 21
LIST_QUERIES = 5
PAGE = f"/units/{CRYOBAG}/"
GATES = (
    "Consent",
    "Donor eligibility",
    "Quality",
    "Typing confirmed",
    "Expiry",
    "Holds",
    "Reservation",
    "Protocol",
    "People",
)


@pytest.fixture
def reviewer(client: Client) -> Client:
    client.force_login(person(Role.QUALITY_REVIEWER, username="reviewer"))
    return client


def test_the_head_says_what_the_unit_is_where_it_is_and_in_which_state(reviewer: Client):
    stored = unit(state="available", use="laboratory")
    placed(stored)
    identified(stored)

    page = reviewer.get(PAGE).content.decode()

    assert "<span>A9999</span><span>26</span><span>000123</span>" in page
    assert f'title="check character">{CHECK}</span>' in page
    assert "Tank T02" in page
    assert "Rack R04" in page
    assert "D07" in page
    assert "Available</span>" in page
    assert "3021450012 (Rack scanner)" in page
    assert "not assigned yet" in page


def test_all_nine_gates_are_shown_with_their_reasons(reviewer: Client):
    unit()

    page = reviewer.get(PAGE).content.decode()

    assert page.count('class="gate gate-') == 9
    for name in GATES:
        assert f'<h3 class="gate-name">{name}</h3>' in page


def test_a_hold_is_told_above_everything_and_fails_its_gate(reviewer: Client):
    held = unit()
    Hold.objects.create(
        reference="HLD-7F3K9QXM",
        kind="mix_up",
        reason="Two bags, one label",
        unit=held,
        placed_by=held.donation.registered_by,
        placed_at=timezone.now(),
    )

    page = reviewer.get(PAGE).content.decode()

    assert "On hold: mix up" in page
    assert "Two bags, one label" in page
    assert 'class="gate gate-fail" id="gate-6"' in page


def test_gate_one_says_that_the_donor_withdrew_also_before_any_study_asks(reviewer: Client):
    taken_back = available_unit()
    withdrawn(Consent.objects.get(donor_id=taken_back.donation.donor_id))

    page = reviewer.get(f"/units/{taken_back.code}/").content.decode()

    assert 'class="gate gate-unknown" id="gate-1"' in page
    assert "The donor withdrew her consent; no purpose is known yet." in page


def test_steps_that_are_not_possible_say_why(reviewer: Client):
    unit()

    page = reviewer.get(PAGE).content.decode()

    assert "Accept for a use" in page
    assert "The unit is quarantined; this needs it released." in page


@pytest.mark.parametrize("state", ["shipped", "received", "used", "discarded"])
def test_a_unit_that_left_shows_no_gates(reviewer: Client, state: str):
    unit(state=state)

    page = reviewer.get(PAGE).content.decode()

    assert 'class="gate ' not in page


def test_a_unit_that_was_released_shows_the_gates_as_they_were_signed_and_by_whom(reviewer: Client):
    stored = available_unit(segment=True)
    shipment = shipped(stored)
    Hold.objects.create(
        reference="HLD-7F3K9QXM",
        kind="mix_up",
        reason="Found out after it left",
        unit=stored,
        placed_by=shipment.packed_by,
        placed_at=timezone.now(),
    )

    page = reviewer.get(f"/units/{stored.code}/").content.decode()

    assert "Gates of a release, as signed" in page
    assert shipment.release.reference in page
    assert shipment.release.snapshot_sha256 in page
    assert page.count('class="gate gate-pass"') == 9
    for signature in shipment.release.signatures.select_related("signature"):
        assert f"{signature.meaning.capitalize()}</strong> by {signature.signature.printed_name}" in page


def test_the_gates_of_a_unit_still_here_are_never_called_signed(reviewer: Client):
    stored = available_unit(segment=True)
    issued_release(stored)

    page = reviewer.get(f"/units/{stored.code}/").content.decode()

    assert page.count('class="gate gate-') == 9
    assert "as signed" not in page


def test_what_label_and_papers_must_say_is_shown_as_a_warning_and_not_as_evidence(reviewer: Client):
    unit()

    page = reviewer.get(PAGE).content.decode()

    assert "On label and papers:" in page
    assert "<li>NOT EVALUATED FOR INFECTIOUS SUBSTANCES</li>" in page
    assert "<code>NOT EVALUATED" not in page


def test_custody_shows_the_units_own_entries_newest_first(reviewer: Client):
    told = unit()
    tell(told, "hold.placed", by=told.donation.registered_by, reason="Label torn")
    other = unit(VIAL)
    tell(other, "hold.placed", by=told.donation.registered_by, reason="Somebody else's business")

    page = reviewer.get(PAGE).content.decode()

    assert page.index("Hold placed") < page.index("Unit registered")
    assert "Label torn" in page
    assert "Somebody else" not in page


def test_people_of_other_sites_never_learn_where_a_unit_is(client: Client):
    placed(unit())
    client.force_login(person(Role.COLLECTION_STAFF, site=maternity()))

    page = client.get(PAGE).content.decode()

    assert "Tank T02" not in page


def test_the_page_costs_the_same_queries_however_much_happened(
    reviewer: Client, django_assert_num_queries: DjangoAssertNumQueries
):
    told = unit()
    placed(told)
    reviewer.get(PAGE)

    with django_assert_num_queries(QUERIES):
        reviewer.get(PAGE)
    for _ in range(3):
        tell(told, "hold.placed", by=told.donation.registered_by)
        tell(told, "hold.lifted", by=told.donation.registered_by)
    with django_assert_num_queries(QUERIES):
        reviewer.get(PAGE)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_queries_for_one_unit_and_for_three(
    reviewer: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
):
    for letter in "ABC"[:count]:
        unit(f"{DIN}S1234V{letter}0")
    reviewer.get("/units/")

    with django_assert_num_queries(LIST_QUERIES):
        page = reviewer.get("/units/").content.decode()

    assert page.count('<th scope="row">') == count


def test_a_list_shows_the_state_that_was_asked_for(reviewer: Client):
    unit(state="available", use="laboratory")
    unit(VIAL)

    page = reviewer.get("/units/?state=quarantined").content.decode()

    assert VIAL in page
    assert CRYOBAG not in page


@pytest.mark.parametrize(
    "path",
    [
        "/units/?state=nowhere",
        "/units/?after=-1",
        "/units/?after=x",
        "/units/?after=99999999999999999999",
        "/units/?after=" + quote("٣"),
        "/units/" + quote("\x00", safe="") + "/",
        "/units/" + quote("\u202e" + CRYOBAG) + "/",
        "/units/" + "A" * 5000 + "/",
        "/units/" + quote("' OR 1=1", safe="") + "/custody/",
        "/reports/" + quote("\x00", safe="") + "/file/",
        "/reports/RPT-NOTHING1/file/",
    ],
)
def test_a_bad_address_is_not_found_and_never_a_fault(reviewer: Client, path: str):
    unit()

    assert reviewer.get(path).status_code == 404
