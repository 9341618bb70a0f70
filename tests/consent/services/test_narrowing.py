import pytest
from django.db import IntegrityError, connection, transaction

from biobank.models.ledger import LedgerEntry
from biobank.services.guard import drop_guards
from consent.domain.consent import EventKind
from consent.domain.narrowing import NarrowingRefused
from consent.models.consent import ConsentEvent, TakenBack
from consent.queries.consent import consent_status
from consent.services.narrowing import Narrowing, narrow_consent
from consent.signals import consent_reduced
from tests.factories.donor import GIVEN_AT, given_consent, narrowed, recorder, registered_donor, withdrawn
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of

pytestmark = pytest.mark.django_db


def status(consent, at=NOON, **more):
    return consent_status([consent.donor_id], at, **more)[consent.donor_id]


def test_what_is_taken_back_no_longer_holds_and_no_answer_is_edited():
    consent = given_consent()
    answers = list(consent.answers.values())

    narrowed(consent, "treatment", "companies")

    consent.refresh_from_db()
    assert (consent.status, list(consent.answers.values())) == ("active", answers)
    assert (status(consent).human_application, status(consent).restrictions) == (False, ("NCU",))
    assert [event.kind for event in consent.events.all()] == ["given", "narrowed"]
    assert last_of("consent.narrowed")["new"] == {"taken_back": ["companies", "treatment"]}


def test_history_still_shows_what_was_granted_before():
    consent = given_consent()

    narrowed(consent, "treatment", at=NOON)

    assert status(consent, recorded_by=NOON - hours(1)).human_application is True
    assert status(consent, recorded_by=NOON).human_application is False


@pytest.mark.parametrize("key", ["sale", "storage", "research"])
def test_a_narrowing_of_what_was_never_granted_changes_nothing(key):
    consent, before = given_consent(), head_number()

    with pytest.raises(NarrowingRefused):
        narrowed(consent, key)

    assert not TakenBack.objects.exists()
    assert (kinds_since(before), status(consent).human_application) == ([], True)


def test_the_same_is_not_taken_back_twice_nor_from_what_has_ended():
    consent = given_consent()
    narrowed(consent, "treatment")

    with pytest.raises(NarrowingRefused, match="taken back before"):
        narrowed(consent, "treatment")
    with pytest.raises(NarrowingRefused, match="no active consent"):
        narrowed(withdrawn(given_consent()), "treatment")
    with pytest.raises(NarrowingRefused, match="no active consent"):
        narrow_consent(
            Narrowing(donor=registered_donor(), taken_back=["treatment"], reason="Letter", occurred_at=NOON),
            by=recorder(),
            at=NOON,
        )

    assert TakenBack.objects.count() == 1


def test_the_other_apps_are_told_inside_the_transaction():
    consent, heard = given_consent(), []

    def listen(**said):
        heard.append((said["kind"], said["consent"].code))
        raise NarrowingRefused("The units could not be stopped.")

    consent_reduced.connect(listen)
    with pytest.raises(NarrowingRefused, match="could not be stopped"):
        narrowed(consent, "treatment")
    consent_reduced.disconnect(listen)

    assert heard == [(EventKind.NARROWED, consent.code)]
    assert not TakenBack.objects.exists()
    assert not LedgerEntry.objects.filter(kind="consent.narrowed").exists()


def refused_rows():
    """Return rows that take back what was not granted, by another consent's narrowing, or by no narrowing."""
    consent, other = given_consent(companies=False), given_consent()
    mine = ConsentEvent.objects.create(consent=consent, kind="narrowed", occurred_at=NOON, at=NOON, by=recorder())
    answers = {answer.statement.key: answer for answer in consent.answers.all()}
    return [
        TakenBack(event=mine, answer=answers["companies"]),
        TakenBack(event=mine, answer=other.answers.first()),
        TakenBack(event=consent.events.get(kind="given"), answer=answers["treatment"]),
    ]


def test_the_database_lets_only_what_the_same_consent_granted_be_taken_back():
    for row in refused_rows():
        with pytest.raises(IntegrityError, match="Only what the same consent granted"), transaction.atomic():
            row.save()


def test_canary_without_the_guard_anything_is_taken_back():
    rows = refused_rows()
    drop_guards(connection)

    for row in rows:
        row.save()

    assert TakenBack.objects.count() == len(rows)


def test_the_time_it_was_given_bounds_the_narrowing():
    consent = given_consent()
    narrowing = Narrowing(donor=consent.donor, taken_back=["treatment"], reason="x", occurred_at=GIVEN_AT - hours(1))

    with pytest.raises(NarrowingRefused, match="before the consent was given"):
        narrow_consent(narrowing, by=recorder(), at=NOON)
