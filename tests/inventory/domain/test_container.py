"""Grids, labels and placing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.container import (
    SBS_96,
    Coordinates,
    Grid,
    LabelStyle,
    NotPlaceable,
    PlacementFacts,
    PositionRefused,
    check_placing,
    obstacles_to_placing,
    repeated,
)

styles = st.sampled_from(LabelStyle)
grids = st.builds(
    Grid,
    rows=st.integers(min_value=1, max_value=30),
    columns=st.integers(min_value=1, max_value=30),
    row_labels=styles,
    column_labels=styles,
)


@given(grids | st.builds(Grid, capacity=st.integers(min_value=1, max_value=300)))
def test_every_label_is_unique_and_leads_back_to_its_place(grid: Grid) -> None:
    labels = list(grid.labels())

    assert len({label for label, _ in labels}) == len(labels) == grid.size
    label, at = labels[-1]
    assert grid.label(at) == label


@pytest.mark.parametrize("label", ["B03", "B3", "b03", " B3 ", "3B", "03B"])
def test_wells_of_a_plate_are_found_however_they_are_written(label: str) -> None:
    assert SBS_96.coordinates(label) == Coordinates(2, 3)


@pytest.mark.parametrize("label", ["", "A00", "A13", "I01", "AA1", "0", "13A", "A-1", "B０３"])
def test_wells_that_a_plate_does_not_have_are_refused(label: str) -> None:
    with pytest.raises(PositionRefused, match="no position"):
        SBS_96.coordinates(label)


@pytest.mark.parametrize(
    ("grid", "at", "label"),
    [
        (SBS_96, Coordinates(1, 1), "A01"),
        (SBS_96, Coordinates(8, 12), "H12"),
        (Grid(10, 10), Coordinates(10, 10), "J10"),
        (Grid(27, 2), Coordinates(27, 1), "AA01"),
        (Grid(9, 9, LabelStyle.NUMBERS, LabelStyle.LETTERS), Coordinates(3, 2), "03B"),
        (Grid(9, 9, LabelStyle.NUMBERS, LabelStyle.NUMBERS), Coordinates(3, 2), "03-02"),
        (Grid(capacity=40), Coordinates(0, 7), "07"),
        (Grid(capacity=3626), Coordinates(0, 7), "0007"),
    ],
)
def test_labels_are_written_in_the_style_of_their_kind(grid: Grid, at: Coordinates, label: str) -> None:
    assert grid.label(at) == label
    assert grid.coordinates(label) == at


@pytest.mark.parametrize("at", [Coordinates(0, 1), Coordinates(9, 1), Coordinates(1, 0), Coordinates(1, 13)])
def test_there_is_no_position_outside_a_grid(at: Coordinates) -> None:
    with pytest.raises(PositionRefused, match="no row"):
        SBS_96.label(at)


@pytest.mark.parametrize("at", [Coordinates(0, 0), Coordinates(0, 41), Coordinates(1, 1)])
def test_there_is_no_position_beyond_a_capacity(at: Coordinates) -> None:
    with pytest.raises(PositionRefused, match="no row"):
        Grid(capacity=40).label(at)


@pytest.mark.parametrize(
    ("rows", "columns", "capacity"), [(8, 0, 0), (0, 12, 0), (-1, -1, 0), (0, 0, -1), (702 + 1, 1, 0), (500, 500, 0)]
)
def test_grids_that_cannot_be_are_refused(rows: int, columns: int, capacity: int) -> None:
    with pytest.raises(PositionRefused):
        Grid(rows, columns, capacity=capacity)


ACCEPTS = frozenset({"cord_blood"})


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (PlacementFacts("cord_blood", ACCEPTS), []),
        (PlacementFacts("placenta", ACCEPTS), ["product"]),
        (PlacementFacts("cord_blood", frozenset()), ["product"]),
        (PlacementFacts("cord_blood", ACCEPTS, taken_by="U1"), ["position-taken"]),
        (PlacementFacts("cord_blood", ACCEPTS, moved_to="T01-A01"), ["moved"]),
        (PlacementFacts("cord_blood", ACCEPTS, moved_to=""), ["moved"]),
        (PlacementFacts("cord_blood", ACCEPTS, warm_since="EXC-1"), ["excursion"]),
        (PlacementFacts("cord_blood", ACCEPTS, is_final=True), ["final"]),
        (PlacementFacts("cord_blood", ACCEPTS, attached_to="U1"), ["attached"]),
        (
            PlacementFacts("dna", ACCEPTS, "U1", is_final=True, attached_to="U2", moved_to="T01-A01"),
            ["product", "position-taken", "final", "attached", "moved"],
        ),
    ],
)
def test_every_obstacle_to_placing_is_named(facts: PlacementFacts, codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_placing(facts)] == codes
    if codes:
        with pytest.raises(NotPlaceable):
            check_placing(facts)
    else:
        check_placing(facts)


def test_positions_named_twice_are_found() -> None:
    assert repeated(["A01", "A02", "A01", "A03", "A02", "A01"]) == ["A01", "A02"]
