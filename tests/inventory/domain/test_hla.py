"""How well two typings match: the vectors, the table of the source, what is open, and the laws."""

import csv
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.allele import HlaRefused, Locus
from inventory.domain.hla import Match, match

VECTORS = Path(__file__).with_name("hla_match_vectors.csv")
RECIPIENT = "A*01:01 A*02:01 B*08:01 B*44:02 C*07:01 C*05:01 DRB1*03:01 DRB1*15:01"
REST = "B*08:01 B*44:02 DRB1*03:01 DRB1*15:01"


def counts(found: Match) -> tuple[int | None, ...]:
    return found.of_6, found.of_8, found.gvh_mismatches_of_6, found.hvg_mismatches_of_6


def with_a(donor: str, recipient: str, *, blank_is_homozygous: bool = False) -> Match:
    return match(f"{donor} {REST}", f"{recipient} {REST}", blank_is_homozygous=blank_is_homozygous)


@pytest.mark.parametrize("row", list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines())))
def test_the_published_vectors(row: dict[str, str]) -> None:
    case, donor, recipient, *expected, passes = row.values()

    found = match(donor, recipient)

    assert list(map(str, counts(found))) == expected, case
    assert found.passes_4_of_6 is (passes == "yes")


@pytest.mark.parametrize(
    ("swaps", "expected"),
    [
        ({}, (6, 8, 0, 0)),
        ({"A*02:01": "A*02:05"}, (6, 7, 0, 0)),
        ({"DRB1*15:01": "DRB1*15:02"}, (5, 7, 1, 1)),
        ({"A*02:01": "A*03:01", "DRB1*15:01": "DRB1*04:01"}, (4, 6, 2, 2)),
        ({"C*07:01": "C*07:02"}, (6, 7, 0, 0)),
        ({"A*02:01": "A*01:01"}, (5, 7, 1, 0)),
    ],
)
def test_the_table_of_the_source(swaps: dict[str, str], expected: tuple[int, ...]) -> None:
    donor = [swaps.get(allele, allele) for allele in RECIPIENT.split()]

    assert counts(match(donor, RECIPIENT.split())) == expected


@pytest.mark.parametrize(
    ("donor", "recipient", "of_6", "gvh", "hvg"),
    [
        ("A*01:01 A*01:01", "A*01:01 A*02:01", 5, 1, 0),
        ("A*01:01 A*02:01", "A*01:01 A*01:01", 5, 0, 1),
        ("A*01:01 A*01:01", "A*01:01 A*01:01", 6, 0, 0),
        ("A*01:01 A*01:01", "A*02:01 A*03:01", 4, 2, 2),
        ("A*01:01 A*01:01", "A*02:01 A*02:01", 4, 2, 2),
        ("A*01:01 A*02:01", "A*03:01 A*11:01", 4, 2, 2),
    ],
)
def test_homozygous_people_match_by_the_better_pairing_of_copies(
    donor: str, recipient: str, of_6: int, gvh: int, hvg: int
) -> None:
    found = with_a(donor, recipient)

    assert (found.of_6, found.gvh_mismatches_of_6, found.hvg_mismatches_of_6) == (of_6, gvh, hvg)


def test_a_single_allele_is_homozygous_only_where_a_blank_is_said_to_be() -> None:
    blank, homozygous = "A*01:01", "A*01:01 A*01:01"

    assert (with_a(blank, homozygous).of_6, with_a(blank, homozygous).possible_of_6) == (5, 6)
    assert with_a(blank, "A*01:01 A*02:01").gvh_mismatches_of_6 == 0
    assert with_a(blank, "A*01:01 A*02:01").possible_gvh_mismatches_of_6 == 1
    assert with_a(blank, homozygous, blank_is_homozygous=True).of_6 == 6
    assert with_a(blank, "A*01:01 A*02:01", blank_is_homozygous=True).gvh_mismatches_of_6 == 1


@pytest.mark.parametrize(
    ("donor", "of_6", "possible_of_6", "of_8", "possible_of_8"),
    [
        ("A*02:XX", 6, 6, 7, 8),
        ("A*02", 6, 6, 7, 8),
        ("A*02:ABC", 6, 6, 7, 8),
        ("A*02:01/A*02:05", 6, 6, 7, 8),
        ("A*02:01/A*03:01", 5, 6, 7, 8),
        ("A*02:03/A*02:05", 6, 6, 7, 7),
        ("A*02:NEW", 6, 6, 7, 8),
        ("A*NEW", 5, 6, 7, 8),
        ("A*XXXX", 5, 6, 7, 8),
        ("A*03:XX", 5, 5, 7, 7),
        ("A2", 6, 6, 7, 8),
        ("A28", 5, 5, 7, 7),
    ],
)
def test_what_is_ambiguous_is_neither_a_match_nor_a_mismatch(
    donor: str, of_6: int, possible_of_6: int, of_8: int, possible_of_8: int
) -> None:
    found = match(RECIPIENT.replace("A*02:01", donor), RECIPIENT)

    assert (found.of_6, found.possible_of_6) == (of_6, possible_of_6)
    assert (found.of_8, found.possible_of_8) == (of_8, possible_of_8)


def test_of_possible_genotypes_only_what_all_agree_on_is_certain() -> None:
    found = match(f"A*01:01+A*02:01|A*03:01+A*11:01 {REST}", f"A*01:01 A*02:01 {REST}")

    assert (found.of_6, found.possible_of_6) == (4, 6)
    assert (found.gvh_mismatches_of_6, found.possible_gvh_mismatches_of_6) == (0, 2)


def test_a_match_on_the_first_field_alone_is_named_provisional() -> None:
    found = match(
        "A*02:05 A*01:01 B*15:01 B62 DRB1*03:01 DRB1*15:01", "A*01:01 A*02:01 B*15:10 B62 DRB1*03:01 DRB1*15:01"
    )

    assert found.of_6 == 6
    assert found.provisional_antigen_matches == (
        "A*02:05 and A*02:01",
        "B*15:01 and B*15:10 (B*15 holds B62, B63, B75, B76, B77, B70, B71, B72)",
    )
    assert match(RECIPIENT, RECIPIENT).provisional_antigen_matches == ()


def test_the_pairing_that_also_agrees_by_two_fields_is_the_one_that_is_named() -> None:
    assert with_a("A*02:01 A*02:05", "A*02:05 A*02:01").provisional_antigen_matches == ()


@pytest.mark.parametrize(
    ("donor", "recipient", "of_6", "possible"),
    [
        ("B62 B44", "B62 B44", 4, 4),
        ("B62 B44", "B63 B44", 3, 3),
        ("B15 B44", "B62 B44", 3, 4),
        ("B*15:01 B44", "B62 B44", 3, 4),
        ("B*15:01 B44", "B35 B44", 3, 3),
        ("B*44:02 B60", "B44 B61", 3, 3),
    ],
)
def test_splits_decide_where_antigens_are_given(donor: str, recipient: str, of_6: int, possible: int) -> None:
    rest = "A*01:01 A*02:01 DRB1*03:01 DRB1*04:01"
    found = match(f"{donor} {rest}", f"{recipient} {rest}")

    assert (found.of_6, found.possible_of_6) == (of_6 + 2, possible + 2)


@pytest.mark.parametrize(
    ("donor", "recipient", "of_6", "gvh", "hvg"),
    [
        ("A*01:01 A*24:09N", "A*01:01 A*24:02", 5, 1, 0),
        ("A*01:01 A*24:02", "A*01:01 A*24:09N", 5, 0, 1),
        ("A*01:01 A*24:09N", "A*01:01 A*24:09N", 6, 0, 0),
        ("A*01:01 A*24:09N", "A*01:01 A*01:01", 6, 0, 0),
        ("A*01:01 A*24:02L", "A*01:01 A*24:02", 6, 0, 0),
        ("A*23:07N A*24:09N", "A*01:01 A*02:01", 4, 2, 0),
    ],
)
def test_a_null_allele_is_not_expressed(donor: str, recipient: str, of_6: int, gvh: int, hvg: int) -> None:
    found = with_a(donor, recipient)

    assert (found.of_6, found.gvh_mismatches_of_6, found.hvg_mismatches_of_6) == (of_6, gvh, hvg)


def test_a_locus_that_is_not_typed_makes_its_counts_unknown_neither_none_nor_full() -> None:
    without_c = match(f"A*01:01 A*02:01 {REST}", RECIPIENT)
    without_b = match("A*01:01 A*02:01 DRB1*03:01 DRB1*15:01", RECIPIENT)

    assert (without_c.of_6, without_c.of_8, without_c.untyped) == (6, None, (Locus.C,))
    assert (without_c.passes_4_of_6, without_c.possible_of_8) == (True, 8)
    assert counts(without_b) == (None, None, None, None)
    assert (without_b.possible_of_6, without_b.passes_4_of_6) == (6, None)
    assert counts(match("", "")) == (None, None, None, None)


@pytest.mark.parametrize(
    ("donor", "passes"),
    [
        ("A*03:01 A*11:01 B*08:01 B*44:02 DRB1*03:01 DRB1*15:01", True),
        ("A*03:01 A*11:01 B*07:02 B*44:02 DRB1*03:01 DRB1*15:01", False),
        ("A*03:01 A*11:01 B*08:01 B*44:02 DRB1*03:01 DRB1*15:XX", None),
        ("A*03:01 A*11:01 B*07:02 B*44:02", False),
        ("A*03:01 A*11:01 B*08:01 B*44:02", None),
    ],
)
def test_four_of_six_pass_fail_or_are_not_known(donor: str, passes: bool | None) -> None:
    assert match(donor, RECIPIENT).passes_4_of_6 is passes


@pytest.mark.parametrize(
    "typed", ["A*01:01 A*02:01 A*03:01", "A*O1:01", "a*01:01", "A*01:01?A*02:01", "A*\uff10\uff11:01", ["A*01:01\n"]]
)
def test_what_is_no_typing_is_refused_on_either_side(typed: str | list[str]) -> None:
    for sides in ((typed, RECIPIENT), (RECIPIENT, typed)):
        with pytest.raises(HlaRefused):
            match(*sides)


GROUPS = ("01", "02", "03", "24")
DEFINITE = [f"{group}:{field}" for group in GROUPS for field in ("01", "02")]
OPEN = [*DEFINITE, "24:09N", "02:XX", "24:AB", "01:NEW", "XXXX", "01:01/{0}*02:01"]


def typings(fields: list[str], loci: str = "A B C DRB1", least: int = 2) -> st.SearchStrategy[list[str]]:
    def at(locus: str) -> st.SearchStrategy[list[str]]:
        alleles = st.sampled_from([f"{locus}*{field.format(locus)}" for field in fields])
        return st.lists(alleles, min_size=least, max_size=2)

    return st.tuples(*(at(locus) for locus in loci.split())).map(lambda found: [each for two in found for each in two])


@given(typings(OPEN, least=0), typings(OPEN, least=0))
def test_matching_is_symmetric_and_its_directions_change_places(one: list[str], other: list[str]) -> None:
    there, back = match(one, other), match(other, one)

    assert (there.of_6, there.of_8, there.passes_4_of_6) == (back.of_6, back.of_8, back.passes_4_of_6)
    assert (there.possible_of_6, there.possible_of_8) == (back.possible_of_6, back.possible_of_8)
    assert there.gvh_mismatches_of_6 == back.hvg_mismatches_of_6
    assert there.possible_gvh_mismatches_of_6 == back.possible_hvg_mismatches_of_6


@given(typings(OPEN, least=0), typings(OPEN, least=0), st.randoms())
def test_the_order_of_alleles_says_nothing(donor: list[str], recipient: list[str], random: Random) -> None:
    before = match(donor, recipient)
    random.shuffle(donor)
    random.shuffle(recipient)

    assert counts(match(" ".join(donor), recipient)) == counts(before)


@given(typings(OPEN, least=0), typings(OPEN, least=0))
def test_every_count_lies_within_its_bounds(donor: list[str], recipient: list[str]) -> None:
    found = match(donor, recipient)

    assert found.of_6 is None or 0 <= found.of_6 <= found.possible_of_6 <= 6
    assert found.of_8 is None or 0 <= found.of_8 <= found.possible_of_8 <= 8
    gvh = found.gvh_mismatches_of_6
    assert gvh is None or 0 <= gvh <= found.possible_gvh_mismatches_of_6 <= 6
    assert found.of_6 is None or gvh is None or gvh + found.of_6 <= 6


@given(typings(DEFINITE), typings(DEFINITE))
def test_of_definite_alleles_nothing_is_open_and_each_mismatch_has_a_direction(
    donor: list[str], recipient: list[str]
) -> None:
    found = match(donor, recipient)

    assert (found.of_6, found.of_8) == (found.possible_of_6, found.possible_of_8)
    for locus in found.six:
        assert locus.matches == 2 - max(locus.gvh, locus.hvg)


@given(typings([*DEFINITE, "24:09N", "01:01:01:02L"]))
def test_everybody_matches_themselves(typing: list[str]) -> None:
    assert counts(match(typing, typing)) == (6, 8, 0, 0)


@given(st.text(max_size=60), st.lists(st.text(alphabet="AB*:012NX/+| ", max_size=12), max_size=6))
def test_random_text_is_matched_or_refused(donor: str, recipient: list[str]) -> None:
    try:
        found = match(donor, recipient)
    except HlaRefused:
        return

    assert found.possible_of_6 <= 6
