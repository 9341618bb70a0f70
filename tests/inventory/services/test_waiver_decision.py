"""What no exception is asked for: a unit of which the bank decided otherwise, or which is held to nothing."""

from collections.abc import Callable
from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.gate import NotReleasable
from inventory.domain.release import ReleaseKind
from inventory.domain.unit import Use
from inventory.domain.waiver import WaiverRefused
from inventory.models.specification import Specification
from inventory.models.unit import Unit
from inventory.queries.unit import lock_units
from inventory.services.acceptance import accept_units, withdraw_acceptance
from tests.factories.excursion import assessed, excursion, group
from tests.factories.person import credentials, staff
from tests.factories.time import NOON
from tests.factories.unit import available_unit, within_a_service
from tests.factories.untouched import nothing_changes
from tests.factories.waiver import requested, weak_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (weak_unit,)


def left_by_an_excursion(unit: Unit, verdict: str) -> None:
    assessed(excursion(at=NOON), group(verdict, unit.code), at=NOON)


def accepted_for_the_laboratory_once(unit: Unit) -> None:
    quality = staff(Role.QUALITY_REVIEWER)
    accept_units([unit.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=NOON)
    because = "a deviation"
    within_a_service(lambda by: withdraw_acceptance(lock_units([unit.pk]), reason=because, by=by, at=NOON))


@pytest.mark.parametrize("kind", [ReleaseKind.EXCEPTIONAL, ReleaseKind.URGENT])
@pytest.mark.parametrize(
    ("decided", "said"),
    [
        (partial(left_by_an_excursion, verdict="discard"), "left it to be discarded"),
        (partial(left_by_an_excursion, verdict="test_first"), "left it to be tested first"),
        (accepted_for_the_laboratory_once, "use only ever goes down"),
    ],
)
def test_no_exception_undoes_what_the_bank_decided_of_a_unit(
    decided: Callable[[Unit], None], said: str, kind: ReleaseKind
) -> None:
    unit = weak_unit()
    decided(unit)
    other = available_unit()

    with nothing_changes(leaving=("request.refused",)), pytest.raises(WaiverRefused, match=said):
        requested(unit, other, kind=kind)

    requested(weak_unit(), other, kind=kind)


def test_a_unit_held_to_no_specification_has_nothing_that_could_be_named_and_waived() -> None:
    unit = weak_unit()
    Specification.objects.filter(product_class=unit.product_class).update(status="superseded")

    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match="no specification applies"):
        requested(unit)
