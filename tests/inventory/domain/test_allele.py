"""The form of alleles' names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.allele import NAMES, Allele, Locus, MalformedAllele, read_allele


@pytest.mark.parametrize(
    ("text", "group", "written"),
    [
        ("A*02:01", "02", "A*02:01"),
        ("HLA-DRB1*15:01", "15", "DRB1*15:01"),
        ("A*24:02:01:02L", "24", "A*24:02:01:02L"),
        ("A*24:09N", "24", "A*24:09N"),
        ("A*02:1001", "02", "A*02:1001"),
        ("A*01:01:01G", "01", "A*01:01:01G"),
        ("A*01:01P", "01", "A*01:01P"),
        ("DPB1*1000:01", "1000", "DPB1*1000:01"),
        ("A*02", "02", "A*02:XX"),
        ("A*02:XX", "02", "A*02:XX"),
        ("B*44:ABC", "44", "B*44:ABC"),
        ("A*02:NEW", "02", "A*02:NEW"),
        ("C*NEW", "", "C*NEW"),
        ("A*XXXX", "", "A*XXXX"),
        ("A*UUUU", "", "A*UUUU"),
        ("DRB4*NNNN", "", "DRB4*NNNN"),
    ],
)
def test_a_name_is_read_into_its_parts_and_written_in_one_form(text: str, group: str, written: str) -> None:
    allele = read_allele(text)

    assert allele is not None
    assert (allele.group, str(allele)) == (group, written)
    assert read_allele(written) == allele


@pytest.mark.parametrize(
    "text",
    [
        *("", "A", "A*", "*02:01", "E*01:01", "A*2:01", "A*00:01", "A*02:00", "A*002:01", "A*1000:01", "A*0201"),
        *("a*02:01", "hla-A*02:01", "A*02:01n", "A*02:01X", "A*02N", "A*02:A", "A*02:xx", "A*02:01:01:01:01"),
        *("A*02:01G", "A*01:01:01P", "A*NNNN", "DRB3*01:NNNN", "DRB3*01NNNN", "A*02:01\n", " A*02:01", "A*02:01 "),
        *("A*\uff10\uff12:01", "A*02:\u0660\u0661", "\u0391*02:01", "HLA-HLA-A*02:01", "A*02:01/A*02:02", "DPB1*0401"),
    ],
)
def test_what_is_not_made_like_a_name_is_none(text: str) -> None:
    assert read_allele(text) is None


def test_an_allele_that_is_not_made_like_one_cannot_be_built() -> None:
    assert str(Allele(Locus.A, ("02", "01"))) == "A*02:01"

    for fields, code in ((("02",), ""), (("2", "01"), ""), ((), ""), (("02", "01"), "XX")):
        with pytest.raises(MalformedAllele):
            Allele(Locus.A, fields, code)


def test_null_and_absent_alleles_are_silent_and_the_others_are_not() -> None:
    texts = ("A*24:09N", "DRB3*NNNN", "A*24:02L", "A*24:02", "A*30:14Q", "A*XXXX")
    alleles = {text: read_allele(text) for text in texts}

    assert [text for text, allele in alleles.items() if allele and allele.is_silent] == ["A*24:09N", "DRB3*NNNN"]
    assert [text for text, allele in alleles.items() if allele and allele.is_unknown] == ["A*XXXX"]


@given(st.sampled_from(Locus).flatmap(lambda locus: st.from_regex(NAMES[locus], fullmatch=True)))
def test_every_name_of_the_nomenclature_is_read_and_written_back(text: str) -> None:
    allele = read_allele(text)

    assert str(allele) == text
    assert read_allele(f"HLA-{text}") == allele
