"""What a scanned code stands for in store: a unit or a reference sample."""

from collections.abc import Collection, Mapping

from biobank.domain.refusal import RuleViolation
from inventory.domain.identifier import decode
from inventory.models.container import Position
from inventory.models.identifier import Identifier
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.placement import open_placements

Item = Unit | ReferenceSample


def items_read(texts: Collection[str]) -> dict[str, list[Item]]:
    """Return, by what was read, every unit or sample that it names: its own code, or a further identifier.

    Nothing where the code is unknown or is none; more than one where issuers gave out the same code.
    """
    codes = {text: _code(text) for text in texts}
    known = _known({code for code in codes.values() if code})
    return {text: known.get(code, []) for text, code in codes.items()}


def places_of_items(items: Collection[Item]) -> dict[str, Position]:
    """Return, by the item's code, the position of each that is in one."""
    units = {item.pk: item.code for item in items if isinstance(item, Unit)}
    samples = {item.pk: item.code for item in items if not isinstance(item, Unit)}
    rows = open_placements(unit_ids=units, sample_ids=samples)
    return {units[row.unit_id] if row.unit_id else samples[row.sample_id or 0]: row.position for row in rows}


def _code(text: str) -> str:
    try:
        return decode(text).text
    except RuleViolation:
        return ""


def _known(codes: Collection[str]) -> Mapping[str, list[Item]]:
    found: dict[str, dict[tuple[type, int], Item]] = {code: {} for code in codes}
    for model in (Unit, ReferenceSample):
        for item in model.objects.filter(code__in=codes):
            found[item.code][(model, item.pk)] = item
    for row in Identifier.objects.filter(value__in=codes).select_related("unit", "sample"):
        if (other := row.unit or row.sample) is not None:
            found[row.value][(type(other), other.pk)] = other
    return {code: list(items.values()) for code, items in found.items()}
