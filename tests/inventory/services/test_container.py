from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.container import Grid, LabelStyle
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import Container, Position
from inventory.services.container import (
    ContainerRefused,
    NewContainer,
    NewContainerKind,
    grid_of,
    register_container_kind,
    register_containers,
)
from tests.factories.donation import maternity
from tests.factories.person import default_site, staff
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import BOX
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db


def kind(grid=BOX, name="Box", **otherwise):
    new = NewContainerKind(name, "box", grid, **otherwise)
    return register_container_kind(new, by=staff(Role.ADMINISTRATOR), at=NOON)


def register(*news):
    return register_containers(list(news), by=staff(Role.ADMINISTRATOR), at=NOON)


def test_a_kind_keeps_its_grid_what_it_accepts_and_how_warm_it_may_be():
    grid = Grid(rows=3, columns=4, row_labels=LabelStyle.NUMBERS, column_labels=LabelStyle.LETTERS)

    made = kind(grid, accepts=(ProductClass.CORD_BLOOD, SampleRole.DNA), warmest_celsius=Decimal(-150))

    made.refresh_from_db()
    assert grid_of(made) == grid
    assert (made.accepts, made.warmest_celsius) == (["cord_blood", "dna"], Decimal(-150))


def test_a_kinds_name_is_taken_once():
    kind()

    with pytest.raises(ContainerRefused, match="A kind of container Box exists already"), nothing_changes():
        kind()


def test_a_container_comes_with_every_position_of_its_grid():
    box = register(NewContainer("T01-R01-01", kind(), default_site()))[0]

    codes = list(Position.objects.filter(container=box).order_by("pk").values_list("code", flat=True))
    assert len(codes) == 96
    assert (codes[0], codes[-1]) == ("T01-R01-01-A01", "T01-R01-01-H12")


def test_a_container_without_grid_has_numbered_places_and_one_of_neither_has_none():
    shelf, tank = kind(Grid(capacity=3), "Shelf"), kind(Grid(), "Tank")

    register(NewContainer("SHELF", shelf, default_site()), NewContainer("TANK", tank, default_site()))

    assert list(Position.objects.order_by("pk").values_list("code", flat=True)) == ["SHELF-01", "SHELF-02", "SHELF-03"]


def test_a_container_stands_in_another_and_its_entry_says_so():
    tank = register(NewContainer("TANK", kind(Grid(), "Tank"), default_site()))[0]
    before = head_number()

    box = register(NewContainer("BOX", kind(), default_site(), parent=tank))[0]

    assert box.parent == tank
    assert kinds_since(before) == ["container.registered"] * 2
    assert last_of("container.registered")["new"] == {"kind": "Box", "parent": "TANK"}


def test_a_code_is_taken_once_also_within_one_command():
    made = kind()
    register(NewContainer("BOX", made, default_site()))

    for news in (("NEW", "BOX"), ("NEW", "NEW")):
        with pytest.raises(ContainerRefused, match="exists already"), nothing_changes():
            register(*(NewContainer(code, made, default_site()) for code in news))


def test_a_container_does_not_stand_in_one_at_another_site():
    made = kind()
    here, there = register(NewContainer("TANK", made, default_site()))[0], maternity()

    with pytest.raises(ContainerRefused, match="cannot stand in TANK"), nothing_changes():
        register(NewContainer("FINE", made, there), NewContainer("BOX", made, there, parent=here))
    assert Container.objects.count() == 1
