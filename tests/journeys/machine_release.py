"""Releases: evaluated, signed, picked, packed and handed over, one after the other or out of turn."""

from collections.abc import Callable
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from inventory.models.container import Position
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.release import picks_of
from inventory.services.pick import Scans, pick_unit
from inventory.services.release import evaluate_release, revoke_release, sign_release
from inventory.services.shipment import hand_over_release, pack_release
from inventory.services.waiver import Acknowledgement, acknowledge_condition
from tests.factories.person import credentials, staff
from tests.factories.release import packing, units_of
from tests.factories.request import coordinator
from tests.journeys.machine import STEPS, WHICH, one_of, reviewer
from tests.journeys.machine_request import RequestMachine

SIGNERS = [
    Role.QUALITY_REVIEWER,
    Role.RELEASING_OFFICER,
    Role.MEDICAL_DIRECTOR,
    Role.LAB_TECHNICIAN,
    Role.COORDINATOR,
]


class ReleaseMachine(RequestMachine):
    """Units that leave."""

    @rule(which=WHICH, steps=STEPS)
    def go_on(self, which: int, steps: int) -> None:
        """A request goes on by some steps, each the next in turn; a refusal stops it."""
        requests = self.requests("submitted", "approved", "released")
        if not requests:
            return
        request = one_of(requests, which)
        for _ in range(steps):
            request.refresh_from_db()
            number = self.record.number
            self._next_step(request)
            if self.was_refused or self.record.number == number:
                return

    @rule(which=WHICH, steps=STEPS)
    def go_on_too(self, which: int, steps: int) -> None:
        """The same, so that it happens as often as what stops it."""
        self.go_on(which, steps)

    @rule(which=WHICH, steps=STEPS)
    def go_on_once_more(self, which: int, steps: int) -> None:
        """The same again: the way is long."""
        self.go_on(which, steps)

    def _next_step(self, request: UnitRequest) -> None:
        release = Release.objects.filter(request=request).exclude(status="void").first()
        if request.status == "submitted":
            self.approve_this(request)
        elif request.status == "approved" and request.kind != "normal" and not request.waiver.stated_by_id:
            self.weigh_this(request)
        elif request.status == "approved" and release is None:
            self.evaluate_this(request)
        elif release is not None and release.status == "evaluated":
            self._sign_next(release)
        elif release is not None and request.status == "released":
            self._leave(release)

    def evaluate_this(self, request: UnitRequest) -> None:
        """Evaluate all gates of one request."""
        self.attempt("evaluate", lambda at: evaluate_release(request, by=reviewer(), at=at))

    def _sign_next(self, release: Release) -> None:
        if not release.signatures.exists():
            self.sign_this(release, Meaning.REVIEWED, reviewer())
        elif release.kind == "normal":
            self.sign_this(release, Meaning.RELEASED, staff(Role.RELEASING_OFFICER))
        else:
            self.sign_this(release, Meaning.RELEASED, staff(Role.MEDICAL_DIRECTOR))

    def sign_this(self, release: Release, meaning: Meaning, by: Person, password: str = "") -> None:
        """Sign one release."""
        proof = Credentials(username=by.username, password=password) if password else credentials(by)
        self.attempt(
            f"sign {meaning}", lambda at: sign_release(release, meaning=meaning, credentials=proof, by=by, at=at)
        )

    def _leave(self, release: Release) -> None:
        """Pick what is not picked, then pack, have the condition acknowledged, and hand over."""
        picked = picks_of(release.pk)
        waiting = [unit for unit in units_of(release) if unit.pk not in picked]
        shipment = Shipment.objects.filter(release=release).first()
        if waiting:
            self.pick_this(release, waiting[0])
        elif shipment is None:
            self.pack_this(release)
        elif release.kind != "normal" and not hasattr(release, "acknowledgement"):
            self.acknowledge_this(release)
        else:
            self.hand_over_this(shipment)

    def pick_this(self, release: Release, unit: Unit, scanned: Unit | None = None, place: str = "") -> object:
        """Pick one unit, scanning what is said or what is right."""
        lies = places_of([unit.pk]).get(unit.pk)
        scans = Scans(position=place or (lies.code if lies else "T01-R01-01-A01"), unit=(scanned or unit).code)
        by = staff(Role.STORAGE_TECHNICIAN)
        return self.attempt("pick", lambda at: pick_unit(release, unit, scans=scans, by=by, at=at))

    def pack_this(self, release: Release) -> None:
        """Pack one release."""
        by = staff(Role.STORAGE_TECHNICIAN)
        self.attempt("pack", lambda at: pack_release(release, packing(), by=by, at=at))

    def acknowledge_this(self, release: Release) -> None:
        """Record the site's word."""

        def call(at: datetime) -> object:
            word = Acknowledgement(acknowledged_by="Dr Site", document_sha256="d" * 64, occurred_at=at)
            return acknowledge_condition(release, word, by=coordinator(), at=at)

        self.attempt("acknowledge", call)

    def hand_over_this(self, shipment: Shipment) -> None:
        """Hand one shipment to the courier."""
        by = staff(Role.STORAGE_TECHNICIAN)
        self.attempt("hand over", lambda at: hand_over_release(shipment, to="Driver 4", by=by, at=at))

    @rule(which=WHICH)
    def evaluate(self, which: int) -> None:
        """Quality evaluates a request, be it its turn or not."""
        if requests := self.requests("submitted", "approved", "released", "void", "cancelled"):
            self.evaluate_this(one_of(requests, which))

    @rule(
        which=WHICH,
        signer=st.sampled_from(SIGNERS),
        meaning=st.sampled_from([Meaning.REVIEWED, Meaning.RELEASED]),
        password=st.sampled_from(["", "", "", "wrong"]),
    )
    def sign(self, which: int, signer: Role, meaning: Meaning, password: str) -> None:
        """Anybody signs a release with any meaning, sometimes mistyping the password."""
        if releases := self.releases("evaluated") or self.releases("issued", "void"):
            by = coordinator() if signer is Role.COORDINATOR else staff(signer)
            self.sign_this(one_of(releases, which), meaning, by, password)

    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        """Quality takes a release back."""
        if releases := self.releases("issued") or self.releases("evaluated"):
            release = one_of(releases, which)
            self.attempt("revoke", lambda at: revoke_release(release, reason="Doubt.", by=reviewer(), at=at))

    @rule(which=WHICH, wrong=st.sampled_from(["unit", "position", "neither"]))
    def pick(self, which: int, wrong: str) -> None:
        """Somebody picks, and scans the wrong position or the wrong unit (INV-31)."""
        releases = self.releases("issued")
        if not releases:
            return
        release = one_of(releases, which)
        unit = one_of(units_of(release), which)
        other = one_of([each for each in self.units() if each.pk != unit.pk], which)
        place = Position.objects.order_by("pk").exclude(placements__unit=unit)[which].code
        scans: dict[str, Callable[[], object]] = {
            "unit": lambda: self.pick_this(release, unit, scanned=other),
            "position": lambda: self.pick_this(release, unit, place=place),
            "neither": lambda: self.pick_this(release, unit),
        }
        done = scans[wrong]()
        assert wrong == "neither" or done is None, f"INV-31 picked with the wrong {wrong}"

    @rule(which=WHICH, step=st.sampled_from(["pack", "acknowledge", "hand over"]))
    def leave_out_of_turn(self, which: int, step: str) -> None:
        """Somebody packs, acknowledges or hands over, be it its turn or not."""
        releases = self.releases("issued", "void")
        if not releases:
            return
        release = one_of(releases, which)
        shipment = Shipment.objects.filter(release=release).first()
        if step == "pack":
            self.pack_this(release)
        elif step == "acknowledge":
            self.acknowledge_this(release)
        elif shipment is not None:
            self.hand_over_this(shipment)
