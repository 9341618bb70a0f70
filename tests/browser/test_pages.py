"""Every page in a real Chromium: light, dark, freezer, narrow, and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from biobank.domain.role import Role
from tests.browser.pages import faults_of, overflow_of, sign_in
from tests.factories.page_unit import CRYOBAG, VIAL, identified, placed, tell, unit
from tests.factories.person import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = {
    "home": "/",
    "search": "/search/",
    "not here": "/search/?code=G123417654321A",
    "several": "/search/?code=A999926000123",
    "refused": "/search/?code=A999926000123X",
    "units": "/units/",
    "unit": f"/units/{CRYOBAG}/",
    "custody": f"/units/{CRYOBAG}/custody/",
    "password": "/password/",
    "missing": "/units/nothing/",
}


@pytest.fixture
def bank(live_server: LiveServer) -> str:
    """A bank with two units and a reviewer; its address."""
    stored = unit()
    placed(stored)
    identified(stored)
    tell(stored, "hold.placed", by=stored.donation.registered_by, reason="Label torn")
    unit(VIAL)
    person(Role.QUALITY_REVIEWER, username="reviewer")
    return str(live_server.url)


def pages_in(browser: Browser, bank: str, **look: object) -> Iterator[tuple[str, Page]]:
    """Open every page of the bank, signed in, in a window of that look; any script error fails."""
    context = browser.new_context(**look)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.on("console", lambda said: _no_complaint(said.text))
    sign_in(page, bank, "reviewer")
    for name, path in PATHS.items():
        page.goto(bank + path)
        yield name, page
    context.close()


def _no_complaint(words: str) -> None:
    if "Content Security Policy" in words:
        pytest.fail(words)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser: Browser, bank: str, scheme: str):
    faults = {name: faults_of(page) for name, page in pages_in(browser, bank, color_scheme=scheme)}

    assert faults == {name: [] for name in PATHS}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_sign_in(page: Page, bank: str, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{bank}/sign-in/")
    empty = faults_of(page)
    page.locator("main button").click()

    assert empty == []
    assert faults_of(page) == []


def test_no_page_scrolls_sideways_at_320_pixels(browser: Browser, bank: str):
    narrow = {"width": 320, "height": 640}

    wide = {name: overflow_of(page) for name, page in pages_in(browser, bank, viewport=narrow)}

    assert wide == dict.fromkeys(PATHS, 0)


def test_no_page_scrolls_sideways_at_twice_the_text_size(browser: Browser, bank: str):
    half = {"width": 640, "height": 400}

    wide = {name: overflow_of(page) for name, page in pages_in(browser, bank, viewport=half, device_scale_factor=2)}

    assert wide == dict.fromkeys(PATHS, 0)


def test_freezer_mode_is_one_column_with_large_targets_and_clean(page: Page, bank: str):
    sign_in(page, bank, "reviewer")
    page.get_by_role("button", name="Freezer").click()
    page.goto(bank + PATHS["unit"])

    columns = page.evaluate(
        "getComputedStyle(document.querySelector('.columns')).gridTemplateColumns.split(' ').length"
    )
    target = page.locator("#omnibox").bounding_box()
    size = page.evaluate("getComputedStyle(document.body).fontSize")

    assert columns == 1
    assert target is not None
    assert target["height"] >= 76
    assert size == "20px"
    assert faults_of(page) == []


def test_everything_works_without_scripts(browser: Browser, bank: str):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{bank}/units/")
    page.get_by_label("User name").fill("reviewer")
    page.get_by_label("Password").fill("seven quiet freezers")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Scan or type").or_(page.locator("#omnibox")).first.fill(CRYOBAG)
    page.get_by_role("button", name="Search").click()
    on_the_unit = page.url
    page.get_by_role("link", name="Whole chain of custody").click()
    page.get_by_role("button", name="Dark").click()
    theme = page.locator("html").get_attribute("data-theme")
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()

    assert on_the_unit == bank + PATHS["unit"]
    assert theme == "dark"
    assert page.url == f"{bank}/sign-in/"
