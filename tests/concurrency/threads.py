"""Many threads that do the same thing at the same instant, each on a connection of its own."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

from django.db import connection

R = TypeVar("R")
Calls = list[Callable[[], R]]


# How often a race is run: fewer is quicker where one works on it, or checks every change (`.ci/run`).
TRIALS = int(os.environ.get("RACE_TRIALS", "300"))
# For one unit, for one position, and for a withdrawal against the second signature: whatever is wanted of the others.
ALWAYS = 300
# For races of the same locks as another's.
FEWER = max(TRIALS // 20, 10)


@contextmanager
def crew(size: int, *, seconds: float = 60) -> Iterator[Callable[[Calls[R]], list[R | Exception]]]:
    """Keep this many threads with open connections; give what starts that many calls together, time after time."""
    with ThreadPoolExecutor(size) as pool:

        def together(calls: Calls[R]) -> list[R | Exception]:
            barrier = Barrier(len(calls), timeout=seconds)

            def run(call: Callable[[], R]) -> R | Exception:
                try:
                    connection.ensure_connection()
                    barrier.wait()
                    return call()
                except Exception as error:  # noqa: BLE001  what a call raised is the test's to judge
                    return error

            return list(pool.map(run, calls, timeout=seconds))

        try:
            yield together
        finally:
            # As many calls as threads, none returning before all have begun: each thread closes its own connection.
            together([close_connection] * size)


def close_connection() -> None:
    """Close the calling thread's own connection: ``connection`` is another one in each thread."""
    connection.close()


def at_once(calls: Calls[R], *, seconds: float = 60) -> list[R | Exception]:
    """Start all calls together; return what each returned or raised, in their order."""
    with crew(len(calls), seconds=seconds) as together:
        return together(calls)
