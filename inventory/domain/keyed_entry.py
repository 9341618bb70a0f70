"""Contents of data structures typed from a label, with the boxed check character that belongs to them.

Facts of ICCBBA ST-001 v6.2.2, section 7.5 (used, not copied). Numbers of donations are typed into ``din.read``, which
takes them with and without: everything else goes by the table's word for each data structure.
"""

from inventory.domain.check_character import check_character_of
from inventory.domain.isbt128 import DataStructure
from inventory.domain.isbt128_kind import KINDS, Keyed, Kind
from inventory.domain.isbt128_refusal import UnknownStructure, WrongCheck, WrongContent, as_text, shown


def read_keyed(identifier: str, typed: str) -> DataStructure:
    """Read the content of one data structure as typed, grouping spaces allowed, its check character last.

    Where the check character is required it must be there; where it is optional it is verified when it is there; where
    there is none, all that was typed is content. Raises a child of ``Isbt128Refused``.
    """
    kind = KINDS.get(as_text(identifier))
    if kind is None:
        raise UnknownStructure(f"“{shown(identifier)}” is no data structure whose content can be typed.")
    read = as_text(typed).replace(" ", "")
    content, check = _parted(kind, read)
    structure = DataStructure(identifier, content)
    if check and check != check_character_of(_checked(structure)):
        raise WrongCheck(f"The check character of “{shown(read)}” is wrong.")
    return structure


def check_character_for(structure: DataStructure) -> str:
    """Return the character to be printed, boxed, beside a content; nothing where there is none."""
    applies = structure.kind is not None and structure.kind.keyed is not Keyed.NOT_APPLICABLE
    return check_character_of(_checked(structure)) if applies else ""


def _parted(kind: Kind, read: str) -> tuple[str, str]:
    """Part what was typed into content and check character, which is missing where it may be."""
    length = kind.length_in(read)
    is_with_check = kind.keyed is not Keyed.NOT_APPLICABLE and len(read) == length + 1
    if kind.keyed is Keyed.REQUIRED and not is_with_check:
        raise WrongContent(f"“{shown(read)}” is not {length} characters of {kind.name} and their check character.")
    return (read[:-1], read[-1]) if is_with_check else (read, "")


def _checked(structure: DataStructure) -> str:
    """Return what the check character stands for: the content; of a donation without its flags.

    Where the table lets one be printed, a content that is well made holds digits and capital letters alone.
    """
    return structure.content[:-2] if structure.number == "001" else structure.content
