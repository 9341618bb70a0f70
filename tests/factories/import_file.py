"""Files as they are given to the import, and what becomes of one that is refused."""

from datetime import datetime
from typing import Any

import pytest

from biobank.models.ledger import LedgerEntry
from consent.services.donor import register_unknown_donors
from inventory.models.container import Container
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.import_file import ImportFile
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.services.import_file import (
    GivenFile,
    ImportRefused,
    check_import,
    import_units,
)
from tests.factories.rack_scan import (
    guide_mappings,
    importer,
    scanner_mapping,
)
from tests.factories.time import NOON

VIALS = guide_mappings()[1].encode()
VIAL_HEADER = "Rack ID;Position;Tube;VOLUME;Viability\r\n"
REFUSED_PARENT = ('unknown = "register"', 'unknown = "refuse"')
TABLES = (ImportFile, Donation, Unit, ReferenceSample, Identifier, Placement, Result, Container, LedgerEntry)


def given(data: bytes, mapping: bytes | None = None, name: str = "rack.csv") -> GivenFile:
    """Return a file with its mapping, the scanner's unless told."""
    return GivenFile(name, data, mapping or scanner_mapping())


def imported(data: bytes, mapping: bytes | None = None, at: datetime = NOON, name: str = "rack.csv") -> Any:
    """Import a file and return what was done."""
    return import_units(given(data, mapping, name), register_donors=register_unknown_donors, by=importer(), at=at)


def vials(*rows: str) -> bytes:
    """Return a file of vials as the guide's other layout has them."""
    return (VIAL_HEADER + "".join(f"{row}\r\n" for row in rows)).encode("cp1252")


def counts() -> list[int]:
    """Return how many rows there are of all that an import writes."""
    return [table.objects.count() for table in TABLES]


def refused(data: bytes, mapping: bytes | None = None, at: datetime = NOON) -> list[tuple[int, str]]:
    """Return the faults of a file, the same for the dry run and the import, after which nothing has changed."""
    importer()
    before = counts()
    with pytest.raises(ImportRefused) as dry:
        check_import(given(data, mapping), at=at)
    with pytest.raises(ImportRefused) as applied:
        imported(data, mapping, at=at)
    assert dry.value.faults == applied.value.faults
    assert counts() == before
    return [(fault.line, fault.code) for fault in dry.value.faults]
