"""What every test can rely on: its database and the guards in it, its markers, and one hypothesis profile."""

import os
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

# Long suites about the bank's rarer days: ``OTHER_DAYS=1 python -m pytest`` runs them too. Without them the whole fits
# in what a change may take to check; whoever changes what they are about runs them before it is taken.
OTHER_DAYS = frozenset(
    f"tests/{name}.py"
    for name in """
    concurrency/test_correction concurrency/test_excursion concurrency/test_lot concurrency/test_narrowing
    concurrency/test_processing concurrency/test_shipment concurrency/test_expiry concurrency/test_late_result
    faults/test_restore
    inventory/services/test_attestation inventory/services/test_batch inventory/services/test_correction_fact
    inventory/services/test_deviation inventory/services/test_din_label inventory/services/test_equipment
    inventory/services/test_excursion inventory/services/test_excursion_assessment
    inventory/services/test_guard_correction inventory/services/test_guard_lot inventory/services/test_import_nested
    inventory/services/test_journey inventory/services/test_lot inventory/services/test_narrowing
    inventory/services/test_origin inventory/services/test_pool inventory/services/test_rack
    inventory/services/test_referral inventory/services/test_stocktake inventory/services/test_stocktake_end
    inventory/services/test_voiding inventory/queries/test_journey
    journeys/test_consent journeys/test_correction journeys/test_deviation journeys/test_excursion
    journeys/test_journey journeys/test_liver journeys/test_lot journeys/test_origin journeys/test_other_lims
    journeys/test_related journeys/test_severing journeys/test_stocktake journeys/test_state_machine
    """.split()  # noqa: SIM905 - a page of names reads better than a page of quotes
)
_ELSEWHERE = {"postgresql": "sqlite", "sqlite": "postgresql"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other database or another day, and begin with what takes long: nobody waits for it."""
    other, left_out = _ELSEWHERE[connection.vendor], []
    kept: list[pytest.Item] = []
    for item in items:
        elsewhere = item.get_closest_marker(other) is not None or _is_for_another_day(config, item)
        (left_out if elsewhere else kept).append(item)
    if left_out:
        items[:] = kept
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _is_for_another_day(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether a test is of a long suite that neither the environment nor the command line asks for."""
    if os.environ.get("OTHER_DAYS"):
        return False
    path = item.path.relative_to(config.rootpath).as_posix()
    return path in OTHER_DAYS and not any(path in argument for argument in config.args)


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
