"""Batches of consumables."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from biobank.domain.role import Role
from inventory.domain.batch import (
    BatchFacts,
    BatchState,
    InspectionFacts,
    end_of_day,
    obstacles_to_inspecting,
    obstacles_to_registering_batch,
    obstacles_to_rejecting,
    obstacles_to_using,
)
from tests.factories.time import NOON, hours

GOOD = BatchFacts("BAT-1", BatchState.RELEASED, NOON + hours(10), NOON - hours(10))
INSPECTION = InspectionFacts(BatchState.QUARANTINED, "quality", "lab", frozenset({Role.QUALITY_REVIEWER}), True)


@pytest.mark.parametrize(
    ("batch", "codes"),
    [
        (GOOD, []),
        (replace(GOOD, expires_at=NOON + hours(2.001)), []),
        (replace(GOOD, expires_at=NOON + hours(2)), ["batch-expired"]),
        (replace(GOOD, expires_at=NOON + hours(1)), ["batch-expired"]),
        (replace(GOOD, expires_at=NOON - hours(24)), ["batch-expired"]),
        (replace(GOOD, state=BatchState.QUARANTINED, inspected_at=None), ["batch-unreleased"]),
        (replace(GOOD, state=BatchState.REJECTED), ["batch-unreleased"]),
        (replace(GOOD, inspected_at=NOON), []),
        (replace(GOOD, inspected_at=NOON + hours(0.001)), ["batch-unreleased"]),
        (replace(GOOD, state=BatchState.REJECTED, expires_at=NOON), ["batch-unreleased", "batch-expired"]),
    ],
)
def test_a_batch_is_used_while_it_is_released_and_before_the_instant_it_expires(
    batch: BatchFacts, codes: list[str]
) -> None:
    found = obstacles_to_using([batch], from_=NOON, until=NOON + hours(2))

    assert [reason.code for reason in found] == codes


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (INSPECTION, []),
        (replace(INSPECTION, state=BatchState.RELEASED), ["inspected"]),
        (replace(INSPECTION, roles=frozenset({Role.LAB_TECHNICIAN})), ["not-quality"]),
        (replace(INSPECTION, received_by="quality"), ["same-person"]),
        (replace(INSPECTION, is_expired=True), ["expired"]),
        (replace(INSPECTION, is_expired=True, released=False, note="late"), []),
        (replace(INSPECTION, released=False), ["missing"]),
    ],
)
def test_quality_inspects_once_what_another_person_took_in(facts: InspectionFacts, codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_inspecting(facts)] == codes


@pytest.mark.parametrize(
    ("state", "role", "reason", "codes"),
    [
        (BatchState.RELEASED, Role.QUALITY_REVIEWER, "recalled", []),
        (BatchState.RELEASED, Role.QUALITY_REVIEWER, "", ["missing"]),
        (BatchState.RELEASED, Role.LAB_TECHNICIAN, "recalled", ["not-quality"]),
        (BatchState.QUARANTINED, Role.QUALITY_REVIEWER, "recalled", ["uninspected"]),
        (BatchState.REJECTED, Role.QUALITY_REVIEWER, "recalled", ["rejected"]),
    ],
)
def test_quality_rejects_what_was_released_with_the_reason(
    state: BatchState, role: Role, reason: str, codes: list[str]
) -> None:
    assert [each.code for each in obstacles_to_rejecting(state, {role}, reason)] == codes


def test_what_is_good_until_a_day_is_good_until_that_day_ends_where_the_bank_is() -> None:
    assert end_of_day(date(2026, 3, 28), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "fields"),
    [
        (("Maker", "D-1", "L-1", "", ""), []),
        (("Maker", "D-1", "L-1", "09520000000011", "S"), []),
        (("", " ", "", "", ""), ["manufacturer", "catalogue_number", "lot_number"]),
        (("Maker", "D-1", "L-1", "09520000000012", "S" * 21), ["serial_number", "gtin"]),
        (("Maker", "D-1", "L\u200b1", "", ""), ["lot_number"]),
    ],
)
def test_a_batch_is_described_in_full_by_what_can_be_read(texts: tuple[str, ...], fields: list[str]) -> None:
    assert [reason.field for reason in obstacles_to_registering_batch(*texts)] == fields
