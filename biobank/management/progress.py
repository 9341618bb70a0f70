"""How a command shows how far it is: a bar where a person watches, nothing elsewhere."""

from collections.abc import Callable
from typing import TextIO

LENGTH = 30

Progress = Callable[[int, int, str], None]


def bar_on(stream: TextIO) -> Progress:
    """Return what draws ``done`` of ``total`` on a terminal; what it is about stands behind the bar."""
    if not stream.isatty():
        return lambda _done, _total, _what: None

    def draw(done: int, total: int, what: str) -> None:
        filled = LENGTH * done // max(total, 1)
        stream.write(f"\r[{'#' * filled}{'.' * (LENGTH - filled)}] {what:<40}" + ("\n" if done >= total else ""))
        stream.flush()

    return draw
