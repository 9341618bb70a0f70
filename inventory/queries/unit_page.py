"""The facts of the unit page, gathered in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from biobank.domain.role import Role, sees_own_site_only
from biobank.models.person import Person
from biobank.queries.person import roles_of
from inventory.domain.custody import LineageRow, ResultRow
from inventory.domain.gate import Finding, evaluate
from inventory.domain.next_step import NextStep
from inventory.domain.unit import UnitState
from inventory.domain.verdict import Outcome
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.queries.custody_chain import chain_of
from inventory.queries.custody_line import line_of
from inventory.queries.custody_result import result_rows
from inventory.queries.custody_unit import lineage_rows
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.moment import Moment, moments_of
from inventory.queries.sample_line import SampleLine, samples_of
from inventory.queries.unit_head import Head, head_of, place_of
from inventory.queries.unit_step import steps_of

NEWEST = 12

# After hand-over the gates have done their work: what they said then stands in the signed release.
BEFORE_SHIPPING = frozenset(
    {UnitState.COLLECTED, UnitState.QUARANTINED, UnitState.AVAILABLE, UnitState.RESERVED, UnitState.RELEASED}
)


@dataclass(frozen=True)
class GateLine:
    """One gate as the panel shows it."""

    number: int
    name: str
    outcome: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class UnitPage:
    """Everything on the page of one unit."""

    head: Head
    gates: tuple[GateLine, ...]
    gates_summary: str
    steps: tuple[NextStep, ...]
    specification: str
    results: tuple[ResultRow, ...]
    lineage: tuple[LineageRow, ...]
    samples: tuple[SampleLine, ...]
    moments: tuple[Moment, ...]
    earlier_count: int


def units_visible_to(person: Person, at: datetime) -> QuerySet[Unit]:
    """Return the units that exist for this person.

    Collection staff see what their own site collected, coordinators what their own site requested; others see all.
    """
    roles = roles_of(person, at)
    if not sees_own_site_only(roles):
        return Unit.objects.all()
    seen = Q(pk__in=[])
    if Role.COLLECTION_STAFF in roles:
        seen |= Q(donation__collection_site_id=person.site_id)
    if Role.COORDINATOR in roles:
        seen |= Q(request_lines__request__site_id=person.site_id)
    return Unit.objects.filter(seen).distinct()


def find_unit(code: str, person: Person, at: datetime) -> Unit | None:
    """Return the unit of this code, if it exists for this person."""
    found = units_visible_to(person, at).select_related("donation").prefetch_related("identifiers")
    return found.filter(code=code).first()


def unit_page(unit: Unit, at: datetime, *, shows_place: bool) -> UnitPage:
    """Gather the page of one unit; ``shows_place`` is False for people of other sites, who never learn where it is."""
    request = standing_request(unit)
    facts = gate_facts([unit], asked_by(request) if request else None, at=at)[unit.pk]
    findings = evaluate(facts, at) if UnitState(unit.state) in BEFORE_SHIPPING else ()
    line = line_of(unit)
    specification, results = result_rows(line)
    chain = chain_of(line)
    # Each result has its row above; here they would bury who had the unit and what became of it.
    events = [entry for entry in chain if not entry.kind.startswith("result.")]
    return UnitPage(
        head=head_of(unit, facts, request, at, place=place_of(unit) if shows_place else ()),
        gates=tuple(_gate_line(finding) for finding in findings),
        gates_summary=_summary(findings),
        steps=steps_of(unit, findings, at),
        specification=specification,
        results=results,
        lineage=lineage_rows(line),
        samples=samples_of(unit, shows_place=shows_place),
        moments=moments_of(events[: -NEWEST - 1 : -1]),
        earlier_count=len(chain) - len(events[-NEWEST:]),
    )


def standing_request(unit: Unit) -> UnitRequest | None:
    """Return the request for which the unit is reserved."""
    kept_for = UnitRequest.objects.filter(reservations__unit=unit, reservations__ended_at__isnull=True)
    return kept_for.select_related("protocol", "site", "requested_by", "recipient").first()


def _gate_line(finding: Finding) -> GateLine:
    return GateLine(
        finding.gate.value, finding.gate.label.capitalize(), finding.outcome.value, finding.reason, finding.evidence
    )


def _summary(findings: Iterable[Finding]) -> str:
    outcomes = [finding.outcome for finding in findings]
    return ", ".join(f"{outcomes.count(each)} {each.value}" for each in Outcome if each in outcomes)
