"""What several contents have alike, so that it is written once: taken out of each, and put back."""

from collections.abc import Mapping, Sequence
from typing import Any

Content = Mapping[str, Any]


def alike(contents: Sequence[Content]) -> dict[str, Any]:
    """Return what all contents have alike: equal values, what is alike inside of mappings, equal rows of lists."""
    first, *others = contents
    found: dict[str, Any] = {}
    for name, value in first.items():
        values = [value, *(each[name] for each in others if name in each)]
        if len(values) < len(contents):
            continue
        if all(each == value for each in values):
            found[name] = value
        elif all(isinstance(each, Mapping) for each in values) and (inside := alike(values)):
            found[name] = inside
        elif _are_rows(values) and (rows := [row for row in value if all(row in each for each in values)]):
            found[name] = rows
    return found


def without(content: Content, known: Content) -> dict[str, Any]:
    """Return a content without what is known to be alike."""
    rest: dict[str, Any] = {}
    for name, value in content.items():
        if name not in known:
            rest[name] = value
        elif known[name] == value:
            continue
        elif isinstance(value, Mapping):
            rest[name] = without(value, known[name])
        else:
            rest[name] = [row for row in value if row not in known[name]]
    return rest


def together(rest: Content, known: Content) -> dict[str, Any]:
    """Return a content whole again; rows stand in the order of what is alike first."""
    whole = dict(known)
    for name, value in rest.items():
        if name not in known:
            whole[name] = value
        elif isinstance(value, Mapping):
            whole[name] = together(value, known[name])
        else:
            whole[name] = [*known[name], *value]
    return whole


def _are_rows(values: Sequence[Any]) -> bool:
    """Whether each is a list of mappings, no two alike: only their rows can be told apart."""
    return all(
        isinstance(each, list)
        and all(isinstance(row, Mapping) for row in each)
        and not any(row in each[:place] for place, row in enumerate(each))
        for each in values
    )
