import json
from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from consent.queries.donor import infants_of
from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import UnitState
from inventory.models.correction import Correction
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.processing import Processing
from inventory.models.receipt import Receipt
from inventory.models.result import Result
from inventory.queries.correction import waiting_corrections
from inventory.queries.fold import fold_findings
from inventory.services.correction_fact import reject_correction
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import COLLECTED_AT, registered_donation
from tests.factories.donor import GIVEN_AT, given_consent
from tests.factories.person import staff
from tests.factories.result import correct, current, of
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import FROZEN_AT, available_unit, box, determined_unit, frozen_unit, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_fact_that_no_verdict_rests_on_is_corrected_at_once():
    donation, technician = registered_donation().donation, staff(Role.LAB_TECHNICIAN)
    before = head_number()

    made = correction("donation", donation.pk, "clamp_seconds", 60, by=technician)

    assert (fresh(donation).clamp_seconds, made.status, made.confirmed_by) == (60, "in_effect", None)
    assert kinds_since(before) == ["fact.corrected"]
    entry = last_of("fact.corrected")
    assert (entry["old"], entry["new"]["clamp_seconds"]) == ({"clamp_seconds": "45"}, "60")
    assert entry["reason"] == "read from the wrong line"


def test_a_fact_may_be_corrected_to_unknown():
    donation = registered_donation().donation

    correction("donation", donation.pk, "gestational_age_days", "")

    assert fresh(donation).gestational_age_days is None


def test_a_fact_that_a_verdict_rests_on_waits_for_a_second_person():
    unit = available_unit()
    donation = unit.donation

    made = correction("donation", donation.pk, "collected_at", COLLECTED_AT + hours(1))

    assert (made.status, made.rested) == ("proposed", ["acceptance", "eligibility", "receipt"])
    assert waiting_corrections() == [made]
    assert fresh(donation).collected_at == COLLECTED_AT
    assert fresh(unit).state == UnitState.AVAILABLE

    confirmed(made)

    assert fresh(donation).collected_at == COLLECTED_AT + hours(1)
    assert fresh(unit).state == UnitState.QUARANTINED
    assert EligibilityDetermination.objects.get(donation=donation).reopened_at == AT
    entry = last_of("fact.corrected")
    assert entry["new"]["confirmed_by"] == staff(Role.QUALITY_REVIEWER).username
    assert list(fold_findings()) == []


def test_who_asks_for_a_correction_does_not_confirm_it():
    unit, quality = available_unit(), staff(Role.QUALITY_REVIEWER)
    made = correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1), by=quality)

    with pytest.raises(CorrectionRefused, match="does not confirm it"), nothing_changes():
        confirmed(made, by=quality)


def test_a_correction_takes_effect_once():
    unit = available_unit()
    made = confirmed(correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1)))
    director = staff(Role.MEDICAL_DIRECTOR)

    with pytest.raises(CorrectionRefused, match="is in effect"), nothing_changes():
        confirmed(made, by=director)


def test_a_correction_whose_old_value_has_changed_meanwhile_is_not_confirmed():
    unit = determined_unit()
    made = correction("unit", unit.pk, "volume_ml", "20.00")
    assert made.status == "in_effect"
    accepted = available_unit()
    waiting = correction("unit", accepted.pk, "volume_ml", "21.00")
    type(accepted).objects.filter(pk=accepted.pk).update(volume_ml=Decimal("23.00"))

    with pytest.raises(CorrectionRefused, match="has changed since"), nothing_changes():
        confirmed(waiting)


def test_one_fact_is_corrected_by_one_correction_at_a_time():
    unit = available_unit()
    first = correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1))

    with pytest.raises(CorrectionRefused, match=f"{first.reference} already waits"), nothing_changes():
        correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(2))

    correction("donation", unit.donation_id, "clamp_seconds", 30)
    reject_correction(first, reason="it was right", by=staff(Role.QUALITY_REVIEWER), at=AT)
    assert last_of("correction.rejected")["reason"] == "it was right"
    assert correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(2)).status == "proposed"
    with pytest.raises(CorrectionRefused, match="is rejected"), nothing_changes():
        confirmed(first)


@pytest.mark.parametrize(
    ("noun", "field", "value", "match"),
    [
        ("donation", "collected_at", COLLECTED_AT, "is that already"),
        ("donation", "collected_at", NOON + days(1), "in the future"),
        ("donation", "collected_at", FROZEN_AT, "collected after"),
        ("donation", "collected_at", GIVEN_AT - hours(1), "before the consent"),
        ("donation", "gestational_age_days", 20, "from 154 to 308"),
        ("donation", "code", "A999926000001", "is not corrected"),
        ("donation", "source", "DNR-NOBODY/1", "no infant of any donor"),
        ("processing", "frozen_at", COLLECTED_AT - hours(1), "frozen before"),
        ("processing", "frozen_at", NOON + days(1), "in the future"),
        ("processing", "started_at", COLLECTED_AT - hours(1), "collected after processing"),
        ("unit", "volume_ml", "25000000", "from 0.01"),
        ("unit", "product_code", "S9001V00", "is not corrected"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_changes(noun, field, value, match):
    unit, other = available_unit(), available_unit()
    rows = {"donation": unit.donation_id, "unit": unit.pk, "processing": unit.made_from.get().processing_id}

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction(noun, rows[noun], field, value)

    assert fresh(other).state == UnitState.AVAILABLE


def test_a_collection_is_corrected_also_once_the_mother_has_consented_again():
    first = given_consent()
    donation = registered_donation(first).donation
    given_consent(first.donor, given_at=NOON)

    correction("donation", donation.pk, "collected_at", COLLECTED_AT - timedelta(minutes=1))

    assert fresh(donation).collected_at == COLLECTED_AT - timedelta(minutes=1)
    with pytest.raises(CorrectionRefused, match="before the consent"), nothing_changes():
        correction("donation", donation.pk, "collected_at", GIVEN_AT - timedelta(minutes=1))


@pytest.mark.parametrize("noun", ["donation", "unit", "shipment", "infant"])
def test_what_does_not_exist_is_not_corrected(noun):
    fields = {"donation": "clamp_seconds", "unit": "volume_ml", "shipment": "courier", "infant": "sex"}

    with pytest.raises(CorrectionRefused, match="no such"), nothing_changes():
        correction(noun, 0, fields[noun], "1")


def test_a_unit_is_not_corrected_to_less_than_was_taken_of_it():
    unit = frozen_unit()
    parent = unit.made_from.get().parent

    with pytest.raises(CorrectionRefused, match="was taken of"), nothing_changes():
        correction("unit", parent.pk, "volume_ml", "0.50")


def test_hours_to_freezing_are_computed_again_from_corrected_times():
    unit = available_unit()
    old = Result.objects.get(unit=unit, assay="hours_to_freezing")

    confirmed(correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1)))

    new = current(unit, "hours_to_freezing")
    assert (new.replaces, new.number, new.verified_at) == (old, old.number - 1, None)
    assert "was corrected" in new.reason
    run = Processing.objects.get(lineage__child=unit)
    correction("processing", run.pk, "frozen_at", FROZEN_AT + hours(2))
    assert current(unit, "hours_to_freezing").number == old.number + 1


def test_a_donation_registered_under_the_wrong_donor_becomes_the_right_ones():
    unit, other = available_unit(), given_consent().donor
    infant = infants_of([other.pk])[other.pk][0]
    wrong = unit.donation.donor

    made = correction("donation", unit.donation_id, "source", f"{other.donor_code}/{infant.order}")
    assert fresh(unit.donation).donor == wrong
    confirmed(made)

    assert (fresh(unit.donation).donor, unit.donation.infant) == (other, infant)
    assert fresh(unit).state == UnitState.QUARANTINED
    assert EligibilityDetermination.objects.get(donation=unit.donation).reopened_at
    entry = last_of("fact.corrected")
    assert (entry["old"]["source"], entry["new"]["source"]) == (f"{wrong.donor_code}/1", f"{other.donor_code}/1")


def test_a_donation_does_not_become_a_donors_whose_infant_was_born_at_another_time():
    unit, other = available_unit(), given_consent().donor
    infant = infants_of([other.pk])[other.pk][0]
    correction("infant", infant.pk, "born_at", GIVEN_AT - hours(30))

    with pytest.raises(CorrectionRefused, match="before birth"), nothing_changes():
        correction("donation", unit.donation_id, "source", f"{other.donor_code}/{infant.order}")


def test_a_wrong_sex_is_corrected_by_two_and_the_time_of_birth_is_never_sealed():
    unit = available_unit()
    infant = unit.donation.infant

    made = correction("infant", infant.pk, "sex", "male" if infant.sex != "male" else "female")
    assert made.status == "proposed"
    confirmed(made)

    assert fresh(infant).sex == made.new_value
    assert fresh(unit).state == UnitState.QUARANTINED
    assert last_of("fact.corrected")["new"]["sex"] == made.new_value
    correction("infant", infant.pk, "born_at", COLLECTED_AT - hours(2))
    assert fresh(infant).born_at == COLLECTED_AT - hours(2)
    entry = last_of("fact.corrected")
    assert entry["new"]["time_of_birth_corrected"]
    assert "born_at" not in json.dumps(entry)
    assert (COLLECTED_AT - hours(2)).isoformat()[:16] not in json.dumps(entry)


def test_a_role_of_a_sample_and_additives_of_a_run_are_corrected():
    unit = frozen_unit()
    sample, run = unit.samples.order_by("pk")[0], Processing.objects.get(lineage__child=unit)

    correction("sample", sample.pk, "role", "viable_vial" if sample.role != "viable_vial" else "dna")
    correction("processing", run.pk, "additives", '["DMSO 10 %", "dextran"]')

    assert fresh(run).additives == ["DMSO 10 %", "dextran"]
    assert fresh(sample).role == Correction.objects.get(noun="sample").new_value


def test_a_receipt_is_judged_anew_by_what_was_found():
    unit = received_unit(warmest_celsius=Decimal(35))
    row = Receipt.objects.get(unit=unit)
    assert row.decision == "accept_laboratory"

    made = correction("receipt", row.pk, "findings", '{"warmest_celsius": "20"}')
    assert (made.status, made.rested) == ("proposed", ["receipt"])
    confirmed(made)

    assert (fresh(row).decision, row.reason, row.findings["warmest_celsius"]) == ("accept", "", "20")
    assert row.findings["label_matches"] is True
    assert last_of("fact.corrected")["old"]["findings"]


@pytest.mark.parametrize(
    "typed", ['{"colour": "red"}', '{"label_matches": "yes"}', '{"warmest_celsius": "hot"}', '{"product_class": "msc"}']
)
def test_a_finding_that_cannot_be_is_refused(typed):
    row = Receipt.objects.get(unit=received_unit())

    with pytest.raises(CorrectionRefused, match=r"looked at|a number"), nothing_changes():
        correction("receipt", row.pk, "findings", typed)


def test_a_place_written_wrongly_is_corrected_and_the_fold_follows():
    unit = available_unit()
    row = unit.placements.get()
    free = box().positions.exclude(pk=row.position_id).order_by("pk").last()
    taken = available_unit().placements.get().position.code

    with pytest.raises(CorrectionRefused, match="The position holds"), nothing_changes():
        correction("placement", row.pk, "position", taken)
    with pytest.raises(CorrectionRefused, match="no position"), nothing_changes():
        correction("placement", row.pk, "position", "NOWHERE")
    correction("placement", row.pk, "position", free.code)

    assert (fresh(row).position, row.removed_at) == (free, None)
    assert fresh(unit).state == UnitState.AVAILABLE
    assert list(fold_findings()) == []


def test_a_corrected_result_stands_in_the_same_register():
    unit = available_unit()
    old = current(unit, "viable_cd34")

    new = correct(old, of(unit, "viable_cd34", "3800000"))

    row = Correction.objects.get()
    assert (row.noun, row.row_id, row.new_id) == ("result", old.pk, new.pk)
    assert (row.old_value, row.new_value, row.status) == ("3900000", "3800000", "in_effect")
