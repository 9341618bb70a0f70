import pytest

from consent.domain.text import obstacles_to_text


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
