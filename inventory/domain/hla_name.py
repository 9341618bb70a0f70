"""One HLA name as it is typed: an allele or an antigen, or a refusal that says what was probably meant."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from inventory.domain.allele import Allele, MalformedAllele, read_allele
from inventory.domain.antigen import Antigen, read_antigen

LONGEST_NAME = 40
MOST_READINGS = 64
# As it was written before 2010: no colons, and Cw for C.
WITHOUT_COLONS = re.compile(r"((?:HLA-)?[A-Z]+[0-9]??)\*?([0-9]{2})([0-9]{2,3})([NLSCAQ]?)")
# An empty second field, as files of two fields to a locus have it: nothing, or a dash, after the locus or alone.
BLANK = re.compile(r" *(?:(?:HLA-)?[A-Z]+[0-9]?\*)? *-* *", re.ASCII)
LOOK_ALIKES = {"O": "O0", "o": "O0", "I": "I1", "i": "I1", "l": "L1"}

Name = Allele | Antigen


class BlankAllele(MalformedAllele):
    """A blank can be a second copy of the same allele, or one that was not found: the method says which."""

    code = "hla-blank"
    title = "A blank is no allele"
    mend = (
        "Where the method reports a blank as homozygous, name the allele twice; where the second allele is not known, "
        "write XXXX after the locus, as A*XXXX. Nothing was saved."
    )


def read_name(text: str) -> Name:
    """Return the allele or antigen of this name. Raises ``MalformedAllele``, or ``BlankAllele`` for none at all."""
    if len(text) > LONGEST_NAME:
        raise MalformedAllele(f"“{text[:LONGEST_NAME]}…” is longer than any name of an allele or antigen.")
    if BLANK.fullmatch(text):
        raise BlankAllele(f"“{text}” is no allele or antigen but a blank.")
    name = _known(text)
    if name is None:
        shown = "".join(each if each.isprintable() else f"U+{ord(each):04X}" for each in text)
        raise MalformedAllele(f"“{shown}” is no allele or antigen{_strange(text)}.{_did_you_mean(text)}")
    return name


def _known(text: str) -> Name | None:
    return read_allele(text) if "*" in text else read_antigen(text)


def _strange(text: str) -> str:
    """Name the first character that no name has: it may look like one that it is not."""
    for character in text:
        if not " " < character <= "~":
            name = unicodedata.name(character, "control character")
            return f": it holds U+{ord(character):04X} ({name})"
    return ""


def _did_you_mean(text: str) -> str:
    """Suggest a name only where exactly one reading of look-alikes, small letters and old spellings is one."""
    meant = {str(name) for reading in _readings(text) if (name := _known(reading)) is not None}
    return f" Did you mean {meant.pop()}?" if len(meant) == 1 else ""


def _readings(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text).strip()
    letters = [LOOK_ALIKES.get(character, character.upper()) for character in plain]
    many = 1
    for letter in letters:
        many *= len(letter) if letter in LOOK_ALIKES.values() else 1
    if many > MOST_READINGS:
        return
    choices = [letter if letter in LOOK_ALIKES.values() else (letter,) for letter in letters]
    for reading in map("".join, product(*choices)):
        yield reading
        yield from _as_written_before(reading)


def _as_written_before(reading: str) -> Iterator[str]:
    new = re.sub(r"^(HLA-)?CW", r"\1C", reading)
    if "*" in new:
        yield new
    else:
        yield re.sub(r"^(HLA-)?(C|DP)W(?=[0-9])", r"\1\2w", reading)
    if found := WITHOUT_COLONS.fullmatch(new):
        yield f"{found[1]}*{found[2]}:{found[3]}{found[4]}"
