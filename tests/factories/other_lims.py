"""Another system's specimen table: one row a specimen, its participant and its visit repeated on every row."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from consent.services.donor import register_unknown_donors
from inventory.domain.container import Grid
from inventory.domain.import_facts import Plan
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import ContainerKind
from inventory.models.identifier import Identifier
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.services.container import NewContainerKind, register_container_kind
from inventory.services.import_file import GivenFile, import_units
from tests.factories.person import LONG_AGO, staff
from tests.factories.rack_scan import changed, guide_mappings, importer, tank
from tests.factories.time import NOON

ISSUER = "Old specimen system"
KIND = "Mixed box 9 x 9"
CANARY = "Annabelle Canary-Feather"
PERSONAL = ("First Name", "Last Name", "Date Of Birth", "PMI#1#Site Name", "PMI#1#MRN", "PMI#2#MRN", "Collector")
HEADER = (
    *("CP Short Title", "PPID", *PERSONAL, "Visit Name", "Specimen Label", "Class", "Type", "Lineage"),
    *("Parent Specimen Label", "Quantity", "Concentration", "Created On", "Comments"),
    *("Container", "Row", "Column", "Position", "Collection Date"),
)
CLASS_OF = {"Cord Blood": "Fluid", "Concentrate": "Fluid", "Plasma": "Fluid", "DNA": "Molecular"}
Row = Mapping[str, str]


def bank() -> None:
    """Register the tank, and the kind of box that the mapping of the guide names."""
    tank()
    if not ContainerKind.objects.filter(name=KIND).exists():
        kind = NewContainerKind(KIND, "box", Grid(rows=9, columns=9), accepts=(*ProductClass, *SampleRole))
        register_container_kind(kind, by=staff(Role.ADMINISTRATOR), at=LONG_AGO)


def row(label: str, what: str = "Cord Blood", **otherwise: str) -> Row:
    """Return a specimen of the first participant's birth, without a place; a child where it names a ``parent``."""
    parent = otherwise.pop("parent", "")
    usual = {
        "CP Short Title": "CBP",
        "PPID": "P-0001",
        "First Name": CANARY.split(maxsplit=1)[0],
        "Last Name": CANARY.split()[1],
        "Date Of Birth": "05-17-1994",
        "PMI#1#Site Name": "Klinik",
        "PMI#1#MRN": "KH-00-4711",
        "Collector": CANARY,
        "Visit Name": "Birth 1",
        "Specimen Label": label,
        "Class": CLASS_OF.get(what, "Fluid"),
        "Type": what,
        "Lineage": "Derived" if parent else "New",
        "Parent Specimen Label": parent,
        "Comments": f"asked by {CANARY}",
        "Collection Date": "" if parent else "03-02-2015 07:30",
    }
    return usual | {name.replace("_", " "): value for name, value in otherwise.items()}


def placed(number: int) -> dict[str, str]:
    """Return the place of the so-and-so-many-th specimen, 81 to a box."""
    box, well = divmod(number, 81)
    return {"Container": f"BOX{box + 1}", "Row": "ABCDEFGHI"[well // 9], "Column": str(well % 9 + 1)}


def table(rows: Sequence[Row], header: Sequence[str] = HEADER) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def birth(number: int) -> list[Row]:
    """Return a whole birth of so-and-so-many-th participant: bag, concentrate, two aliquots of plasma, DNA."""
    who = {"PPID": f"P-{number:04d}"}
    bag, concentrate, plasma = (f"{kind}{number:05d}" for kind in ("CB", "CC", "PL"))
    at = iter(range(number * 4, number * 4 + 4))
    return [
        row(bag, Quantity="95.5", **who),
        row(concentrate, "Concentrate", parent=bag, Quantity="25", Created_On="03-02-2015 15:00", **who)
        | placed(next(at)),
        row(plasma, "Plasma", parent=bag, Quantity="4.5", **who) | placed(next(at)),
        row(f"{plasma}-A", "Plasma", parent=plasma, Lineage="Aliquot", Quantity="1.5", **who) | placed(next(at)),
        row(f"DN{number:05d}", "DNA", parent=plasma, Quantity="12.5", Concentration="55.25", **who) | placed(next(at)),
    ]


def mapping(*pairs: tuple[str, str]) -> bytes:
    """Return the guide's mapping of a specimen table, with texts of it replaced."""
    return changed(guide_mappings()[2].encode(), *pairs)


def given(rows: Sequence[Row], new_mapping: bytes | None = None, **otherwise: Any) -> GivenFile:
    return GivenFile("specimens.csv", table(rows, **otherwise), new_mapping or mapping())


def imported(rows: Sequence[Row], new_mapping: bytes | None = None) -> Plan:
    """Import these rows at noon."""
    file = given(rows, new_mapping)
    return import_units(file, register_donors=register_unknown_donors, by=importer(), at=NOON).plan


def thing(label: str) -> Unit | ReferenceSample:
    """Return the unit or sample that this label names."""
    found = Identifier.objects.select_related("unit__donation", "sample__donation").get(issuer=ISSUER, value=label)
    return found.unit or found.sample  # type: ignore[return-value]


def unit(label: str) -> Unit:
    return Unit.objects.get(identifiers__value=label)


def sample(label: str) -> ReferenceSample:
    return ReferenceSample.objects.get(identifiers__value=label)


def ml(text: str) -> Decimal:
    return Decimal(text)
