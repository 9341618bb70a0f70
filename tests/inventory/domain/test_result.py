"""Reading typed values, and whether they agree."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.assay import ASSAYS, AssayGroup, Qualifier, Subject
from inventory.domain.result import CountsDisagree, Value, ValueRefused, check_counts_agree, check_subject, check_value
from inventory.domain.typing import LOCUS_OF_ASSAY


@pytest.mark.parametrize(
    ("assay", "typed", "number"),
    [
        ("tnc", "1130000000", "1130000000"),
        ("tnc", " 1.13e9 ", "1130000000"),
        ("tnc", "1000000", "1000000"),
        ("tnc_viability_percent", "85", "85.0"),
        ("tnc_viability_percent", "+85.5", "85.5"),
        ("cd34_percent", "0.35", "0.350"),
        ("hours_to_freezing", "48.000", "48.000"),
    ],
)
def test_numbers_are_read_to_the_decimals_of_their_assay(assay: str, typed: str, number: str) -> None:
    value = check_value(ASSAYS[assay], typed)

    assert value == Value(number=Decimal(number))
    assert str(value.number) == number


@pytest.mark.parametrize(
    ("assay", "typed", "why"),
    [
        ("tnc", "", "needs a value"),
        ("tnc", "   ", "needs a value"),
        ("tnc", "1" * 201, "at most 200"),
        ("tnc", "1130", "millions"),
        ("tnc", "999999", "millions"),
        ("tnc", "20000000001", "out of the plausible range"),
        ("tnc", "1130000000.5", "more than 0 decimals"),
        ("tnc", "-1130000000", "negative"),
        ("tnc", "1_130_000_000", "plain digits"),
        ("tnc", "1,13e9", "plain digits"),
        ("tnc", "NaN", "plain digits"),
        ("tnc", "Infinity", "plain digits"),
        ("tnc", "１１３０００００００", "plain digits"),
        ("tnc", "1e99", "out of the plausible range"),
        ("tnc", "1234567890.123456", "significant digits"),
        ("tnc", "n/a", "not done"),
        ("tnc_viability_percent", "0.92", "a fraction\\? 0.92 is 92 %"),
        ("tnc_viability_percent", "1.5", "out of the plausible range"),
        ("tnc_viability_percent", "<0.5", "below limit"),
        ("tnc_viability_percent", "101", "out of the plausible range"),
        ("bacterial_culture", "No growth", "is not one of no_growth"),
        ("organism", "E. coli\u200b", "cannot be seen"),
        ("organism", "E\u0301. coli", "cannot be seen"),
        ("hla_a", "A*02:01+A*24:02\u200b", "ZERO WIDTH SPACE"),
        ("hla_a", "A*02:01+A*24:02\n", "U\\+000A"),
        ("hla_a", "A*O2:01+A*24:02", "Did you mean A\\*02:01"),
        ("hla_a", "B*08:01+B*44:02", "is of HLA-B, not of HLA-A"),
        ("hla_a", "A*02:01+B*44:02", "is of HLA-B, not of HLA-A"),
        ("hla_a", "A*02:01^B*08:01+B*44:02", "is of HLA-B, not of HLA-A"),
        ("hla_a", "A*02:01", "one allele of two"),
        ("hla_a", "A*01:01 A*02:01 A*03:01", "has 3 alleles"),
        ("hla_a", "A*XXXX+A*UUUU", "is not known"),
        ("hla_a", "confirmed", "is no allele"),
        ("hla_drb1", "DR15+DR99", "“DR99” is no allele"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(assay: str, typed: str, why: str) -> None:
    with pytest.raises(ValueRefused, match=why) as refused:
        check_value(ASSAYS[assay], typed)

    assert refused.value.field == assay


def test_codes_and_texts_are_kept_as_typed() -> None:
    assert check_value(ASSAYS["bacterial_culture"], "no_growth") == Value(text="no_growth")
    assert check_value(ASSAYS["organism"], "S. aureus") == Value(text="S. aureus")


@pytest.mark.parametrize(
    "typed",
    ["A*24:02, A*02:01", "HLA-A*02:01+HLA-A*24:02", " A*24:02 A*02:01 ", "A*02:01 + A*24:02", "A*02:01,A*24:02"],
)
def test_a_typing_is_kept_in_one_form_however_it_is_typed(typed: str) -> None:
    assert check_value(ASSAYS["hla_a"], typed) == Value(text="A*02:01+A*24:02")


def test_every_assay_of_a_locus_reads_typings_of_that_locus() -> None:
    for code, locus in LOCUS_OF_ASSAY.items():
        assert ASSAYS[code].group is AssayGroup.TYPING
        assert check_value(ASSAYS[code], f"{locus}*02:XX+{locus}*01:01").text == f"{locus}*01:01+{locus}*02:XX"


def test_below_limit_carries_the_limit_and_may_lie_under_the_plausible_range() -> None:
    assert ASSAYS["tnc_viability_percent"].low == 2

    value = check_value(ASSAYS["tnc_viability_percent"], "0.5", Qualifier.BELOW_LIMIT)

    assert value == Value(number=Decimal("0.5"), qualifier=Qualifier.BELOW_LIMIT)


def test_a_coded_value_cannot_be_below_a_limit() -> None:
    with pytest.raises(ValueRefused, match="not a number"):
        check_value(ASSAYS["bacterial_culture"], "no_growth", Qualifier.BELOW_LIMIT)


@pytest.mark.parametrize("qualifier", [Qualifier.NOT_DONE, Qualifier.QUANTITY_INSUFFICIENT])
def test_what_was_not_measured_has_a_code_and_no_value(qualifier: Qualifier) -> None:
    assert check_value(ASSAYS["tnc"], "", qualifier) == Value(qualifier=qualifier)

    with pytest.raises(ValueRefused, match="cannot have a value too"):
        check_value(ASSAYS["tnc"], "1000000000", qualifier)


@given(st.text(max_size=40), st.sampled_from(sorted(ASSAYS)), st.sampled_from(Qualifier))
def test_every_typed_text_is_a_value_within_its_range_or_a_refusal(typed: str, code: str, how: Qualifier) -> None:
    assay = ASSAYS[code]
    try:
        value = check_value(assay, typed, how)
    except ValueRefused:
        return

    assert assay.high is None or value.number is None or 0 <= value.number <= assay.high


def test_a_result_is_of_a_subject_that_the_assay_is_measured_in() -> None:
    check_subject(ASSAYS["tnc"], Subject.UNIT)

    with pytest.raises(ValueRefused, match="lot or unit, not of the mother"):
        check_subject(ASSAYS["tnc"], Subject.MOTHER)


@pytest.mark.parametrize(
    ("tnc", "agrees"),
    [("1130000000", True), ("1186500000", True), ("1186500001", False), ("1073499999", False), ("1130", False)],
)
def test_tnc_agrees_with_concentration_times_volume(tnc: str, agrees: bool) -> None:
    if agrees:
        check_counts_agree(Decimal(tnc), Decimal("45.2"), Decimal("25.0"))
    else:
        with pytest.raises(CountsDisagree, match="1\\.13E"):
            check_counts_agree(Decimal(tnc), Decimal("45.2"), Decimal("25.0"))
