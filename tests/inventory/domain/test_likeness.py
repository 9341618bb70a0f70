"""How alike two names are."""

import pytest

from inventory.domain.hla_name import read_name
from inventory.domain.likeness import Likeness, as_antigens, by_two_fields

SAME, MAYBE, DIFFERENT = Likeness.SAME, Likeness.MAYBE, Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "as_antigen", "by_fields"),
    [
        ("A*02:01", "A*02:01", SAME, SAME),
        ("A*02:01", "A*02:01:01:02", SAME, SAME),
        ("A*02:01", "A*02:05", SAME, DIFFERENT),
        ("A*02:01", "A*03:01", DIFFERENT, DIFFERENT),
        # What is open stays open.
        ("A*02:01", "A*02:XX", SAME, MAYBE),
        ("A*02:XX", "A*02:XX", SAME, MAYBE),
        ("A*02:01", "A*03:XX", DIFFERENT, DIFFERENT),
        ("B*44:ABC", "B*44:02", SAME, MAYBE),
        ("B*44:ABC", "B*44:ABC", SAME, MAYBE),
        ("B*44:ABC", "B*45:01", DIFFERENT, DIFFERENT),
        ("A*02:NEW", "A*02:01", SAME, MAYBE),
        ("A*NEW", "A*02:01", MAYBE, MAYBE),
        ("A*XXXX", "A*02:01", MAYBE, MAYBE),
        ("A*UUUU", "A*24:09N", MAYBE, MAYBE),
        # Groups alike where the antigen binds hold other second fields.
        ("A*01:01P", "A*01:01", SAME, SAME),
        ("A*01:01:01G", "A*01:01", SAME, SAME),
        ("A*01:01:01G", "A*01:32", SAME, MAYBE),
        ("A*01:01P", "A*01:02P", SAME, DIFFERENT),
        ("A*01:01:01G", "A*01:02P", SAME, MAYBE),
        # Suffixes of expression.
        ("A*24:02:01:02L", "A*24:02", SAME, SAME),
        ("A*24:09N", "A*24:02", DIFFERENT, DIFFERENT),
        ("A*24:09N", "A*24:09N", SAME, SAME),
        ("A*24:09N", "A*23:07N", SAME, SAME),
        ("A*24:09N", "A*24:XX", MAYBE, MAYBE),
        ("A*24:09N", "A*23:XX", DIFFERENT, DIFFERENT),
        ("A*24:09N", "A24", DIFFERENT, DIFFERENT),
        ("A*32:11Q", "A*32:11Q", SAME, SAME),
        ("A*32:11Q", "A*32:01", MAYBE, DIFFERENT),
        ("A*32:11Q", "A32", MAYBE, MAYBE),
        ("DRB3*NNNN", "DRB3*NNNN", SAME, SAME),
        ("DRB3*NNNN", "DRB3*01:01", DIFFERENT, DIFFERENT),
        # Antigens.
        ("A2", "A2", SAME, MAYBE),
        ("A2", "A3", DIFFERENT, DIFFERENT),
        ("A9", "A24", MAYBE, MAYBE),
        ("A9", "A2403", MAYBE, MAYBE),
        ("A23", "A24", DIFFERENT, DIFFERENT),
        ("B62", "B63", DIFFERENT, DIFFERENT),
        ("B15", "B62", MAYBE, MAYBE),
        ("B62", "B71", DIFFERENT, DIFFERENT),
        ("A2", "A*02:01", SAME, MAYBE),
        ("A9", "A*24:02", MAYBE, MAYBE),
        ("A2", "A*03:01", DIFFERENT, DIFFERENT),
        ("B62", "B*15:01", MAYBE, MAYBE),
        ("B71", "B*15:10", MAYBE, MAYBE),
        ("B35", "B*15:01", DIFFERENT, DIFFERENT),
        ("B60", "B*40:01", MAYBE, MAYBE),
        ("DR15", "DRB1*15:01", SAME, MAYBE),
        ("DR2", "DRB1*15:01", MAYBE, MAYBE),
        ("DR17", "DRB1*03:01", MAYBE, MAYBE),
        ("DR4", "DRB1*15:01", DIFFERENT, DIFFERENT),
        ("Cw7", "C*06:02", DIFFERENT, DIFFERENT),
        ("Cw7", "C*12:03", MAYBE, MAYBE),
        ("Cw7", "C*XXXX", MAYBE, MAYBE),
    ],
)
def test_two_names_are_alike_both_ways(one: str, other: str, as_antigen: Likeness, by_fields: Likeness) -> None:
    names = (read_name(one), read_name(other))

    assert {as_antigens(*names), as_antigens(*reversed(names))} == {as_antigen}
    assert {by_two_fields(*names), by_two_fields(*reversed(names))} == {by_fields}
