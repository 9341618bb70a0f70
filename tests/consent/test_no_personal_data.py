"""A canary donor goes through everything consent does; her name is then looked for everywhere."""

import logging

import pytest
from django.apps import apps
from django.db import connection

from biobank.domain.refusal import RuleViolation
from consent.domain.consent import WithdrawalScope
from consent.models.donor import Donor
from consent.models.identity import DonorIdentity
from consent.queries.consent import consent_status
from consent.services.consent import Withdrawal, withdraw_consent
from consent.services.identity import IdentityLookup, NewIdentity, find_donor, read_identity, record_identity
from tests.factories.donor import ANNA, given_consent, recorder, registered_donor
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db

CANARIES = ("Annabelle", "Canary-Feather", "KH-00-4711", "KH004711", "1994-05-17", "Nightingale", "Wren")


def test_no_table_ledger_body_log_or_text_shows_who_the_donor_is(caplog):
    caplog.set_level(logging.DEBUG)

    said = _everything_consent_does()

    written = "\n".join([*_every_row(), caplog.text, *said])
    assert len(_every_row()) > 20
    assert DonorIdentity.objects.count() == 1
    assert [canary for canary in CANARIES if canary.casefold() in written.casefold()] == []


def test_the_search_finds_a_name_where_there_is_one():
    donor = registered_donor(identity=ANNA)
    DonorIdentity.objects.filter(donor=donor).update(mother_name=ANNA.mother_name)

    written = "\n".join(_every_row())

    assert [canary for canary in CANARIES if canary in written] == ["Annabelle", "Canary-Feather"]


def _everything_consent_does():
    donor = registered_donor(identity=ANNA)
    consent = given_consent(donor)
    identity = read_identity(donor, reason="Lawful request", by=recorder(), at=NOON)
    lookup = IdentityLookup(site=donor.site, record_number=ANNA.record_number, birth_date=ANNA.birth_date)
    found = find_donor(lookup, by=recorder(), at=NOON)
    refusals = [
        _refused(lambda: record_identity(NewIdentity(donor=donor, identity=ANNA), by=recorder(), at=NOON)),
        _refused(lambda: registered_donor(identity=ANNA)),
    ]
    withdraw_consent(
        Withdrawal(donor=donor, scope=WithdrawalScope.ALL, reason="Letter", occurred_at=NOON), by=recorder(), at=NOON
    )
    status = consent_status([donor.id], NOON)
    return [repr(identity), str(found), *refusals, repr(status), str(consent), repr(Donor.objects.get(id=donor.id))]


def _refused(call):
    with pytest.raises(RuleViolation) as refusal:
        call()
    return f"{refusal.value} {refusal.value.reasons!r} {refusal.value.mend}"


def _every_row():
    rows = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - the table's name is the model's
            rows += [repr(row) for row in cursor.fetchall()]
    return rows
