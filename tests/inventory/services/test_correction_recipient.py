"""A recipient's typing and the day of need are corrected by two once approved, and the request is approved anew."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.correction import CorrectionRefused
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.gate import NotReleasable
from inventory.domain.specification import Operator
from inventory.domain.unit import UnitState
from inventory.models.request import UnitRequest, WorklistItem
from inventory.queries.correction_proof import correction_findings
from inventory.services.approval import approve_request
from tests.factories.correction import AT, confirmed, correction
from tests.factories.person import credentials, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import evaluated_release, sign
from tests.factories.request import approved_request, submitted_request
from tests.factories.trail import last_of
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)
# The unit is A*01:01, A*02:01; B*07:02, B*08:01; DRB1*03:01, DRB1*15:01.
TYPED = {"hla_a": "A*01:01+A*02:01", "hla_b": "B*08:01+B*44:02", "hla_drb1": "DRB1*03:01+DRB1*15:01"}
RIGHT = TYPED | {"hla_a": "A*11:01+A*03:01"}
KEPT = TYPED | {"hla_a": "A*03:01+A*11:01"}


def fresh(row):
    row.refresh_from_db()
    return row


def approve(request):
    quality = staff(Role.QUALITY_REVIEWER)
    return approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=AT)


def matched_request():
    """Return an approved request of a study that asks four of six, with a recipient who has five."""
    of_6 = Criterion(Scope.UNIT, "hla_match_of_6", Operator.AT_LEAST, Decimal(4))
    unit = available_unit(segment=True)
    return approved_request(unit, protocol=protocol_in_force(criteria=(of_6,)), recipient_typing=TYPED)


def test_a_wrong_typing_is_corrected_by_two_and_the_gates_judge_the_right_one():
    request, other = matched_request(), submitted_request(recipient_typing=TYPED)
    release = evaluated_release(request)
    sign(release)

    made = correction("request", request.pk, "recipient_typing", json.dumps(RIGHT))
    assert (made.status, made.rested) == ("proposed", ["approval", "signature"])
    assert (fresh(request).recipient_typing, request.status) == (TYPED, "approved")
    confirmed(made)

    assert (fresh(request).recipient_typing, request.status, request.approval) == (KEPT, "submitted", None)
    assert (fresh(release).status, fresh(request.lines.get().unit).state) == ("void", UnitState.RESERVED)
    assert fresh(other).recipient_typing == TYPED
    assert json.loads(last_of("fact.corrected")["old"]["recipient_typing"]) == TYPED
    with pytest.raises(NotReleasable, match="with PATIENT-7 3 against at least 4"):
        approve(request)
    assert list(correction_findings()) == []


def test_a_typing_that_still_matches_is_approved_again():
    request = matched_request()
    less = {**TYPED, "hla_b": "B*07:02+B*08:01"}

    confirmed(correction("request", request.pk, "recipient_typing", json.dumps(less)))
    approve(request)

    assert (fresh(request).status, request.recipient_typing) == ("approved", less)


def test_a_typing_that_nobody_approved_yet_is_corrected_at_once_and_to_nothing():
    request = submitted_request(recipient_typing=TYPED)

    assert correction("request", request.pk, "recipient_typing", "{}").status == "in_effect"
    assert UnitRequest.objects.get().recipient_typing == {}


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("recipient_typing", '{"hla_a": "A2 perhaps"}', "no allele or antigen"),
        ("recipient_typing", '{"hla_a": "A*01:01"}', "one allele of two"),
        ("recipient_typing", '{"abo_rh": "O pos"}', "typing is by"),
        ("recipient_typing", '{"hla_a": null}', "cannot be read"),
        ("recipient_typing", "A*01:01+A*02:01", "cannot be read"),
        ("recipient_typing", json.dumps(TYPED), "is that already"),
        ("needed_by", "2026-03-01", "asked for after the day"),
        ("needed_by", "soon", "is a day like"),
        ("needed_by", "", "missing"),
        ("recipient", "PATIENT-8", "is not corrected"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(field, value, match):
    request = approved_request(recipient_typing=TYPED)

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction("request", request.pk, field, value)


def test_a_request_for_nobody_has_nobodys_typing_and_a_day_on_which_no_work_waits():
    study = protocol_in_force(code="LAB-1", human_application=False, authorisation="", authorisation_from=None)
    request = submitted_request(available_unit(), protocol=study)

    with pytest.raises(CorrectionRefused, match="names no recipient"), nothing_changes():
        correction("request", request.pk, "recipient_typing", json.dumps(TYPED))
    made = correction("request", request.pk, "needed_by", "2026-03-30")

    assert (made.status, fresh(request).needed_by) == ("in_effect", date(2026, 3, 30))


def test_the_day_of_need_is_what_was_approved_and_open_work_is_due_by_it():
    request, other = approved_request(available_unit()), approved_request(available_unit())
    lines = WorklistItem.objects.filter(request=request, done_at__isnull=True)
    assert lines.exists()

    made = correction("request", request.pk, "needed_by", "2026-03-30")
    assert made.rested == ["approval"]
    confirmed(made)

    assert (fresh(request).needed_by, request.status) == (date(2026, 3, 30), "submitted")
    assert set(lines.values_list("due_date", flat=True)) == {date(2026, 3, 30)}
    assert set(other.worklist.values_list("due_date", flat=True)) == {date(2026, 4, 14)}
    assert fresh(other).status == "approved"


def test_typing_and_day_change_only_by_the_correction_that_says_so():
    request = approved_request(recipient_typing=TYPED)
    mine = UnitRequest.objects.filter(pk=request.pk)
    wanted = ({"recipient_typing": KEPT}, {"recipient_typing": {}}, {"needed_by": date(2026, 3, 30)})

    for values in wanted:
        with pytest.raises(DatabaseError, match="only by a correction"), transaction.atomic():
            mine.update(**values)

    drop_guards(connection)
    try:
        assert [mine.update(**values) for values in wanted] == [1, 1, 1]
    finally:
        install_guards(connection)
