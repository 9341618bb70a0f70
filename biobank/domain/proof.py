"""What a proof of the record can find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold; ``number`` is the ledger entry it is about, where it is about one."""

    text: str
    number: int | None = None

    def __str__(self) -> str:
        return self.text if self.number is None else f"entry {self.number}: {self.text}"
