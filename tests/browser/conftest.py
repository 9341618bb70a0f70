"""Real Chromium for the tests of pages: the machine's own, never a download."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    # As root, as CI and containers run, Chromium's sandbox cannot start; it sees only our own pages.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the Chromium that is installed; without one the test is skipped, and on CI it fails."""
    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    if executable is None:
        reason = "No Chromium on this machine: install the package chromium to run the tests of pages."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return browser_type_launch_args | {"executable_path": executable, "args": _FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _queries_beside_playwrights_loop() -> Iterator[None]:
    """Allow the ORM here: Playwright's loop runs in this thread, but nothing of ours runs in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield
