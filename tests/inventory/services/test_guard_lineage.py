"""What was made from another was made by a processing, unless it was brought in with its lineage."""

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.services.guard import drop_guards, install_guards
from inventory.models.unit import Lineage
from tests.factories.unit import frozen_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)


def made_without_processing():
    """Return a write past every service: an own unit made from another by no processing."""
    child, parent = frozen_unit(), frozen_unit()
    return lambda: Lineage.objects.create(parent=parent, child=child)


def test_the_database_lets_only_what_was_brought_in_be_made_by_no_processing():
    write = made_without_processing()

    with pytest.raises(DatabaseError, match="no processing of record"), transaction.atomic():
        write()


def test_without_its_guard_the_database_would_let_it_pass():
    write = made_without_processing()

    drop_guards(connection)
    try:
        write()
    finally:
        install_guards(connection)
    assert Lineage.objects.filter(processing=None).exists()
