"""Genotypes: what the two chromosomes of a person carry at a locus, as a GL String writes it.

Source: GL String (2013) as standards 5.2 tells it: ``^`` between loci, ``|`` between possible genotypes, ``+`` between
the two copies, ``~`` along one copy (phase), ``/`` between possible alleles. Phase is read and not kept.
"""

from collections.abc import Mapping, Sized

from inventory.domain.allele import Allele, HlaRefused, Locus
from inventory.domain.hla_name import Name, read_name

LONGEST_TEXT = 2000
COPIES = 2
MOST_GENOTYPES = 16
# What else is written between names: the mark of 2023 for unphased loci, and the name of a namespace and its version.
NOT_READ = {"?": "“?” (unknown phase, GL String of 2023)", "#": "“#” (namespace and version before the string)"}

# One copy is the names that it may have, one as a rule.
Copy = tuple[Name, ...]
Genotype = tuple[Copy, ...]


class GlStringRefused(HlaRefused):
    code = "hla-gl-string"
    title = "This is no GL String"
    mend = "Write A*02:01+A*24:02, with “/” between alleles that may be meant. Nothing was saved."


class DelimiterNotRead(GlStringRefused):
    code = "hla-delimiter"
    title = "This delimiter is not read"
    mend = "Leave the delimiter and what belongs to it out; the rest is read. Nothing was saved."


class TooMuchText(HlaRefused):
    code = "hla-too-long"
    title = "This typing is too long"
    mend = "Write the typing of one person, ambiguities as XX or a multiple allele code. Nothing was saved."


class TooManyAlleles(HlaRefused):
    code = "hla-too-many"
    title = "More than two alleles at a locus"
    mend = "Give each locus two alleles at most; write what is ambiguous with “/”. Nothing was saved."


class WrongLocus(HlaRefused):
    code = "hla-wrong-locus"
    title = "This is another locus"
    mend = "Enter each locus under its own assay. Nothing was saved."


def read_gl_string(text: str) -> dict[Locus, tuple[Genotype, ...]]:
    """Return, by locus, the genotypes that may be meant. Raises a child of ``HlaRefused``."""
    _check_text(text)
    found: dict[Locus, tuple[Genotype, ...]] = {}
    for block in text.split("^"):
        for locus, genotypes in _block(block).items():
            if locus in found:
                raise TooManyAlleles(f"HLA-{locus.value} is named in two places of “{text}”.")
            found[locus] = genotypes
    return found


def in_order(genotypes: tuple[Genotype, ...]) -> tuple[Genotype, ...]:
    """Return the same genotypes in the one order in which they are kept and compared; what is said twice once."""
    return tuple(sorted({_sorted(genotype) for genotype in genotypes}, key=_order_of_genotype))


def written(genotypes: tuple[Genotype, ...]) -> str:
    """Return genotypes of one locus as a GL String without ``HLA-``."""
    return "|".join("+".join("/".join(str(name) for name in copy) for copy in each) for each in genotypes)


def unknown_copy(locus: Locus, code: str) -> Copy:
    """Return a copy of which nothing is known."""
    return (Allele(locus, code=code),)


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(f"“{text[:20]}…” has {len(text)} characters; {LONGEST_TEXT} are the most.")
    for delimiter, what in NOT_READ.items():
        if delimiter in text:
            raise DelimiterNotRead(f"{what} is not read here.")


def _block(block: str) -> dict[Locus, tuple[Genotype, ...]]:
    texts = block.split("|")
    check_genotypes(texts)
    read = [_genotype(text) for text in texts]
    if any(each.keys() != read[0].keys() for each in read):
        raise GlStringRefused(f"The genotypes of “{block}” are not of the same loci.")
    return {locus: tuple(each[locus] for each in read) for locus in read[0]}


def _genotype(text: str) -> dict[Locus, Genotype]:
    copies: dict[Locus, list[Copy]] = {}
    for chromosome in text.split("+"):
        for locus, copy in _chromosome(chromosome).items():
            copies.setdefault(locus, []).append(copy)
    for locus, found in copies.items():
        check_copies(locus, found)
    return {locus: tuple(found) for locus, found in copies.items()}


def check_copies(locus: Locus, copies: Sized) -> None:
    """Refuse more copies of a locus than a person has chromosomes."""
    if len(copies) > COPIES:
        raise TooManyAlleles(f"HLA-{locus.value} has {len(copies)} alleles; a person has two.")


def check_genotypes(genotypes: Sized) -> None:
    """Refuse more possible genotypes of a locus than anybody could compare."""
    if len(genotypes) > MOST_GENOTYPES:
        raise TooMuchText(f"{len(genotypes)} genotypes are said to be possible; {MOST_GENOTYPES} are the most.")


def _chromosome(text: str) -> Mapping[Locus, Copy]:
    found: dict[Locus, Copy] = {}
    for part in text.split("~"):
        copy = tuple(read_name(name) for name in part.split("/"))
        loci = {name.locus for name in copy}
        if len(loci) > 1 or loci & found.keys():
            raise GlStringRefused(f"“{text}” names alleles of one copy that cannot stand together.")
        found[copy[0].locus] = copy
    return found


def _sorted(genotype: Genotype) -> Genotype:
    copies = (tuple(sorted(set(copy), key=lambda name: name.order)) for copy in genotype)
    return tuple(sorted(copies, key=_order_of_copy))


def _order_of_copy(copy: Copy) -> list[tuple[int, tuple[int, ...], str, str]]:
    return [name.order for name in copy]


def _order_of_genotype(genotype: Genotype) -> list[list[tuple[int, tuple[int, ...], str, str]]]:
    return [_order_of_copy(copy) for copy in genotype]
