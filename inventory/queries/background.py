"""What stands behind some units, whatever is asked of them: each part asked for once, when it is first needed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from consent.domain.consent import ConsentStatus
from consent.domain.standing import Source
from consent.queries.consent import consent_statuses
from inventory.domain.gate_facts import DeterminationFacts, DeviationFacts
from inventory.domain.hold import HoldFacts
from inventory.domain.specification import Measurement
from inventory.models.acceptance import Acceptance
from inventory.models.container import Position
from inventory.models.lot import Lot
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.ancestry import Ancestry, ancestries_of, source_of
from inventory.queries.deviation import open_deviations_in
from inventory.queries.donation import codes_of
from inventory.queries.eligibility import determinations_of
from inventory.queries.hold import open_holds_in
from inventory.queries.placement import places_of
from inventory.queries.reservation import active_reservations
from inventory.queries.result import current_results, measurements_from, results_behind
from inventory.queries.sample import roles_in_store
from inventory.queries.specification import Rulebook, rulebook
from inventory.queries.unit import Behind


class Background:
    """The facts behind units, one query a part however many units there are.

    Gates, acceptance and the pages of a unit all take it, so that nothing is asked twice. Whoever knows a part already
    sets it. It is of one moment: a service makes its own, under its locks.
    """

    def __init__(self, units: Collection[Unit]) -> None:
        self.unit_ids = [unit.pk for unit in units]
        self.product_classes = {unit.product_class for unit in units}
        self.in_use = {unit.pk for unit in units if unit.use}
        self._consents: dict[datetime, Mapping[Source, ConsentStatus]] = {}

    @cached_property
    def ancestries(self) -> Mapping[int, Ancestry]:
        """By unit id, what it was made from, and the donations and donors behind it."""
        return ancestries_of(self.unit_ids)

    @cached_property
    def codes(self) -> Behind:
        """By unit id, the codes that an entry about it names beside it."""
        return codes_of({unit_id: each.donations for unit_id, each in self.ancestries.items()})

    @cached_property
    def lots(self) -> Mapping[int, Lot]:
        """By unit id, the lot of each that is a vial of one."""
        vials = {unit_id: each.lot_id for unit_id, each in self.ancestries.items() if each.lot_id is not None}
        lots = Lot.objects.in_bulk(set(vials.values()))
        return {unit_id: lots[lot_id] for unit_id, lot_id in vials.items()}

    @cached_property
    def current_results(self) -> Collection[Result]:
        """The results behind the units that no correction has replaced."""
        return list(results_behind(current_results(), self.ancestries))

    @cached_property
    def measurements(self) -> Mapping[int, tuple[Measurement, ...]]:
        """By unit id, every current result that could count for it."""
        return measurements_from(self.current_results, self.ancestries)

    @cached_property
    def determinations(self) -> Mapping[int, DeterminationFacts | None]:
        """By donation id, the latest determination of its donor's eligibility."""
        return determinations_of({donation.pk for each in self.ancestries.values() for donation in each.donations})

    @cached_property
    def holds(self) -> Mapping[int, tuple[HoldFacts, ...]]:
        """By unit id, the open holds on it and on all behind it."""
        return open_holds_in(self.ancestries)

    @cached_property
    def deviations(self) -> Mapping[int, tuple[DeviationFacts, ...]]:
        """By unit id, the open deviations that touched it or what is behind it."""
        return open_deviations_in(self.ancestries)

    @cached_property
    def reservations(self) -> Mapping[int, Reservation]:
        """By unit id, its active reservation with the request it is for."""
        return active_reservations(self.unit_ids)

    @cached_property
    def acceptances(self) -> Collection[Acceptance]:
        """The acceptances of the units, their lots, and what they were made from, those taken back among them."""
        members = set().union(*(each.member_ids for each in self.ancestries.values()))
        lots = set().union(*(each.lot_ids for each in self.ancestries.values()))
        found = Acceptance.objects.filter(Q(unit_id__in=members) | Q(lot_id__in=lots))
        return list(found.select_related("signature__person").order_by("pk"))

    @cached_property
    def accepted_under(self) -> Mapping[int, int]:
        """By unit id, the specification under which it stands accepted, or its lot and it with it."""
        standing = [each for each in self.acceptances if each.withdrawn_at is None]
        of_lots = {each.lot_id: each.specification_id for each in standing if each.lot_id is not None}
        return {each.unit_id: each.specification_id for each in standing if each.unit_id is not None} | {
            unit_id: of_lots[each.lot_id]
            for unit_id, each in self.ancestries.items()
            if unit_id in self.in_use and each.lot_id in of_lots
        }

    def consents(self, at: datetime) -> Mapping[Source, ConsentStatus]:
        """How the consent behind each donation stands at an instant, asked once for it."""
        if at not in self._consents:
            sources = {source_of(donation) for each in self.ancestries.values() for donation in each.donations}
            self._consents[at] = consent_statuses(sources, at)
        return self._consents[at]

    @cached_property
    def rulebook(self) -> Rulebook:
        """The specifications in force for these products, and those that the units were accepted under."""
        return rulebook(self.product_classes, set(self.accepted_under.values()))

    @cached_property
    def places(self) -> Mapping[int, Position]:
        """By unit id, the position of each unit that is in one."""
        return places_of(self.unit_ids)

    @cached_property
    def sample_roles(self) -> Mapping[int, list[str]]:
        """By unit id, the roles of its stored reference samples and of its donation's."""
        return roles_in_store(self.unit_ids)
