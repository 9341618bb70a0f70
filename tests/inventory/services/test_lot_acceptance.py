"""Lots accepted as one: by one signature for every vial, and again for what came back alone."""

import pytest

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.lot import RecordOnTheLot
from inventory.domain.unit import Use
from inventory.models.acceptance import Acceptance
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.services.acceptance import accept_units
from inventory.services.lot_acceptance import accept_lot
from tests.factories.lot import (
    accepted,
    available_lot,
    determined,
    made_lot,
    specification_in_force,
    stored,
    tissue,
    vials_of,
)
from tests.factories.person import credentials, staff
from tests.factories.time import NOON
from tests.factories.unit import ACCEPTED_AT, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue)


def test_one_signature_accepts_a_lot_and_every_vial_of_it():
    lot = available_lot()

    assert {(vial.state, vial.use) for vial in vials_of(lot)} == {("available", "human_application")}
    assert Acceptance.objects.get().lot == lot
    assert LedgerEntry.objects.filter(kind="lot.accepted").count() == 1
    assert list(fold_findings()) == []


def test_a_lot_outside_its_limits_is_refused_in_one_sentence_and_stays_in_quarantine():
    specification_in_force()
    lot = determined(stored(made_lot(), mycoplasma="positive"))

    with pytest.raises(NotAcceptable) as refused:
        accepted(lot)

    assert [reason.code for reason in refused.value.reasons] == ["fail-mycoplasma"]
    assert {vial.state for vial in vials_of(lot)} == {"quarantined"}
    assert not Acceptance.objects.exists()


def test_a_single_vial_is_not_accepted_against_its_lot():
    specification_in_force()
    lot, quality = determined(stored(made_lot())), staff(Role.QUALITY_REVIEWER)
    vial = vials_of(lot)[0]

    with pytest.raises(RecordOnTheLot, match="never alone"):
        accept_units([vial.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)

    vial.refresh_from_db()
    assert (vial.state, Acceptance.objects.count()) == ("quarantined", 0)


def test_vials_that_came_back_alone_are_accepted_with_their_lot_again():
    lot, quality = available_lot(), staff(Role.QUALITY_REVIEWER)
    Unit.objects.filter(pk=vials_of(lot)[0].pk).update(state="quarantined", use="")

    again = accept_lot(lot, Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=NOON)

    assert Acceptance.objects.get(withdrawn_at__isnull=True) == again
    assert {vial.state for vial in vials_of(lot)} == {"available"}
