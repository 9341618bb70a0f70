"""What tests of pages do again and again: sign in, and ask axe and the layout for faults."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.factories.person import PASSWORD


def sign_in(page: Page, host: str, username: str) -> None:
    """Sign in by keyboard: user name, Tab, password, Enter."""
    page.goto(f"{host}/sign-in/")
    page.locator("#id_username").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/")


# Keys that follow each other within one script run, so that a busy machine never makes a scanner look like a hand.
WEDGE = """code => {
  const field = document.activeElement;
  const press = key => field.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  for (const key of code) {
    if (press(key)) document.execCommand("insertText", false, key);
  }
  if (press("Enter") && field.form && field.tagName === "INPUT") field.form.requestSubmit();
}"""


def scan(page: Page, code: str) -> None:
    """Type as a keyboard-wedge scanner does: fast, into whatever has the focus, ending in Enter."""
    page.evaluate(WEDGE, code)


def faults_of(page: Page) -> list[str]:
    """Return what axe finds on the page as it is."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


def overflow_of(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
