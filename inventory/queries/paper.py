"""What the papers of units in quarantine rest on, and all that stands on those of one shipment."""

from collections.abc import Sequence
from datetime import datetime

from biobank.domain.site import SiteKind
from biobank.queries.ledger import head
from inventory.domain.custody import Head
from inventory.domain.din import LENGTH
from inventory.domain.journey import JOURNEYS
from inventory.domain.lot import CODE_LENGTH, label_message
from inventory.domain.paper import PaperFacts, PapersFacts, UnitPaper, legends_of, statements_of
from inventory.domain.shipment import ShipmentKind
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit, UnitSource
from inventory.queries.custody_unit import din_on_label, printed_din
from inventory.queries.eligibility import determinations_of
from inventory.queries.hold import open_holds_on


def statements_due(kind: ShipmentKind, units: Sequence[Unit]) -> dict[str, tuple[str, ...]]:
    """Return, by unit code, what the papers must say now of each unit that needs them on such a journey."""
    return {code: _said(facts) for code, facts in _papers_due(kind, units).items()}


def _said(facts: PaperFacts) -> tuple[str, ...]:
    """Return all that papers say of a unit, the fixed warnings last."""
    return *statements_of(facts), *legends_of(facts)


def _papers_due(kind: ShipmentKind, units: Sequence[Unit]) -> dict[str, PaperFacts]:
    due = {unit.pk: unit.code for unit in units if unit.state in JOURNEYS[kind].with_papers}
    if not due:
        return {}
    sources = UnitSource.objects.filter(unit_id__in=due).order_by("donation__code")
    rows = list(sources.values_list("unit_id", "donation_id", "donation__code"))
    determined = determinations_of({donation for _, donation, _ in rows})
    holds = open_holds_on(list(due))
    return {
        code: PaperFacts(
            unit=code,
            donations=tuple(donation for unit, _, donation in rows if unit == pk),
            determinations=tuple(determined.get(donation) for unit, donation, _ in rows if unit == pk),
            holds=tuple(f"{hold.kind.value.replace('_', ' ')} ({hold.code})" for hold in holds[pk]),
        )
        for pk, code in due.items()
    }


def papers_facts(shipment_id: int, at: datetime) -> PapersFacts:
    """Return all that the papers of a shipment say, no row being locked: whoever keeps them asks again."""
    shipment = Shipment.objects.select_related("from_site", "to_site").get(pk=shipment_id)
    units = Unit.objects.filter(journeys__shipment=shipment, journeys__ended_at__isnull=True)
    inside = list(units.select_related("donation", "lot").order_by("code"))
    due = _papers_due(ShipmentKind(shipment.kind), inside)
    position = head()
    return PapersFacts(
        bank=_bank_of(shipment),
        time_zone=shipment.from_site.time_zone,
        head=Head(position.number, position.seal, position.at or at),
        shipment=shipment.reference,
        from_site=str(shipment.from_site),
        to_site=str(shipment.to_site),
        packed_at=shipment.packed_at,
        shipper_code=shipment.shipper_code,
        seal_code=shipment.seal_code,
        units=tuple(_page(unit, due[unit.code]) for unit in inside if unit.code in due),
    )


def _bank_of(shipment: Shipment) -> str:
    """Return whose papers these are: the bank's that sends, or where it sends from elsewhere, that it goes to."""
    sites = (shipment.from_site, shipment.to_site)
    return next((site.name for site in sites if site.kind == SiteKind.BANK), shipment.from_site.name)


def _page(unit: Unit, facts: PaperFacts) -> UnitPaper:
    printed, check = printed_din(unit)
    return UnitPaper(
        code=unit.code,
        din_printed=printed,
        din_check=check,
        symbol=_symbol(unit),
        product=unit.product_class.replace("_", " ").capitalize(),
        product_code=unit.product_code,
        legends=legends_of(facts),
        statements=statements_of(facts),
    )


def _symbol(unit: Unit) -> str:
    """Return what the unit's label says in its Data Matrix; a code that is no label of ISBT 128 stands as it is."""
    din = din_on_label(unit)
    as_labelled = din is not None and unit.code.startswith(din) and len(unit.code) >= LENGTH + CODE_LENGTH
    return label_message(unit.code) if as_labelled else unit.code
