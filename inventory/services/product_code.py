"""Loading the bank's licensed table of product codes: a whole file or nothing of it, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from biobank.domain.refusal import Reason, RuleViolation
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.import_column import Fault
from inventory.domain.mapping_part import FileLayout
from inventory.domain.product_table import ProductDescription, read_descriptions
from inventory.exchange.table import read_table
from inventory.models.import_file import ImportFile
from inventory.models.product_code import ProductCode
from inventory.queries.product_code import PRODUCT_CODES, loaded_at

BATCH = 1000
LONGEST_NAME = 200


class ProductCodesRefused(RuleViolation):
    """The file has faults: ``faults`` are all of them, each with its line."""

    code = "product-codes-refused"
    title = "No product code was loaded"
    mend = "Nothing was loaded. Correct the file, or export it anew, and load it again."
    faults: tuple[Fault, ...] = ()

    @classmethod
    def because_of(cls, faults: Sequence[Fault]) -> "ProductCodesRefused":
        reasons = [Reason(str(fault), fault.code, fault.column) for fault in faults]
        refusal = cls(f"The file has {len(faults)} fault{'s' if len(faults) > 1 else ''}.", reasons=reasons)
        refusal.faults = tuple(faults)
        return refusal


class ProductCodesLoadedBefore(RuleViolation):
    code = "product-codes-loaded-before"
    title = "This table was loaded before"
    mend = "Nothing was loaded. The table is in use already, or choose a later one."


@dataclass(frozen=True)
class CodeFile:
    """A table as the bank has it: its name, its bytes, and how it is written (a header, comma separated, UTF-8)."""

    name: str
    data: bytes
    layout: FileLayout = field(default_factory=FileLayout)


@service
def load_product_codes(given: CodeFile, *, by: Person, at: datetime) -> ImportFile:
    """Load a table of product codes, with the columns code, class, modifiers, text and valid_from.

    From then on a product code is registered only when a loaded table has it. Raises ``ProductCodesLoadedBefore``,
    ``TableRefused``, or ``ProductCodesRefused`` with every fault.
    """
    table = read_table(given.data, given.layout)
    descriptions, faults = read_descriptions(table.header, table.rows)
    if faults:
        raise ProductCodesRefused.because_of(faults)
    file = _note_file(given, rows=len(descriptions), by=by, at=at)
    ProductCode.objects.bulk_create([_row(each, file) for each in descriptions], batch_size=BATCH)
    record(
        "product_codes.loaded",
        subjects=[],
        by=by,
        at=at,
        new={"name": file.name, "sha256": file.sha256, "rows": file.rows},
    )
    return file


def _note_file(given: CodeFile, *, rows: int, by: Person, at: datetime) -> ImportFile:
    """Write the file's row: its unique hash lets one load of a file go on, of two at once too."""
    digest = sha256(given.data).hexdigest()
    try:
        with transaction.atomic():
            return ImportFile.objects.create(
                kind=PRODUCT_CODES,
                name=given.name[-LONGEST_NAME:],
                sha256=digest,
                rows=rows,
                imported_by=by,
                imported_at=at,
            )
    except IntegrityError:
        before = loaded_at(digest)
        when = f" on {before:%Y-%m-%d at %H:%M} UTC" if before else ""
        raise ProductCodesLoadedBefore(f"A file of the same content was loaded{when}.") from None


def _row(each: ProductDescription, file: ImportFile) -> ProductCode:
    return ProductCode(
        code=each.code,
        class_name=each.class_name,
        modifiers=each.modifiers,
        text=each.text,
        valid_from=each.valid_from,
        loaded_from=file,
    )
