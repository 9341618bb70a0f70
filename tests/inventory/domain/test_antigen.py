"""Antigens, splits, and what a group of alleles holds."""

import pytest

from inventory.domain.allele import Locus, MalformedAllele
from inventory.domain.antigen import ALSO_HELD, ASSOCIATED, BY_NAME, SPLITS, Antigen, held_by, read_antigen, within


@pytest.mark.parametrize(
    ("text", "locus"),
    [
        *(("A2", Locus.A), ("B62", Locus.B), ("Cw7", Locus.C), ("DR15", Locus.DRB1), ("DR52", Locus.DRB3)),
        *(("DR53", Locus.DRB4), ("DR51", Locus.DRB5), ("DQ6", Locus.DQB1), ("DPw4", Locus.DPB1), ("HLA-A2", Locus.A)),
    ],
)
def test_an_antigen_says_its_locus(text: str, locus: Locus) -> None:
    assert read_antigen(text) == Antigen(locus, text[-2:].lstrip("AwRQ"))


@pytest.mark.parametrize("text", ["", "A4", "A02", "a2", "Bw4", "Bw6", "CW7", "DR", "DR99", "A2 ", "A*2", "A\u0662"])
def test_what_serology_does_not_name_is_none(text: str) -> None:
    assert read_antigen(text) is None


def test_an_antigen_that_does_not_exist_cannot_be_built() -> None:
    for locus, number in ((Locus.A, "4"), (Locus.DQA1, "1"), (Locus.B, "02")):
        with pytest.raises(MalformedAllele, match="is no antigen"):
            Antigen(locus, number)


def test_the_table_of_splits_is_whole_and_speaks_of_antigens_that_exist() -> None:
    of_source = {
        "A9": "23 24",
        "A10": "25 26 34 66",
        "A19": "29 30 31 32 33 74",
        "A28": "68 69",
        "B5": "51 52",
        "B12": "44 45",
        "B14": "64 65",
        "B15": "62 63 75 76 77",
        "B16": "38 39",
        "B17": "57 58",
        "B21": "49 50",
        "B22": "54 55 56",
        "B40": "60 61",
        "DR2": "15 16",
        "DR3": "17 18",
        "DR5": "11 12",
        "DR6": "13 14",
    }

    for broad, numbers in of_source.items():
        letters = broad.rstrip("0123456789")
        assert SPLITS[broad] == tuple(f"{letters}{number}" for number in numbers.split())
    for table in (SPLITS, ASSOCIATED, ALSO_HELD):
        assert {name for names in table.values() for name in names} | table.keys() <= BY_NAME.keys()


def test_a_broad_antigen_may_turn_out_to_be_its_splits_and_what_is_listed_with_them() -> None:
    assert within("A9") == {"A23", "A24", "A2403"}
    assert within("A24") == {"A2403"}
    assert within("A1") == set()


@pytest.mark.parametrize(
    ("locus", "group", "held"),
    [
        (Locus.A, "02", ("A2",)),
        (Locus.A, "24", ("A24",)),
        (Locus.B, "15", ("B62", "B63", "B75", "B76", "B77", "B70", "B71", "B72")),
        (Locus.B, "40", ("B60", "B61")),
        (Locus.B, "14", ("B64", "B65")),
        (Locus.DRB1, "03", ("DR17", "DR18")),
        (Locus.DRB1, "15", ("DR15",)),
        (Locus.DRB3, "01", ("DR52",)),
        (Locus.C, "03", ("Cw9", "Cw10")),
        (Locus.C, "12", ()),
        (Locus.DQA1, "05", ()),
        (Locus.A, "", ()),
    ],
)
def test_a_group_holds_the_antigen_of_its_number_or_its_splits(locus: Locus, group: str, held: tuple[str, ...]) -> None:
    assert held_by(locus, group) == held
