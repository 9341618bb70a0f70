"""Proof that a refusal changed nothing: every row of consent and inventory, who signed, and the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from biobank.models.signature import Signature
from tests.factories.trail import head_number, kinds_since

Rows = dict[str, list[tuple[object, ...]]]


@contextmanager
def nothing_changes(*, leaving: tuple[str, ...] = ()) -> Iterator[None]:
    """Hold that what happens inside changes no row of consent or inventory, and leaves exactly these entries, by kind.

    Nor is anything signed inside.
    """
    before, number = rows(), head_number()
    try:
        yield
    finally:
        # Asked also on the way out of a refusal: a ``pytest.raises`` around this block would else skip the questions.
        after = rows()
        changed = [label for label in before if before[label] != after[label]]
        assert not changed, changed
        assert (told := kinds_since(number)) == list(leaving), told


def rows() -> Rows:
    """Return every row of every table of consent and inventory, and every signature, as the database gives them."""
    owned = (apps.get_app_config(app).get_models() for app in ("consent", "inventory"))
    models: list[type[Model]] = [*chain.from_iterable(owned), Signature]
    with connection.cursor() as cursor:
        return {model._meta.label: _rows_of(model._meta.db_table, cursor) for model in models}


def _rows_of(table: str, cursor: CursorWrapper) -> list[tuple[object, ...]]:
    # Asked at every refusal of every test: a query of Django's for each table would cost four times as much.
    cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608  Django's own names
    return list(cursor.fetchall())
