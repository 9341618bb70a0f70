"""Blood groups and special messages on a label."""

import pytest

from inventory.domain.blood_group import (
    GROUPS,
    BloodGroupRefused,
    IntendedUse,
    Rhd,
    decode_blood_group,
    encode_blood_group,
)
from inventory.domain.isbt128_refusal import Isbt128Refused

DEFAULTS = [
    *(("O", Rhd.NEGATIVE, "95"), ("A", Rhd.NEGATIVE, "06"), ("B", Rhd.NEGATIVE, "17"), ("AB", Rhd.NEGATIVE, "28")),
    *(("O", Rhd.POSITIVE, "51"), ("A", Rhd.POSITIVE, "62"), ("B", Rhd.POSITIVE, "73"), ("AB", Rhd.POSITIVE, "84")),
    *(("O", Rhd.NOT_GIVEN, "55"), ("A", Rhd.NOT_GIVEN, "66"), ("B", Rhd.NOT_GIVEN, "77"), ("AB", Rhd.NOT_GIVEN, "88")),
]


@pytest.mark.parametrize(("abo", "rhd", "code"), DEFAULTS)
def test_groups_have_their_default_codes(abo, rhd, code):
    assert encode_blood_group(abo, rhd) == f"{code}00"
    assert decode_blood_group(f"{code}00").group == (abo, rhd, IntendedUse.NOT_SPECIFIED)


@pytest.mark.parametrize(
    ("code", "use"),
    [
        *(("47", "DIRECTED"), ("48", "EMERGENCY"), ("49", "DIRECTED_BIOHAZARD"), ("50", "DIRECTED_CROSSOVER")),
        *(("52", "AUTOLOGOUS_CROSSOVER"), ("53", "AUTOLOGOUS"), ("54", "AUTOLOGOUS_BIOHAZARD")),
    ],
)
def test_the_intended_use_is_said_by_the_code(code, use):
    assert decode_blood_group(f"{code}00").group == ("O", Rhd.POSITIVE, IntendedUse[use])


def test_no_two_groups_share_a_code():
    assert len(GROUPS) == 8 * 8 + 4
    assert len(set(GROUPS.values())) == len(GROUPS)


@pytest.mark.parametrize(
    ("text", "message", "research", "quarantine"),
    [
        ("Mr00", "for research use only", True, False),
        ("Mq00", "quarantine", False, True),
        ("T300", "tissue, ABO and RhD not specified", False, False),
        ("0000", "no ABO or RhD information", False, False),
        ("5100", "", False, False),
    ],
)
def test_special_messages_stand_in_place_of_the_group(text, message, research, quarantine):
    read = decode_blood_group(text)

    assert (read.message, read.is_for_research_only, read.is_in_quarantine) == (message, research, quarantine)
    assert bool(read.group) is not bool(message)
    assert read.content == text


@pytest.mark.parametrize("text", ["D600", "A000", "P250"])
def test_rarer_codes_are_kept_and_not_interpreted(text):
    read = decode_blood_group(text)

    assert (read.content, read.group, read.message) == (text, None, "")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "51",
            "510",
            "51000",
            "5101",
            "51a0",
            "o100",
            "mr00",
            "MR00",
            "Mz00",
            "T000",
            "T700",
            "0100",
            "1000",
            "9900",
        ),
        *("5100\n", "\u0665100", "51 0", None, 5100),
    ],
)
def test_what_is_neither_group_nor_message_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_blood_group(text)


def test_a_group_without_code_is_not_written():
    with pytest.raises(BloodGroupRefused):
        encode_blood_group("O", Rhd.NOT_GIVEN, IntendedUse.AUTOLOGOUS)
