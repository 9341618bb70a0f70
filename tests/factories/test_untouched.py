"""Canaries of the proof that a refusal changed nothing: it sees what was left, also on the refusal's way out."""

import pytest

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role
from inventory.models.unit import Unit
from tests.factories.person import staff
from tests.factories.unit import received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def refuse(_left: object = None) -> None:
    """Refuse, whatever was left before."""
    raise RuleViolation("No.")


def test_a_refusal_that_left_a_changed_row_is_seen() -> None:
    unit = received_unit()

    with pytest.raises(AssertionError, match=r"inventory\.Unit"), nothing_changes():
        refuse(Unit.objects.filter(pk=unit.pk).update(thawed=True))


def test_a_refusal_that_left_an_entry_is_seen() -> None:
    received_unit()

    with pytest.raises(AssertionError, match=r"person\.registered"), nothing_changes():
        refuse(staff(Role.MEDICAL_DIRECTOR))


def test_a_refusal_that_left_nothing_is_let_through() -> None:
    received_unit()

    with pytest.raises(RuleViolation, match="No"), nothing_changes():
        refuse()
