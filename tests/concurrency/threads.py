"""Many threads that do the same thing at the same instant, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def at_once(calls: list[Callable[[], R]], *, seconds: float = 60) -> list[R | Exception]:
    """Start all calls together; return what each returned or raised, in their order."""
    barrier = Barrier(len(calls), timeout=seconds)

    def run(call: Callable[[], R]) -> R | Exception:
        try:
            connection.ensure_connection()
            barrier.wait()
            return call()
        except Exception as error:  # noqa: BLE001  what a call raised is the test's to judge
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=seconds))
