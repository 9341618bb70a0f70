"""The shipped table of assays."""

import csv
from importlib.resources import files

from inventory.domain.assay import ASSAYS, AssayGroup, MarkerDemand, Reactive, Subject, ValueKind


def test_no_assay_stands_in_the_file_twice_and_every_code_fits_its_column() -> None:
    text = files("inventory").joinpath("data/assays.csv").read_text(encoding="utf-8")
    codes = [row["code"] for row in csv.DictReader(text.splitlines())]

    assert len(codes) == len(set(codes)) == len(ASSAYS)
    assert all(0 < len(code) <= 40 for code in codes)
    assert len({assay.name for assay in ASSAYS.values()}) == len(ASSAYS)


def test_every_assay_is_well_formed() -> None:
    for assay in ASSAYS.values():
        assert assay.subjects
        assert (assay.kind is ValueKind.CODED) is bool(assay.codes), assay.code
        if assay.kind is ValueKind.NUMBER:
            assert assay.unit
            assert assay.low is not None
            assert assay.high is not None
            assert 0 <= assay.low < assay.high


def test_the_required_markers_are_those_of_the_regulation() -> None:
    required = {
        code
        for code, assay in ASSAYS.items()
        if assay.group is AssayGroup.INFECTIOUS_MARKER and assay.demand is MarkerDemand.REQUIRED
    }

    assert required == {
        "anti_hiv_12",
        "hiv_1_nat",
        "hbs_ag",
        "anti_hbc",
        "hbv_nat",
        "anti_hcv",
        "hcv_nat",
        "syphilis",
        "anti_htlv",
        "cmv",
    }


def test_markers_are_the_mothers_and_say_what_reactive_means() -> None:
    markers = [assay for assay in ASSAYS.values() if assay.group is AssayGroup.INFECTIOUS_MARKER]

    assert all(marker.subjects == {Subject.MOTHER} and marker.demand and marker.reactive for marker in markers)
    assert ASSAYS["cmv"].reactive is Reactive.RECORDED
