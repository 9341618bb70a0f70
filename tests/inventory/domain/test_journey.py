"""Journeys: the table, and every obstacle to packing, handing over and receiving."""

from dataclasses import replace

import pytest

from biobank.domain.role import PERMISSIONS
from biobank.domain.site import SiteKind
from inventory.domain.journey import (
    JOURNEYS,
    ItemFacts,
    PackingFacts,
    check_packing,
    obstacles_to_acting,
    obstacles_to_hand_over,
    obstacles_to_packing,
    obstacles_to_receiver,
    obstacles_to_receiving,
    obstacles_to_stating,
)
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind, ShipmentRefused, Shipper
from inventory.domain.unit import UnitState, row_for
from tests.factories.time import NOON, hours

K = SiteKind
ITEM = ItemFacts("U1", UnitState.RELEASED, "BANK", picked=True)
RELEASE = PackingFacts(
    ShipmentKind.RELEASE,
    Shipper.DRY_SHIPPER,
    "BANK",
    "STUDY-1",
    (K.BANK, K.STUDY),
    (ITEM,),
    logger_code="LOG-1",
    release="REL-1",
    released_units=frozenset({"U1"}),
    shipper_code="DS-1",
    seal_code="SEAL-1",
    courier="Cold Courier",
)
FROZEN = replace(RELEASE, items=(replace(ITEM, frozen=True),))
BAG = ItemFacts("U1", UnitState.COLLECTED, "WARD")
TUBE = ItemFacts("S1", SampleState.STORED, "WARD")
COLLECTION = PackingFacts(
    ShipmentKind.COLLECTION,
    Shipper.BOX,
    "WARD",
    "BANK",
    (K.COLLECTION, K.BANK),
    (BAG, TUBE),
    shipper_code="BOX-1",
    seal_code="SEAL-1",
    courier="Courier",
)
SERUM = replace(TUBE, holder="BANK", lies_in="F01-A01")
TESTING = replace(
    COLLECTION, kind=ShipmentKind.TESTING, from_="BANK", to="LAB", route=(K.BANK, K.LABORATORY), items=(SERUM,)
)
CRYOBAG = ItemFacts("U1", UnitState.QUARANTINED, "BANK", frozen=True, lies_in="T01-A01")
TRANSFER = replace(
    RELEASE,
    kind=ShipmentKind.TRANSFER,
    to="BANK-2",
    route=(K.BANK, K.BANK),
    items=(CRYOBAG,),
    release="",
    released_units=frozenset(),
)


def with_item(facts: PackingFacts, **otherwise: object) -> PackingFacts:
    first, *others = facts.items
    return replace(facts, items=(replace(first, **otherwise), *others))  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [RELEASE, FROZEN, COLLECTION, TESTING, TRANSFER])
def test_what_each_row_of_the_table_allows_is_packed(facts: PackingFacts) -> None:
    assert obstacles_to_packing(facts) == []
    check_packing(facts)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (with_item(RELEASE, picked=False), ["not-picked"]),
        (with_item(RELEASE, held=True), ["held"]),
        (with_item(RELEASE, lies_in="T01-A01"), ["in-position"]),
        (with_item(RELEASE, state=UnitState.RESERVED), ["state"]),
        (with_item(RELEASE, holder="BANK-2"), ["not-here"]),
        (with_item(RELEASE, packed_in="SHP-1"), ["packed"]),
        (replace(RELEASE, items=(ITEM, replace(ITEM, code="U2"))), ["not-released"]),
        (replace(RELEASE, items=(ITEM, ITEM)), ["twice"]),
        (replace(RELEASE, items=(ITEM, replace(TUBE, holder="BANK"))), ["state", "not-picked", "not-released"]),
        (replace(RELEASE, released_units=frozenset({"U1", "U2"})), ["not-packed"]),
        (replace(RELEASE, logger_code=""), ["no-logger"]),
        (replace(FROZEN, shipper=Shipper.BOX), ["no-dry-shipper"]),
        (replace(FROZEN, shipper=Shipper.BOX, logger_code=" "), ["no-dry-shipper", "no-logger"]),
        (replace(RELEASE, shipper_code="", seal_code=" ", courier=""), ["missing"] * 3),
        (replace(RELEASE, seal_code="S\x00"), ["unreadable"]),
        (replace(RELEASE, release=""), ["release"]),
        (replace(RELEASE, route=(K.BANK, K.LABORATORY)), ["route"]),
        (replace(COLLECTION, courier="c" * 65), ["too-long"]),
        (replace(COLLECTION, release="REL-1"), ["release"]),
        (replace(COLLECTION, to="WARD", route=(K.COLLECTION, K.COLLECTION)), ["same-site"]),
        (replace(COLLECTION, items=()), ["empty"]),
        (with_item(COLLECTION, state=UnitState.QUARANTINED), ["state"]),
        (replace(TESTING, items=(replace(BAG, holder="BANK"),)), ["state"]),
        (with_item(TESTING, state=SampleState.CONSUMED), ["state"]),
        (with_item(TESTING, attached_to="U1"), ["attached"]),
        (replace(TESTING, route=(K.LABORATORY, K.STUDY)), ["route"]),
        (with_item(TRANSFER, state=UnitState.RESERVED), ["state"]),
        (with_item(TRANSFER, state=UnitState.COLLECTED, frozen=False), ["state"]),
        (replace(TRANSFER, route=(K.BANK, K.STUDY)), ["route"]),
    ],
)
def test_every_obstacle_to_packing_is_named(facts: PackingFacts, codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_packing(facts)] == codes
    with pytest.raises(ShipmentRefused):
        check_packing(facts)


def test_every_row_is_sent_and_received_by_somebody_and_changes_states_along_the_table() -> None:
    held = frozenset().union(*PERMISSIONS.values())
    for row in JOURNEYS.values():
        assert {row.sends, row.receives} <= held
        for event in filter(None, (row.leaves_by, row.arrives_by)):
            assert event in row_for(event).sources
    assert set(JOURNEYS) == set(ShipmentKind)


OUT = replace(CRYOBAG, lies_in="")


@pytest.mark.parametrize(
    ("item", "said", "codes"),
    [
        (OUT, {"U1": "a"}, []),
        (OUT, {}, ["no-papers"]),
        (OUT, {"U2": "a"}, ["no-papers"]),
        (OUT, {"U1": "b"}, ["stale-papers"]),
        (replace(OUT, state=UnitState.AVAILABLE), {}, []),
        (replace(OUT, state=UnitState.RESERVED), {}, ["state"]),
        (replace(OUT, lies_in="T01-A01"), {"U1": "a"}, ["in-position"]),
    ],
)
def test_a_unit_in_quarantine_is_handed_over_only_with_papers_that_are_true(
    item: ItemFacts, said: dict[str, str], codes: list[str]
) -> None:
    found = obstacles_to_hand_over(ShipmentKind.TRANSFER, [item], said=said, true={"U1": "a"})

    assert [reason.code for reason in found] == codes


def test_a_shipment_with_nothing_left_inside_is_not_handed_over() -> None:
    assert [each.code for each in obstacles_to_hand_over(ShipmentKind.COLLECTION, [], said={}, true={})] == ["empty"]


def test_what_came_is_compared_with_what_was_sent() -> None:
    sent = frozenset({"U1", "U2", "U3"})

    found = obstacles_to_stating(sent, frozenset({"U2", "U4", "U3"}), missing=frozenset({"U3"}))

    assert [each.code for each in found] == ["missing", "unexpected", "both"]
    assert obstacles_to_stating(sent, frozenset({"U1", "U2"}), missing=frozenset({"U3"})) == []


BANK, OTHER_BANK_SITE = ("BANK-1", SiteKind.BANK), ("BANK-2", SiteKind.BANK)
MATERNITY, CLINIC = ("MAT-1", SiteKind.COLLECTION), ("CLINIC-1", SiteKind.STUDY)
LABORATORY, PROCESSOR = ("LAB-1", SiteKind.LABORATORY), ("PROC-1", SiteKind.PROCESSOR)


@pytest.mark.parametrize(
    ("to", "of", "may"),
    [
        (BANK, BANK, True),
        (CLINIC, CLINIC, True),
        (LABORATORY, LABORATORY, True),
        (LABORATORY, BANK, True),
        (PROCESSOR, BANK, True),
        (LABORATORY, MATERNITY, False),
        (PROCESSOR, CLINIC, False),
        (OTHER_BANK_SITE, BANK, False),
        (CLINIC, BANK, False),
        (CLINIC, ("CLINIC-2", SiteKind.STUDY), False),
        (BANK, MATERNITY, False),
        (BANK, None, False),
        (LABORATORY, None, False),
    ],
)
def test_what_goes_to_a_site_is_received_by_its_people(
    to: tuple[str, SiteKind], of: tuple[str, SiteKind] | None, may: bool
) -> None:
    found = obstacles_to_receiver(to, of)

    assert (found == []) is may
    assert all(to[0] in each.text for each in found)


@pytest.mark.parametrize(
    ("of", "may"),
    [(CLINIC, True), (BANK, True), (("BANK-2", SiteKind.BANK), True), (MATERNITY, False), (None, False)],
)
def test_for_a_site_its_own_people_act_and_the_banks(of: tuple[str, SiteKind] | None, may: bool) -> None:
    found = obstacles_to_acting(CLINIC[0], of, field="by")

    assert [each.code for each in found] == ([] if may else ["other-site"])


@pytest.mark.parametrize(
    ("handed_over_at", "is_open", "codes"),
    [(NOON, True, []), (None, True, ["times"]), (NOON + hours(1), True, ["times"]), (NOON, False, ["received"])],
)
def test_only_what_is_on_its_way_is_received(handed_over_at: object, is_open: bool, codes: list[str]) -> None:
    found = obstacles_to_receiving(handed_over_at=handed_over_at, is_open=is_open, received_at=NOON)  # type: ignore[arg-type]

    assert [each.code for each in found] == codes
