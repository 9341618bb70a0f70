"""Periodic work over many things, each by itself: one that fails keeps no other from being done, and is told."""

from collections.abc import Callable, Iterable

import structlog

log = structlog.get_logger(__name__)


class SweepFailed(ExceptionGroup[Exception]):
    """Some things could not be done; all others were. Each failure is inside, with the thing it is of in a note."""

    done: int = 0

    @classmethod
    def of(cls, sweep: str, failures: list[Exception], *, done: int) -> "SweepFailed":
        """Return the failure of a sweep that did so many other things."""
        failed = cls(f"{sweep}: {len(failures)} failed, {done} done", failures)
        failed.done = done
        return failed


def sweep_each(sweep: str, ids: Iterable[int], do: Callable[[int], bool]) -> int:
    """Do each of these in a transaction of its own; return for how many there was something to do.

    What fails is logged, and the rest is done all the same. Raises ``SweepFailed`` at the end with every failure.
    """
    done, failures = 0, []
    for each in ids:
        try:
            done += do(each)
        except Exception as error:
            log.exception("sweep.item_failed", sweep=sweep, item=each)
            error.add_note(f"{sweep} of {each}")
            failures.append(error)
    log.info("sweep.ended", sweep=sweep, done=done, failed=len(failures))
    if failures:
        raise SweepFailed.of(sweep, failures, done=done)
    return done
