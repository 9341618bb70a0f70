"""The papers of units that travel in quarantine: drawn, sealed, kept, and enclosed in their shipment."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.documents.paper import papers_pdf
from inventory.domain.paper import PapersFacts, check_as_drawn, statements_sha256
from inventory.domain.shipment import ShipmentKind, ShipmentRefused
from inventory.models.shipment import Shipment, ShipmentPaper
from inventory.models.unit import Unit
from inventory.queries.paper import papers_facts, statements_due
from inventory.queries.shipment import lock_loaded
from inventory.services.report import MadeReport, keep_report, make_report, new_edition
from inventory.services.sealing_key import configured_sealing_key

PAPERS = "papers"


def enclose_papers(shipment: Shipment, *, by: Person, at: datetime) -> list[ShipmentPaper]:
    """Draw the papers of every unit that needs them, keep them as one report and enclose them as they are true now.

    Those enclosed last are what counts. Like every document they are drawn before the transaction that records them;
    what is true then must be what they say. Raises ``ShipmentRefused`` for a shipment that was handed over, where
    nothing inside needs papers and where a fact changed meanwhile, ``SealingKeyBroken`` and ``ReportNotWritten``.
    """
    facts = papers_facts(shipment.pk, at)
    return _enclose(shipment, facts, _draw(facts, by=by, at=at), by=by, at=at)


def papers_due(kind: ShipmentKind, units: Sequence[Unit]) -> dict[str, str]:
    """Return, by unit code, the hash of what the papers of each locked unit that needs them must say now."""
    return {code: statements_sha256(statements) for code, statements in statements_due(kind, units).items()}


def _draw(facts: PapersFacts, *, by: Person, at: datetime) -> MadeReport | None:
    if not facts.units:
        return None
    key = configured_sealing_key()
    edition = new_edition(key, by=by, at=at)
    content = papers_pdf(facts, edition)
    reason = f"Papers of {facts.shipment} at ledger entry {facts.head.number}"
    return make_report(PAPERS, facts.shipment, facts, edition, content, key=key, reason=reason)


@service
def _enclose(
    shipment: Shipment, facts: PapersFacts, made: MadeReport | None, *, by: Person, at: datetime
) -> list[ShipmentPaper]:
    loaded = lock_loaded(shipment.pk)
    reference = loaded.shipment.reference
    if loaded.shipment.handed_over_at is not None:
        raise ShipmentRefused(f"{reference} was handed over already.")
    said = statements_due(ShipmentKind(loaded.shipment.kind), loaded.units)
    check_as_drawn({page.code: (*page.statements, *page.legends) for page in facts.units}, said)
    if made is None:
        raise ShipmentRefused(f"Nothing in {reference} travels in quarantine.", field="papers")
    papers = ShipmentPaper.objects.bulk_create(
        ShipmentPaper(
            shipment=loaded.shipment,
            unit=unit,
            statements=list(said[unit.code]),
            content_sha256=statements_sha256(said[unit.code]),
            enclosed_at=at,
            enclosed_by=by,
        )
        for unit in loaded.units
        if unit.code in said
    )
    report = keep_report(made, also=tuple(said), by=by, at=at)
    hashes = {code: statements_sha256(statements) for code, statements in said.items()}
    record(
        "papers.enclosed",
        subjects=[reference, report.reference, *said],
        by=by,
        at=at,
        new={"shipment": reference, "papers": hashes, "report": report.reference, "file_sha256": report.file_sha256},
    )
    return papers
