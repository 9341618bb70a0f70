import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.models.signature import Signature
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.assay import Subject
from inventory.domain.excursion import AssessmentRefused
from inventory.domain.hold import HoldRefused
from inventory.domain.unit import UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.excursion import Excursion, ExcursionItem
from inventory.models.hold import Hold
from inventory.queries.ancestry import ancestries_of
from inventory.queries.fold import fold_findings
from inventory.queries.retest import unsettled
from inventory.services.acceptance import accept_units
from inventory.services.hold import lift_hold
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.excursion import assessed, excursion, group, held
from tests.factories.person import LONG_AGO, credentials, staff
from tests.factories.release import issued_release
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit, available_units
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def test_cleared_lifts_the_hold_and_leaves_everything_as_it_was():
    unit = available_unit()
    opened = excursion()
    before = head_number()

    assessed(opened, group("cleared", unit.code))

    unit.refresh_from_db()
    assert held(unit) == [[]]
    assert unit.state == UnitState.AVAILABLE
    assert kinds_since(before)[-2:] == ["hold.lifted", "excursion.assessed"]
    assert left_of(unit) == []


@pytest.mark.parametrize("verdict", ["test_first", "discard"])
def test_test_first_and_discard_take_the_acceptance_back_and_void_what_was_promised(verdict):
    unit = available_unit(segment=True)
    release = issued_release(unit)
    opened = excursion()

    assessed(opened, group(verdict, unit.code))

    unit.refresh_from_db()
    release.refresh_from_db()
    assert (unit.state, release.status, held(unit)) == (UnitState.QUARANTINED, "void", [[]])
    assert not Acceptance.objects.filter(unit=unit, withdrawn_at=None).exists()
    assert list(fold_findings()) == []


@pytest.mark.parametrize(("verdict", "again"), [("cleared", True), ("test_first", True), ("discard", False)])
def test_what_was_not_tested_since_or_is_to_be_discarded_is_not_accepted_again(verdict, again):
    unit = available_unit()
    opened = excursion()
    assessed(opened, group(verdict, unit.code))
    old = Acceptance.objects.get(unit=unit)
    Acceptance.objects.filter(pk=old.pk, withdrawn_at=None).update(withdrawn_at=NOON)
    row = {name: getattr(old, name) for name in ("unit", "use", "specification", "signature", "snapshot_sha256")}

    if verdict != "cleared":
        assert left_of(unit) == [opened.reference]
        with pytest.raises(IntegrityError), transaction.atomic():
            Acceptance.objects.create(**row, accepted_at=NOON)
    retest(unit)

    assert left_of(unit) == ([] if again else [opened.reference])
    if again:
        assert Acceptance.objects.create(**row, accepted_at=NOON)


@pytest.mark.parametrize("verdict", ["test_first", "discard"])
def test_accepting_again_is_refused_with_the_excursion_that_stands_against_it(verdict):
    one, other = available_units(2)
    opened = excursion()
    assessed(opened, group(verdict, one.code), group("cleared", other.code))
    quality = staff(Role.QUALITY_REVIEWER)

    with pytest.raises(NotAcceptable) as refused, nothing_changes():
        accept_units([one.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=NOON)

    assert [each.code for each in refused.value.reasons] == ["excursion"]
    assert opened.reference in str(refused.value.reasons[0].text)


def test_what_was_to_be_tested_first_is_accepted_again_once_it_was():
    unit = available_unit()
    assessed(excursion(), group("test_first", unit.code))
    retest(unit)
    quality = staff(Role.QUALITY_REVIEWER)

    accept_units([unit.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=NOON + hours(3))

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def left_of(unit):
    return [each.reference for each in unsettled(ancestries_of([unit.pk]))[unit.pk]]


def retest(unit):
    new = NewResult("tnc_viability_percent", Subject.UNIT, unit=unit, value="94.0")
    made = record_results([new], by=staff(Role.LAB_TECHNICIAN), at=NOON + hours(1))
    second = staff(Role.LAB_TECHNICIAN, "the-second-technician")
    verify_results([each.pk for each in made], by=second, at=NOON + hours(2))


def test_groups_of_every_verdict_are_signed_at_once():
    units = available_units(3)
    opened = excursion()
    verdicts = ["cleared", "test_first", "discard"]

    done = assessed(opened, *(group(each, unit.code) for each, unit in zip(verdicts, units, strict=True)))

    assert done.signature.item_count == 4
    assert [ExcursionItem.objects.get(unit=unit).verdict for unit in units] == verdicts
    assert [type(unit).objects.get(pk=unit.pk).state for unit in units] == ["available", "quarantined", "quarantined"]


WRONG_GROUPS = [
    ([("cleared", (0,))], "is in no group"),
    ([("cleared", (0, 1)), ("discard", (1,))], "named more than once"),
    ([("cleared", (0, 1, 2))], "was not held by this excursion"),
    ([("fine", (0, 1))], "cleared, test first or discard"),
    ([("cleared", (0, 1)), ("discard", ())], "names no unit"),
    ([], "is in no group"),
]


def test_every_unit_stands_in_exactly_one_group():
    one, two = available_units(2)
    opened = excursion()
    codes = [one.code, two.code, available_unit().code]

    for groups, match in WRONG_GROUPS:
        stated = [group(verdict, *(codes[number] for number in numbers)) for verdict, numbers in groups]
        with pytest.raises(AssessmentRefused, match=match), nothing_changes():
            assessed(opened, *stated)
        assert held(one, two) == [["excursion"]] * 2


def test_a_group_says_why():
    unit = available_unit()
    opened = excursion()

    with pytest.raises(AssessmentRefused, match="because is missing"), nothing_changes():
        assessed(opened, group("cleared", unit.code, because=" "))


def test_the_assessment_is_signed_by_quality_who_did_not_report_it():
    unit, quality = available_unit(), staff(Role.QUALITY_REVIEWER)
    opened = excursion(by=quality)

    with pytest.raises(AssessmentRefused, match="Who reported an excursion"), nothing_changes():
        assessed(opened, group("cleared", unit.code))
    with pytest.raises(SignatureRefused), nothing_changes(leaving=("signature.refused",)):
        assessed(opened, group("cleared", unit.code), by=staff(Role.LAB_TECHNICIAN))


def test_an_excursion_is_assessed_once():
    unit = available_unit()
    opened = excursion()
    assessed(opened, group("cleared", unit.code))

    with pytest.raises(AssessmentRefused, match="assessed before"), nothing_changes():
        assessed(opened, group("discard", unit.code))


def test_only_its_assessment_lifts_the_hold_of_an_excursion():
    available_unit()
    opened = excursion()
    hold = Hold.objects.get()

    with pytest.raises(HoldRefused, match=f"assessment of {opened.reference} lifts"), nothing_changes():
        lift_hold(hold, reason="warm hands only", by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_the_database_itself_keeps_an_excursion_to_one_assessment_by_another_person_for_every_unit():
    unit, quality = available_unit(), staff(Role.QUALITY_REVIEWER)
    done, open_one, unjudged = excursion(), excursion(by=quality), excursion()
    assessed(done, group("cleared", unit.code))
    signature = Signature.objects.filter(person=quality).latest("pk")

    for rows, change in (
        (Excursion.objects.filter(pk=done.pk), {"note": "edited"}),
        (Excursion.objects.filter(pk=open_one.pk), {"started_at": LONG_AGO}),
        (Excursion.objects.filter(pk=open_one.pk), {"assessed_at": NOON, "signature": signature}),
        (Excursion.objects.filter(pk=open_one.pk), {"assessed_at": NOON}),
        (Excursion.objects.filter(pk=unjudged.pk), {"assessed_at": NOON, "signature": signature}),
        (ExcursionItem.objects.filter(excursion=done), {"verdict": "discard"}),
        (Hold.objects.filter(lifted_at=None), {"lifted_at": NOON, "lifted_by": quality, "lifted_because": "x"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
