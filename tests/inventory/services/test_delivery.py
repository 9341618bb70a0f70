import pytest

from biobank.domain.role import Role
from inventory.domain.unit import IllegalTransition
from inventory.services.delivery import receive_return
from tests.factories.person import default_site
from tests.factories.release import COLD
from tests.factories.time import NOON
from tests.factories.unit import available_unit, received_unit, staff
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("never_left", [received_unit, available_unit])
def test_what_never_left_the_bank_cannot_come_back(never_left):
    unit, by, to = never_left(), staff(Role.STORAGE_TECHNICIAN), default_site()

    with nothing_changes(), pytest.raises(IllegalTransition, match="returned to bank"):
        receive_return(unit, to=to, opened=False, warmest_celsius=COLD, findings={}, by=by, at=NOON)
