"""Rows that nest: each row's parent among the rows, in any order, and what contradicts it."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from inventory.domain.import_column import Fault
from inventory.domain.import_facts import BankFacts, Parent, code_of
from inventory.domain.import_row import ImportRow
from inventory.domain.mapping import ImportMapping
from inventory.domain.mapping_part import LineageWord

MEASURES = ("volume_ml", "mass_g", "tnc")


class Nest:
    """The lines of descent in a file. Where [parent] is of another issuer than [code], no row is another's parent."""

    def __init__(self, rows: Sequence[ImportRow], mapping: ImportMapping, bank: BankFacts) -> None:
        self.rows = [row for row in rows if row.code is not None]
        self.bank = bank
        named: dict[str, ImportRow] = {}
        for row in self.rows if mapping.nests else ():
            for name in {row.code.text if row.code else "", code_of(row)}:
                named.setdefault(name, row)
        self.named: Mapping[str, ImportRow] = named
        self.tops: dict[int, ImportRow | None] = {}
        self.units: dict[int, ImportRow | None] = {}
        self.cycles: set[int] = set()
        for row in self.rows:
            self._climb(row)

    def above(self, row: ImportRow) -> ImportRow | None:
        """Return the row of this row's parent; None where it names none, or one that is not in the file."""
        return self.named.get(row.parent.text) if row.parent else None

    def top(self, row: ImportRow) -> ImportRow | None:
        """Return the row that decides whose this one is: the first above it that the bank knows, or that has no parent.

        None where the rows above lead back to themselves.
        """
        return self.tops[row.line]

    def unit_above(self, row: ImportRow) -> ImportRow | None:
        """Return the nearest row above that is a unit, unless the bank knows one on the way."""
        above = self.above(row)
        return self.units.get(above.line) if above is not None else None

    def faults(self) -> Iterator[Fault]:
        """Yield what contradicts itself between rows and their parents."""
        for line in sorted(self.cycles):
            yield Fault(line, "Its parents lead back to itself.", code="cycle")
        aliquots: dict[str, list[ImportRow]] = {}
        for row in self.rows:
            if row.parent is None or self.top(row) is None:
                continue
            yield from self._of_parent(row, self.above(row))
            if row.lineage is LineageWord.ALIQUOT:
                aliquots.setdefault(row.parent.text, []).append(row)
        for parent, taken in aliquots.items():
            yield from self._of_amounts(parent, taken)

    def _climb(self, row: ImportRow) -> None:
        """Find the top of a row, and of every row on the way: each is climbed over once, however deep."""
        path: list[ImportRow] = []
        on_path: set[int] = set()
        here: ImportRow | None = row
        while here is not None and here.line not in self.tops and here.line not in on_path:
            path.append(here)
            on_path.add(here.line)
            here = None if self._is_known(here) else self.above(here)
        if here is None:
            top: ImportRow | None = path[-1] if path else row
        else:
            top = self.tops.get(here.line)
            if here.line in on_path:
                self.cycles |= {each.line for each in path[path.index(here) :]}
        for each in reversed(path):
            self.tops[each.line] = top
            self.units[each.line] = each if each.is_unit else self._unit_over(each)

    def _unit_over(self, row: ImportRow) -> ImportRow | None:
        """Return the nearest unit over a row whose parents were climbed; of which a known sample is, the bank says."""
        above = None if self._is_known(row) else self.above(row)
        return self.units.get(above.line) if above is not None else None

    def _is_known(self, row: ImportRow) -> bool:
        return bool(self.bank.things.get(code_of(row)))

    def _of_parent(self, row: ImportRow, above: ImportRow | None) -> Iterator[Fault]:
        known = self._known_parent(row)
        is_sample = known.is_sample if known else above is not None and not above.is_unit
        if row.is_unit and is_sample:
            text = "A unit is not made from a reference sample: let the mapping say that its parent is a unit."
            yield Fault(row.line, text, code="unit-of-sample")
        if above is not None:
            yield from self._of_pair(row, above, f"its parent, on line {above.line}")

    def _of_pair(self, row: ImportRow, above: ImportRow, named: str) -> Iterator[Fault]:
        if row.lineage is LineageWord.ALIQUOT and row.term and above.term and row.term != above.term:
            text = f"An aliquot is of the kind of {named}: that is {_words(above.term)}, and it {_words(row.term)}."
            yield Fault(row.line, text, code="other-kind-of-aliquot")
        begun = above.created_at or above.collected_at
        if row.created_at is not None and begun is not None and row.created_at < begun:
            yield Fault(row.line, f"It was created before {named}.", code="before-parent")
        top = self.top(row)
        if top is not None and row.source and top.source and row.source != top.source:
            yield Fault(row.line, f"It is of another donation than {named}.", code="other-donation")

    def _of_amounts(self, parent: str, aliquots: Sequence[ImportRow]) -> Iterator[Fault]:
        """Nothing is larger than what it was taken from, and all of it together neither."""
        for measure in MEASURES:
            whole, total = self._amount_of(parent, measure), Decimal(0)
            if whole is None:
                continue
            for row in aliquots:
                part = getattr(row, measure) or Decimal(0)
                total += part
                if part > whole:
                    yield Fault(row.line, f"The aliquot is larger than its parent: {part} of {whole}.", code="larger")
                elif total > whole >= total - part:
                    text = f"With this aliquot more is taken from {parent} than there was: {total} of {whole}."
                    yield Fault(row.line, text, code="more-than-parent")

    def _amount_of(self, parent: str, measure: str) -> Decimal | None:
        above = self.named.get(parent)
        if above is not None:
            found = getattr(above, measure)
            return Decimal(found) if found is not None else None
        known = self.bank.parents.get(parent, ())
        return known[0].volume_ml if len(known) == 1 and measure == "volume_ml" else None

    def _known_parent(self, row: ImportRow) -> Parent | None:
        known = self.bank.parents.get(row.parent.text, ()) if row.parent else ()
        return known[-1] if known else None


def _words(term: str) -> str:
    return term.replace("_", " ")
