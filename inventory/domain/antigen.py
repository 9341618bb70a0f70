"""Antigens, as serology names them: broad ones, their splits, and which of them an allele group holds.

Source: standards 5.3 for broad antigens and splits; the list of antigens is the WHO committee's, general knowledge
(``docs/sources.md``). No table from allele to antigen is shipped: the first field stands for the antigen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.domain.allele import MAY_BE_ABSENT, PREFIX, Locus, MalformedAllele

NUMBERS: Mapping[Locus, str] = {
    Locus.A: "1 2 203 210 3 9 10 11 19 23 24 2403 25 26 28 29 30 31 32 33 34 36 43 66 68 69 74 80",
    Locus.B: "5 7 703 8 12 13 14 15 16 17 18 21 22 27 2708 35 37 38 39 3901 3902 40 4005 41 42 44 45 46 47 48 49 50 51 "
    "5102 5103 52 53 54 55 56 57 58 59 60 61 62 63 64 65 67 70 71 72 73 75 76 77 78 81 82",
    Locus.C: "1 2 3 4 5 6 7 8 9 10",
    Locus.DRB1: "1 103 2 3 4 5 6 7 8 9 10 11 12 13 14 1403 1404 15 16 17 18",
    Locus.DRB3: "52",
    Locus.DRB4: "53",
    Locus.DRB5: "51",
    Locus.DQB1: "1 2 3 4 5 6 7 8 9",
    Locus.DPB1: "1 2 3 4 5 6",
}
LETTERS = {
    Locus.A: "A",
    Locus.B: "B",
    Locus.C: "Cw",
    Locus.DQB1: "DQ",
    Locus.DPB1: "DPw",
    **dict.fromkeys((Locus.DRB1, Locus.DRB3, Locus.DRB4, Locus.DRB5), "DR"),
}
SPLITS: Mapping[str, tuple[str, ...]] = {
    "A9": ("A23", "A24"),
    "A10": ("A25", "A26", "A34", "A66"),
    "A19": ("A29", "A30", "A31", "A32", "A33", "A74"),
    "A28": ("A68", "A69"),
    "B5": ("B51", "B52"),
    "B12": ("B44", "B45"),
    "B14": ("B64", "B65"),
    "B15": ("B62", "B63", "B75", "B76", "B77"),
    "B16": ("B38", "B39"),
    "B17": ("B57", "B58"),
    "B21": ("B49", "B50"),
    "B22": ("B54", "B55", "B56"),
    "B40": ("B60", "B61"),
    "B70": ("B71", "B72"),
    "Cw3": ("Cw9", "Cw10"),
    "DR2": ("DR15", "DR16"),
    "DR3": ("DR17", "DR18"),
    "DR5": ("DR11", "DR12"),
    "DR6": ("DR13", "DR14"),
    "DQ1": ("DQ5", "DQ6"),
    "DQ3": ("DQ7", "DQ8", "DQ9"),
}
# Variants that a serum may or may not tell from the antigen that they are listed with.
ASSOCIATED: Mapping[str, tuple[str, ...]] = {
    "A2": ("A203", "A210"),
    "A24": ("A2403",),
    "B7": ("B703",),
    "B27": ("B2708",),
    "B39": ("B3901", "B3902"),
    "B50": ("B4005",),
    "B51": ("B5102", "B5103"),
    "DR1": ("DR103",),
    "DR14": ("DR1403", "DR1404"),
}
# By DNA a group can hold more than the broad antigen of its number: B*15 holds B70 and its splits too.
ALSO_HELD: Mapping[str, tuple[str, ...]] = {"B15": ("B70", "B71", "B72")}


@dataclass(frozen=True)
class Antigen:
    """One antigen of one locus; ``number`` as in A2, Cw7, DR15."""

    locus: Locus
    number: str

    def __post_init__(self) -> None:
        if self.number not in NUMBERS.get(self.locus, "").split():
            raise MalformedAllele(f"“{self}” is no antigen of HLA-{self.locus.value}.")

    def __str__(self) -> str:
        return f"{LETTERS.get(self.locus, self.locus.value)}{self.number}"

    @property
    def order(self) -> tuple[int, tuple[int, ...], str, str]:
        """Where it stands among others: by number, after the alleles."""
        return (1, (int(self.number),), "", "")


BY_NAME = {
    str(antigen): antigen
    for locus, numbers in NUMBERS.items()
    for antigen in (Antigen(locus, number) for number in numbers.split())
}


def read_antigen(text: str) -> Antigen | None:
    """Return the antigen of this name, with or without ``HLA-``; None if there is none."""
    return BY_NAME.get(text.removeprefix(PREFIX))


def within(antigen: str) -> frozenset[str]:
    """Return the names of what an antigen may turn out to be when typed better: splits and associated antigens."""
    direct = {*SPLITS.get(antigen, ()), *ASSOCIATED.get(antigen, ())}
    return frozenset(direct | {below for each in direct for below in ASSOCIATED.get(each, ())})


def held_by(locus: Locus, group: str) -> tuple[str, ...]:
    """Return the names of the antigens that alleles of a group have: one as a rule, several as for B*15; or none."""
    numbers = NUMBERS.get(locus, "").split()
    number = numbers[0] if locus in MAY_BE_ABSENT else group.lstrip("0")
    name = f"{LETTERS.get(locus, '')}{number}"
    if name in SPLITS:
        return (*SPLITS[name], *ALSO_HELD.get(name, ()))
    return (name,) if number in numbers else ()
