"""What a scan stands for."""

from inventory.domain.identifier import decode
from inventory.models.identifier import Identifier


def unit_code_of_scan(text: str) -> str:
    """Return the code of the unit that a scan names: its own, or found by a further identifier of exactly one unit."""
    scanned = decode(text).text
    found = Identifier.objects.filter(value=scanned, unit__isnull=False).values_list("unit__code", flat=True)
    codes = list(found[:2])
    return codes[0] if len(codes) == 1 else scanned
