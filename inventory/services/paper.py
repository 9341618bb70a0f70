"""The papers of units that travel in quarantine: what they must say now, and enclosing them in a shipment."""

from collections.abc import Sequence
from datetime import datetime

from biobank.domain.ledger import canonical_json, digest
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.journey import JOURNEYS, PaperFacts, statements_of
from inventory.domain.shipment import ShipmentKind, ShipmentRefused
from inventory.models.shipment import Shipment, ShipmentPaper
from inventory.models.unit import Unit, UnitSource
from inventory.queries.eligibility import determinations_of
from inventory.queries.hold import open_holds_on
from inventory.queries.shipment import lock_loaded


@service
def enclose_papers(shipment: Shipment, *, by: Person, at: datetime) -> list[ShipmentPaper]:
    """Enclose the papers of every unit that needs them, as they are true now; those enclosed last are what counts.

    Raises ``ShipmentRefused`` for a shipment that was handed over, and where nothing inside needs papers.
    """
    loaded = lock_loaded(shipment.pk)
    if loaded.shipment.handed_over_at is not None:
        raise ShipmentRefused(f"{loaded.shipment.reference} was handed over already.")
    said = _statements(ShipmentKind(loaded.shipment.kind), loaded.units)
    if not said:
        raise ShipmentRefused(f"Nothing in {loaded.shipment.reference} travels in quarantine.", field="papers")
    papers = ShipmentPaper.objects.bulk_create(
        ShipmentPaper(
            shipment=loaded.shipment,
            unit=unit,
            statements=list(said[unit.code]),
            content_sha256=_hash(said[unit.code]),
            enclosed_at=at,
            enclosed_by=by,
        )
        for unit in loaded.units
        if unit.code in said
    )
    record(
        "papers.enclosed",
        subjects=[loaded.shipment.reference, *said],
        by=by,
        at=at,
        new={"shipment": loaded.shipment.reference, "papers": {code: _hash(each) for code, each in said.items()}},
    )
    return papers


def papers_due(kind: ShipmentKind, units: Sequence[Unit]) -> dict[str, str]:
    """Return, by unit code, the hash of what the papers of each locked unit that needs them must say now."""
    return {code: _hash(statements) for code, statements in _statements(kind, units).items()}


def _statements(kind: ShipmentKind, units: Sequence[Unit]) -> dict[str, tuple[str, ...]]:
    due = {unit.pk: unit.code for unit in units if unit.state in JOURNEYS[kind].with_papers}
    if not due:
        return {}
    sources = UnitSource.objects.filter(unit_id__in=due).order_by("donation_id")
    rows = list(sources.values_list("unit_id", "donation_id", "donation__donor__donor_code"))
    determined = determinations_of({donation for _, donation, _ in rows})
    holds = open_holds_on(list(due))
    return {
        code: statements_of(
            PaperFacts(
                unit=code,
                donors=tuple(sorted({donor for unit, _, donor in rows if unit == pk})),
                verdicts=tuple(
                    found.verdict if (found := determined[donation]) is not None and not found.reopened else None
                    for unit, donation, _ in rows
                    if unit == pk
                ),
                holds=tuple(f"{hold.kind.value.replace('_', ' ')}: {hold.reason}" for hold in holds[pk]),
            )
        )
        for pk, code in due.items()
    }


def _hash(statements: Sequence[str]) -> str:
    return digest(canonical_json(list(statements)))
