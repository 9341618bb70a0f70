"""Facts of custody are of one ledger position, also while others write."""

import pytest
from django.db import connection

from biobank.domain.site import SiteKind
from biobank.models.ledger import LedgerHead
from inventory.queries.custody import READINGS, LedgerMoving, NoSuchUnit, custody_facts
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent, withdrawn
from tests.factories.person import site
from tests.factories.time import NOON, hours
from tests.factories.unit import working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)


class Writer:
    """Another person's writes: a site is registered while shipments are being read, this often."""

    def __init__(self, times):
        self.left = times

    def __call__(self, execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if "inventory_shipment" in sql and self.left:
            self.left -= 1
            site(f"COL-{self.left}", SiteKind.COLLECTION)
        return answer


def test_facts_are_read_again_when_the_ledger_moved_meanwhile():
    unit = registered_donation().units[0]
    before = LedgerHead.objects.get().number

    with connection.execute_wrapper(Writer(times=2)):
        facts = custody_facts(unit.code, NOON)

    assert facts.head.number == before + 2


def test_a_ledger_that_never_rests_is_refused_by_name():
    unit = registered_donation().units[0]

    with connection.execute_wrapper(Writer(times=READINGS)), pytest.raises(LedgerMoving):
        custody_facts(unit.code, NOON)


def test_a_withdrawn_consent_shows_when_and_which_scope():
    consent = given_consent()
    unit = registered_donation(consent).units[0]
    withdrawn(consent, at=NOON)

    facts = custody_facts(unit.code, NOON + hours(1))

    assert facts.donors[0].status == "withdrawn, all"
    assert facts.donors[0].withdrawn_at == NOON
    assert any(row.kind == "consent.withdrawn" for row in facts.entries)


def test_another_donors_entries_do_not_reach_the_facts():
    unit = registered_donation().units[0]
    other = given_consent()
    withdrawn(other, at=NOON)

    facts = custody_facts(unit.code, NOON + hours(1))

    assert not any(other.donor.donor_code in row.subjects for row in facts.entries)


@pytest.mark.parametrize("code", ["", "x" * 300, "A999926000001S9001V00' OR 1=1", "\u202e"])
def test_a_code_that_names_no_unit_is_refused_by_name(code):
    with pytest.raises(NoSuchUnit, match="No unit of this bank"):
        custody_facts(code, NOON)
