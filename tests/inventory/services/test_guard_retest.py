"""What excursions and deviations left of units and lots, asked when they are accepted: by the rule and the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.unit import UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.unit import Unit
from inventory.services.acceptance import accept_units
from inventory.services.correction import Correction, correct_result
from inventory.services.deviation import Touched
from inventory.services.lot_acceptance import accept_lot
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.deviation import closed, deviation, disposition
from tests.factories.excursion import assessed, excursion, group
from tests.factories.lot import available_lot, vials_of
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, available_lot)
SINCE, LATER = NOON + hours(2), NOON + hours(6)


def measured(of, *, assay="", at=SINCE, **otherwise):
    """Enter a result of a unit or a lot, and verify it an hour later; return it."""
    whose = {"unit": of} if isinstance(of, Unit) else {"lot": of}
    subject = Subject.UNIT if isinstance(of, Unit) else Subject.LOT
    usual = {"value": "94.0", **whose, **otherwise}
    usual_assay = "tnc_viability_percent" if isinstance(of, Unit) else "cell_viability_percent"
    new = NewResult(assay or usual_assay, subject, **usual)
    results = record_results([new], by=staff(Role.LAB_TECHNICIAN), at=at)
    verify_results([results[0].pk], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=at + hours(1))
    return results[0]


def corrected(old, **value):
    """Correct a result of a unit, and have it verified; return the newer one."""
    new = NewResult(old.assay, Subject.UNIT, unit=old.unit, **value)
    made = correct_result(Correction(old.pk, new, "misread"), by=staff(Role.LAB_TECHNICIAN), at=NOON + hours(4))
    verify_results([made.pk], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=NOON + hours(5))
    return made


def accept(thing, at=LATER):
    quality = staff(Role.QUALITY_REVIEWER)
    if isinstance(thing, Unit):
        accept_units([thing.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=at)
    else:
        accept_lot(thing, Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=at)


def codes_against(thing):
    with pytest.raises(NotAcceptable) as refused, nothing_changes():
        accept(thing)
    return {each.code for each in refused.value.reasons}


def accepted_by_sql(thing):
    """Accept a thing again past every service, as it was accepted before; whether the database let it be."""
    row = Acceptance.objects.filter(unit=thing) if isinstance(thing, Unit) else Acceptance.objects.filter(lot=thing)
    old = row.latest("pk")
    row.filter(withdrawn_at=None).update(withdrawn_at=NOON)
    names = ("unit", "lot", "use", "specification", "signature", "snapshot_sha256")
    try:
        with transaction.atomic():
            Acceptance.objects.create(**{name: getattr(old, name) for name in names}, accepted_at=LATER)
    except DatabaseError as error:
        if "to be discarded, or to be tested first" not in str(error):
            raise
        return False
    return True


def left_by_deviation(thing, word):
    touched = Touched(unit_ids=(thing.pk,)) if isinstance(thing, Unit) else Touched(lot_ids=(thing.pk,))
    return closed(deviation(touched=touched), disposition(word, thing.code))


def warmed_lot(word):
    """Return a lot of which an excursion left one vial in that word, and the vial."""
    lot, unit = available_lot(), available_unit()
    first, *others = vials_of(lot)
    assessed(excursion(), group(word, first.code), group("cleared", *(each.code for each in (*others, unit))))
    return lot, first


@pytest.mark.parametrize("word", ["test_first", "discard"])
def test_a_lot_with_a_vial_that_an_excursion_left_is_not_accepted(word):
    lot, first = warmed_lot(word)

    assert codes_against(lot) == {"excursion"}
    assert not accepted_by_sql(lot)
    assert Unit.objects.get(pk=first.pk).state == UnitState.QUARANTINED


def test_a_lot_is_accepted_again_once_it_was_tested():
    lot, vial = warmed_lot("test_first")
    measured(lot)

    accept(lot)

    assert Unit.objects.get(pk=vial.pk).state == UnitState.AVAILABLE


def test_a_lot_is_accepted_again_once_the_vial_to_be_discarded_is_no_more():
    lot, vial = warmed_lot("discard")
    Unit.objects.filter(pk=vial.pk).update(state="discarded")

    assert accepted_by_sql(lot)


@pytest.mark.parametrize("make", [available_unit, available_lot])
@pytest.mark.parametrize("word", ["test_first", "discard"])
def test_what_a_deviation_left_is_not_accepted(make, word):
    thing = make()
    ended = left_by_deviation(thing, word)

    with pytest.raises(NotAcceptable, match=ended.reference), nothing_changes():
        accept(thing)
    assert not accepted_by_sql(thing)


@pytest.mark.parametrize("make", [available_unit, available_lot])
def test_what_was_tested_since_is_accepted_by_rule_and_database(make):
    thing = make()
    left_by_deviation(thing, "test_first")
    measured(thing)

    accept(thing)

    assert accepted_by_sql(thing)


@pytest.mark.parametrize("make", [available_unit, available_lot])
def test_no_risk_leaves_nothing(make):
    thing = make()
    left_by_deviation(thing, "no_increased_risk")

    assert accepted_by_sql(thing)


def test_a_later_deviation_without_risk_does_not_settle_an_earlier_one():
    unit = available_unit()
    left_by_deviation(unit, "test_first")
    left_by_deviation(unit, "no_increased_risk")

    assert codes_against(unit) == {"deviation"}
    assert not accepted_by_sql(unit)


def test_a_vials_own_deviation_is_settled_by_its_lot():
    lot = available_lot()
    first = vials_of(lot)[0]
    left_by_deviation(first, "test_first")

    assert codes_against(lot) == {"deviation"}
    assert not accepted_by_sql(lot)
    measured(lot)
    accept(lot)
    assert Unit.objects.get(pk=first.pk).state == UnitState.AVAILABLE


def test_a_deviation_of_a_lot_is_not_settled_by_one_of_its_vials():
    lot = available_lot()
    left_by_deviation(lot, "test_first")
    measured(vials_of(lot)[0], assay="vegf_secretion", value="100")

    assert codes_against(lot) == {"deviation"}
    assert not accepted_by_sql(lot)


UNTESTED = {
    "entered before": {"at": NOON},
    "taken before": {"specimen_at": NOON},
    "not done": {"value": "", "qualifier": Qualifier.NOT_DONE},
    "computed": {"assay": "hours_to_freezing", "value": "12.0"},
}


@pytest.mark.parametrize("which", UNTESTED)
def test_what_was_not_measured_since_tests_nothing(which):
    unit = available_unit()
    left_by_deviation(unit, "test_first")
    measured(unit, **UNTESTED[which])

    assert "deviation" in codes_against(unit)
    assert not accepted_by_sql(unit)


def test_correcting_an_old_result_tests_nothing():
    unit = available_unit()
    old = measured(unit, assay="vegf_secretion", value="100", at=NOON - hours(5))
    left_by_deviation(unit, "test_first")
    corrected(old, value="101")

    assert codes_against(unit) == {"deviation"}
    assert not accepted_by_sql(unit)


NOT_DONE = {"value": "", "qualifier": Qualifier.NOT_DONE}


@pytest.mark.parametrize("line", [[NOT_DONE, {"value": "101"}], [{"value": "101"}, NOT_DONE, {"value": "102"}]])
def test_what_was_corrected_to_a_measured_value_is_accepted_by_rule_and_database(line):
    unit = available_unit()
    left_by_deviation(unit, "test_first")
    result = measured(unit, assay="vegf_secretion", **line[0])
    for value in line[1:]:
        result = corrected(result, **value)

    accept(unit)

    assert accepted_by_sql(unit)


@pytest.mark.parametrize("line", [[{"value": "101"}, NOT_DONE], [NOT_DONE, {"value": "101"}, NOT_DONE]])
def test_what_was_corrected_to_not_done_tests_nothing(line):
    unit = available_unit()
    left_by_deviation(unit, "test_first")
    result = measured(unit, assay="vegf_secretion", **line[0])
    for value in line[1:]:
        result = corrected(result, **value)

    assert codes_against(unit) == {"deviation"}
    assert not accepted_by_sql(unit)


@pytest.mark.parametrize("make", [available_unit, available_lot])
def test_canary_without_the_guards_what_a_deviation_left_is_accepted_by_a_statement(make):
    thing = make()
    left_by_deviation(thing, "discard")
    drop_guards(connection)

    let = accepted_by_sql(thing)

    install_guards(connection)
    assert let


def test_canary_without_the_guards_what_an_excursion_left_is_accepted_by_a_statement():
    lot, _ = warmed_lot("discard")
    drop_guards(connection)

    let = accepted_by_sql(lot)

    install_guards(connection)
    assert let
