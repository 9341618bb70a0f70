"""Shipped specification profiles: editable defaults to draft from, each limit with the mark of its source."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from inventory.domain.specification import Limit, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, Use


@dataclass(frozen=True)
class Profile:
    """A specification to draft from; ``marks`` says of each limit, in order, where it comes from."""

    name: str
    product_class: ProductClass
    use: Use
    source: str
    limits: tuple[Limit, ...]
    marks: tuple[str, ...]


def _limit(row: dict[str, str]) -> Limit:
    return Limit(
        stage=Stage(row["stage"]),
        assay=row["assay"],
        operator=Operator(row["operator"]),
        limit=Decimal(row["limit"]) if row["limit"] else None,
        words=tuple(row["words"].split("|")) if row["words"] else (),
        taken_from=SampleSource(row["taken_from"]),
        mandatory=row["mandatory"] == "yes",
    )


@cache
def profiles() -> tuple[Profile, ...]:
    """The shipped profiles, in the order of the file."""
    text = files("inventory").joinpath("data/specifications.csv").read_text(encoding="utf-8")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows.setdefault(row["name"], []).append(row)
    return tuple(
        Profile(
            name=name,
            product_class=ProductClass(group[0]["product_class"]),
            use=Use(group[0]["use"]),
            source=group[0]["source"],
            limits=tuple(_limit(row) for row in group),
            marks=tuple(row["mark"] for row in group),
        )
        for name, group in rows.items()
    )
