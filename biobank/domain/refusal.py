"""How the system says no: a refusal with its reasons and the way to mend it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Reason:
    """One sentence of why; ``field`` names the input it speaks of, where there is one."""

    text: str
    code: str = ""
    field: str = ""


class RuleViolation(Exception):
    """A rule says no. Nothing was saved.

    Children are sentences (``NotReleasable``) with a stable ``code``. ``afterwards`` holds what must happen although
    the refused work is rolled back (the attempt's ledger entry, the count of a wrong password): the service layer
    runs each in a transaction of its own.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refused"
    mend: str = ""

    def __init__(
        self,
        message: str,
        *,
        reasons: Iterable[Reason] = (),
        field: str = "",
        mend: str = "",
        afterwards: Iterable[Callable[[], object]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reasons = tuple(reasons)
        self.field = field
        self.mend = mend or self.mend
        self.afterwards = tuple(afterwards)

    def __str__(self) -> str:
        return " ".join((self.message, *(reason.text for reason in self.reasons)))

    def __reduce__(self) -> tuple[object, ...]:
        """Leave ``afterwards`` behind when the refusal crosses to another process: what it does is done here."""
        return (_rebuilt, (type(self), self.message, self.reasons, self.field, self.mend))


def _rebuilt(
    kind: type[RuleViolation], message: str, reasons: tuple[Reason, ...], field: str, mend: str
) -> RuleViolation:
    return kind(message, reasons=reasons, field=field, mend=mend)
