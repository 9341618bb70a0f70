from datetime import date

import pytest

from consent.domain.duo import (
    MODIFIERS,
    PERMISSIONS,
    TIME_LIMIT,
    comparable,
    date_of,
    months_of,
    names_of,
    parameter_fault,
    shorthand,
    terms,
)


def test_every_permission_and_modifier_in_use_is_a_shipped_term_with_a_shorthand():
    used = {duo: terms()[duo].shorthand for duo in PERMISSIONS | MODIFIERS}

    assert len(PERMISSIONS) == 5
    assert len(MODIFIERS) == 18
    assert all(used.values())
    assert set(terms()) - set(used) == {"DUO:0000001", "DUO:0000017"}


def test_a_shorthand_falls_back_to_the_identifier():
    assert shorthand("DUO:0000046") == "NCU"
    assert shorthand("DUO:0000017") == "DUO:0000017"
    assert shorthand("DUO:0000005") == "DUO:0000005"


@pytest.mark.parametrize("text", ["", "0", "-3", "twelve", "1_000", "١٢", "10000", "1.5"])
def test_a_time_limit_that_is_not_whole_months_is_not_read(text):
    assert months_of(text) is None


def test_parameters_are_read():
    assert months_of("120") == 120
    assert date_of("2027-02-28") == date(2027, 2, 28)
    assert date_of("next year") is None
    assert names_of(" de, AT ,, Study  Site ") == {"de", "at", "study site"}
    assert comparable("  Straße 1 ") == "strasse 1"


@pytest.mark.parametrize(
    ("duo", "parameter", "faulty"),
    [
        (TIME_LIMIT, "12", False),
        (TIME_LIMIT, "", True),
        ("DUO:0000024", "2027-01-01", False),
        ("DUO:0000024", "01.01.2027", True),
        ("DUO:0000022", "DE", False),
        ("DUO:0000022", " , ", True),
        ("DUO:0000028", "", True),
        ("DUO:0000027", "", True),
        ("DUO:0000026", "", True),
        ("DUO:0000012", "", False),
        ("DUO:0000012", "paediatric only", False),
        ("DUO:0000042", "", False),
        ("DUO:0000042", "x", True),
        ("", "", False),
    ],
)
def test_a_modifier_states_what_it_needs_and_nothing_else_states_anything(duo, parameter, faulty):
    assert bool(parameter_fault(duo, parameter)) is faulty
