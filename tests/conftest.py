"""What every test can rely on: its database and the guards in it, its markers, and one hypothesis profile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from biobank.services import guard

hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

_ELSEWHERE = {"postgresql": "sqlite", "sqlite": "postgresql"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has a meaning only on the other database, and begin with what takes long: nobody waits for it."""
    other = _ELSEWHERE[connection.vendor]
    left_out = [item for item in items if item.get_closest_marker(other) is not None]
    if left_out:
        items[:] = [item for item in items if item.get_closest_marker(other) is None]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _flush_unguarded(_case: TransactionTestCase) -> None:
    """Empty the tables after a test that commits, as Django does, with the guards aside for just that."""
    guard.drop_guards(connection)
    try:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
    finally:
        guard.install_guards(connection)


@pytest.fixture(scope="session", autouse=True)
def _the_flush_is_unguarded() -> Iterator[None]:
    """Let a test that commits be cleaned up; nowhere else may the append-only tables be emptied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _flush_unguarded)
        yield


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    """Give each test its own place for checkpoints: one test's would stop the next one's ledger."""
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"


@pytest.fixture(scope="session", autouse=True)
def _nobody_is_left_in_the_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End what a server's thread or a killed worker left connected, so that the test database can be dropped."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
