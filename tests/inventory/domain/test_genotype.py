"""GL Strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.allele import HlaRefused, Locus, MalformedAllele
from inventory.domain.genotype import (
    DelimiterNotRead,
    GlStringRefused,
    TooManyAlleles,
    TooMuchText,
    in_order,
    read_gl_string,
    written,
)


def read(text: str) -> dict[str, str]:
    return {locus.value: written(in_order(genotypes)) for locus, genotypes in read_gl_string(text).items()}


@pytest.mark.parametrize(
    ("text", "by_locus"),
    [
        ("A*01:01", {"A": "A*01:01"}),
        ("HLA-A*02:01+HLA-A*01:01", {"A": "A*01:01+A*02:01"}),
        (
            "HLA-A*01:01+HLA-A*02:01/HLA-A*02:05^HLA-B*08:01+HLA-B*44:02",
            {"A": "A*01:01+A*02:01/A*02:05", "B": "B*08:01+B*44:02"},
        ),
        ("A*02:05/A*02:01/A*02:05", {"A": "A*02:01/A*02:05"}),
        ("A*02:01+A*01:01|A*01:02+A*02:05", {"A": "A*01:01+A*02:01|A*01:02+A*02:05"}),
        ("A*01:01~B*08:01+A*02:01~B*44:02", {"A": "A*01:01+A*02:01", "B": "B*08:01+B*44:02"}),
        ("A*02:01+A*XXXX", {"A": "A*02:01+A*XXXX"}),
        ("A2+A*24:02", {"A": "A*24:02+A2"}),
        ("DRB3*01:01+DRB4*01:03", {"DRB3": "DRB3*01:01", "DRB4": "DRB4*01:03"}),
    ],
)
def test_the_delimiters_say_loci_genotypes_copies_phase_and_ambiguity(text: str, by_locus: dict[str, str]) -> None:
    assert read(text) == by_locus


@pytest.mark.parametrize(
    ("text", "refusal", "why"),
    [
        ("A*01:01+A*02:01?B*08:01", DelimiterNotRead, "unknown phase"),
        ("hla#3.25.0#HLA-A*01:01+HLA-A*02:01", DelimiterNotRead, "namespace and version"),
        ("A*01:01+A*02:01+A*03:01", TooManyAlleles, "HLA-A has 3 alleles"),
        ("A*01:01+A*02:01^A*03:01+A*24:02", TooManyAlleles, "named in two places"),
        ("A*01:01/B*08:01", GlStringRefused, "cannot stand together"),
        ("A*01:01~A*02:01", GlStringRefused, "cannot stand together"),
        ("A*01:01|B*08:01", GlStringRefused, "not of the same loci"),
        ("A*01:01++A*02:01", MalformedAllele, "is no allele"),
        ("A*01:01/02", MalformedAllele, "“02” is no allele"),
        ("A*01:01+A*02:01^", MalformedAllele, "is no allele"),
        ("|".join(["A*01:01+A*02:01"] * 17), TooMuchText, "17 genotypes"),
        ("A*01:01/" * 1_000_000, TooMuchText, "8000000 characters"),
    ],
)
def test_what_is_no_gl_string_is_refused_by_name(text: str, refusal: type[HlaRefused], why: str) -> None:
    with pytest.raises(refusal, match=why) as refused:
        read_gl_string(text)

    assert refused.value.mend.endswith("Nothing was saved.")
    assert len(str(refused.value)) < 200


NAMES = st.sampled_from(["A*01:01", "A*02:01", "A*02:XX", "A*24:09N", "A2", "B*08:01", "DRB3*NNNN", "A*", "HLA-"])


@given(st.lists(st.one_of(NAMES, st.sampled_from("+/|~^?#")), max_size=12).map("".join))
def test_every_text_of_names_and_delimiters_is_read_into_two_copies_at_most_or_refused(text: str) -> None:
    try:
        found = read_gl_string(text)
    except HlaRefused:
        return

    assert all(1 <= len(genotype) <= 2 for genotypes in found.values() for genotype in genotypes)
    assert set(found) <= set(Locus)
