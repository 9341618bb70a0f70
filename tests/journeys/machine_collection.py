"""From the birth to the shelf: registered, carried, received, frozen, put away, measured, determined, accepted."""

from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from biobank.domain.role import Role
from consent.domain.donor import InfantFacts, Sex
from consent.models.consent import Consent
from consent.queries.donor import infants_of
from consent.services.donor import NewDonor, register_donor
from inventory.domain.assay import Subject
from inventory.domain.unit import Use
from inventory.models.donation import Donation
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.services.acceptance import accept_units
from inventory.services.collection import hand_over_collection, pack_collection
from inventory.services.donation import Registered, register_donations
from inventory.services.eligibility import determine_eligibility
from inventory.services.processing import process_units
from inventory.services.receipt import receive_collection
from inventory.services.result import NewResult, record_results
from tests.factories.donation import collection_of, new_donation, seen
from tests.factories.donor import given_consent, recorder
from tests.factories.person import credentials, default_site, staff
from tests.factories.time import hours
from tests.factories.unit import box, new_processing
from tests.journeys.machine import STEPS, WHICH, one_of, reviewer, together
from tests.journeys.machine_quality import QualityMachine
from tests.journeys.machine_storage import StorageMachine

# A bank of a few: what is asked of it meets the same units again.
MOST_DONORS = 30


class CollectionMachine(QualityMachine, StorageMachine):
    """Units that come to be."""

    @precondition(lambda bank: len(bank.rows["consent_donor"]) < MOST_DONORS)
    @rule(consented=st.sampled_from(["before", "before", "before", "after"]))
    def birth(self, consented: str) -> None:
        """A mother gives birth, and her gift is registered; once in a while she was asked only afterwards."""
        at, before = self.now, hours(3 if consented == "before" else 0)

        def call(_now: datetime) -> Registered:
            born = (InfantFacts(order=1, sex=Sex.FEMALE, born_at=at - hours(1)),)
            donor = register_donor(NewDonor(site=default_site(), infants=born), by=recorder(), at=_now)
            consent = given_consent(donor, given_at=at - before, at=_now)
            new = replace(new_donation(consent), collected_at=at - hours(0.5))
            return register_donations([new], by=new.collector, at=_now)[0]

        self.attempt("birth", together(call))

    @rule(which=WHICH)
    def register_again(self, which: int) -> None:
        """A second donation of a mother is registered, as of the day of her infant's birth."""
        consent = one_of(list(Consent.objects.order_by("pk")), which)
        born = infants_of([consent.donor_id])[consent.donor_id][0].born_at
        new = replace(new_donation(consent), collected_at=(born or self.now) + hours(0.5))
        self.attempt("register", lambda at: register_donations([new], by=new.collector, at=at))

    @rule(which=WHICH, steps=STEPS)
    def go_on_to_stock(self, which: int, steps: int) -> None:
        """A unit goes on towards the bank's stock by some steps, each the next in turn; a refusal stops it."""
        units = self.units("collected", "quarantined")[::-1]
        if not units:
            return
        unit = one_of(units, which // 5)
        for _ in range(steps):
            number = self.record.number
            unit = self._next_towards_stock(Unit.objects.get(pk=unit.pk))
            done = unit.state not in {"collected", "quarantined"} or self.record.number == number
            if done or self.was_refused:
                return

    @rule(which=WHICH, steps=STEPS)
    def go_on_to_stock_too(self, which: int, steps: int) -> None:
        """The same, so that it happens as often as what stops it."""
        self.go_on_to_stock(which, steps)

    def _next_towards_stock(self, unit: Unit) -> Unit:
        """Take the next step of one unit; return it, or what it was turned into."""
        if unit.state == "collected":
            shipment = Shipment.objects.filter(kind="collection", items__unit=unit).first()
            return self._pack(unit) if shipment is None else self._carry(unit, shipment)
        if unit.kind == "collected_bag":
            return self.freeze_this(unit)
        if not Placement.objects.filter(unit=unit, removed_at=None).exists():
            self.put_this(unit, free_positions([box()], 1)[0])
        else:
            self._judge(unit)
        return unit

    def _judge(self, unit: Unit) -> None:
        """Measure a unit that lies in its place, determine its donor, or accept it."""
        if not Result.objects.filter(unit=unit, assay="viable_cd34").exists():
            self.measure_this(unit)
        elif not unit.donation.determinations.filter(reopened_at=None).exists():
            self.determine_this(unit.donation)
        elif self.accept_this(unit, Use.HUMAN_APPLICATION):
            self.thaw_this(unit, "confirmed")

    def _pack(self, unit: Unit) -> Unit:
        collector = staff(Role.COLLECTION_STAFF)
        registered = Registered(unit.donation, (unit,), tuple(unit.donation.samples.filter(unit=None).order_by("pk")))
        inside = collection_of(registered)
        self.attempt("pack collection", lambda at: pack_collection(inside, by=collector, at=at))
        return unit

    def _carry(self, unit: Unit, shipment: Shipment, *, intact: bool = True) -> Unit:
        """Hand a packed box to the courier, or receive at the bank what the courier has."""
        if shipment.handed_over_at is None:
            self._hand_over(shipment)
        else:
            self._receive(shipment, intact=intact)
        return unit

    def _hand_over(self, shipment: Shipment) -> None:
        by = staff(Role.COLLECTION_STAFF)
        self.attempt("hand over collection", lambda at: hand_over_collection(shipment, to="Courier", by=by, at=at))

    def _receive(self, shipment: Shipment, *, intact: bool) -> None:
        units = Unit.objects.filter(journeys__shipment=shipment, state="collected").order_by("pk")
        looked = {each.pk: seen(each, bag_intact=intact) for each in units}
        lab = staff(Role.LAB_TECHNICIAN)
        self.attempt("receive collection", lambda at: receive_collection(shipment, looked, by=lab, at=at))

    @rule(which=WHICH, how=st.sampled_from(["pack", "hand over", "receive", "receive"]))
    def carry_anything(self, which: int, how: str) -> None:
        """A unit is packed, or a box handed over or received with a torn bag, be it its turn or not."""
        shipments = list(Shipment.objects.filter(kind="collection").order_by("-pk"))
        if how == "pack":
            self._pack(self.unit(which))
        elif how == "hand over":
            self._hand_over(one_of(shipments, which))
        else:
            self._receive(one_of(shipments, which), intact=False)

    def freeze_this(self, parent: Unit, counted: str = "1300000000") -> Unit:
        """Count a collected bag and turn it into a cryobag; return that, or the bag where it was refused."""
        lab = staff(Role.LAB_TECHNICIAN)
        if not parent.results.filter(assay="tnc").exists():
            count = NewResult(assay="tnc", subject=Subject.UNIT, unit=parent, value=counted)
            self.attempt("count", lambda at: record_results([count], by=lab, at=at))

        def process(at: datetime) -> list[list[Unit]]:
            run = replace(new_processing(parent), started_at=at - hours(0.2), frozen_at=at - hours(0.1))
            return process_units([run], by=lab, at=at)

        made = self.attempt("freeze", process)
        return made[0][0] if made else parent

    @rule(which=WHICH, counted=st.sampled_from(["1300000000", "1300000000", "-1"]))
    def freeze_anything(self, which: int, counted: str) -> None:
        """Something is counted and frozen, be it a fresh bag or not; once in a while the count is none."""
        bags = [unit for unit in self.units("quarantined") if unit.kind == "collected_bag"]
        self.freeze_this(one_of(bags, which) if bags and which % 3 else self.unit(which), counted)

    @rule(which=WHICH)
    def determine(self, which: int) -> None:
        """Quality determines a donor's eligibility by signature."""
        self.determine_this(one_of(list(Donation.objects.order_by("pk")), which))

    def determine_this(self, donation: Donation) -> None:
        """Determine one donation's donor."""
        quality = reviewer()
        self.attempt(
            "determine",
            lambda at: determine_eligibility([donation.pk], credentials=credentials(quality), by=quality, at=at),
        )

    @rule(which=WHICH, use=st.sampled_from([Use.HUMAN_APPLICATION, Use.HUMAN_APPLICATION, Use.LABORATORY]))
    def accept(self, which: int, use: Use) -> None:
        """Quality accepts a unit into stock."""
        self.accept_this(self.unit(which, "quarantined"), use)

    def accept_this(self, unit: Unit, use: Use) -> object:
        """Accept one unit."""
        quality = reviewer()
        return self.attempt(
            "accept",
            lambda at: accept_units([unit.pk], use, credentials=credentials(quality), by=quality, at=at),
        )
