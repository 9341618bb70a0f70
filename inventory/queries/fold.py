"""What the ledger says of every unit and sample, held against the tables: state, place and holder."""

import json
from collections.abc import Iterator

from biobank.domain.proof import Finding
from biobank.models.ledger import LedgerEntry
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit

FOLDED = ("state", "place", "holder")
NO_ITEM = '"item":""'


def fold_findings() -> Iterator[Finding]:
    """Yield each entry that contradicts the one before it, and each row that is not the fold of its entries."""
    folded: dict[str, dict[str, str]] = {}
    rows = LedgerEntry.objects.order_by("number").values_list("number", "body")
    for number, body in rows.iterator(chunk_size=5000):
        if NO_ITEM not in body:
            yield from _fold(number, body, folded)
    yield from _against_the_tables(folded)


def _fold(number: int, text: str, folded: dict[str, dict[str, str]]) -> Iterator[Finding]:
    try:
        body = json.loads(text)
        item, old, new = str(body["item"]), dict(body["old"]), dict(body["new"])
    except (ValueError, KeyError, TypeError):
        yield Finding("its body cannot be read", number)
        return
    facts = folded.setdefault(item, {})
    for key in FOLDED:
        if key in old and old[key] != facts.get(key, ""):
            was = facts.get(key, "")
            yield Finding(f"{item} had {key} “{was}” before it, and it says “{old[key]}”", number)
        if key in new:
            facts[key] = new[key]


def _against_the_tables(folded: dict[str, dict[str, str]]) -> Iterator[Finding]:
    places = _places()
    units = Unit.objects.values_list("code", "state", "holder").order_by("pk")
    samples = ReferenceSample.objects.values_list("code", "state", "holder").order_by("pk")
    for rows in (units, samples):
        for code, state, holder in rows.iterator(chunk_size=5000):
            actual = {"state": state, "holder": holder, "place": places.pop(code, "")}
            yield from _differences(code, actual, folded.pop(code, {}))
    for code in folded:
        yield Finding(f"{code} is in the ledger and not in the tables.")


def _differences(code: str, actual: dict[str, str], said: dict[str, str]) -> Iterator[Finding]:
    for key in FOLDED:
        if actual[key] != said.get(key, ""):
            told = said.get(key, "")
            yield Finding(f"{code}: {key} is “{actual[key]}” in the tables and “{told}” in the ledger.")


def _places() -> dict[str, str]:
    """Return the position of each thing that has one; a thing in two, which the index forbids, shows both."""
    open_ones = Placement.objects.filter(removed_at__isnull=True).order_by("pk")
    found: dict[str, str] = {}
    for unit, sample, place in open_ones.values_list("unit__code", "sample__code", "position__code").iterator():
        code = unit or sample
        found[code] = f"{found[code]} and {place}" if code in found else place
    return found
