"""Canonical JSON has one written form of each value, whatever process writes it."""

import subprocess
import sys
from collections import OrderedDict, deque
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType

import pytest

from biobank.domain.ledger import NotCanonical, canonical_json

SETS = "print(canonical_json({'codes': {'unit', 'donor', 'din', 'sample', 'hold'}, 'n': frozenset({10, 9, 'a'})}))"


class Colour(StrEnum):
    RED = "red"


class Pair(Enum):
    LEFT = (1, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        ({"b", "a"}, '["a","b"]'),
        (frozenset({10, 9, "a"}), '["a",10,9]'),
        ({(2, "b"), (2, "a")}, '[[2,"a"],[2,"b"]]'),
        ({Colour.RED: Colour.RED}, '{"red":"red"}'),
        (Pair.LEFT, "[1,2]"),
        ([True, "ä"], '[true,"ä"]'),
        (("x", ["y", ("z",)]), '["x",["y",["z"]]]'),
        (Decimal("21.50"), '"21.50"'),
        (Decimal("1E+3"), '"1000"'),
        (date(2026, 2, 3), '"2026-02-03"'),
        (datetime(2026, 2, 3, 4, 5, tzinfo=UTC), '"2026-02-03T04:05:00.000000Z"'),
        (datetime(999, 2, 3, 4, 5, 6, 7, tzinfo=UTC), '"0999-02-03T04:05:06.000007Z"'),
        (MappingProxyType({"k": {1: OrderedDict(z=1)}}), '{"k":{"1":{"z":1}}}'),
        (deque([1, "2"]), '[1,"2"]'),
        ((number for number in (3, 1)), "[3,1]"),
    ],
)
def test_each_value_has_one_written_form(value, text):
    assert canonical_json(value) == text


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("NaN"), datetime(2026, 2, 3, 4, 5), b"raw", object(), [1.5], {"a": {1.5}}],  # noqa: DTZ001
)
def test_what_has_no_one_written_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_a_set_is_written_alike_by_processes_that_order_it_otherwise():
    program = f"from biobank.domain.ledger import canonical_json; {SETS}"

    written = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert written == {'{"codes":["din","donor","hold","sample","unit"],"n":["a",10,9]}\n'}


@pytest.mark.parametrize("value", ["a\ud800", {"a\ud800": 1}, {"x": ["\udfff"]}])
def test_half_a_character_has_no_written_form(value: object) -> None:
    with pytest.raises(NotCanonical, match="half a character"):
        canonical_json(value)


def test_keys_that_would_be_written_alike_are_refused() -> None:
    with pytest.raises(NotCanonical, match="written alike"):
        canonical_json({1: "a", "1": "b"})
