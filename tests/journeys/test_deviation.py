"""A bag sealer that leaked, found when one of its bags had left: told, reported, investigated and closed."""

import pytest

from biobank.domain.role import Role
from inventory.domain.deviation import DeviationClass, DeviationNotClosed
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import UnitState
from inventory.models.unit import Unit
from inventory.queries.deviation import open_deviations
from inventory.queries.duty import open_duties
from inventory.queries.fold import fold_findings
from inventory.services.deviation import (
    Closing,
    NewDeviation,
    Touched,
    close_deviation,
    extend_deviation,
    open_deviation,
)
from inventory.services.duty import fulfil_duty
from tests.factories.deviation import disposition
from tests.factories.person import credentials, staff
from tests.factories.release import inside, shipped
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db


def test_a_sealer_leaked_and_one_of_its_bags_had_left():
    technician, quality = staff(Role.LAB_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    gone = inside(shipped(available_unit(segment=True)))[0]
    here, found_later, fine = (available_unit(segment=True) for _ in range(3))

    told = NewDeviation(
        DeviationClass.CRITICAL,
        "The sealer's jaw was cracked; two seams leak.",
        "Sealer taken out of use, the bag kept apart.",
        NOON - hours(40),
        Touched(unit_ids=(gone.pk, here.pk), person_ids=(technician.pk,)),
    )
    opened = open_deviation(told, by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(3))
    extend_deviation(
        opened, Touched(unit_ids=(found_later.pk,)), reason="the same shift", by=technician, at=NOON + hours(4)
    )

    assert {unit.state for unit in Unit.objects.filter(pk__in=[here.pk, found_later.pk])} == {UnitState.AVAILABLE}
    for stopped in (here, found_later):
        with pytest.raises(NotReleasable, match=opened.reference):
            submitted_request(stopped)
    assert submitted_request(fine).pk
    duty = open_duties(subjects=[opened.reference]).get()
    fulfil_duty(duty, note="reported on form 3486", by=quality, at=NOON + hours(5))

    closing = Closing(
        "The jaw is replaced each quarter from now on.",
        (
            disposition("no_increased_risk", gone.code, found_later.code),
            disposition("discard", here.code, because="the seam leaks"),
        ),
        "CAPA-2026-7",
    )
    with pytest.raises(DeviationNotClosed, match="Whom a deviation names"):
        close_deviation(opened, closing, credentials=credentials(technician), by=technician, at=NOON + hours(6))
    close_deviation(opened, closing, credentials=credentials(quality), by=quality, at=NOON + hours(6))

    assert not open_deviations().exists()
    assert Unit.objects.get(pk=here.pk).state == UnitState.QUARANTINED
    assert submitted_request(Unit.objects.get(pk=found_later.pk)).pk
    assert not open_duties(subjects=[opened.reference]).exists()
    assert list(fold_findings()) == []
