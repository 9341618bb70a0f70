"""A person's typing: genotypes by locus, read from what a study states or from the texts of results.

A single allele at a locus leaves the other copy unknown: it is read as homozygous only where the caller says that the
method reports a blank so (standards 5.3). A result says it by naming the allele twice.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from inventory.domain.allele import NOT_TYPED, Allele, HlaRefused, Locus, MalformedAllele
from inventory.domain.antigen import Antigen
from inventory.domain.genotype import (
    COPIES,
    Genotype,
    TooManyAlleles,
    TooMuchText,
    WrongLocus,
    check_copies,
    check_genotypes,
    in_order,
    read_gl_string,
    unknown_copy,
    written,
)
from inventory.domain.hla_name import Name

LOCUS_OF_ASSAY: Mapping[str, Locus] = {f"hla_{locus.value.lower()}": locus for locus in Locus}
MOST_PARTS = COPIES * len(Locus)
LONGEST_STORED = 200
AROUND_DELIMITERS = re.compile(r" *([+/|~^]) *")
BETWEEN_ALLELES = re.compile(r" *, *| +")
BETWEEN_PARTS = re.compile(r"\s*,\s*|\s+")


class LoneAllele(HlaRefused):
    code = "hla-lone-allele"
    title = "The second allele is missing"


class NothingTyped(HlaRefused):
    code = "hla-nothing-typed"
    title = "Nothing was typed"
    mend = "Leave the value empty and choose “not done”. Nothing was saved."


@dataclass(frozen=True)
class Typing:
    """What is known of a person's alleles: by locus the genotypes, two copies each, that may be theirs."""

    genotypes: Mapping[Locus, tuple[Genotype, ...]]

    def at(self, locus: Locus) -> tuple[Genotype, ...]:
        """Return the possible genotypes of a locus; none where nothing is known of it."""
        return self.genotypes.get(locus, ())

    def __str__(self) -> str:
        return "^".join(written(self.genotypes[locus]) for locus in Locus if locus in self.genotypes)


Typed = str | Typing | Iterable[str | Name]


def read_typing(typed: Typed, *, blank_is_homozygous: bool = False) -> Typing:
    """Read a typing from alleles, or from a text split at spaces and commas; each part may be a GL String.

    Raises a child of ``HlaRefused``.
    """
    if isinstance(typed, Typing):
        return typed
    parts = list(islice(_parts(typed), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        raise TooManyAlleles(f"More than {MOST_PARTS} alleles are given; a person has two of each locus.")
    found: dict[Locus, tuple[Genotype, ...]] = {}
    for part in parts:
        for locus, genotypes in _of_part(part).items():
            found[locus] = _with(found[locus], genotypes, locus) if locus in found else genotypes
    filled = {
        locus: tuple(_filled(locus, genotype, homozygous=blank_is_homozygous) for genotype in genotypes)
        for locus, genotypes in found.items()
        if not _is_unknown(genotypes)
    }
    return Typing({locus: in_order(genotypes) for locus, genotypes in filled.items()})


def typing_of(texts_by_assay: Mapping[str, str]) -> Typing:
    """Assemble a typing from the current texts of results by assay; what is no typing, or empty, is passed over.

    Raises a child of ``HlaRefused`` for a text that is not what ``canonical_genotype`` returns.
    """
    typed = ((LOCUS_OF_ASSAY[assay], text) for assay, text in texts_by_assay.items() if assay in LOCUS_OF_ASSAY)
    return read_typing([canonical_genotype(locus, text) for locus, text in typed if text])


def canonical_genotype(locus: Locus, text: str) -> str:
    """Return the one form in which a typing of one locus is kept: both alleles named, in order, joined by ``+``.

    Raises a child of ``HlaRefused``: another locus, a single allele, more than two, nothing known, or no nomenclature.
    """
    found = read_gl_string(BETWEEN_ALLELES.sub("+", AROUND_DELIMITERS.sub(r"\1", text)))
    if others := [each.value for each in found if each is not locus]:
        raise WrongLocus(f"“{text}” is of HLA-{' and HLA-'.join(others)}, not of HLA-{locus.value}.")
    genotypes = in_order(found[locus])
    if any(len(genotype) < COPIES for genotype in genotypes):
        raise _lone(locus, genotypes)
    if _is_unknown(genotypes):
        raise NothingTyped(f"“{text}” says that HLA-{locus.value} is not known.")
    kept = written(genotypes)
    if len(kept) > LONGEST_STORED:
        raise TooMuchText(f"The typing takes {len(kept)} characters when written out; {LONGEST_STORED} are the most.")
    return kept


def _lone(locus: Locus, genotypes: tuple[Genotype, ...]) -> LoneAllele:
    name = written((next(genotype for genotype in genotypes if len(genotype) < COPIES),))
    unknown = str(unknown_copy(locus, NOT_TYPED)[0])
    return LoneAllele(
        f"“{name}” is one allele of two.",
        mend=f"Where the method reports a blank as homozygous, write {name}+{name}; where the second allele is not "
        f"known, {name}+{unknown}. Nothing was saved.",
    )


def _parts(typed: object) -> Iterator[object]:
    """Part a typing; a text stays a text, whatever else is no sequence is no typing."""
    if isinstance(typed, str):
        if len(typed) > MOST_PARTS * LONGEST_STORED:
            raise TooMuchText(f"The typing has {len(typed)} characters.")
        return iter(BETWEEN_PARTS.split(typed.strip()) if typed.strip() else ())
    if isinstance(typed, Iterable) and not isinstance(typed, Mapping):
        return iter(typed)
    raise HlaRefused(f"A {type(typed).__name__} is no typing: it is a text, or alleles one after the other.")


def _of_part(part: object) -> Mapping[Locus, tuple[Genotype, ...]]:
    if part is None or isinstance(part, str):
        return read_gl_string(part or "")
    if isinstance(part, Allele | Antigen):
        return {part.locus: (((part,),),)}
    raise MalformedAllele(f"A {type(part).__name__} is no allele or antigen.")


def _with(before: tuple[Genotype, ...], more: tuple[Genotype, ...], locus: Locus) -> tuple[Genotype, ...]:
    """Join the copies of one locus that stand in two parts."""
    joined = tuple((*one, *other) for one in before for other in more)
    for genotype in joined:
        check_copies(locus, genotype)
    check_genotypes(joined)
    return joined


def _filled(locus: Locus, genotype: Genotype, *, homozygous: bool) -> Genotype:
    """Return a genotype of two copies; the one that is not said is unknown, or the other again."""
    if len(genotype) == COPIES:
        return genotype
    return (*genotype, genotype[0] if homozygous else unknown_copy(locus, NOT_TYPED))


def _is_unknown(genotypes: tuple[Genotype, ...]) -> bool:
    """Whether genotypes say nothing at all."""
    names = (name for genotype in genotypes for copy in genotype for name in copy)
    return all(isinstance(name, Allele) and name.is_unknown for name in names)
