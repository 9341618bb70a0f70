"""How near a recipient is to a donation's infant is corrected by two once somebody approved on it."""

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.correction import CorrectionRefused
from inventory.domain.donation import DonationPurpose
from inventory.domain.kinship import Kin
from inventory.domain.unit import UnitState
from inventory.models.deviation import Deviation
from inventory.models.donation import Donation
from inventory.models.kinship import Kinship
from inventory.queries.correction_proof import correction_findings
from inventory.services.kinship import name_kin
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import registered_donation
from tests.factories.person import staff
from tests.factories.release import evaluated_release, inside, shipped, sign
from tests.factories.request import approved_request
from tests.factories.time import NOON, hours
from tests.factories.trail import last_of
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)
SEEN = "Extract of the birth register 17/26"


def named(donation, degree=1, *, recipient="PATIENT-7", study="LIVER-1"):
    """Record a kinship of a study's recipient to the infant of a donation, and return it."""
    kin = Kin(study, recipient, degree, SEEN)
    return name_kin(donation, kin, by=staff(Role.QUALITY_REVIEWER), at=NOON)


def named_of(request, unit, degree=1):
    """Record the kinship of who a request is for."""
    return named(unit.donation, degree, recipient=request.recipient.code, study=request.recipient.protocol_code)


def fresh(row):
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("field", "value", "now"), [("degree", 2, 2), ("shown_by", "Register 18/26", "Register 18/26")]
)
def test_a_kinship_that_nobody_approved_on_is_corrected_at_once(field, value, now):
    row = named(registered_donation().donation)

    made = correction("kinship", row.pk, field, value)

    assert (getattr(fresh(row), field), made.status, made.subject) == (value, "in_effect", row.donation.code)
    assert last_of("fact.corrected")["new"]["fact"] == f"kinship.{field}"
    assert list(correction_findings()) == []


def test_an_approval_for_whom_it_names_waits_for_a_second_person_and_is_open_again():
    unit, other = available_unit(segment=True), available_unit(segment=True)
    request, stays = approved_request(unit), approved_request(other)
    release = evaluated_release(request)
    sign(release)
    row = named_of(request, unit)

    made = correction("kinship", row.pk, "degree", 3)
    assert (made.status, made.rested, fresh(row).degree) == ("proposed", ["approval", "signature"], 1)
    confirmed(made)

    assert (fresh(row).degree, fresh(request).status, request.approval) == (3, "submitted", None)
    assert (fresh(release).status, fresh(unit).state) == ("void", UnitState.RESERVED)
    assert fresh(stays).status == "approved"


def test_an_approval_for_somebody_else_rests_on_no_kinship():
    unit = available_unit(segment=True)
    request = approved_request(unit)
    row = named(unit.donation, recipient="SOMEBODY-ELSE")

    made = correction("kinship", row.pk, "degree", 3)

    assert (made.status, fresh(request).status) == ("in_effect", "approved")


def test_after_shipment_to_whom_it_names_a_deviation_is_opened():
    gone = inside(shipped(available_unit(segment=True)))[0]
    request = gone.reservations.get().request
    at = NOON + hours(3)

    confirmed(correction("kinship", named_of(request, gone).pk, "degree", 4, at=at), at=at)

    assert [item.unit for item in Deviation.objects.get().items.filter(unit__isnull=False)] == [gone]


@pytest.mark.parametrize(
    ("purpose", "degree", "value", "match"),
    [
        (DonationPurpose.UNRELATED, 1, 5, "from 0 to 4"),
        (DonationPurpose.UNRELATED, 1, "", "missing"),
        (DonationPurpose.UNRELATED, 1, 1, "is that already"),
        (DonationPurpose.RELATED, 1, 0, "is for a relative"),
        (DonationPurpose.AUTOLOGOUS, 0, 1, "for the infant itself alone"),
    ],
)
def test_what_it_cannot_be_is_refused_here_and_in_the_database(purpose, degree, value, match):
    row = named(registered_donation().donation, degree)
    drop_guards(connection)
    Donation.objects.filter(pk=row.donation_id).update(purpose=purpose.value)
    install_guards(connection)

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction("kinship", row.pk, "degree", value)


CHANGES = {
    "degree": {"degree": 2},
    "document": {"shown_by": "Register 18/26"},
    "time": {"stated_at": AT},
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_database_itself_changes_a_kinship_only_by_a_correction_and_without_its_guards_it_would(what):
    rows = Kinship.objects.filter(pk=named(registered_donation().donation).pk)

    with pytest.raises(DatabaseError, match=r"only by a correction|stays what it was"), transaction.atomic():
        rows.update(**CHANGES[what])
    drop_guards(connection)
    try:
        assert rows.update(**CHANGES[what]) == 1
    finally:
        install_guards(connection)
