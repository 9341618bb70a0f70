"""What the bank's table says of product codes, and which files it was loaded from."""

from collections.abc import Iterable
from datetime import datetime

from inventory.domain.product_table import ProductDescription, ProductTable
from inventory.models.import_file import ImportFile
from inventory.models.product_code import ProductCode

PRODUCT_CODES = "product codes"


def product_table(product_codes: Iterable[str]) -> ProductTable:
    """Return the table as far as these product codes ask for it: one query while it is empty, two once it is loaded."""
    if not ProductCode.objects.exists():
        return ProductTable()
    wanted = {text[:5] for text in product_codes if text}
    # In the order of loading: of two files that say the same code, the later one counts.
    rows = ProductCode.objects.filter(code__in=wanted).order_by("loaded_from_id")
    return ProductTable({row.code: _description(row) for row in rows}, is_loaded=True)


def loaded_at(sha256: str) -> datetime | None:
    """Return when a file of these bytes was loaded, or None when it never was."""
    files = ImportFile.objects.filter(kind=PRODUCT_CODES, sha256=sha256)
    return files.values_list("imported_at", flat=True).first()


def _description(row: ProductCode) -> ProductDescription:
    return ProductDescription(row.code, row.class_name, row.modifiers, row.text, row.valid_from)
