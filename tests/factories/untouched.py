"""Proof that a refusal changed nothing: every row of inventory, and the ledger, before and after."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps

from tests.factories.trail import head_number, kinds_since

Rows = dict[str, list[tuple[object, ...]]]


@contextmanager
def nothing_changes(*, leaving: tuple[str, ...] = ()) -> Iterator[None]:
    """Hold that what happens inside changes no row of inventory and leaves exactly these kinds of entries."""
    before, number = rows(), head_number()
    yield
    after = rows()
    changed = [label for label in before if before[label] != after[label]]
    assert not changed
    assert kinds_since(number) == list(leaving)


def rows() -> Rows:
    """Return every row of every table of inventory."""
    models = apps.get_app_config("inventory").get_models()
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}
