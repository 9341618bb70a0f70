"""What acceptance asks of units, gathered for many in a constant number of queries."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from consent.domain.consent import ConsentStatus
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from inventory.domain.acceptance import AcceptanceFacts, DonorConsent
from inventory.domain.isbt128 import NOT_FOR_HUMAN_APPLICATION
from inventory.domain.sample import SampleRole
from inventory.domain.specification import Limit
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.receipt import Receipt
from inventory.models.specification import Specification
from inventory.models.unit import Unit, UnitSource
from inventory.queries.eligibility import determinations_of
from inventory.queries.placement import places_of
from inventory.queries.result import measurements_of
from inventory.queries.sample import roles_in_store
from inventory.queries.specification import limits_of
from inventory.queries.unit import ancestors


def acceptance_facts(
    units: Sequence[Unit], specifications: dict[str, Specification], *, at: datetime
) -> dict[int, AcceptanceFacts]:
    """Return, by unit id, the facts of acceptance; ``specifications`` are those in force by product class."""
    ids = [unit.pk for unit in units]
    sources = list(UnitSource.objects.filter(unit_id__in=ids).select_related("donation").order_by("donation_id"))
    determinations = determinations_of({source.donation_id for source in sources})
    consents = consent_status({source.donation.donor_id for source in sources}, at)
    limits = limits_of([each.pk for each in specifications.values()])
    measurements, places, samples = measurements_of(ids), places_of(ids), roles_in_store(ids)
    before = _lowest_use_before(ids)
    found = {}
    for unit in units:
        behind = [source.donation for source in sources if source.unit_id == unit.pk]
        specification = specifications.get(unit.product_class)
        found[unit.pk] = AcceptanceFacts(
            unit=unit.code,
            product_class=ProductClass(unit.product_class),
            state=UnitState(unit.state),
            specification=str(specification) if specification else "",
            limits=_limits(limits, specification),
            measurements=measurements[unit.pk],
            determinations=tuple(determinations[donation.pk] for donation in behind),
            consents=tuple(_consent(consents[donation.donor_id]) for donation in behind),
            samples=Counter(SampleRole(role) for role in samples[unit.pk]),
            placed=unit.pk in places,
            for_human_application=unit.product_code[5:6] not in NOT_FOR_HUMAN_APPLICATION,
            accepted_before=before.get(unit.pk),
        )
    return found


def _limits(limits: dict[int, tuple[Limit, ...]], specification: Specification | None) -> tuple[Limit, ...]:
    return limits[specification.pk] if specification else ()


def _consent(status: ConsentStatus) -> DonorConsent:
    active = status.standing is Standing.ACTIVE
    return DonorConsent(
        donor_code=status.donor_code,
        full=active and status.extent == Extent.FULL,
        human_application=active and bool(status.human_application),
        research=active and bool(status.permissions),
    )


def _lowest_use_before(unit_ids: Sequence[int]) -> dict[int, Use]:
    """Return the lowest use each unit, or what it was made from, was ever accepted for: at receipt or later."""
    above = ancestors(unit_ids)
    everyone = set(unit_ids).union(*above.values())
    uses: dict[int, set[str]] = {}
    for unit_id, use in Acceptance.objects.filter(unit_id__in=everyone).values_list("unit_id", "use"):
        uses.setdefault(unit_id, set()).add(use)
    for unit_id in Receipt.objects.filter(unit_id__in=everyone, decision="accept_laboratory").values_list(
        "unit_id", flat=True
    ):
        uses.setdefault(unit_id, set()).add(Use.LABORATORY.value)
    found = {}
    for unit_id in unit_ids:
        met = set().union(*(uses.get(each, set()) for each in (unit_id, *above[unit_id])))
        if met:
            found[unit_id] = Use.LABORATORY if Use.LABORATORY.value in met else Use.HUMAN_APPLICATION
    return found
