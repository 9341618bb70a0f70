"""The way back to where a race began, so that one bank serves many equal trials."""

from django.db import connection, transaction
from django.db.models import Model


class WayBack:
    """What some models' tables hold now, copied beside them, and the way back to it.

    The copies belong to this connection and end with it. Nothing that a trial deletes comes back.
    """

    def __init__(self, *models: type[Model]) -> None:
        self.statements: list[str] = []
        for model in models:
            self._remember(model)

    def _remember(self, model: type[Model]) -> None:
        now, columns = model._meta.db_table, [field.column for field in model._meta.local_concrete_fields]
        before = f"before_{now}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {before}")
            cursor.execute(f"CREATE TEMPORARY TABLE {before} AS SELECT * FROM {now}")  # noqa: S608  Django's own names
        values = ", ".join(f'"{column}" = was."{column}"' for column in columns)
        changed = f"SELECT id FROM (SELECT * FROM {now} EXCEPT SELECT * FROM {before}) AS changed"  # noqa: S608
        self.statements += [
            f"DELETE FROM {now} WHERE id NOT IN (SELECT id FROM {before})",  # noqa: S608
            f"UPDATE {now} SET {values} FROM {before} AS was WHERE was.id = {now}.id AND {now}.id IN ({changed})",  # noqa: S608
        ]

    def go(self) -> None:
        """Delete the rows that were not there and give the others their values back."""
        # SQLite takes a statement at a time; PostgreSQL all of them on one way to the server.
        ways = [";".join(self.statements)] if connection.vendor == "postgresql" else self.statements
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in ways:
                cursor.execute(statement)
