import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from inventory.domain.din import Din, DinRefused
from inventory.domain.din_label import LabelsRefused
from inventory.domain.donation import DonationRefused
from inventory.models.din_label import DinRange, SpoiledDin
from inventory.queries.din_label import reconciliations, used_without_issue
from inventory.services.din_label import issue_labels, spoil_label
from inventory.services.donation import register_donations
from tests.factories.donation import REGISTERED_AT, maternity, new_donation, registered_donation
from tests.factories.donor import given_consent
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.trail import last_of
from tests.factories.unit import working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, given_consent)


def typed(serial, year="27"):
    din = Din(f"A9999{year}{serial:06d}")
    return f"{din.text}{din.check_character}"


def issued(first=101, last=200):
    return issue_labels(typed(first), typed(last), site=maternity(), by=staff(Role.QUALITY_REVIEWER), at=NOON)


def spoil(serial, reason="torn"):
    return spoil_label(typed(serial), reason=reason, by=staff(Role.COLLECTION_STAFF), at=NOON)


def use(serial, consent=None):
    new = new_donation(consent, din=typed(serial))
    return register_donations([new], by=new.collector, at=REGISTERED_AT)[0]


def test_labels_are_counted_as_issued_used_and_spoiled():
    roll, other = issued(), issued(201, 250)
    use(101)
    use(250)
    spoil(102)
    spoil(103)

    found = {each.reference: each for each in reconciliations()}

    assert (found[roll.reference].issued, found[roll.reference].used, found[roll.reference].spoiled) == (100, 1, 2)
    assert found[roll.reference].left == 97
    assert (found[other.reference].used, found[other.reference].left) == (1, 49)
    assert last_of("label.issued")["new"]["count"] == 50
    assert last_of("label.spoiled")["reason"] == "torn"


def test_a_label_used_that_nobody_issued_is_named():
    issued()
    use(101)
    stray = registered_donation().donation

    assert used_without_issue() == [stray.din]


def test_a_label_is_issued_once():
    roll = issued()

    for first, last in ((101, 200), (50, 101), (200, 300), (120, 130)):
        with pytest.raises(LabelsRefused, match=f"issued in {roll.reference}"), nothing_changes():
            issued(first, last)


def test_what_is_no_label_is_neither_issued_nor_spoiled():
    issued()

    with pytest.raises(DinRefused), nothing_changes():
        issue_labels("A9999", typed(300), site=maternity(), by=staff(Role.QUALITY_REVIEWER), at=NOON)
    with pytest.raises(LabelsRefused, match="never issued"), nothing_changes():
        spoil(999)


def test_a_label_on_a_donation_is_not_spoiled_and_a_spoiled_one_takes_no_donation():
    issued()
    use(101)
    spoil(102)
    consent = given_consent()

    with pytest.raises(LabelsRefused, match="is a donation's"), nothing_changes():
        spoil(101)
    with pytest.raises(LabelsRefused, match="spoiled before"), nothing_changes():
        spoil(102)
    with pytest.raises(DonationRefused, match="recorded as spoiled"), nothing_changes():
        use(102, consent)


def test_the_database_itself_issues_a_label_once_and_keeps_what_was_spoiled():
    roll = issued()
    spoiled = spoil(102)
    again = {"site": roll.site, "issued_by": roll.issued_by, "issued_at": NOON}

    for statement in (
        lambda: DinRange.objects.create(
            reference="LBL-X", prefix=roll.prefix, first_serial=150, last_serial=160, **again
        ),
        lambda: DinRange.objects.filter(pk=roll.pk).update(last_serial=999),
        lambda: SpoiledDin.objects.filter(pk=spoiled.pk).update(reason="used"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()
