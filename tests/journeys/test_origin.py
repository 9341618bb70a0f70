"""A bag of another bank: received, its paper signed for once a sample of it was compared, marked wherever it goes."""

import re
from io import BytesIO

import pypdf
import pytest
from django.test import Client

from biobank.domain.role import Role
from consent.models.consent import Consent
from inventory.documents.custody import custody_pdf
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.gate import Gate, NotReleasable, evaluate
from inventory.domain.unit import UnitState, Use
from inventory.domain.verdict import Outcome
from inventory.models.result import Result
from inventory.queries.custody import custody_facts
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.placement import free_positions
from inventory.services.acceptance import accept_units
from inventory.services.placement import PutAway, put_away
from inventory.services.proof import bank_findings
from inventory.services.request import request_units
from tests.factories.custody_facts import edition
from tests.factories.donor import ELSEWHERE, PAPER, withdrawn
from tests.factories.origin import CAME_AT, batch, consent_of, eligible, reported, signed_for, stated, taken_in
from tests.factories.person import credentials, staff
from tests.factories.request import coordinator, wanted
from tests.factories.result import of_mother, record
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, hours
from tests.factories.unit import box, confirm_segment

pytestmark = pytest.mark.django_db

MARK = f"attested by {ELSEWHERE}, document {PAPER.document_sha256[:16]}"
BEFORE_NOON = NOON - hours(2)


def stored():
    """Return a bag of the other bank, in the box, with all that its paper reports entered."""
    specifications_in_force()
    unit = taken_in()[0]
    place = free_positions([box()], 1)[0]
    wanted_place = [PutAway(position_id=place.pk, unit_id=unit.pk)]
    put_away(wanted_place, reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=CAME_AT)
    results = reported(unit, tnc_recovery_percent="85.0", hours_to_freezing="30.0")
    return unit, results


def accept(unit, use=Use.HUMAN_APPLICATION):
    quality = staff(Role.QUALITY_REVIEWER)
    accept_units([unit.pk], use, credentials=credentials(quality), by=quality, at=BEFORE_NOON)
    unit.refresh_from_db()


def printed(unit):
    reader = pypdf.PdfReader(BytesIO(custody_pdf(custody_facts(unit.code, NOON), edition())))
    return re.sub(r"\s+", "", " ".join(page.extract_text() for page in reader.pages))


def test_a_bag_of_another_bank_is_accepted_and_requested_on_what_that_bank_attests():
    unit, results = stored()
    with pytest.raises(NotAcceptable):
        accept(unit)

    signed_for(batch(consent_of(unit), eligible(unit), *stated(results), checked={1, 2, 3}))
    accept(unit)
    confirm_segment(unit)
    request = request_units(wanted(unit), by=coordinator(), at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED
    gates = {each.gate: each for each in evaluate(gate_facts([unit], asked_by(request), at=NOON)[unit.pk], NOON)}
    assert gates[Gate.CONSENT].outcome is gates[Gate.ELIGIBILITY].outcome is gates[Gate.QUALITY].outcome is Outcome.PASS
    assert MARK in gates[Gate.CONSENT].evidence
    assert MARK in gates[Gate.ELIGIBILITY].evidence
    assert any(MARK in each for each in gates[Gate.QUALITY].evidence)
    assert list(bank_findings()) == []


def test_attested_is_shown_in_the_custody_document_and_on_the_page(client: Client):
    unit, results = stored()
    signed_for(batch(consent_of(unit), eligible(unit), *stated(results), checked={1, 2, 3}))
    client.force_login(staff(Role.QUALITY_REVIEWER))

    document, page = printed(unit), client.get(f"/units/{unit.code}/").content.decode()

    mark = re.sub(r"\s+", "", MARK)
    assert document.count(mark) >= 2 + len(results)
    assert "otherbank" in document
    assert MARK in page


def test_what_was_reported_and_not_signed_for_is_shown_as_such(client: Client):
    unit, _ = stored()
    client.force_login(staff(Role.QUALITY_REVIEWER))

    page = client.get(f"/units/{unit.code}/").content.decode()

    assert f"reported by {ELSEWHERE}, not attested" in page
    assert MARK not in page


def test_a_late_reactive_marker_of_our_own_takes_back_what_was_attested():
    unit, results = stored()
    signed_for(batch(consent_of(unit), eligible(unit), *stated(results), checked={1, 2, 3}))
    accept(unit)

    record(of_mother(unit, "anti_hbc", "positive"), at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert unit.donation.determinations.get().reopened_at == NOON


def test_her_withdrawal_stops_it_here_too():
    unit, results = stored()
    signed_for(batch(consent_of(unit), eligible(unit), *stated(results), checked={1, 2, 3}))
    accept(unit)
    confirm_segment(unit)

    withdrawn(Consent.objects.get(), at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert not Result.objects.filter(unit=unit, verified_at=None, sample=None).exists()
    with pytest.raises(NotReleasable):
        request_units(wanted(unit), by=coordinator(), at=NOON + hours(1))


def test_what_she_refused_there_is_refused_here():
    unit, results = stored()
    signed_for(batch(consent_of(unit, treatment=False), eligible(unit), *stated(results), checked={1, 2, 3}))

    with pytest.raises(NotAcceptable, match="human application"):
        accept(unit)
