"""What makes the description of a site fit."""

from dataclasses import replace

import pytest

from biobank.domain.site import NewSite, SiteKind, UnfitSite, check_site, check_time_zone

FIT = NewSite(code="BANK-1", name="Bank", kind=SiteKind.BANK, time_zone="Europe/Berlin", country="DE")


def test_a_fit_description_is_taken():
    check_site(FIT)
    check_time_zone(FIT.time_zone)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "bank"),
        ("code", "B" * 33),
        ("code", "BANK--1"),
        ("code", "BANK\u200b1"),
        ("name", "  "),
        ("time_zone", "Berlin"),
        ("time_zone", "../etc/passwd"),
        ("country", "Germany"),
        ("country", "de"),
    ],
)
def test_each_unfit_part_is_named(field, value):
    with pytest.raises(UnfitSite) as refusal:
        check_site(replace(FIT, **{field: value}))

    assert [reason.field for reason in refusal.value.reasons] == [field]


def test_everything_unfit_is_named_at_once():
    with pytest.raises(UnfitSite) as refusal:
        check_site(replace(FIT, code="?", name="", time_zone="Mars", country=""))

    assert len(refusal.value.reasons) == 4


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(UnfitSite):
        check_time_zone("Mars/Olympus")
