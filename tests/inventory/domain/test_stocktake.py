from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.stocktake import (
    RESOLUTIONS,
    ClosingFacts,
    Difference,
    DifferenceKind,
    Resolution,
    ResolutionFacts,
    Seen,
    StocktakeStatus,
    differences,
    obstacles_to_closing,
    obstacles_to_resolving,
)

POSITIONS = [f"A{number}" for number in range(8)]
ITEMS = [f"U{number}" for number in range(8)]
RECORDS = st.dictionaries(st.sampled_from(POSITIONS), st.sampled_from(ITEMS)).map(
    lambda record: {position: item for item, position in {item: position for position, item in record.items()}.items()}
)


def seen(record):
    return [Seen(position, item) for position, item in record.items()]


@given(RECORDS)
def test_a_count_of_what_the_record_says_differs_in_nothing(record):
    assert differences(record, [*seen(record), *(Seen(each) for each in POSITIONS if each not in record)]) == []


@given(RECORDS, RECORDS)
def test_every_recorded_item_is_where_it_was_seen_or_told_of(record, found):
    told = differences(record, seen(found))

    right = {item for position, item in record.items() if found.get(position) == item}
    assert {each.code for each in told} | right == {*record.values(), *found.values()}
    assert {each.code for each in told} & right == set()


@given(RECORDS, RECORDS)
def test_the_record_with_every_difference_applied_is_what_was_seen(record, found):
    where = {item: position for position, item in record.items()}
    for each in differences(record, seen(found)):
        where.pop(each.code, None)
        if each.found:
            where[each.code] = each.found

    assert where == {item: position for position, item in found.items()}


def test_two_items_that_changed_places_are_both_misplaced():
    told = differences({"A1": "U1", "A2": "U2"}, [Seen("A1", "U2"), Seen("A2", "U1")])

    assert told == [
        Difference(DifferenceKind.MISPLACED, "U2", "A1", "A2"),
        Difference(DifferenceKind.MISPLACED, "U1", "A2", "A1"),
    ]


def test_one_code_in_two_positions_is_told_where_the_record_does_not_have_it():
    told = differences({"A2": "U1"}, [Seen("A1", "U1"), Seen("A2", "U1"), Seen("A3", "U9"), Seen("A4", "U9")])

    assert [(each.kind, each.code, each.found) for each in told] == [
        (DifferenceKind.TWICE, "U1", "A1"),
        (DifferenceKind.UNEXPECTED, "U9", "A3"),
        (DifferenceKind.TWICE, "U9", "A4"),
    ]


def test_what_is_no_item_is_unknown_or_unreadable_and_what_is_there_is_still_missing():
    told = differences({"A1": "U1"}, [Seen("A1", text="?"), Seen("A2", readable=False), Seen("A3", "U3", ended=True)])

    assert [each.kind for each in told] == ["unknown", "unreadable", "ended", "missing"]


def test_only_what_is_missing_is_lost():
    assert [kind for kind, allowed in RESOLUTIONS.items() if Resolution.LOST in allowed] == [DifferenceKind.MISSING]
    assert set(RESOLUTIONS) == set(DifferenceKind)


def facts(kind="missing", resolution="lost", note="searched", *, place=False, item=False):
    return ResolutionFacts(DifferenceKind(kind), "U1", resolution, note, has_place=place, has_item=item)


def test_a_resolution_says_all_that_it_needs_and_nothing_else():
    cases = {
        facts(): [],
        facts(note=""): ["note"],
        facts(place=True, item=True): ["position", "item"],
        facts(resolution="placed", note="", place=True): [],
        facts(kind="unknown", resolution="identified", place=True, item=True): [],
        facts(kind="unknown", resolution="identified"): ["position", "item"],
        facts(kind="ended", resolution="placed"): ["resolution"],
        facts(note="x" * 501): ["too-long"],
    }

    assert {case: [reason.code for reason in obstacles_to_resolving(case)] for case in cases} == cases


def test_every_reason_against_closing_is_named():
    told = obstacles_to_closing(ClosingFacts(StocktakeStatus.COUNTING, "anna", {"anna"}, ["U1"], ["U2"]))

    assert [reason.code for reason in told] == ["unresolved", "moved-since", "status", "same-person"]
    assert obstacles_to_closing(ClosingFacts(StocktakeStatus.COMPARED, "bert", {"anna"}, [], [])) == []
