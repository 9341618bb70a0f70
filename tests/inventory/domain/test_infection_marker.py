"""Infection marker results on a label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.infection_marker import Marker, MarkerResult, MarkersRefused
from inventory.domain.isbt128 import decode_markers, encode_markers
from inventory.domain.isbt128_refusal import Isbt128Refused

# Published example of ICCBBA ST-001.
PUBLISHED = "321415000000000000"
FOUND = {
    Marker.HIV_ANTIBODY: "neg",
    Marker.HCV_ANTIBODY: "pos",
    Marker.HCV_NAT: "neg",
    Marker.HBC_ANTIBODY: "neg",
    Marker.HBS_ANTIGEN: "neg",
    Marker.HTLV_ANTIBODY: "neg",
    Marker.SYPHILIS: "neg",
    Marker.CMV_ANTIBODY: "pos",
}


def test_the_published_example_is_read_and_written():
    read = decode_markers(PUBLISHED)

    assert read == {marker: FOUND.get(marker, "ni") for marker in Marker}
    assert encode_markers(FOUND) == encode_markers(read) == PUBLISHED


def test_nothing_known_is_eighteen_zeroes():
    assert encode_markers({}) == "0" * 18
    assert set(decode_markers("0" * 18).values()) == {MarkerResult.NO_INFORMATION}


@pytest.mark.parametrize(
    ("marker", "place", "digit"),
    [
        *((Marker.HIV_ANTIBODY, 1, "6"), (Marker.HIV_P24_ANTIGEN, 1, "2"), (Marker.HCV_NAT, 3, "2")),
        *((Marker.HBV_NAT, 5, "6"), (Marker.EBV_NAT, 7, "2"), (Marker.WNV_NAT, 8, "6"), (Marker.B19_ANTIBODY, 8, "2")),
        *((Marker.B19_NAT, 9, "6"), (Marker.CHAGAS_ANTIBODY, 9, "2"), (Marker.HEV_NAT, 10, "6")),
    ],
)
def test_each_marker_has_its_place(marker, place, digit):
    written = encode_markers({marker: "pos"})

    assert written == "0" * (place - 1) + digit + "0" * (18 - place)


@given(st.dictionaries(st.sampled_from(Marker), st.sampled_from(MarkerResult)))
def test_results_are_read_as_they_were_written(results):
    read = decode_markers(encode_markers(results))

    assert read == {marker: results.get(marker, MarkerResult.NO_INFORMATION) for marker in Marker}
    assert encode_markers(read) == encode_markers(results)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0" * 17, "0" * 19, "9" + "0" * 17, "0" * 9 + "1" + "0" * 8, "0" * 9 + "8" + "0" * 8, "0" * 17 + "1"),
        *("0" * 17 + "\u0660", "0" * 18 + "\n", "32141500000000000O", None, 0),
    ],
)
def test_what_is_no_result_string_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_markers(text)


@pytest.mark.parametrize(
    "results", [{"hiv": "neg"}, {None: "neg"}, {"hiv_nat": "negative"}, {"hiv_nat": None}, None, 5]
)
def test_what_is_no_marker_or_no_result_is_not_written(results):
    with pytest.raises(MarkersRefused):
        encode_markers(results)
