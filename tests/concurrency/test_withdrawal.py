"""Withdrawal of consent against whoever is about to move a unit on: no interleaving lets one through unnoticed."""

import random
from collections.abc import Callable, Iterator
from time import sleep

import pytest
from django.db import connection

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.ledger import LedgerEntry
from biobank.services import guard
from consent.models.consent import Consent, ConsentEvent, TakenBack
from inventory.domain.gate import NotReleasable
from inventory.domain.snapshot import ReleaseNotStanding
from inventory.domain.unit import UnitState
from inventory.models.acceptance import Acceptance
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.hold import Hold
from inventory.models.notice import ConsigneeNotice, NoticeItem
from inventory.models.pick import Pick
from inventory.models.placement import Placement
from inventory.models.referral import WithdrawalReferral
from inventory.models.release import Release, ReleaseSignature
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.services import pick as pick_service
from inventory.services import release as release_service
from inventory.services import request as request_service
from inventory.services import shipment as shipment_service
from inventory.services.pick import Scans, pick_unit
from inventory.services.request import NewRequest, request_units
from inventory.services.shipment import hand_over_release
from tests.concurrency.locks import no_locks, slowly
from tests.concurrency.threads import ALWAYS, TRIALS, at_once, crew
from tests.concurrency.way_back import WayBack
from tests.factories.donor import given_consent, recorder, withdrawn
from tests.factories.person import staff
from tests.factories.release import evaluated_release, issued_release, packed_shipment, scans_of, sign
from tests.factories.request import approved_request, coordinator, wanted
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUSALS = (NotReleasable, ReleaseNotStanding)
THREADS = 16
# What stops a unit, and what must not follow it in the record.
STOPS = ("consent.withdrawn", "consent.narrowed", "consent.expired", "eligibility.reopened")
MOVES = ("unit.released", "unit.picked")
Together = Callable[[list[Callable[[], object]]], list[object]]
# Rows that a trial writes, put back to what they were before it: the quickest way to 300 equal trials.
RESTORED = (
    *(Consent, Unit, Placement, Acceptance, UnitRequest, RequestLine, Reservation, Release),
    *(Shipment, ShipmentItem, ReferenceSample, Result, EligibilityDetermination),
    *(ConsentEvent, TakenBack, ReleaseSignature, Pick, Hold, ConsigneeNotice, NoticeItem, WithdrawalReferral),
)


class Bank:
    """One unit on the edge of a step, and the way back to that edge after each trial.

    ``holds`` is how many holds the donor's taking back leaves.
    """

    holds = 1
    # What the scanner reads while the unit is in its place, where a trial may take it away meanwhile.
    scans: Scans

    def __init__(self, on_the_edge: Callable[[Unit], object]) -> None:
        self.consent = self.given()
        self.unit = available_unit(consent=self.consent, segment=True)
        self.subject = on_the_edge(self.unit)
        recorder()
        self.way_back = WayBack(*RESTORED)

    def given(self) -> Consent:
        return given_consent()

    def withdraw(self, *, after: float = 0) -> Consent:
        sleep(after)
        return withdrawn(self.consent, at=NOON + hours(3))

    def restore(self) -> None:
        self.way_back.go()
        self.unit.refresh_from_db()


def signed_once(unit: Unit) -> Release:
    release = evaluated_release(approved_request(unit))
    sign(release)
    staff(Role.RELEASING_OFFICER)
    return release


def packed(unit: Unit) -> Shipment:
    return packed_shipment(unit)


def second_signature(bank: Bank, *, after: float = 0) -> object:
    sleep(after)
    return sign(bank.subject, Meaning.RELEASED)


def to_pick(unit: Unit) -> Release:
    staff(Role.STORAGE_TECHNICIAN)
    return issued_release(unit)


def pick(bank: Bank, *, after: float = 0) -> object:
    sleep(after)
    by, at = staff(Role.STORAGE_TECHNICIAN), NOON + hours(3)
    return pick_unit(bank.subject, bank.unit, scans=scans_of(bank.unit), by=by, at=at)


def hand_over(bank: Bank, *, after: float = 0) -> object:
    sleep(after)
    return hand_over_release(bank.subject, to="Driver 4", by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(3))


def wanted_by_the_clinic(unit: Unit) -> NewRequest:
    coordinator()
    return wanted(unit)


def request(bank: Bank, *, after: float = 0) -> object:
    sleep(after)
    return request_units(bank.subject, by=coordinator(), at=NOON + hours(3))


@pytest.fixture(autouse=True)
def _without_guards() -> Iterator[None]:
    """Take the triggers away: the locks alone are on trial, and each trial is put back to its beginning."""
    guard.drop_guards(connection)
    yield
    guard.install_guards(connection)


def race(bank: Bank, step: Callable[..., object], number: int, together: Together, rivals: int) -> list[object]:
    """Start all at once, one side a little later, so that each comes first in many trials."""
    luck = random.Random(number)  # noqa: S311  a trial that can be repeated, no secret
    late = luck.choice([(0, 0), (luck.random() / 20, 0), (0, luck.random() / 20)])
    steps = [lambda: step(bank, after=late[1])] * rivals
    return together([lambda: bank.withdraw(after=late[0]), *steps])


def stopped(bank: Bank) -> bool:
    """Whether the withdrawal reached the unit before it left."""
    bank.unit.refresh_from_db()
    return (
        bank.unit.state == UnitState.QUARANTINED
        and not Release.objects.exclude(status="void").exists()
        and not Reservation.objects.filter(ended_at__isnull=True).exists()
        and not RequestLine.objects.filter(removed_at__isnull=True).exists()
        and not Shipment.objects.filter(kind="release", handed_over_at__isnull=False).exists()
        and Hold.objects.filter(kind="consent_withdrawn").count() == bank.holds
    )


def told(bank: Bank) -> bool:
    """Whether a unit that left before the withdrawal is listed in a notice to its site."""
    bank.unit.refresh_from_db()
    return bank.unit.state == UnitState.SHIPPED and NoticeItem.objects.filter(unit=bank.unit).count() == 1


def moved_on_afterwards() -> bool:
    """Whether the record says that a unit was released or picked after it was stopped."""
    last = LedgerEntry.objects.filter(kind__in=(*STOPS, *MOVES)).order_by("-number").values_list("kind", flat=True)[0]
    return last in MOVES


def trials_of(
    step: Callable[..., object],
    bank: Bank,
    trials: int,
    *,
    done: type,
    refused: tuple[type, ...] = REFUSALS,
    rivals: int = 1,
) -> set[str]:
    """Race a withdrawal against all who take the same step; say how the step ended over all trials."""
    outcomes = set()
    with crew(rivals + 1) as together:
        for number in range(trials):
            withdrawal, *answers = race(bank, step, number, together, rivals)
            assert isinstance(withdrawal, Consent), withdrawal
            assert all(isinstance(each, (done, *refused)) for each in answers), answers
            went_through = [each for each in answers if isinstance(each, done)]
            assert len(went_through) <= 1, answers
            assert told(bank) if went_through and done is Shipment else stopped(bank), number
            assert not moved_on_afterwards(), number
            outcomes |= {type(each).__name__ for each in answers}
            bank.restore()
    return outcomes


def request_trials(trials: int) -> set[str]:
    return trials_of(request, Bank(wanted_by_the_clinic), trials, done=UnitRequest, refused=(NotReleasable,))


def signature_trials(trials: int) -> set[str]:
    return trials_of(second_signature, Bank(signed_once), trials, done=ReleaseSignature, rivals=THREADS - 1)


def pick_trials(trials: int) -> set[str]:
    return trials_of(pick, Bank(to_pick), trials, done=Pick)


def hand_over_trials(trials: int) -> set[str]:
    return trials_of(hand_over, Bank(packed), trials, done=Shipment)


@pytest.mark.postgresql
def test_withdrawal_against_a_request_loses_none():
    assert request_trials(TRIALS) >= {"UnitRequest", "NotReleasable"}


@pytest.mark.postgresql
def test_withdrawal_against_the_second_signature_loses_none():
    assert signature_trials(ALWAYS) >= {"ReleaseSignature", "ReleaseNotStanding"}


@pytest.mark.postgresql
def test_withdrawal_against_pick_loses_none():
    assert pick_trials(TRIALS) >= {"Pick", "ReleaseNotStanding"}


@pytest.mark.postgresql
def test_withdrawal_against_hand_over_loses_none():
    assert hand_over_trials(TRIALS) >= {"Shipment", "ReleaseNotStanding"}


@pytest.mark.sqlite
@pytest.mark.parametrize("trials_of_a_step", [request_trials, signature_trials, pick_trials, hand_over_trials])
def test_withdrawal_loses_none_on_sqlite_either(trials_of_a_step: Callable[[int], set[str]]):
    assert trials_of_a_step(30)


@pytest.mark.postgresql
def test_canary_without_the_donors_lock_alone_a_request_slips_past_a_withdrawal(monkeypatch):
    bank = Bank(wanted_by_the_clinic)
    monkeypatch.setattr(request_service, "lock_donors", lambda _ids: [])
    slowly(monkeypatch, request_service, "reserve")

    at_once([lambda: bank.withdraw(after=0.3), lambda: request(bank)])

    assert not stopped(bank)


@pytest.mark.postgresql
def test_canary_without_locks_a_release_is_signed_over_a_withdrawal(monkeypatch):
    bank = Bank(signed_once)

    with no_locks(monkeypatch):
        slowly(monkeypatch, release_service, "sign")
        at_once([lambda: bank.withdraw(after=0.1), lambda: second_signature(bank)])

    assert not stopped(bank)


@pytest.mark.postgresql
def test_canary_without_locks_a_unit_is_picked_over_a_withdrawal(monkeypatch):
    bank = Bank(to_pick)

    with no_locks(monkeypatch):
        slowly(monkeypatch, pick_service, "take_out")
        at_once([lambda: bank.withdraw(after=0.1), lambda: pick(bank)])

    assert moved_on_afterwards()


@pytest.mark.postgresql
def test_canary_without_locks_a_unit_leaves_untold_after_a_withdrawal(monkeypatch):
    bank = Bank(packed)

    with no_locks(monkeypatch):
        slowly(monkeypatch, shipment_service, "end_reservations")
        at_once([lambda: bank.withdraw(after=0.1), lambda: hand_over(bank)])

    assert not told(bank)
    assert not stopped(bank)
