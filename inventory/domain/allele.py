"""Alleles: the loci, the parts of a name, and names that leave open which allele is meant.

Source: HLA nomenclature of the WHO committee as standards 5.1 tells it (``docs/sources.md``). No list of alleles is
shipped, so that no version of one is pinned: the form of a name is checked, not whether the allele was ever described.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.refusal import RuleViolation

PREFIX = "HLA-"
ANY = "XX"
# Extension values of registries: nothing at DRB3/4/5, not typed, undetermined, novel.
ABSENT, NOT_TYPED, UNDETERMINED, NOVEL = "NNNN", "XXXX", "UUUU", "NEW"
UNKNOWN = frozenset({NOT_TYPED, UNDETERMINED})
NULL = "N"
DOUBTFUL = frozenset("SCAQ")
ARD_GROUPS = frozenset("GP")


class HlaRefused(RuleViolation):
    """A typing cannot be read; its children say what is wrong with it."""

    code = "hla-refused"
    title = "This typing cannot be read"
    mend = "Write it as A*02:01+A*24:02, in capitals, as the laboratory reported it. Nothing was saved."


class MalformedAllele(HlaRefused):
    code = "hla-malformed"
    title = "This is no allele or antigen"


class Locus(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    DRB1 = "DRB1"
    DRB3 = "DRB3"
    DRB4 = "DRB4"
    DRB5 = "DRB5"
    DQA1 = "DQA1"
    DQB1 = "DQB1"
    DPA1 = "DPA1"
    DPB1 = "DPB1"


# Not everybody has these: the copy of a chromosome may lack them.
MAY_BE_ABSENT = frozenset({Locus.DRB3, Locus.DRB4, Locus.DRB5})
BARE_GROUP = re.compile(r"[A-Z0-9]{1,4}\*(?:0[1-9]|[1-9][0-9]{1,2})")


def _names(locus: Locus) -> re.Pattern[str]:
    group = "0[1-9]|[1-9][0-9]{1,3}" if locus is Locus.DPB1 else "0[1-9]|[1-9][0-9]{1,2}"
    field = "(?:0[1-9]|[1-9][0-9]{1,3})"
    suffixes = f"(?::{field}){{0,2}}[NLSCAQ]?|P|:{field}G"
    extensions = [NOT_TYPED, UNDETERMINED, NOVEL, *([ABSENT] if locus in MAY_BE_ABSENT else [])]
    return re.compile(
        rf"{locus.value}\*(?:(?P<group>{group}):(?:(?P<rest>{field}(?:{suffixes}))|(?P<code>(?!{ABSENT}$)[A-Z]{{2,8}}))"
        rf"|(?P<extension>{'|'.join(extensions)}))"
    )


NAMES = {locus: _names(locus) for locus in Locus}


@dataclass(frozen=True)
class Allele:
    """One allele, or what is known of it.

    ``code`` stands where the second field is not known: ``XX`` (any of the group), a multiple allele code of the NMDP,
    which is kept and never expanded, or an extension value, then perhaps without a group.
    """

    locus: Locus
    fields: tuple[str, ...] = ()
    code: str = ""
    suffix: str = ""

    def __post_init__(self) -> None:
        if not NAMES[self.locus].fullmatch(str(self)):
            raise MalformedAllele(f"“{self}” is not made like the name of an allele.")

    def __str__(self) -> str:
        return f"{self.locus.value}*{':'.join((*self.fields, self.code) if self.code else self.fields)}{self.suffix}"

    @property
    def group(self) -> str:
        """The first field, which stands for the antigen; empty where not even this is known."""
        return self.fields[0] if self.fields else ""

    @property
    def is_definite(self) -> bool:
        """Whether it names one protein."""
        return not self.code

    @property
    def is_unknown(self) -> bool:
        return not self.fields and self.code in UNKNOWN

    @property
    def is_silent(self) -> bool:
        """Whether nothing of it is on any cell: a null allele, or none."""
        return self.suffix == NULL or self.code == ABSENT

    @property
    def order(self) -> tuple[int, tuple[int, ...], str, str]:
        """Where it stands among others: by numbers, what is open after what is known."""
        return (0 if self.fields else 2, tuple(int(field) for field in self.fields), self.code, self.suffix)


def read_allele(text: str) -> Allele | None:
    """Return the allele of this name, with or without ``HLA-``; a bare group is any allele of it. None if none is."""
    name = text.removeprefix(PREFIX)
    if BARE_GROUP.fullmatch(name):
        name = f"{name}:{ANY}"
    locus = name.partition("*")[0]
    found = NAMES[Locus(locus)].fullmatch(name) if locus in Locus.__members__ else None
    if found is None:
        return None
    if found["extension"]:
        return Allele(Locus(locus), code=found["extension"])
    if found["code"]:
        return Allele(Locus(locus), (found["group"],), found["code"])
    rest = found["rest"]
    suffix = rest[-1] if rest[-1].isalpha() else ""
    return Allele(Locus(locus), (found["group"], *rest.removesuffix(suffix).split(":")), suffix=suffix)
