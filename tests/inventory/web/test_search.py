"""The omnibox: scan anywhere, land on the right page."""

import pytest
from django.test import Client

from biobank.domain.role import Role
from tests.factories.page_unit import CHECK, CRYOBAG, DIN, POSITION, TUBE, VIAL, identified, maternity, placed, unit
from tests.factories.person import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def technician(client: Client) -> Client:
    client.force_login(person(Role.LAB_TECHNICIAN))
    return client


@pytest.mark.parametrize(
    "code",
    [
        CRYOBAG,
        DIN,
        f"{DIN}{CHECK}",
        f"A9999 26 000123 {CHECK}",
        f"={DIN}00",
        f"={DIN}00=<S1234VA0",
        TUBE,
        POSITION,
        f"  {CRYOBAG}\r",
    ],
)
def test_a_code_of_one_unit_leads_to_its_page(technician: Client, code: str):
    stored = unit()
    identified(stored)
    placed(stored)

    answer = technician.post("/search/", {"code": code})

    assert answer.status_code == 302
    assert answer["Location"] == f"/units/{CRYOBAG}/"


def test_a_donation_with_several_units_lists_them(technician: Client):
    unit()
    unit(VIAL)

    page = technician.post("/search/", {"code": DIN}).content.decode()

    assert f"/units/{CRYOBAG}/" in page
    assert f"/units/{VIAL}/" in page


def test_a_sound_number_that_is_not_here_is_shown_decoded(technician: Client):
    unit()

    page = technician.post("/search/", {"code": "=G12341765432170"}).content.decode()

    assert "Not in this bank" in page
    assert "G1234" in page
    assert "654321" in page
    assert '<span class="din-check" title="check character">A</span>' in page


def test_a_wrong_check_character_is_refused_and_shown_as_read(technician: Client):
    unit()

    answer = technician.post("/search/", {"code": f"{DIN}X"})

    assert answer.status_code == 422
    assert "check character" in answer.content.decode()
    assert f"{DIN}X" in answer.content.decode()


def test_what_cannot_be_seen_is_made_visible_when_it_is_refused(technician: Client):
    page = technician.post("/search/", {"code": "A9999\u202e26000123"}).content.decode()

    assert "⟨U+202E⟩" in page
    assert "\u202e" not in page


def test_a_place_finds_nothing_for_those_who_may_not_see_places(client: Client):
    placed(unit())
    client.force_login(person(Role.COLLECTION_STAFF, site=maternity()))

    page = client.post("/search/", {"code": POSITION}).content.decode()

    assert CRYOBAG not in page
    assert "Not in this bank" in page


def test_another_sites_unit_is_not_found(client: Client):
    unit()
    client.force_login(person(Role.COLLECTION_STAFF))

    page = client.post("/search/", {"code": DIN}).content.decode()

    assert CRYOBAG not in page
    assert "Not in this bank" in page


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "\x00",
        "A\x00B",
        "x" * 100_000,
        "\u202e\u200b",
        "=",
        "=+",
        "&,1",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "💉",
        "%00",
        "../../etc",
    ],
)
def test_no_scan_breaks_the_page(technician: Client, code: str):
    answer = technician.post("/search/", {"code": code})

    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.content.decode()
