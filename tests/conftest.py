"""What every test can rely on: its database and the guards in it, its markers, and one hypothesis profile."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase

hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

_ELSEWHERE = {"postgresql": "sqlite", "sqlite": "postgresql"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has a meaning only on the other database; tasks are loaded once, as a worker loads them."""
    other = _ELSEWHERE[connection.vendor]
    left_out = [item for item in items if item.get_closest_marker(other) is not None]
    if left_out:
        items[:] = [item for item in items if item.get_closest_marker(other) is None]
        config.hook.pytest_deselected(items=left_out)


def _flush_without_guards(flush: Callable[[TransactionTestCase], None]) -> Callable[[TransactionTestCase], None]:
    def teardown(case: TransactionTestCase) -> None:
        guard = import_module("biobank.services.guard")
        guard.drop_guards(connection)
        try:
            flush(case)
        finally:
            guard.install_guards(connection)

    return teardown


@pytest.fixture(scope="session", autouse=True)
def _guards_stand_aside_for_the_flush() -> None:
    """Let a test that commits be cleaned up: the append-only tables are unguarded for that flush and nowhere else."""
    if find_spec("biobank.services.guard"):
        TransactionTestCase._fixture_teardown = _flush_without_guards(TransactionTestCase._fixture_teardown)  # type: ignore[attr-defined]
