"""How a column is held to a fixed list of words."""

from collections.abc import Iterable

from django.db.models import CheckConstraint, Q


def one_of(field: str, words: Iterable[str], *, name: str) -> CheckConstraint:
    """Return the constraint that ``field`` is one of ``words`` (plain strings: migrations must not import enums)."""
    return CheckConstraint(condition=Q(**{f"{field}__in": [str(word) for word in words]}), name=name)
