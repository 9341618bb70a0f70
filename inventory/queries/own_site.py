"""What of a unit people see who see their own site only: nothing of other sites, of the donor or of the store."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q

from biobank.domain.site import SiteKind
from biobank.models.site import Site
from inventory.domain.custody import EntryRow, LineageRow
from inventory.domain.finding import Finding, Gate
from inventory.domain.hold import HoldFacts
from inventory.domain.next_step import NextStep
from inventory.domain.unit import Event
from inventory.models.notice import NoticeItem
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.shipment import ShipmentItem
from inventory.queries.custody_line import Line
from inventory.queries.gate_panel import GateLine, GatePanel

# Of what an entry changed, these name neither a place in store, nor a donor, nor a result.
CHANGES_SHOWN = frozenset({"state", "use", "status", "release", "shipment", "meaning", "courier"})
OUT_OF_SIGHT = "known to the bank"


@dataclass(frozen=True)
class OwnSite:
    """A site that looks at one unit: its code, its own references of the unit, the donor codes it never sees."""

    code: str
    is_bank: bool
    references: frozenset[str]
    donors: tuple[str, ...]

    def entries(self, chain: Iterable[EntryRow]) -> list[EntryRow]:
        """Return the entries that name a request, release or shipment of the site, or were made there."""
        return [self._entry(each) for each in chain if self._is_made_here(each) or self.references & {*each.subjects}]

    def findings(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return what the gates say without evidence; of the donor the verdict alone, of the results none."""
        return tuple(
            replace(each, reason=self._reason(each.gate, each.reason), evidence=(), warnings=()) for each in found
        )

    def signed(self, panel: GatePanel | None) -> GatePanel | None:
        """Return the gates as signed for the site itself; its papers carry their warnings."""
        if panel is None or panel.release not in self.references:
            return None
        return replace(panel, lines=tuple(self._line(each) for each in panel.lines))

    def steps(self, steps: Iterable[NextStep]) -> tuple[NextStep, ...]:
        """Return the steps; what stands against acceptance is results and the donor's, and stays with the bank."""
        return tuple(
            replace(each, why_not=("The bank decides on it.",), note="") if each.event is Event.ACCEPTED else each
            for each in steps
        )

    def holds(self, holds: Iterable[HoldFacts]) -> tuple[HoldFacts, ...]:
        """Return the holds without what they lie on and why."""
        return tuple(replace(each, lies_on=OUT_OF_SIGHT, reason="Ask the bank.") for each in holds)

    def lineage(self, rows: Iterable[LineageRow]) -> tuple[LineageRow, ...]:
        """Return where the unit came from, without the donor; what else was made of it is not the site's."""
        return tuple(replace(each, state=self._unnamed(each.state)) for each in rows if each.relation != "made into")

    def _is_made_here(self, entry: EntryRow) -> bool:
        """People of the bank work for every site: what they did is the site's where it names the site's references."""
        return not self.is_bank and entry.place.split(" ")[0] == self.code

    def _entry(self, entry: EntryRow) -> EntryRow:
        changes = tuple(each for each in entry.changes if each.name in CHANGES_SHOWN)
        reason = self._unnamed(entry.reason) if self._is_made_here(entry) else ""
        return replace(entry, subjects=(), changes=changes, reason=reason, amended="")

    def _line(self, line: GateLine) -> GateLine:
        return replace(line, reason=self._reason(Gate(line.number), line.reason), evidence=())

    def _reason(self, gate: Gate, reason: str) -> str:
        return OUT_OF_SIGHT if gate in (Gate.QUALITY, Gate.HOLDS) else self._unnamed(reason)

    def _unnamed(self, text: str) -> str:
        for donor in self.donors:
            text = text.replace(f"donor {donor}", "the donor").replace(donor, "the donor")
        return text


def own_site(site: Site, line: Line) -> OwnSite:
    """Return how a site looks at a unit. One query."""
    unit = line.unit
    requests = UnitRequest.objects.filter(site=site, lines__unit=unit).values_list("reference", flat=True)
    releases = Release.objects.filter(request__site=site, units__unit=unit).values_list("reference", flat=True)
    here = Q(shipment__to_site=site) | Q(shipment__from_site=site, shipment__kind="collection")
    journeys = ShipmentItem.objects.filter(here, unit=unit).values_list("shipment__reference", flat=True)
    notices = NoticeItem.objects.filter(unit=unit, notice__site=site).values_list("notice__reference", flat=True)
    return OwnSite(
        code=site.code,
        is_bank=site.kind == SiteKind.BANK,
        references=frozenset(requests.union(releases, journeys, notices)),
        donors=tuple(sorted({donation.donor.donor_code for donation in line.donations})),
    )
