"""What stands behind some units, whatever is asked of them: each part asked for once, when it is first needed."""

from collections.abc import Collection, Mapping
from functools import cached_property

from inventory.domain.gate_facts import DeterminationFacts
from inventory.domain.hold import HoldFacts
from inventory.domain.specification import Measurement
from inventory.models.acceptance import Acceptance
from inventory.models.container import Position
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.ancestry import Ancestry, ancestries_of
from inventory.queries.eligibility import determinations_of
from inventory.queries.hold import open_holds_in
from inventory.queries.placement import places_of
from inventory.queries.reservation import active_reservations
from inventory.queries.result import current_results, measurements_from, results_behind
from inventory.queries.sample import roles_in_store
from inventory.queries.specification import Rulebook, rulebook


class Background:
    """The facts behind units, one query a part however many units there are.

    Gates, acceptance and the pages of a unit all take it, so that nothing is asked twice. Whoever knows a part already
    sets it. It is of one moment: a service makes its own, under its locks.
    """

    def __init__(self, units: Collection[Unit]) -> None:
        self.unit_ids = [unit.pk for unit in units]
        self.product_classes = {unit.product_class for unit in units}

    @cached_property
    def ancestries(self) -> Mapping[int, Ancestry]:
        """By unit id, what it was made from, and the donations and donors behind it."""
        return ancestries_of(self.unit_ids)

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
    def reservations(self) -> Mapping[int, Reservation]:
        """By unit id, its active reservation with the request it is for."""
        return active_reservations(self.unit_ids)

    @cached_property
    def acceptances(self) -> Collection[Acceptance]:
        """The acceptances of the units and of what they were made from, those taken back among them."""
        members = set().union(*(each.member_ids for each in self.ancestries.values()))
        return list(Acceptance.objects.filter(unit_id__in=members).select_related("signature__person").order_by("pk"))

    @cached_property
    def accepted_under(self) -> Mapping[int, int]:
        """By unit id, the specification under which it stands accepted."""
        standing = (each for each in self.acceptances if each.withdrawn_at is None)
        return {each.unit_id: each.specification_id for each in standing}

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
