"""Rows whose facts are corrected: by noun, under what code the ledger speaks of each, and what a fact of it is now."""

from collections.abc import Mapping
from typing import Any

from biobank.models.person import Person
from biobank.models.site import Site
from consent.queries.donor import infant_by_id
from inventory.domain.correctable import Fact, FactKind, written
from inventory.models.batch import Batch, BatchUse
from inventory.models.donation import Donation
from inventory.models.equipment import Equipment, EquipmentUse
from inventory.models.identifier import Identifier
from inventory.models.kinship import Kinship
from inventory.models.outcome import Outcome
from inventory.models.placement import Placement
from inventory.models.processing import Processing
from inventory.models.receipt import Receipt
from inventory.models.recovery import Recovery
from inventory.models.request import UnitRequest
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment
from inventory.models.unit import Lineage, Unit

# Each noun's rows, with what is read beside each.
ROWS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "donation": (Donation, ("donor", "infant", "collector", "collection_site")),
    "recovery": (Recovery, ("donation",)),
    "kinship": (Kinship, ("donation", "recipient")),
    "unit": (Unit, ("donation",)),
    "processing": (Processing, ("operator",)),
    "lineage": (Lineage, ("parent", "child")),
    "batch_use": (BatchUse, ("batch", "processing", "donation")),
    "equipment_use": (EquipmentUse, ("equipment", "processing", "shipment")),
    "sample": (ReferenceSample, ("donation", "unit")),
    "shipment": (Shipment, ()),
    "receipt": (Receipt, ("shipment", "unit", "sample")),
    "request": (UnitRequest, ("recipient",)),
    "placement": (Placement, ("position__container", "unit", "sample")),
    "outcome": (Outcome, ("unit", "recipient")),
    "identifier": (Identifier, ("unit", "sample")),
}
# What gives a row its code, where that is not the row itself: the first of these that it has.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "infant": ("donor",),
    "recovery": ("donation",),
    "kinship": ("donation",),
    "lineage": ("child",),
    "batch_use": ("processing", "donation"),
    "equipment_use": ("processing", "shipment"),
    "receipt": ("unit", "sample"),
    "placement": ("unit", "sample"),
    "outcome": ("unit",),
    "identifier": ("unit", "sample"),
}
# What a named fact names, and by which of its columns.
NAMED: Mapping[tuple[str, str], tuple[Any, str]] = {
    ("donation", "collector"): (Person, "username"),
    ("donation", "collection_site"): (Site, "code"),
    ("processing", "operator"): (Person, "username"),
    ("batch_use", "batch"): (Batch, "reference"),
    ("equipment_use", "equipment"): (Equipment, "code"),
}
CODES = ("donor_code", "code", "reference")


def row_of(noun: str, row_id: int) -> Any:
    """Return one row fresh, or None."""
    if noun == "infant":
        return infant_by_id(row_id)
    model, related = ROWS[noun]
    return model.objects.filter(pk=row_id).select_related(*related).first()


def subject_of(noun: str, row: Any) -> str:
    """Return the code under which the ledger speaks of a row."""
    thing = next((each for name in SUBJECTS.get(noun, ()) if (each := getattr(row, name)) is not None), row)
    return next(str(getattr(thing, name)) for name in CODES if hasattr(thing, name))


def value_now(fact: Fact, row: Any) -> str:
    """Return a fact's value as it is now, as the text by which it is kept."""
    if fact.kind is FactKind.SOURCE:
        return f"{row.donor.donor_code}/{row.infant.order}" if row.infant else f"{row.donor.donor_code}/"
    if fact.kind is FactKind.PLACE:
        return str(row.position.code)
    value = getattr(row, fact.field)
    if fact.kind is FactKind.NAMED:
        return str(getattr(value, NAMED[fact.noun, fact.field][1])) if value is not None else ""
    return written(value)


def named_row(fact: Fact, typed: str) -> Any:
    """Return the row that a text names for a named fact, or None."""
    model, column = NAMED[fact.noun, fact.field]
    return model.objects.filter(**{column: typed}).first()
