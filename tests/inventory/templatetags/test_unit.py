"""How values of entries and of results are written on a page."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from inventory.templatetags.unit import breakable, ledger_value, site_times


@pytest.fixture(autouse=True)
def berlin():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


@pytest.mark.parametrize("written", ["2026-03-05T13:03:00.000000Z", "2026-03-05 13:03:00 UTC", "2026-03-05 13:03 UTC"])
def test_an_instant_in_a_value_or_a_sentence_is_shown_in_the_sites_zone(written: str):
    value, sentence = ledger_value(written), site_times(f"the unit expired on {written}; and <b>more</b>")

    assert ">5 Mar 2026, 14:03 CET</time>" in value
    assert sentence.startswith("the unit expired on <time ")
    assert ">5 Mar 2026, 14:03 CET</time>; and &lt;b&gt;more&lt;/b&gt;" in sentence


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("cord_blood", "cord blood"),
        ("viable_vial", "viable vial"),
        ("SMP-A_B", "SMP-A_B"),
        ("2026-04-25", "2026-04-25"),
    ],
)
def test_other_values_are_words_and_codes_stay_as_they_are(stored: str, shown: str):
    assert ledger_value(stored) == shown


def test_a_value_with_an_instant_in_it_is_escaped():
    assert "<script>" not in ledger_value("<script> 2026-03-05 13:03:00 UTC")


def test_a_typing_may_go_on_in_the_next_line_and_is_escaped():
    assert breakable("DRB1*03:01+DRB1*15:01") == "DRB1*03:01+<wbr>DRB1*15:01"
    assert breakable("<1") == "&lt;1"
