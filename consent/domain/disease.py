"""Liver diseases (Mondo terms) and the parent links by which a consent for one covers a study of another."""

import csv
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType


@dataclass(frozen=True)
class Link:
    """One step from a disease to a broader one; ``basis`` says whether the ontology or our curation made it."""

    child: str
    parent: str
    basis: str


@cache
def _labels() -> Mapping[str, str]:
    return MappingProxyType({row["mondo_id"]: row["mondo_label"] for row in _rows("liver_disease_terms.csv")})


@cache
def _links() -> Mapping[str, tuple[Link, ...]]:
    links: dict[str, tuple[Link, ...]] = {}
    for row in _rows("liver_disease_parents.csv"):
        link = Link(row["child"], row["parent"], row["basis"])
        links[link.child] = (*links.get(link.child, ()), link)
    return MappingProxyType(links)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(files("consent.data").joinpath(name).read_text("utf-8"), newline="")))


def diseases() -> Mapping[str, str]:
    """Return every known Mondo identifier with its label."""
    return _labels()


def is_known(mondo: str) -> bool:
    """Tell whether the shipped table has the term."""
    return mondo in _labels()


def label(mondo: str) -> str:
    """Return the term's label, or the identifier itself where the table does not have it."""
    return _labels().get(mondo, mondo)


def path(mondo: str, ancestor: str) -> tuple[Link, ...] | None:
    """Return the shortest chain of links from a disease up to an ancestor; empty for itself, None without one."""
    paths: dict[str, tuple[Link, ...]] = {mondo: ()}
    waiting = deque([mondo])
    while waiting and ancestor not in paths:
        here = waiting.popleft()
        for link in _links().get(here, ()):
            if link.parent not in paths:
                paths[link.parent] = (*paths[here], link)
                waiting.append(link.parent)
    return paths.get(ancestor)


def ancestors(mondo: str) -> frozenset[str]:
    """Return every broader disease that covers this one; itself is not among them."""
    return frozenset(other for other in _labels() if other != mondo and path(mondo, other) is not None)
