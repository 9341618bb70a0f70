"""One section of a mapping file: taking its keys one by one, and refusing what is missing, wrong or unknown by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from biobank.domain.refusal import RuleViolation

LONGEST_TEXT = 64
Column = str | int


class MappingRefused(RuleViolation):
    code = "mapping-refused"
    title = "The mapping cannot be used"
    mend = "Correct the mapping and run again; docs/import.md shows every key."


@dataclass
class Section:
    """A table of the mapping by its name (``row``, ``results[2]``), and the keys already taken from it."""

    name: str
    table: Mapping[str, object]
    taken: set[str] = field(default_factory=set)

    def refused(self, key: str, what: str) -> MappingRefused:
        return MappingRefused(f"[{self.name}] {key}: {what}", field=f"{self.name}.{key}")

    def take(self, key: str) -> object:
        self.taken.add(key)
        return self.table.get(key)

    def text(self, key: str, default: str | None = None, *, among: Collection[str] = ()) -> str:
        """Return a text; ``default`` None makes the key required, ``among`` limits what it may be."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or not value.isprintable():
            raise self.refused(key, f"is missing or no text of 1 to {LONGEST_TEXT} characters.")
        if among and value not in among:
            raise self.refused(key, f"“{value}” is not one of {', '.join(sorted(among))}.")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refused(key, "is true or false.")
        return value

    def count(self, key: str, default: int, *, most: int) -> int:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise self.refused(key, f"is a whole number from 0 to {most}.")
        return value

    def column(self, key: str = "column") -> Column:
        """Return a column: its header, or its number counted from 1."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self.refused(key, "is missing: name the column by its header, or by its number counted from 1.")
        if isinstance(value, int) and value < 1:
            raise self.refused(key, "columns are counted from 1.")
        return value if isinstance(value, int) else value.strip()

    def columns(self, key: str = "columns") -> list[Column]:
        """Return a list of columns, as ["Participant", 4]."""
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise self.refused(key, 'is a list of columns, as ["Participant", 4].')
        return [Section(self.name, {key: each}).column(key) for each in value]

    def inner(self, key: str) -> "Section | None":
        """Return a key that has keys of its own (``is = { column = … }``), or None where it has none."""
        value = self.table.get(key)
        if not isinstance(value, Mapping):
            return None
        self.take(key)
        return Section(f"{self.name}.{key}", value)

    def vocabulary(self, key: str = "none") -> frozenset[str]:
        """Return the words of the file that stand for nothing; an empty cell always does."""
        value = self.take(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            raise self.refused(key, 'is a list of texts, as ["NO TUBE", "-"].')
        return frozenset({"", *(str(each).strip() for each in value or ())})

    def words(self, key: str = "words") -> dict[str, str]:
        """Return the translation of the file's words into ours."""
        value = self.take(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            raise self.refused(key, 'translates words, as { neg = "negative" }.')
        return {str(word).strip(): str(ours) for word, ours in value.items()}

    def done(self) -> None:
        """Refuse the keys that nobody asked for: a misspelt key would otherwise be silently without effect."""
        if unknown := sorted(set(self.table) - self.taken):
            known = ", ".join(sorted(self.taken))
            raise self.refused(unknown[0], f"is not a key of this section; there are {known}.")


def section(root: Mapping[str, object], name: str) -> Section | None:
    """Return the section of this name, or None where the mapping has none."""
    table = root.get(name)
    if table is None:
        return None
    if not isinstance(table, Mapping):
        raise MappingRefused(f"[{name}] is a section with keys of its own.", field=name)
    return Section(name, table)


def required(root: Mapping[str, object], name: str) -> Section:
    found = section(root, name)
    if found is None:
        raise MappingRefused(f"[{name}] is missing.", field=name)
    return found


def sections(root: Mapping[str, object], name: str) -> list[Section]:
    """Return the sections written as [[name]], in order."""
    tables = root.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise MappingRefused(f"[[{name}]] is written with double brackets, once for each.", field=name)
    return [Section(f"{name}[{number}]", table) for number, table in enumerate(tables, start=1)]
