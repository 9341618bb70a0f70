"""A pool of livers: judged by each of them, so that what is not known of one is not known of the pool."""

from dataclasses import replace

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.profile import profile_named
from inventory.domain.specification import Stage, evaluate
from inventory.domain.unit import ProductClass
from inventory.domain.verdict import Outcome
from inventory.models.recovery import Recovery
from inventory.models.result import Result
from inventory.queries.custody import custody_facts
from inventory.queries.result import measurements_of
from inventory.services.lot import make_lot
from inventory.services.result import NewResult, record_results, verify_results
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force
from tests.factories.donation import next_din
from tests.factories.lot import new_lot, vials_of
from tests.factories.person import LONG_AGO, credentials, staff
from tests.factories.recovery import CLAMPED_AT, registered_liver
from tests.factories.time import days, hours

pytestmark = pytest.mark.django_db
ISOLATED_AT = CLAMPED_AT + hours(9)


def pooled(*livers):
    """Return a vial of the hepatocytes made of these livers together."""
    new = replace(
        new_lot(*livers, pool_din=next_din()),
        product_class=ProductClass.HEPATOCYTE,
        product_code="S9101V",
        method="collagenase perfusion",
        started_at=ISOLATED_AT,
        frozen_at=ISOLATED_AT + hours(4),
    )
    return vials_of(make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=ISOLATED_AT + days(1)))[0]


def judged(vial, assay):
    limits = profile_named("Hepatocyte-like").limits
    findings = evaluate(limits, measurements_of([vial.pk])[vial.pk], Stage.PRE_FREEZE)
    return next((each.outcome, each.evidence) for each in findings if each.limit.assay == assay)


def weigh(liver):
    new = NewResult("mass_g", Subject.UNIT, unit=liver, value="118.00")
    [result] = record_results([new], by=staff(Role.LAB_TECHNICIAN), at=ISOLATED_AT + days(1))
    verify_results([result.pk], by=staff(Role.QUALITY_REVIEWER), at=ISOLATED_AT + days(1))


def test_a_pool_of_livers_is_judged_by_each_of_them_and_not_by_the_one_that_was_measured():
    livers = [registered_liver().units[0] for _ in range(2)]
    vial = pooled(*livers)

    assert judged(vial, "mass_g") == (Outcome.PASS, ())
    weigh(livers[0])
    assert judged(vial, "mass_g")[0] is Outcome.UNKNOWN
    assert f"no result of {livers[1].code}" in judged(vial, "mass_g")[1]
    weigh(livers[1])
    assert judged(vial, "mass_g")[0] is Outcome.PASS


def test_the_document_of_custody_names_the_liver_that_lacks_a_value():
    profile, quality = profile_named("Hepatocyte-like"), staff(Role.QUALITY_REVIEWER)
    new = NewSpecification(profile.name, profile.product_class, profile.use, profile.limits, profile.source, {})
    drafted = draft_specification(new, by=quality, at=LONG_AGO)
    put_specifications_in_force([drafted], credentials=credentials(quality), by=quality, at=LONG_AGO)
    livers = [registered_liver().units[0] for _ in range(2)]
    vial = pooled(*livers)
    weigh(livers[0])

    rows = custody_facts(vial.code, ISOLATED_AT + days(2)).results

    of_mass = [(row.whose, row.value, row.limit, row.verdict) for row in rows if row.assay == "Mass"]
    assert (f"made from: {livers[0].code}", "118", "recorded", "pass") in of_mass
    assert ("source", f"no result of {livers[1].code}", "recorded", "unknown") in of_mass


@pytest.mark.parametrize(("timed", "outcome"), [(1, Outcome.UNKNOWN), (2, Outcome.PASS)])
def test_a_pool_of_livers_of_which_one_was_never_timed_passes_no_limit_of_ischaemia(timed, outcome, monkeypatch):
    livers = [registered_liver().units[0] for _ in range(2)]
    known = {each.donation_id: Recovery.objects.get(donation_id=each.donation_id) for each in livers[:timed]}
    monkeypatch.setattr("inventory.services.recovery.recoveries_behind", lambda _: known)
    vial = pooled(*livers)
    ids = [each.pk for each in Result.objects.filter(unit__in=livers)]
    verify_results(ids, by=staff(Role.QUALITY_REVIEWER), at=ISOLATED_AT + days(1))

    assert Result.objects.filter(assay="cold_ischaemia_minutes").count() == timed
    assert judged(vial, "cold_ischaemia_minutes")[0] is outcome
    assert judged(vial, "warm_ischaemia_minutes")[0] is Outcome.PASS


@pytest.mark.parametrize("subject", [Subject.INFANT, Subject.MOTHER])
def test_what_one_infant_or_mother_of_a_pool_was_tested_for_is_not_known_of_the_others(subject):
    first, second = (registered_liver().units[0] for _ in range(2))
    vial = pooled(first, second)
    assay, value = ("abo_rh", "O pos") if subject is Subject.INFANT else ("cmv", "negative")

    for liver, lacking in ((first, [f"no result of {second.donation.code}"]), (second, [])):
        new = NewResult(assay, subject, donation=liver.donation, value=value)
        record_results([new], by=staff(Role.LAB_TECHNICIAN), at=ISOLATED_AT + days(1))
        of_assay = [each for each in measurements_of([vial.pk])[vial.pk] if each.assay == assay]
        assert [each.reference for each in of_assay if not each.text] == lacking
