"""What several contents have alike is written once, and each is whole again from it."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.alike import alike, together, without

WORDS = st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.fixed_dictionaries({"gate": st.integers(1, 9)}), unique_by=lambda row: row["gate"], max_size=4)
CONTENTS = st.fixed_dictionaries(
    {"word": WORDS, "rows": ROWS, "texts": st.lists(WORDS, max_size=2)},
    optional={"facts": st.fixed_dictionaries({"code": WORDS, "measured": ROWS})},
)


def ordered(content):
    """Rows are told apart by what they say: their order is not part of a content."""
    rows = {name: sorted(content[name], key=lambda row: row["gate"]) for name in ("rows",)}
    facts = content.get("facts")
    if facts:
        measured = sorted(facts["measured"], key=lambda row: row["gate"])
        rows["facts"] = {**facts, "measured": measured}
    return {**content, **rows}


@given(st.lists(CONTENTS, min_size=1, max_size=5))
def test_each_content_is_whole_again_from_its_own_and_what_is_alike(contents):
    known = alike(contents)

    whole = [together(without(each, known), known) for each in contents]

    assert [ordered(each) for each in whole] == [ordered(each) for each in contents]


def test_facts_of_a_lot_are_written_once_and_those_of_a_vial_with_it():
    vials = [
        {"unit": code, "facts": {"lot": "LOT-1", "measured": [{"r": 1}, {"r": own}]}}
        for code, own in (("A", 2), ("B", 3))
    ]

    known = alike(vials)

    assert known == {"facts": {"lot": "LOT-1", "measured": [{"r": 1}]}}
    assert without(vials[0], known) == {"unit": "A", "facts": {"measured": [{"r": 2}]}}
