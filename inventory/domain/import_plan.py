"""What importing a file would do: each row against what the bank knows, and every fault of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from inventory.domain.assay import Subject
from inventory.domain.container import PlacementFacts, PositionRefused, obstacles_to_placing
from inventory.domain.identifier import ScanKind
from inventory.domain.import_column import Fault
from inventory.domain.import_facts import BankFacts, Parent, Plan, Step, code_of
from inventory.domain.import_nest import Nest
from inventory.domain.import_row import OWN_PREFIX, ImportRow
from inventory.domain.mapping import ImportMapping
from inventory.domain.origin import code_of_source

NOBODY_FOUND_IT = (
    "It is of another bank's donation, whose facts count by establishment and document alone: name in [[results]] "
    "establishment who found it, and have it attested."
)


def plan_import(rows: Sequence[ImportRow], mapping: ImportMapping, bank: BankFacts) -> Plan:
    """Hold each row against the bank and against the other rows."""
    return _Planner(rows, mapping, bank).plan()


class _Planner:
    def __init__(self, rows: Sequence[ImportRow], mapping: ImportMapping, bank: BankFacts) -> None:
        self.rows, self.mapping, self.bank = rows, mapping, bank
        self.faults: list[Fault] = []
        self.codes: dict[str, int] = {}
        self.things: dict[str, int] = {}
        self.wells: dict[str, int] = {}
        self.racks: dict[str, int] = {}
        self.labels: dict[str, str] = {}
        self.collected: dict[str, datetime] = {}
        self.nest = Nest(rows, mapping, bank)
        self.sources: dict[int, tuple[Parent | None, str]] = {}
        self.numbers: dict[str, str] = {}

    def plan(self) -> Plan:
        if self.bank.grid is None or not self.bank.site:
            self._nowhere()
            return Plan((), 0, (), tuple(self.faults))
        self.faults += self.nest.faults()
        self._number_sources()
        steps = [step for row in self.rows if (step := self._step(row)) is not None]
        filled = [step for step in steps if step.row.code is not None]
        self._check_places(steps, {step.thing.place for step in filled if step.thing and not step.stays})
        new = tuple(rack for rack in self.racks if rack not in self.bank.racks)
        in_order = sorted(self.faults, key=lambda fault: fault.line)
        empty = sum(step.row.code is None and bool(step.place) for step in steps)
        return Plan(tuple(filled), empty, new, tuple(in_order))

    def _nowhere(self) -> None:
        rack = self.mapping.rack
        if self.bank.grid is None:
            text = f"There is no kind of container “{rack.kind}”: register it, or name another in [rack] kind."
            self.faults.append(Fault(0, text, code="no-kind"))
        if not self.bank.site:
            text = f"There is no container {rack.stands_in}: register it, or name another in [rack] stands_in."
            self.faults.append(Fault(0, text, code="no-container"))

    def _step(self, row: ImportRow) -> Step | None:
        before = len(self.faults)
        place = self._place(row) if row.rack and row.well else ""
        if row.code is None:
            return Step(row, place) if place and not row.is_faulty else None
        code = code_of(row)
        self._once(self.codes, code, row, f"The code {code}", "code-twice")
        if row.is_faulty:
            return None
        found = self.bank.things.get(code, ())
        if len(found) > 1:
            names = " and ".join(thing.code for thing in found)
            self._fault(row, f"The code {code} is known of {names}.", "ambiguous")
        thing = found[0] if found else None
        if thing is not None:
            self._once(self.things, thing.code, row, f"What {code} is a code of, {thing.code},", "thing-twice")
        step = Step(row, place, thing) if thing else self._new(row, place)
        self._check_results(row, step)
        return step if len(self.faults) == before else None

    def _new(self, row: ImportRow, place: str) -> Step:
        """Return what becomes of a new thing: whose it is, and what it was made from or is kept beside."""
        parent, source = self._source(row)
        collected_at = row.collected_at
        if source and collected_at and self.collected.setdefault(source, collected_at) != collected_at:
            self._fault(row, "Another row of the same donation says another time of collection.", "other-time")
        above, unit = self.nest.above(row), self.nest.unit_above(row)
        is_new = above is not None and not self.bank.things.get(code_of(above))
        unit_is_new = unit is not None and not self.bank.things.get(code_of(unit))
        top = self.nest.top(row)
        return Step(
            row,
            place,
            parent=parent,
            source=source,
            donor=top.donor if top is not None else "",
            made_from=above.line if above is not None and is_new and row.is_unit else None,
            of_unit=unit.line if unit is not None and unit_is_new and not row.is_unit else None,
        )

    def _place(self, row: ImportRow) -> str:
        """Return the code of a row's position, with the rack and the well held against the bank and the file."""
        if row.rack not in self.racks:
            self.racks[row.rack] = row.line
            self._check_rack(row)
        try:
            label = self._label(row.well)
        except PositionRefused:
            text = f"There is no position “{row.well}” in a {self.mapping.rack.kind}."
            self._fault(row, text, "no-position")
            return ""
        place = f"{row.rack}-{label}"
        self._once(self.wells, place, row, f"The position {place}", "well-twice")
        return place

    def _label(self, well: str) -> str:
        if well not in self.labels and self.bank.grid is not None:
            self.labels[well] = self.bank.grid.label(self.bank.grid.coordinates(well))
        return self.labels[well]

    def _once(self, seen: dict[str, int], key: str, row: ImportRow, named: str, code: str) -> None:
        if key in seen:
            self._fault(row, f"{named} stands on line {seen[key]} already.", code)
        else:
            seen[key] = row.line

    def _check_rack(self, row: ImportRow) -> None:
        there, rack = self.bank.racks.get(row.rack), self.mapping.rack
        if there is None:
            return
        if there.kind != rack.kind:
            self._fault(row, f"{row.rack} is a {there.kind}, and the mapping says {rack.kind}.", "other-kind")
        if there.stands_in != rack.stands_in:
            text = f"{row.rack} stands in {there.stands_in or 'no container'}, and the mapping says {rack.stands_in}."
            self._fault(row, text, "other-parent")

    def _number_sources(self) -> None:
        """Note the donation number of each donation that the columns name: one of its rows may bear it for all."""
        for row in self.rows:
            number = row.code.din.text if row.code and row.code.din else ""
            if number and row.source and self.numbers.setdefault(row.source, number) != number:
                self._fault(row, f"The same donation has the number {self.numbers[row.source]} too.", "two-numbers")

    def _source(self, row: ImportRow) -> tuple[Parent | None, str]:
        """Return the donation of a new thing: its parent's, that of its DIN, or the name of one to register."""
        if row.code and row.code.text.startswith(OWN_PREFIX):
            self._fault(row, f"{row.code.text} reads like a code of this bank, which has no such thing.", "no-thing")
        self._check_kind_of_code(row)
        top = self.nest.top(row)
        if top is None:
            return None, ""
        if top.line not in self.sources:
            self.sources[top.line] = self._source_of(top)
        parent, source = self.sources[top.line]
        of, din = parent.donation_code if parent else source, row.code.din.text if row.code and row.code.din else ""
        if top is not row and din and of and din != of:
            self._fault(row, f"The unit is of {din}, its parent of {of}.", "other-donation")
        return self._own_parent(row, parent), source

    def _own_parent(self, row: ImportRow, parent: Parent | None) -> Parent | None:
        """Return the parent by which a row itself was found, where its parent is of the bank; else that of its top."""
        found = self.bank.parents.get(row.parent.text, ()) if row.parent else ()
        return found[-1] if parent and found and found[-1].donation_id == parent.donation_id else parent

    def _source_of(self, row: ImportRow) -> tuple[Parent | None, str]:
        known = self.bank.parents.get(row.code.text, ()) if row.code and self.bank.things.get(code_of(row)) else ()
        if known:
            return known[-1], ""
        din = row.code.din.text if row.code and row.code.din else ""
        if row.parent is None:
            code = din or self.numbers.get(row.source, row.source)
            return self.bank.donations.get(code) or self.bank.donations.get(row.source), code
        found = {parent.donation_id: parent for parent in self.bank.parents.get(row.parent.text, ())}
        if len(found) > 1:
            self._fault(row, f"The parent {row.parent.text} is found in several donations.", "ambiguous-parent")
        if not found:
            return self._unknown_parent(row, din)
        parent = next(iter(found.values()))
        if din and din != parent.donation_code:
            self._fault(row, f"The unit is of {din}, its parent of {parent.donation_code}.", "other-donation")
        return parent, ""

    def _unknown_parent(self, row: ImportRow, din: str) -> tuple[Parent | None, str]:
        of = self.mapping.parent
        if of is None or row.parent is None or not of.registers_unknown:
            text = (
                f"The parent {row.parent.text if row.parent else ''} is not known: import it first, or say "
                'unknown = "register" in [parent] to register each as a donation of its own.'
            )
            self._fault(row, text, "no-parent")
            return None, ""
        known_din = row.parent.din.text if row.parent.din else ""
        if din and known_din and din != known_din:
            self._fault(row, f"The unit is of {din}, its parent of {known_din}.", "other-donation")
        return None, din or known_din or row.source or code_of_source(of.issuer, row.parent.text)

    def _check_kind_of_code(self, row: ImportRow) -> None:
        if row.code and row.code.kind is ScanKind.DIN and not row.product_code:
            text = f"{row.code.text} is a donation number alone: say the product code in [row] product_code."
            self._fault(row, text, "no-product-code")
        if row.code and row.code.kind is ScanKind.UNIT and not row.is_unit:
            self._fault(row, f"{row.code.text} is the code of a unit, and the mapping says samples.", "a-unit")

    def _check_results(self, row: ImportRow, step: Step) -> None:
        """A result of a unit needs a unit: the row's own, or its sample's; one of another bank's needs who found it."""
        thing = step.thing
        has_unit = (thing.is_unit or thing.of_unit) if thing else (row.is_unit or _has_unit(step))
        for result in row.results:
            if result.of.subject is Subject.UNIT and not has_unit:
                text = f"{result.of.assay.name} is of a unit, and the bank knows none that this sample was taken of."
                self.faults.append(Fault(row.line, text, result.column, "no-unit"))
            if step.is_foreign and not result.of.establishment:
                self.faults.append(Fault(row.line, NOBODY_FOUND_IT, result.column, "no-establishment"))

    def _check_places(self, steps: Sequence[Step], left: set[str]) -> None:
        for step in steps:
            if not step.place:
                continue
            occupant = self.bank.occupants.get(step.place, "")
            stays = "" if step.place in left or step.stays else occupant
            if step.row.code is not None:
                for text, code in self._obstacles(step, stays):
                    self._fault(step.row, text, code)
            elif stays:
                self._fault(
                    step.row, f"{step.place} is empty in the file, and the bank has {stays} there.", "not-empty"
                )

    def _obstacles(self, step: Step, inside: str) -> Iterator[tuple[str, str]]:
        thing, site = step.thing, self._site(step.row)
        facts = PlacementFacts(
            product=thing.product if thing else step.row.term,
            accepts=self.bank.accepts,
            taken_by=inside,
            is_final=thing.is_final if thing else False,
            attached_to=thing.attached_to if thing else "",
        )
        yield from ((f"{step.place}: {reason.text}", reason.code) for reason in obstacles_to_placing(facts))
        if thing and thing.holder != site:
            yield f"{thing.code} is held by {thing.holder}; {step.place} is at {site}.", "not-here"

    def _site(self, row: ImportRow) -> str:
        there = self.bank.racks.get(row.rack)
        return there.site if there else self.bank.site

    def _fault(self, row: ImportRow, text: str, code: str) -> None:
        self.faults.append(Fault(row.line, text, code=code))


def _has_unit(step: Step) -> bool:
    return step.of_unit is not None or (step.parent is not None and step.parent.unit_id is not None)
