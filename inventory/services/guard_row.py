"""How the database holds rows of inventory to what was written: the shapes that guards of many nouns share."""

from collections.abc import Iterable
from enum import StrEnum

from biobank.services.trigger import Guard


def one_of(states: Iterable[StrEnum]) -> str:
    """Return the words as a list that SQL reads."""
    return ", ".join(f"'{state.value}'" for state in sorted(states))


def changed(*columns: str) -> str:
    """Return the condition that any of these columns changes."""
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def stays(noun: str, columns: tuple[str, ...], *, ended_by: str = "") -> Guard:
    """Refuse a change of these columns; a row whose column ``ended_by`` is filled is never changed again."""
    ended = f"OLD.{ended_by} IS NOT NULL OR " if ended_by else ""
    return Guard(
        name=f"{noun}_stays_as_written",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=ended + changed(*columns),
        message=f"A row of inventory_{noun} stays what it was written as, and once ended stays so.",
    )


def once(noun: str, columns: tuple[str, ...]) -> Guard:
    """Let these columns be filled once, and then refuse to change them."""
    rewritten = (f"(OLD.{column} IS NOT NULL AND ({changed(column)}))" for column in columns)
    return Guard(
        name=f"{noun}_happens_once",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=" OR ".join(rewritten),
        message=f"What happened to a row of inventory_{noun} stays as it was written.",
    )


def status(noun: str, changes: tuple[tuple[str, str], ...], column: str = "status") -> Guard:
    """Refuse every change of a status, or of the column that is one, but these."""
    allowed = " OR ".join(f"(OLD.{column} = '{before}' AND NEW.{column} = '{after}')" for before, after in changes)
    return Guard(
        name=f"{noun}_status_never_goes_back",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=f"NEW.{column} <> OLD.{column} AND NOT ({allowed})",
        message=f"The status of a row of inventory_{noun} never goes back.",
    )


def part(noun: str, whole: str, column: str, status: str) -> Guard:
    """Let what belongs to a row be added only while that row has this status."""
    return Guard(
        name=f"{noun}_is_written_with_its_whole",
        table=f"inventory_{noun}",
        event="INSERT",
        condition=(
            f"NOT EXISTS (SELECT 1 FROM inventory_{whole} w WHERE w.id = NEW.{column} AND w.status = '{status}')"  # noqa: S608 - names of our own
        ),
        message=f"Nothing is added to a row of inventory_{whole} that is no longer {status}.",
    )
