"""By keyboard only, and by scanner only."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from biobank.domain.role import Role
from tests.browser.pages import scan, sign_in
from tests.factories.page_unit import CRYOBAG, TUBE, identified, unit
from tests.factories.person import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bank(live_server: LiveServer, page: Page) -> str:
    """A bank with one unit; the page is signed in and at home."""
    identified(unit())
    person(Role.STORAGE_TECHNICIAN, username="storer")
    sign_in(page, live_server.url, "storer")
    return str(live_server.url)


def test_the_first_tab_stop_skips_to_the_content(page: Page, bank: str):
    page.goto(f"{bank}/units/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_the_scan_box_is_focused_at_home(page: Page, bank: str):
    expect(page.locator("#scan")).to_be_focused()


def test_ctrl_k_leads_to_the_search_box_from_anywhere(page: Page, bank: str):
    page.goto(f"{bank}/units/")

    page.keyboard.press("Control+k")

    expect(page.locator("#omnibox")).to_be_focused()


def test_a_typed_code_opens_the_unit(page: Page, bank: str):
    page.goto(f"{bank}/units/")
    page.keyboard.press("Control+k")
    page.keyboard.type(CRYOBAG, delay=80)
    page.keyboard.press("Enter")

    page.wait_for_url(f"{bank}/units/{CRYOBAG}/")


def test_a_scan_with_no_field_in_focus_lands_on_the_unit(page: Page, bank: str):
    page.goto(f"{bank}/units/")

    scan(page, f"={CRYOBAG[:13]}00")

    page.wait_for_url(f"{bank}/units/{CRYOBAG}/")


def test_a_scan_in_the_scan_box_lands_on_the_unit(page: Page, bank: str):
    scan(page, TUBE)

    page.wait_for_url(f"{bank}/units/{CRYOBAG}/")


def test_a_scan_never_lands_in_notes(page: Page, bank: str):
    page.goto(f"{bank}/units/")
    page.evaluate(
        "() => { const notes = document.createElement('textarea'); notes.id = 'notes'; notes.value = 'Seal whole. ';"
        " document.querySelector('main').append(notes); notes.focus();"
        " document.querySelector('.omnibox').addEventListener('submit', (e) => e.preventDefault()); }"
    )

    scan(page, TUBE)

    expect(page.locator("#notes")).to_have_value("Seal whole. ")
    expect(page.locator("#omnibox")).to_have_value(TUBE)


def test_the_same_scan_twice_is_taken_once_and_says_so(page: Page, bank: str):
    page.goto(f"{bank}/units/")
    page.evaluate(
        "() => { window.sent = 0; document.querySelector('.omnibox').addEventListener('submit',"
        " (e) => { e.preventDefault(); window.sent += 1; }); }"
    )

    scan(page, TUBE)
    scan(page, TUBE)

    assert page.evaluate("window.sent") == 1
    expect(page.locator("#scan-notice")).to_have_text(re.compile("read twice"))


def test_slow_typing_is_no_scan(page: Page, bank: str):
    page.goto(f"{bank}/units/")

    page.keyboard.type(TUBE, delay=90)
    page.keyboard.press("Enter")

    assert page.url == f"{bank}/units/"


def test_the_person_menu_opens_and_signs_out_by_keyboard(page: Page, bank: str):
    page.locator(".person summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")

    page.wait_for_url(f"{bank}/sign-in/")
