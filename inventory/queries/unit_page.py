"""The facts of the unit page, gathered in a constant number of queries."""

from dataclasses import dataclass, replace
from datetime import datetime

from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.models.site import Site
from inventory.domain.assay import Subject
from inventory.domain.custody import EntryRow, LineageRow, ResultRow
from inventory.domain.gate import Finding, evaluate
from inventory.domain.gate_facts import GateFacts
from inventory.domain.next_step import NextStep
from inventory.domain.sample import SampleState
from inventory.domain.unit import UnitState
from inventory.models.notice import ConsigneeNotice
from inventory.models.unit import Unit
from inventory.queries.ancestry import source_of
from inventory.queries.background import Background
from inventory.queries.custody_chain import chain_of
from inventory.queries.custody_line import Line, line_of
from inventory.queries.custody_result import result_rows
from inventory.queries.custody_unit import lineage_rows
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.gate_panel import GatePanel, panel_as_signed, panel_of
from inventory.queries.moment import Moment, moments_of
from inventory.queries.notice import notices_of_unit
from inventory.queries.own_site import OwnSite, own_site
from inventory.queries.sample_line import SampleLine, sample_lines, samples_beside
from inventory.queries.unit import units_visible_to
from inventory.queries.unit_head import Head, head_of, way_to
from inventory.queries.unit_now import UnitNow, unit_now
from inventory.queries.unit_step import steps_of

NEWEST = 12

# After hand-over the gates have done their work: what they said then stands in the signed release.
BEFORE_SHIPPING = frozenset(
    {UnitState.COLLECTED, UnitState.QUARANTINED, UnitState.AVAILABLE, UnitState.RESERVED, UnitState.RELEASED}
)

# What is accepted has a consent that stands, or is taken back with it.
NOT_ACCEPTED = frozenset({UnitState.COLLECTED, UnitState.QUARANTINED})


@dataclass(frozen=True)
class UnitPage:
    """Everything on the page of one unit."""

    head: Head
    notices: tuple[ConsigneeNotice, ...]
    gates: GatePanel | None
    steps: tuple[NextStep, ...]
    specification: str
    results: tuple[ResultRow, ...]
    lineage: tuple[LineageRow, ...]
    links_lineage: bool
    samples: tuple[SampleLine, ...]
    moments: tuple[Moment, ...]
    earlier_count: int


def find_unit(code: str, person: Person, at: datetime, *, roles: frozenset[Role] | None = None) -> UnitNow | None:
    """Return the unit of this code as it is now, if it exists for this person."""
    return unit_now(code, units_visible_to(person, at, roles=roles))


def unit_page(found: UnitNow, at: datetime, *, site: Site | None = None) -> UnitPage:
    """Gather the page of one unit; for people who see their own ``site`` only, nothing of other sites or the donor."""
    unit, position = found.unit, found.position
    line = line_of(unit)
    seen = own_site(site, line) if site else None
    behind = line.behind
    found.tell(behind)
    samples = samples_beside(line)
    behind.sample_roles = {unit.pk: [each.role for each in samples if each.state == SampleState.STORED]}
    findings = _findings(unit, behind, at, seen)
    specification, results = result_rows(line if seen is None else _without_relatives(line))
    chain = chain_of(line, Site.objects.all())
    if seen:
        chain = tuple(seen.entries(chain))
    head = head_of(found, behind, at, place=way_to(position) if position and seen is None else ())
    gates = panel_of(findings) if findings else panel_as_signed(unit)
    steps, lineage = steps_of(unit, findings, behind, at=at), lineage_rows(line)
    # Each result has its row above; here they would bury who had the unit and what became of it.
    events = [entry for entry in chain if not entry.kind.startswith("result.")]
    return UnitPage(
        head=_own_head(head, seen) if seen else head,
        notices=_open_notices(unit, chain, site),
        gates=seen.signed(gates) if seen and not findings else gates,
        steps=seen.steps(steps) if seen else steps,
        specification=specification,
        results=results,
        lineage=seen.lineage(lineage) if seen else lineage,
        # What a unit was made from need not exist for people of another site.
        links_lineage=seen is None,
        samples=sample_lines(samples, shows_place=seen is None),
        moments=moments_of(events[: -NEWEST - 1 : -1], unit.code, line.donor_codes | line.shared_codes),
        earlier_count=len(chain) - len(events[-NEWEST:]),
    )


def _open_notices(unit: Unit, chain: tuple[EntryRow, ...], site: Site | None) -> tuple[ConsigneeNotice, ...]:
    """Return the notices about the unit that nobody has closed, to the ``site`` alone where that is who looks."""
    if not any(entry.kind == "notice.opened" for entry in chain):
        return ()
    found = notices_of_unit(unit.pk).filter(closed_at__isnull=True)
    return tuple(found.filter(site=site) if site else found)


def _own_head(head: Head, seen: OwnSite) -> Head:
    request = head.request if head.request in seen.references else ""
    return replace(head, request=request, holds=seen.holds(head.holds))


def _without_relatives(line: Line) -> Line:
    """Leave out what was found in mother and infant."""
    return replace(line, results=tuple(each for each in line.results if each.subject in (Subject.UNIT, Subject.LOT)))


def _findings(unit: Unit, behind: Background, at: datetime, seen: OwnSite | None) -> tuple[Finding, ...]:
    """Return what the gates say now of a unit still here: for the request that it is kept for, if there is one."""
    if UnitState(unit.state) not in BEFORE_SHIPPING:
        return ()
    reservation = behind.reservations.get(unit.pk)
    if reservation and seen and reservation.request.reference not in seen.references:
        reservation = None
    asked = asked_by(reservation.request) if reservation else None
    facts = gate_facts([unit], asked, at=at, behind=behind)[unit.pk]
    if asked is None and UnitState(unit.state) in NOT_ACCEPTED:
        facts = _with_consents(facts, behind, at)
    found = evaluate(facts, at)
    return seen.findings(found) if seen else found


def _with_consents(facts: GateFacts, behind: Background, at: datetime) -> GateFacts:
    """Say how the consents stand, which gate 1 asks for a purpose only: why a unit went back is often here."""
    donations = behind.ancestries[behind.unit_ids[0]].donations
    standings = {each.code: behind.consents(at)[source_of(each)].standing for each in donations}
    return replace(facts, donors=tuple(replace(each, standing=standings[each.din]) for each in facts.donors))
