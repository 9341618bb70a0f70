"""How alike two HLA names are: by two fields (one protein), and as antigens.

What a name leaves open stays open: it may be the same, and is guessed neither way. The first field of a multiple
allele code counts as known: a code for alleles of several groups, which the NMDP allows, needs its table to be told.
"""

from collections.abc import Callable
from enum import StrEnum

from inventory.domain.allele import ARD_GROUPS, DOUBTFUL, Allele
from inventory.domain.antigen import Antigen, held_by, within
from inventory.domain.hla_name import Name


class Likeness(StrEnum):
    SAME = "same"
    MAYBE = "maybe"
    DIFFERENT = "different"


Likening = Callable[[Name, Name], Likeness]


def by_two_fields(one: Name, other: Name) -> Likeness:
    """Whether two names are of one protein: group and second field are the same."""
    if isinstance(one, Antigen) or isinstance(other, Antigen):
        return Likeness.DIFFERENT if as_antigens(one, other) is Likeness.DIFFERENT else Likeness.MAYBE
    if (known := _without_reading_fields(one, other)) is not None:
        return known
    if not (one.is_definite and other.is_definite):
        return Likeness.MAYBE
    if one.fields[:2] == other.fields[:2]:
        return Likeness.SAME
    # A group of alleles alike in what binds the antigen (G, P) holds alleles with another second field.
    suffixes = {each.suffix if each.suffix in ARD_GROUPS else "" for each in (one, other)}
    return Likeness.DIFFERENT if len(suffixes) == 1 else Likeness.MAYBE


def as_antigens(one: Name, other: Name) -> Likeness:
    """Whether two names are of one antigen: the first field stands for it where serology does not say better."""
    if isinstance(one, Antigen) and isinstance(other, Antigen):
        return _of_antigens(str(one), str(other))
    if isinstance(one, Antigen):
        return as_antigens(other, one)
    if isinstance(other, Antigen):
        return _of_allele_and_antigen(one, other)
    if (known := _without_reading_fields(one, other)) is not None:
        return known
    is_doubtful = one.suffix in DOUBTFUL or other.suffix in DOUBTFUL
    return Likeness.MAYBE if is_doubtful and by_two_fields(one, other) is not Likeness.SAME else Likeness.SAME


def _without_reading_fields(one: Allele, other: Allele) -> Likeness | None:
    """What expression and group alone decide; None where the groups are the same and both are expressed."""
    if one.is_unknown or other.is_unknown:
        return Likeness.MAYBE
    if one.is_silent or other.is_silent:
        return _of_silent(one, other)
    if not (one.group and other.group):
        return Likeness.MAYBE
    return None if one.group == other.group else Likeness.DIFFERENT


def _of_silent(one: Allele, other: Allele) -> Likeness:
    """Nothing expressed is like nothing expressed, and like no expressed allele of the same group."""
    if one.is_silent and other.is_silent:
        return Likeness.SAME
    expressed = other if one.is_silent else one
    silent = one if one.is_silent else other
    may_be_it = not expressed.is_definite and expressed.group in ("", silent.group)
    return Likeness.MAYBE if may_be_it else Likeness.DIFFERENT


def _of_antigens(one: str, other: str) -> Likeness:
    if one == other:
        return Likeness.SAME
    return Likeness.MAYBE if one in within(other) or other in within(one) else Likeness.DIFFERENT


def _of_allele_and_antigen(allele: Allele, antigen: Antigen) -> Likeness:
    if allele.is_silent:
        return Likeness.DIFFERENT
    held = held_by(allele.locus, allele.group)
    if not (allele.group and held):
        return Likeness.MAYBE
    found = {_of_antigens(each, str(antigen)) for each in held}
    if found == {Likeness.SAME} and allele.suffix not in DOUBTFUL:
        return Likeness.SAME
    return Likeness.DIFFERENT if found == {Likeness.DIFFERENT} else Likeness.MAYBE
