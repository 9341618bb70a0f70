"""What the bank knows that an import is held against, and what becomes of each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from inventory.domain.container import Grid
from inventory.domain.identifier import ScanKind
from inventory.domain.import_column import Fault
from inventory.domain.import_row import ImportRow


@dataclass(frozen=True)
class Thing:
    """A unit or reference sample that the bank knows; ``product`` is its class or role.

    One that ``is_foreign`` is of a donation of another bank.
    """

    is_unit: bool
    pk: int
    code: str
    product: str
    holder: str
    place: str = ""
    is_final: bool = False
    attached_to: str = ""
    of_unit: bool = False
    is_foreign: bool = False


@dataclass(frozen=True)
class Parent:
    """A donation found by a row's parent, and the unit through which it was found: itself, or that of a sample.

    One that ``is_foreign`` is of another bank.
    """

    donation_id: int
    donation_code: str
    unit_id: int | None = None
    is_unit: bool = False
    is_sample: bool = False
    volume_ml: Decimal | None = None
    is_foreign: bool = False


@dataclass(frozen=True)
class RackFacts:
    kind: str
    stands_in: str
    site: str


@dataclass(frozen=True)
class BankFacts:
    """What the bank knows of the codes, racks and places of a file.

    ``things`` by the code in the file, ``parents`` by the parent's, ``donations`` by their code, ``racks`` and
    ``occupants`` by the code of container and position. No ``grid``: there is no such kind. No ``site``: no such parent
    container.
    """

    grid: Grid | None
    accepts: frozenset[str]
    site: str
    things: Mapping[str, tuple[Thing, ...]]
    parents: Mapping[str, tuple[Parent, ...]]
    donations: Mapping[str, Parent]
    racks: Mapping[str, RackFacts]
    occupants: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """What becomes of one row; no ``place``: none is known.

    ``source`` names the donation that new rows share, where there is none yet, and ``donor`` the key of its donor.
    ``made_from`` is the line of the new unit that a unit was made from, ``of_unit`` that of the one a sample is of;
    where that is a unit of the bank, it is the parent's.
    """

    row: ImportRow
    place: str
    thing: Thing | None = None
    parent: Parent | None = None
    source: str = ""
    donor: str = ""
    made_from: int | None = None
    of_unit: int | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether what the row is of is a donation of another bank, whose facts are attested on a document."""
        known = self.thing or self.parent
        return known is not None and known.is_foreign

    @property
    def stays(self) -> bool:
        return self.thing is not None and self.place in ("", self.thing.place)


@dataclass(frozen=True)
class Plan:
    """All that an import would do; nothing of it where there are faults."""

    steps: tuple[Step, ...]
    empty_wells: int
    new_racks: tuple[str, ...]
    faults: tuple[Fault, ...]

    def counted(self) -> dict[str, int]:
        new = [step for step in self.steps if step.thing is None]
        return {
            "new": len(new),
            "moved": sum(step.thing is not None and not step.stays for step in self.steps),
            "already_there": sum(step.stays for step in self.steps),
            "empty_wells": self.empty_wells,
            "new_racks": len(self.new_racks),
            "results": sum(len(step.row.results) for step in self.steps),
            "without_place": sum(not step.place for step in new),
            "without_amount": sum(_has_no_amount(step.row) for step in new),
            "with_a_parent": sum(step.row.parent is not None for step in new),
        }


def code_of(row: ImportRow) -> str:
    """Return the code by which a row's thing is known; a donation number alone is completed by the product code."""
    code = row.code.text if row.code else ""
    return f"{code}{row.product_code}" if row.code and row.code.kind is ScanKind.DIN else code


def _has_no_amount(row: ImportRow) -> bool:
    return row.volume_ml is None and row.mass_g is None and row.tnc is None and "quantity" not in row.told
