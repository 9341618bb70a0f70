"""The consent days of a bank: a consent in two halves, one thing taken back, a letter too late, a name to forget."""

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.form import Extent, WithdrawalStage
from consent.domain.identity import IdentityErased
from consent.queries.due import overdue_full_consents
from consent.services.erasure import Erasure, erase_identity
from consent.services.identity import read_identity
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.gate import NotReleasable
from inventory.domain.referral import ReferralDecision
from inventory.domain.unit import UnitState, Use
from inventory.models.notice import NoticeItem
from inventory.models.referral import WithdrawalReferral
from inventory.queries.hold import open_holds_on
from inventory.queries.trace import trace_donor
from inventory.services.acceptance import accept_units
from inventory.services.proof import bank_findings
from inventory.services.referral import decide_referral
from inventory.services.request import request_units
from tests.factories.donation import registered_donation
from tests.factories.donor import (
    ANNA,
    GIVEN_AT,
    STORAGE,
    form_facts,
    form_in_force,
    given_consent,
    narrowed,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.person import credentials, staff
from tests.factories.release import evaluated_release, received, sign
from tests.factories.request import approved_request, coordinator, wanted
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, hours
from tests.factories.unit import ACCEPTED_AT, available_units_of, determined_unit

pytestmark = pytest.mark.django_db


def test_a_consent_in_two_halves_one_half_taken_back():
    specifications_in_force()
    collection = form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE])
    first = given_consent(form=collection)
    unit, quality = determined_unit(registered_donation(first)), staff(Role.QUALITY_REVIEWER)
    assert [each.consent for each in overdue_full_consents(GIVEN_AT + hours(48))] == [first.code]

    def accept(use):
        accept_units([unit.pk], use, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
        unit.refresh_from_db()

    with pytest.raises(NotAcceptable, match="no full consent"):
        accept(Use.HUMAN_APPLICATION)
    full = given_consent(first.donor, given_at=GIVEN_AT + hours(60))
    assert overdue_full_consents(GIVEN_AT + hours(60)) == []
    accept(Use.HUMAN_APPLICATION)
    request = request_units(wanted(unit), by=coordinator(), at=NOON)

    narrowed(full, "treatment", at=NOON + hours(1))

    request.refresh_from_db()
    unit.refresh_from_db()
    assert (request.status, unit.state) == ("void", UnitState.QUARANTINED)
    with pytest.raises(NotAcceptable, match="human application"):
        accept(Use.HUMAN_APPLICATION)
    accept(Use.LABORATORY)
    assert (unit.state, unit.use) == (UnitState.AVAILABLE, "laboratory")


def test_a_letter_that_comes_after_the_release_is_the_directors_and_a_name_is_forgotten():
    form = form_in_force(form_facts("CF-EARLY", withdrawal_until=WithdrawalStage.RESERVATION))
    donor = registered_donor(identity=ANNA)
    consent = given_consent(donor, form)
    first, promised, idle = available_units_of(consent, 3)
    gone = received(first).items.get(unit__isnull=False).unit
    request, director = approved_request(promised), staff(Role.MEDICAL_DIRECTOR)

    withdrawn(consent, at=NOON + hours(30))

    idle.refresh_from_db()
    assert idle.state == UnitState.QUARANTINED
    assert set(NoticeItem.objects.values_list("unit_id", flat=True)) == {gone.pk, promised.pk}
    with pytest.raises(NotReleasable, match="gate 1"):
        evaluated_release(request)
    decide_referral(
        WithdrawalReferral.objects.get(),
        ReferralDecision.GOES_ON,
        reason="The form says so; the recipient is conditioned.",
        credentials=credentials(director),
        by=director,
        at=NOON + hours(31),
    )
    sign(evaluated_release(request))
    release = sign(evaluated_release(request), Meaning.RELEASED).release
    assert release.status == "issued"
    officer = staff(Role.IDENTITY_OFFICER)
    erase_identity(
        Erasure(donor=donor, reason="Lawful request 9/2026"),
        credentials=credentials(officer),
        by=officer,
        at=NOON + hours(40),
    )

    with pytest.raises(IdentityErased):
        read_identity(donor, reason="Lawful request", by=recorder(), at=NOON + hours(41))
    assert [each.unit for each in trace_donor(donor.pk) if each.site] == [gone.code]
    assert len(open_holds_on([idle.pk])[idle.pk]) == 1
    assert list(bank_findings()) == []
