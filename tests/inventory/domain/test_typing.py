"""A person's typing: as a study states it, and as results keep it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.allele import HlaRefused, Locus, MalformedAllele
from inventory.domain.genotype import TooManyAlleles, TooMuchText, WrongLocus
from inventory.domain.hla_name import BlankAllele, read_name
from inventory.domain.typing import LoneAllele, NothingTyped, Typed, canonical_genotype, read_typing, typing_of


@pytest.mark.parametrize(
    "typed",
    [
        "A*02:01 A*01:01 B*08:01 B*44:02",
        "A*01:01\tA*02:01\nB*08:01  B*44:02 ",
        ["B*44:02", "B*08:01", "A*02:01", "HLA-A*01:01"],
        [read_name("A*01:01"), read_name("A*02:01"), "B*08:01+B*44:02"],
        "HLA-A*01:01+HLA-A*02:01^HLA-B*08:01+HLA-B*44:02",
        "A*01:01,A*02:01, B*08:01 , B*44:02",
    ],
)
def test_one_typing_has_one_form_however_it_is_stated(typed: str | list[str]) -> None:
    typing = read_typing(typed)

    assert str(typing) == "A*01:01+A*02:01^B*08:01+B*44:02"
    assert read_typing(typing) is typing
    assert read_typing(str(typing)) == typing


def test_a_single_allele_leaves_the_other_open_unless_the_method_reports_a_blank_as_homozygous() -> None:
    assert str(read_typing("A*02:01")) == "A*02:01+A*XXXX"
    assert str(read_typing("A*02:01", blank_is_homozygous=True)) == "A*02:01+A*02:01"
    assert str(read_typing("A*02:01 A*24:02", blank_is_homozygous=True)) == "A*02:01+A*24:02"


def test_a_blank_is_never_an_allele_and_its_refusal_says_how_to_write_what_is_meant() -> None:
    for typed in ("A*02:01+", "A*02:01+A*-", "HLA-A*02:01+HLA-A*", "A*02:01, -"):
        with pytest.raises(BlankAllele) as refused:
            canonical_genotype(Locus.A, typed)
        assert "name the allele twice" in refused.value.mend


def test_a_locus_of_which_nothing_is_known_is_not_typed() -> None:
    typing = read_typing("A*XXXX A*UUUU B*08:01")

    assert typing.at(Locus.A) == ()
    assert len(typing.at(Locus.B)) == 1
    assert read_typing("").genotypes == {}


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("A*01:01 A*02:01 A*03:01", TooManyAlleles),
        ("A*01:01+A*02:01 A*01:01", TooManyAlleles),
        (["A*01:01"] * 23, TooManyAlleles),
        ("A*01:01 " * 10_000, TooMuchText),
        ("A*01:01|A*01:02|A*01:03|A*01:04|A*01:05 A*02:01|A*02:02|A*02:03|A*02:04|A*02:05", TooMuchText),
        (["A*01:01 "], HlaRefused),
        (["A*01:01 A*02:01"], HlaRefused),
        ("A*01:01,02:01", HlaRefused),
        ("A*01:01,,A*02:01", BlankAllele),
        ("A*01:01,", BlankAllele),
        (["A*01:01", ""], BlankAllele),
        (["A*01:01", None], BlankAllele),
        (["A*01:01", "A*-"], BlankAllele),
        (["A*01:01", 201], MalformedAllele),
        ([("A*01:01", "A*02:01")], MalformedAllele),
        (b"A*01:01", MalformedAllele),
        (None, HlaRefused),
        ({"A": ["A*01:01", "A*02:01"]}, HlaRefused),
        ("A*01:01\u00a0A*02:0\u0661", HlaRefused),
    ],
)
def test_what_is_no_typing_is_refused_by_name(typed: Typed, refusal: type[HlaRefused]) -> None:
    with pytest.raises(refusal):
        read_typing(typed)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A*02:01+A*01:01", "A*01:01+A*02:01"),
        ("HLA-A*02:01 , A*01:01", "A*01:01+A*02:01"),
        ("A*02:01 A*02:01", "A*02:01+A*02:01"),
        ("A*24 A*02:01", "A*02:01+A*24:XX"),
        ("A*02:05/A*02:01 + A2", "A*02:01/A*02:05+A2"),
        ("A*02:01 + A*02:05 | A*02:01+A*02:03", "A*02:01+A*02:03|A*02:01+A*02:05"),
        ("A*XXXX+A*02:01", "A*02:01+A*XXXX"),
    ],
)
def test_a_genotype_is_kept_in_one_form(text: str, kept: str) -> None:
    assert canonical_genotype(Locus.A, text) == kept
    assert canonical_genotype(Locus.A, kept) == kept


@pytest.mark.parametrize(
    ("text", "refusal", "why"),
    [
        ("A*02:01", LoneAllele, "“A\\*02:01” is one allele of two"),
        ("A*02:01+A*01:01|A*02:05", LoneAllele, "“A\\*02:05” is one allele of two"),
        ("B*08:01+B*44:02", WrongLocus, "is of HLA-B, not of HLA-A"),
        ("A*02:01~B*08:01+A*01:01~B*44:02", WrongLocus, "HLA-B"),
        ("A*01:01 A*02:01 A*03:01", TooManyAlleles, "has 3 alleles"),
        ("A*XXXX A*XXXX", NothingTyped, "not known"),
        (
            "+".join("/".join(f"A*{group}:{field:02}" for field in range(1, 14)) for group in ("01", "02")),
            TooMuchText,
            "207",
        ),
        ("", HlaRefused, "is no allele"),
        ("A*02:01+", HlaRefused, "is no allele"),
        ("A*02:01,,A*01:01", HlaRefused, "is no allele"),
        ("A*02:01+A*01:01\n", HlaRefused, "is no allele"),
    ],
)
def test_a_genotype_that_says_less_or_more_than_two_copies_of_its_locus_is_refused(
    text: str, refusal: type[HlaRefused], why: str
) -> None:
    with pytest.raises(refusal, match=why) as refused:
        canonical_genotype(Locus.A, text)

    assert refused.value.mend.endswith("Nothing was saved.")


def test_a_lone_allele_is_told_how_to_say_what_is_meant() -> None:
    with pytest.raises(LoneAllele) as refused:
        canonical_genotype(Locus.DRB1, "DRB1*15:01")

    assert "write DRB1*15:01+DRB1*15:01" in refused.value.mend
    assert "DRB1*15:01+DRB1*XXXX" in refused.value.mend


def test_the_texts_of_results_make_one_typing_and_what_is_no_typing_is_passed_over() -> None:
    texts = {"abo_rh": "O pos", "hla_identity": "confirmed", "hla_c": "", "hla_drb1": "DRB1*03:01+DRB1*15:01"}

    assert str(typing_of({**texts, "hla_a": "A*01:01+A*02:01"})) == "A*01:01+A*02:01^DRB1*03:01+DRB1*15:01"
    with pytest.raises(WrongLocus):
        typing_of({**texts, "hla_a": "B*08:01+B*44:02"})


@given(st.sampled_from(Locus), st.text(alphabet="ABDR*:0123XNHL-+/|~^, ", max_size=40))
def test_every_text_is_kept_in_a_form_that_is_kept_as_it_is_or_refused(locus: Locus, text: str) -> None:
    try:
        kept = canonical_genotype(locus, text)
    except HlaRefused:
        return

    assert canonical_genotype(locus, kept) == kept
