"""What every test can rely on: its database and the guards in it, its markers, and one hypothesis profile."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings

from biobank.services import guard
from tests.kept import find_again, kept

hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

_ELSEWHERE = {"postgresql": "sqlite", "sqlite": "postgresql"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other database, and begin with what takes long: nobody waits for it."""
    other = _ELSEWHERE[connection.vendor]
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker(other)]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _flush_unguarded(_case: TransactionTestCase) -> None:
    """Empty the tables after a test that commits, with the guards aside for just that.

    Django would truncate them, which takes PostgreSQL a second for a hundred tables with a few rows each.
    """
    guard.drop_guards(connection)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - Django's own names
    finally:
        guard.install_guards(connection)


@pytest.fixture(scope="session", autouse=True)
def _the_flush_is_unguarded() -> Iterator[None]:
    """Let a test that commits be cleaned up; nowhere else may the append-only tables be emptied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _flush_unguarded)
        yield


@pytest.fixture(scope="module", autouse=True)
def _given(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make what a module's tests begin with, below their transactions, and roll it back after the last of them."""
    if not (given := getattr(request.module, "BEGINS_WITH", ())):
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with ExitStack() as below:
        with blocker.unblock(), override_settings(BIOBANK_CHECKPOINT_DIR=tmp_path_factory.mktemp("checkpoints")):
            below.enter_context(kept(given))
        yield
        with blocker.unblock():
            below.close()


@pytest.fixture(autouse=True)
def _found_anew() -> None:
    """Let each test find what its module was given."""
    find_again()


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
