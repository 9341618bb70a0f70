"""Authorising a recovery after death: on a form of its own, for one infant of the donor, born before."""

import pytest

from consent.domain.form import AUTHORISES_RECOVERY, Extent, FormRefused, StatementFacts, check_draft
from consent.domain.recovery import Death, obstacles_of_death
from tests.factories.donor import RESEARCH, STORAGE, form_facts
from tests.factories.time import NOON, hours

ASKED = StatementFacts(key=AUTHORISES_RECOVERY, text="You may recover the liver.", mandatory=True)
THEIRS = Death(is_theirs=True, born_at=NOON - hours(40))
AFTER_DEATH, FULL, FIRST = Extent.AFTER_DEATH, Extent.FULL, Extent.COLLECTION_ONLY


@pytest.mark.parametrize(
    ("death", "extent", "by_infant", "codes"),
    [
        (THEIRS, AFTER_DEATH, False, []),
        (Death(is_theirs=True, born_at=None), AFTER_DEATH, False, []),
        (None, FULL, False, []),
        (None, FIRST, True, []),
        (None, AFTER_DEATH, False, ["no-infant"]),
        (THEIRS, FULL, False, ["other-form"]),
        (THEIRS, FIRST, False, ["other-form"]),
        (Death(is_theirs=False, born_at=None), AFTER_DEATH, False, ["other-donor"]),
        (THEIRS, AFTER_DEATH, True, ["answers"]),
        (Death(is_theirs=True, born_at=NOON + hours(1)), AFTER_DEATH, False, ["before-birth"]),
        (Death(is_theirs=False, born_at=NOON + hours(1)), FULL, True, ["other-form", "other-donor"]),
    ],
)
def test_an_answer_for_an_infant_that_died(death, extent, by_infant, codes):
    found = [each.code for each in obstacles_of_death(death, extent, given_at=NOON, by_infant=by_infant)]

    assert found[: len(codes)] == codes
    assert bool(found) is bool(codes)


@pytest.mark.parametrize(
    ("extent", "statements", "match"),
    [
        (FULL, [STORAGE, RESEARCH, ASKED], "on a form of its own"),
        (FIRST, [STORAGE, ASKED], "on a form of its own"),
        (AFTER_DEATH, [STORAGE, RESEARCH], "mandatory, and deciding no use"),
        (AFTER_DEATH, [RESEARCH, StatementFacts(key=AUTHORISES_RECOVERY, text="May we?")], "mandatory, and deciding"),
        (AFTER_DEATH, [STORAGE, ASKED], "at least one permitted use"),
    ],
)
def test_a_form_that_mixes_birth_and_death_or_leaves_the_question_open_is_refused(extent, statements, match):
    with pytest.raises(FormRefused, match=match):
        check_draft(form_facts(extent=extent), statements)


def test_a_form_for_recovery_after_death_asks_for_it_and_for_a_use():
    check_draft(form_facts(extent=AFTER_DEATH), [ASKED, RESEARCH])
