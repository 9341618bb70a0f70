"""Notices to sites: what their letters say, and until when they stay open."""

import pytest

from inventory.domain.notice import ASKED, TITLES, NoticeKind, NoticeRefused, check_closing, letter


def words(kind: NoticeKind, **otherwise: dict[str, str]) -> list[str]:
    return letter(kind, reference="NTC-1", site="Clinic", bank="Bank", reason="Why.", units=["U1", "U2"], **otherwise)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_letter_says_what_it_is_about_why_and_what_is_asked(kind: NoticeKind) -> None:
    said = words(kind)

    assert said[0] == f"{TITLES[kind]} (NTC-1)"
    assert {"Reason: Why.", ASKED[kind]} <= set(said)
    assert "2 units that you have or had: U1, U2" in said[2]
    assert "NTC-1" in said[-1]


def test_only_a_recall_is_called_one() -> None:
    assert [kind for kind in NoticeKind if "recall" in " ".join(words(kind)).casefold()] == [NoticeKind.RECALL]


def test_before_the_assessment_a_site_is_asked_to_wait_and_after_it_told_of_each_unit() -> None:
    before, after = (
        words(NoticeKind.EXCURSION),
        words(NoticeKind.EXCURSION, verdicts={"U1": "cleared", "U2": "discard"}),
    )

    assert any("do not use them until we have told you" in each for each in before)
    assert not any("until we have told you" in each for each in after)
    (told,) = [each for each in after if each.startswith("It is assessed.")]
    assert "U1: cleared" in told
    assert "U2: not fit for use" in told


def test_a_notice_stays_open_while_its_excursion_is_not_assessed() -> None:
    with pytest.raises(NoticeRefused) as refused:
        check_closing(is_closed=False, is_acknowledged=True, unanswered=[], awaits="EXC-1")

    assert [each.code for each in refused.value.reasons] == ["not-assessed"]
    check_closing(is_closed=False, is_acknowledged=True, unanswered=[])
