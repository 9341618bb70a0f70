"""Counts of the usual box, by the storage technician; quality signs."""

from datetime import datetime
from typing import Any

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.models.container import Container, Position
from inventory.models.stocktake import Stocktake, StocktakeDifference
from inventory.queries.item import Item, places_of_items
from inventory.services.stocktake import Count, compare_stocktake, open_stocktake, record_counts
from inventory.services.stocktake_end import NewResolution, close_stocktake, resolve_differences
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, hours
from tests.factories.unit import box

LATER = NOON + hours(1)


def counter() -> Person:
    """Return who counts."""
    return staff(Role.STORAGE_TECHNICIAN)


def quality() -> Person:
    """Return who signs."""
    return staff(Role.QUALITY_REVIEWER)


def counting(container: Container | None = None, at: datetime = NOON) -> Stocktake:
    """Return a stocktake of the usual box that was just opened."""
    return open_stocktake(container or box(), by=counter(), at=at)


def count(stocktake: Stocktake, *rows: tuple[Any, ...], at: datetime = LATER, rack: Container | None = None) -> None:
    """Record rows of position, item and whether the label could be read."""
    record_counts(stocktake, [Count(*row) for row in rows], rack=rack, by=counter(), at=at)


def compared(*rows: tuple[Any, ...]) -> tuple[Stocktake, list[StocktakeDifference]]:
    """Return a stocktake of the usual box by these rows, with what it differs in."""
    stocktake = counting()
    count(stocktake, *rows)
    return stocktake, compare_stocktake(stocktake, by=counter(), at=LATER)


def resolve(stocktake: Stocktake, *news: NewResolution) -> list[StocktakeDifference]:
    """Resolve differences by who counted."""
    return resolve_differences(stocktake, news, by=counter(), at=LATER)


def close(stocktake: Stocktake, by: Person | None = None) -> Stocktake:
    """Close a stocktake by quality's signature, or by somebody else's."""
    signer = by or quality()
    return close_stocktake(stocktake, credentials=credentials(signer), by=signer, at=LATER)


def at(label: str) -> Position:
    """Return a position of the usual box."""
    return box().positions.get(label=label)


def label_of(item: Item) -> str:
    """Return the label of the position that an item is in."""
    return places_of_items([item])[item.code].label
