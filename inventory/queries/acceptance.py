"""What acceptance asks of units, gathered for many in a constant number of queries."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from consent.domain.consent import ConsentStatus
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing
from inventory.domain.acceptance import AcceptanceFacts, DonorConsent
from inventory.domain.product_code import collection_type_of, is_for_human_application
from inventory.domain.receipt import ReceiptDecision
from inventory.domain.sample import SampleRole
from inventory.domain.specification import ACCEPTANCE_STAGES, evaluate
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.domain.verdict import Outcome
from inventory.models.acceptance import Acceptance
from inventory.models.receipt import Receipt
from inventory.models.specification import Specification
from inventory.models.unit import Unit
from inventory.queries.ancestry import source_of
from inventory.queries.background import Background
from inventory.queries.result import measurements_of
from inventory.queries.retest import unsettled
from inventory.queries.specification import limits_of


def acceptance_facts(
    units: Sequence[Unit],
    specifications: Mapping[str, Specification],
    *,
    at: datetime,
    behind: Background | None = None,
) -> dict[int, AcceptanceFacts]:
    """Return, by unit id, the facts of acceptance; ``specifications`` are those in force by product class.

    Whoever asked for some of it already, for a page, hands over what stands ``behind`` the units.
    """
    behind = behind or Background(units)
    consents = donor_consents(behind, at=at)
    limits = behind.rulebook.limits
    received = _receipts_at_the_bank(behind)
    before = _lowest_use_before(behind, received)
    rejected = {unit_id for unit_id, decision in received if decision == ReceiptDecision.REJECT}
    left = unsettled(behind.ancestries)
    found = {}
    for unit in units:
        ancestry = behind.ancestries[unit.pk]
        specification = specifications.get(unit.product_class)
        found[unit.pk] = AcceptanceFacts(
            unit=unit.code,
            product_class=ProductClass(unit.product_class),
            state=UnitState(unit.state),
            specification=str(specification) if specification else "",
            limits=limits.get(specification.pk, ()) if specification else (),
            measurements=behind.measurements[unit.pk],
            determinations=tuple(behind.determinations[donation.pk] for donation in ancestry.donations),
            consents=consents[unit.pk],
            samples=Counter(SampleRole(role) for role in behind.sample_roles[unit.pk]),
            placed=unit.pk in behind.places,
            for_human_application=is_for_human_application(collection_type_of(unit.product_code)),
            accepted_before=before.get(unit.pk),
            thawed=unit.thawed,
            rejected_at_receipt=bool(rejected & ancestry.member_ids),
            unsettled=left[unit.pk],
        )
    return found


def donor_consents(behind: Background, *, at: datetime) -> dict[int, tuple[DonorConsent, ...]]:
    """Return, by unit id, what the donor of each donation behind it allows at an instant, in the donations' order."""
    statuses = behind.consents(at)
    return {
        unit_id: tuple(_consent(statuses[source_of(each)]) for each in found.donations)
        for unit_id, found in behind.ancestries.items()
    }


def _consent(status: ConsentStatus) -> DonorConsent:
    active = status.standing is Standing.ACTIVE
    return DonorConsent(
        donor_code=status.donor_code,
        full=active and status.extent != Extent.COLLECTION_ONLY,
        human_application=active and bool(status.human_application),
        research=active and bool(status.permissions),
    )


def _lowest_use_before(behind: Background, received: Sequence[tuple[int, str]]) -> dict[int, Use]:
    """Return the lowest use each unit, its lot, or what it was made from, was ever accepted for."""
    uses: dict[int, set[str]] = {}
    of_lots: dict[int, set[str]] = {}
    for acceptance in behind.acceptances:
        index, key = (of_lots, acceptance.lot_id) if acceptance.lot_id else (uses, acceptance.unit_id)
        index.setdefault(key or 0, set()).add(acceptance.use)
    for unit_id, decision in received:
        if decision == ReceiptDecision.ACCEPT_LABORATORY:
            uses.setdefault(unit_id, set()).add(Use.LABORATORY.value)
    found = {}
    for unit_id, ancestry in behind.ancestries.items():
        met = set().union(
            *(uses.get(each, set()) for each in ancestry.member_ids),
            *(of_lots.get(each, set()) for each in ancestry.lot_ids),
        )
        if met:
            found[unit_id] = Use.LABORATORY if Use.LABORATORY.value in met else Use.HUMAN_APPLICATION
    return found


def _receipts_at_the_bank(behind: Background) -> list[tuple[int, str]]:
    """Return what the bank decided at receipt of these units and of all they were made from."""
    everyone = set().union(*(each.member_ids for each in behind.ancestries.values()))
    rows = Receipt.objects.filter(unit_id__in=everyone, shipment__kind="collection")
    return list(rows.values_list("unit_id", "decision"))


def no_longer_within(
    unit_ids: Collection[int], assays: Collection[str], outcomes: Collection[Outcome]
) -> dict[int, str]:
    """Return, by unit id, why accepted units no longer meet the specification they were accepted under.

    Only limits of the acceptance stages count that speak of these assays and now have one of these outcomes.
    """
    of_these = Q(unit_id__in=unit_ids) | Q(lot__vials__in=unit_ids)
    standing = Acceptance.objects.filter(of_these, withdrawn_at__isnull=True)
    rows = standing.values_list("unit_id", "lot__vials__pk", "specification_id")
    accepted_under = {unit_id or vial_id: specification_id for unit_id, vial_id, specification_id in rows}
    limits, measurements = limits_of(set(accepted_under.values())), measurements_of(list(accepted_under))
    found = {}
    for unit_id, specification_id in accepted_under.items():
        findings = evaluate(limits[specification_id], measurements[unit_id], *ACCEPTANCE_STAGES)
        reasons = [each.reason for each in findings if each.limit.assay in assays and each.outcome in outcomes]
        if reasons:
            found[unit_id] = "; ".join(reasons)
    return found
