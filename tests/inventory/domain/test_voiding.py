from dataclasses import replace

import pytest

from inventory.domain.unit import UnitState
from inventory.domain.voiding import VOIDABLE, VoidingFacts, VoidingRefused, check_second_person, check_voiding

ASKED = VoidingFacts("A9999", "registered twice", {"U-1": UnitState.COLLECTED, "U-2": UnitState.QUARANTINED})


def test_what_was_registered_and_never_there_is_voided():
    check_voiding(ASKED)
    check_second_person(ASKED, asked_by="anna", confirmed_by="berta", is_open=True)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"states": {"U-1": UnitState.AVAILABLE}}, "U-1 is available"),
        ({"states": {}}, "has no unit"),
        ({"physical": {"U-1": ("it was put away", "it has a result")}}, "U-1 is there: it was put away, it has a"),
        ({"open_one": "VOI-1"}, "VOI-1 already waits"),
        ({"reason": " "}, "reason is missing"),
    ],
)
def test_anything_physical_refuses_it(changed, match):
    facts = replace(ASKED, **changed)

    with pytest.raises(VoidingRefused, match=match):
        check_voiding(facts)
    with pytest.raises(VoidingRefused, match=match):
        check_second_person(facts, asked_by="anna", confirmed_by="berta", is_open=True)


@pytest.mark.parametrize(("by", "is_open", "match"), [("anna", True, "does not confirm"), ("berta", False, "no more")])
def test_another_person_confirms_once(by, is_open, match):
    with pytest.raises(VoidingRefused, match=match):
        check_second_person(ASKED, asked_by="anna", confirmed_by=by, is_open=is_open)


def test_only_collected_and_quarantined_units_are_voided():
    assert {UnitState.COLLECTED, UnitState.QUARANTINED} == VOIDABLE
