import pytest

from biobank.domain.text import TextRefused, can_be_written, check_text, obstacles_to_findings, obstacles_to_text


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("Straße 1\nBerlin", []),
        ("", ["missing"]),
        ("  \n", ["missing"]),
        ("x" * 21, ["too-long"]),
        ("a\x00b", ["unreadable"]),
        ("a\u200bb", ["unreadable"]),
        ("a\u202eb", ["unreadable"]),
        ("a\ud800b", ["unreadable"]),
        ("\x07" * 21, ["too-long", "unreadable"]),
    ],
)
def test_a_text_is_readable_and_fits(value, codes):
    reasons = obstacles_to_text(value, "ethics_reference", longest=20, needed=True)

    assert [reason.code for reason in reasons] == codes
    assert all(value not in reason.text for reason in reasons if value.strip())


def test_a_text_that_is_not_needed_may_be_empty():
    assert obstacles_to_text("", "contact", longest=20) == []


@pytest.mark.parametrize("value", ["", " ", "a\x00b", "\ud800", "x" * 21])
def test_a_refused_text_names_its_field(value):
    with pytest.raises(TextRefused) as refused:
        check_text(value, "reason", longest=20)

    assert (refused.value.field, refused.value.reasons[0].field) == ("reason", "reason")


def test_half_a_character_cannot_be_written_and_every_other_can():
    assert can_be_written("Straße 🧊\x00")
    assert not can_be_written("a\ud800")


def test_what_was_looked_at_is_told_in_readable_words():
    assert obstacles_to_findings({"seal": "intact"}) == []
    for findings in ({"seal\x00": "intact"}, {"seal": "\ud800"}, {"seal": "x" * 201}):
        assert [each.field for each in obstacles_to_findings(findings)] == ["findings"]
