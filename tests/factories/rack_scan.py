"""Files as rack scanners write them, the mapping that the guide explains, and the tank where their racks stand."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.container import Grid
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import Container, ContainerKind
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from tests.factories.person import LONG_AGO, default_site, staff

GUIDE = Path(__file__).parents[2] / "docs" / "import.md"
ISSUER = "Old freezer system"
KIND = "Tube rack 8 x 12"
TANK = "A-T02"
RACK = "A-T02-RACK1201"
WELLS = [f"{letter}{number:02d}" for letter in "ABCDEFGH" for number in range(1, 13)]
HEADER = (
    '"TECAN_Rack_ID","Inventory_ID",,"Source_ID",,,"Aliquot_Volume","Source_Volume",'
    '"Time_Stamp","Technician_ID",,,"PlateErrors","SampleErrors",,'
)
SCANNED_AT = datetime(2025, 9, 11, 14, 14, 6)  # noqa: DTZ001 - the scanner writes its own local time
FIELDS = ("rack", "code", "well", "source", "one", "how", "aliquot", "volume", "time", "who")


def tube_code(number: int) -> str:
    return f"26CB{number:05d}"


def scanned_row(number: int, **otherwise: str) -> str:
    """Return one line of the scan: tube ``number`` (from 0) of the rack, padded and quoted as the scanner does."""
    volume = f"{9000 + number % 96 * 7}.{number % 100:02d}"
    usual: Mapping[str, str] = {
        "rack": '"Rack1201"',
        "code": f'"{tube_code(number)}"',
        "well": f'"{WELLS[number % 96]}"',
        "source": f'"CB-SRC{number // 8:04d}"',
        "one": "1",
        "how": '"calculated                                        "',
        "aliquot": str(1500 + number % 96 * 5),
        "volume": volume,
        "time": f'"{SCANNED_AT + timedelta(seconds=number):%Y%m%d_%H%M%S}"',
        "who": '"KL"',
    }
    cells = {**usual, **otherwise}
    return ",".join([*(cells[name] for name in FIELDS), ",", '"none"', "0", "339", "1"])


def scan(rows: Sequence[str] | None = None, *, tubes: int = 96) -> bytes:
    """Return a scan of one full rack, or of these rows."""
    lines = [HEADER, *(rows if rows is not None else [scanned_row(number) for number in range(tubes)])]
    return ("\r\n".join(lines) + "\r\n").encode()


def many_racks(tubes: int) -> bytes:
    """Return a scan of as many racks as so many tubes need."""
    return scan([scanned_row(number, rack=f'"R{number // 96:04d}"') for number in range(tubes)])


def guide_mappings() -> list[str]:
    """Return the mappings that the guide shows, in order."""
    return re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def scanner_mapping(*pairs: tuple[str, str]) -> bytes:
    """Return the guide's mapping of a rack scan, with texts of it replaced."""
    return changed(guide_mappings()[0].encode(), *pairs)


def changed(mapping: bytes, *pairs: tuple[str, str]) -> bytes:
    """Return a mapping with texts replaced, each of which must be in it."""
    text = mapping.decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def importer() -> Person:
    return staff(Role.STORAGE_TECHNICIAN)


def tank() -> Container:
    """Return the tank in which racks stand, with the kinds of rack for tubes and for units registered beside it."""
    if found := Container.objects.filter(code=TANK).first():
        return found
    admin, grid = staff(Role.ADMINISTRATOR), Grid(rows=8, columns=12)
    kinds = [
        NewContainerKind("Tank", "tank", Grid()),
        NewContainerKind(KIND, "box", grid, accepts=tuple(SampleRole)),
        NewContainerKind("Vial rack 8 x 12", "box", grid, accepts=tuple(ProductClass)),
    ]
    made = [register_container_kind(kind, by=admin, at=LONG_AGO) for kind in kinds]
    return register_containers([NewContainer(TANK, made[0], default_site())], by=admin, at=LONG_AGO)[0]


def rack(code: str, *, kind: str = KIND, stands_in: Container | None = None) -> Container:
    """Return a rack that was registered before the file came."""
    place = stands_in or tank()
    new = NewContainer(code, ContainerKind.objects.get(name=kind), place.site, place)
    return register_containers([new], by=staff(Role.ADMINISTRATOR), at=LONG_AGO)[0]
