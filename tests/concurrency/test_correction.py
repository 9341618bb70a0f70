"""A correction against the second signature: no release stands on a fact that was corrected under it."""

import random
from collections.abc import Iterator
from time import sleep

import pytest
from django.db import connection

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.ledger import LedgerEntry
from biobank.services import guard
from inventory.domain.gate import NotReleasable
from inventory.domain.snapshot import NotAsSigned, ReleaseNotStanding
from inventory.models.acceptance import Acceptance
from inventory.models.correction import Correction
from inventory.models.donation import Donation
from inventory.models.release import Release, ReleaseSignature
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services import release as release_service
from inventory.services.correction_fact import confirm_correction
from tests.concurrency.locks import no_locks, slowly
from tests.concurrency.threads import FEWER, crew
from tests.concurrency.way_back import WayBack
from tests.factories.correction import correction
from tests.factories.person import staff
from tests.factories.release import evaluated_release, sign
from tests.factories.request import approved_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUSALS = (NotReleasable, NotAsSigned, ReleaseNotStanding)
# Rows that a trial writes, put back to what they were before it: the quickest way to many equal trials.
RESTORED = (
    *(Donation, Unit, Acceptance, UnitRequest, RequestLine, Reservation, Release, ReleaseSignature, Correction),
)


class Bank:
    """One unit signed once, a correction of its donation that waits, and the way back there after each trial."""

    def __init__(self) -> None:
        self.unit = available_unit(segment=True)
        self.release = evaluated_release(approved_request(self.unit))
        sign(self.release)
        self.correction = correction("donation", self.unit.donation_id, "gestational_age_days", 250)
        self.confirmer = staff(Role.MEDICAL_DIRECTOR)
        staff(Role.RELEASING_OFFICER)
        self.way_back = WayBack(*RESTORED)
        self.entries = LedgerEntry.objects.count()

    def confirm(self, *, after: float = 0) -> Correction:
        sleep(after)
        return confirm_correction(self.correction, by=self.confirmer, at=NOON + hours(1))

    def sign(self, *, after: float = 0) -> ReleaseSignature:
        sleep(after)
        return sign(self.release, Meaning.RELEASED, at=NOON + hours(1))

    def restore(self) -> None:
        self.way_back.go()
        self.entries = LedgerEntry.objects.count()

    @property
    def is_safe(self) -> bool:
        """Whether the fact is corrected, no release stands, and whatever was issued was issued before."""
        unit, donation = Unit.objects.get(pk=self.unit.pk), Donation.objects.get(pk=self.unit.donation_id)
        standing = Release.objects.filter(status__in=["evaluated", "issued"]).exists()
        back, issued = self.numbers("acceptance.withdrawn"), self.numbers("unit.released")
        in_order = len(back) == 1 and all(number < back[0] for number in issued)
        return (unit.state, donation.gestational_age_days) == ("quarantined", 250) and not standing and in_order

    def numbers(self, kind: str) -> list[int]:
        entries = LedgerEntry.objects.filter(number__gt=self.entries, kind=kind, links__code=self.unit.code)
        return list(entries.values_list("number", flat=True))


@pytest.fixture(autouse=True)
def _without_guards() -> Iterator[None]:
    """Take the triggers away: the locks alone are on trial, and each trial is put back to its beginning."""
    guard.drop_guards(connection)
    yield
    guard.install_guards(connection)


def trials(count: int) -> set[str]:
    """Race a confirmation against the second signature, and say how signing ended over all trials."""
    bank, outcomes = Bank(), set()
    with crew(2) as together:
        for number in range(count):
            luck = random.Random(number)  # noqa: S311  a trial that can be repeated, no secret
            late = luck.choice([(0, 0), (luck.random() / 20, 0), (0, luck.random() / 20)])
            calls = [lambda at=late: bank.confirm(after=at[0]), lambda at=late: bank.sign(after=at[1])]
            corrected, answer = together(calls)
            assert isinstance(corrected, Correction), corrected
            assert not isinstance(answer, Exception) or isinstance(answer, REFUSALS), answer
            assert bank.is_safe, (number, answer)
            outcomes.add(type(answer).__name__)
            bank.restore()
    return outcomes


@pytest.mark.postgresql
def test_a_correction_against_the_second_signature_loses_none():
    outcomes = trials(FEWER)

    assert "ReleaseSignature" in outcomes
    assert len(outcomes) > 1


@pytest.mark.sqlite
def test_a_correction_loses_none_on_sqlite_either():
    assert trials(30)


@pytest.mark.postgresql
def test_one_correction_confirmed_twice_at_once_takes_effect_once():
    bank = Bank()
    other = staff(Role.RELEASING_OFFICER)

    with crew(2) as together:
        answers = together([bank.confirm, lambda: confirm_correction(bank.correction, by=other, at=NOON + hours(1))])

    assert sum(isinstance(answer, Correction) for answer in answers) == 1
    corrected = LedgerEntry.objects.filter(number__gt=bank.entries, kind="fact.corrected")
    assert corrected.count() == 1


@pytest.mark.postgresql
def test_canary_without_locks_a_release_is_signed_over_a_correction(monkeypatch):
    bank = Bank()

    with no_locks(monkeypatch):
        slowly(monkeypatch, release_service, "sign")
        with crew(2) as together:
            corrected, _ = together([lambda: bank.confirm(after=0.3), bank.sign])

    assert isinstance(corrected, Correction), corrected
    assert not bank.is_safe
