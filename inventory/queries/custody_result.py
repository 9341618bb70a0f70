"""Results against their limits as the chain-of-custody document states them, replaced ones among them."""

from collections.abc import Iterator
from dataclasses import replace

from inventory.domain.assay import ASSAYS, Qualifier
from inventory.domain.custody import ResultRow, utc_text
from inventory.domain.profile import MarkedLimit
from inventory.domain.specification import Limit, Operator, SampleSource, evaluate
from inventory.domain.unit import Use
from inventory.domain.wording import in_words
from inventory.models.result import Result
from inventory.models.specification import Specification
from inventory.queries.attested import mark_of
from inventory.queries.custody_line import Line
from inventory.queries.custody_unit import number_text
from inventory.queries.result import measurement

SIGNS = {Operator.AT_LEAST: "≥", Operator.MORE_THAN: ">", Operator.AT_MOST: "≤", Operator.LESS_THAN: "<"}


def result_rows(line: Line) -> tuple[str, tuple[ResultRow, ...]]:
    """Return the specification's name and every result that could count, then what it asks for and is missing."""
    specification = _specification(line)
    limits = line.behind.rulebook.marked[specification.pk] if specification else ()
    rows = [_row(result, line, limits) for result in line.results]
    return _name(specification), (*rows, *_missing(line, limits))


def _specification(line: Line) -> Specification | None:
    """The version under which the unit was accepted, else the one in force for its use."""
    book = line.behind.rulebook
    kept = line.behind.accepted_under.get(line.unit.pk)
    if kept is not None:
        return book.specifications[kept]
    return book.in_force(line.unit.product_class, line.unit.use or Use.HUMAN_APPLICATION.value)


def _name(specification: Specification | None) -> str:
    if specification is None:
        return ""
    words = f"{specification.name} version {specification.version}, {specification.use.replace('_', ' ')}"
    return f"{words}, in force since {utc_text(specification.in_force_at)}" if specification.in_force_at else words


def _row(result: Result, line: Line, limits: tuple[MarkedLimit, ...]) -> ResultRow:
    assay = ASSAYS.get(result.assay)
    measured = measurement(result, for_unit=line.unit.pk, of_lot=line.unit.lot_id)
    marked = next((each for each in limits if _of(each) == (measured.assay, measured.taken_from)), None)
    limit = marked.limit if marked else None
    findings = evaluate([limit], [measured], limit.stage) if limit else ()
    replaced = hasattr(result, "replaced_by")
    verdict = findings[0].outcome.value if findings else ""
    return ResultRow(
        whose=_whose(result, line),
        assay=assay.name if assay else result.assay,
        value=_value(result),
        unit=assay.unit if assay and result.number is not None else "",
        limit=_limit(limit),
        verdict="replaced" if replaced else verdict,
        entered_by=result.entered_by.printed_name,
        entered_at=result.entered_at,
        verified_by=result.verified_by.printed_name if result.verified_by else "",
        verified_at=result.verified_at,
        amended=_amended(result, replaced=replaced),
        limit_mark=marked.provenance.mark.value if marked else "",
        limit_source=marked.provenance.source if marked else "",
    )


def _of(marked: MarkedLimit) -> tuple[str, SampleSource]:
    return marked.limit.assay, marked.limit.taken_from


def _whose(result: Result, line: Line) -> str:
    whose = f"{result.subject}, {result.sample.code}" if result.sample else result.subject
    if result.unit is not None and result.unit_id != line.unit.pk:
        whose = f"made from: {result.unit.code}"
    unsigned = f"reported by {result.reported_by}, not attested" if result.reported_by else ""
    return ", ".join(filter(None, (whose, mark_of(result.attestation) or unsigned)))


def _value(result: Result) -> str:
    shown = number_text(result.number) if result.number is not None else result.text.replace("_", " ")
    if result.qualifier == Qualifier.BELOW_LIMIT.value:
        return f"< {shown}"
    return shown or result.qualifier.replace("_", " ")


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return ""
    if limit.operator in SIGNS and limit.limit is not None:
        return f"{SIGNS[limit.operator]} {number_text(limit.limit)}"
    return " or ".join(limit.words).replace("_", " ") or "recorded"


def _amended(result: Result, *, replaced: bool) -> str:
    told = []
    if result.replaces is not None:
        told.append(f"replaces {_value(result.replaces)}: {result.reason}")
    if replaced:
        told.append(f"replaced by {_value(result.replaced_by)} on {utc_text(result.replaced_by.entered_at)}")
    return "; ".join(told)


def _missing(line: Line, limits: tuple[MarkedLimit, ...]) -> Iterator[ResultRow]:
    known = {(each.assay, each.taken_from) for each in line.behind.measurements[line.unit.pk]}
    yield from _lacking(line, limits)
    for marked in limits:
        limit = marked.limit
        if limit.mandatory and _of(marked) not in known:
            assay = ASSAYS.get(limit.assay)
            name = assay.name if assay else limit.assay
            whose = in_words(limit.taken_from.value)
            row = ResultRow(whose, name, "missing", "", _limit(limit), "unknown")
            yield replace(row, limit_mark=marked.provenance.mark.value, limit_source=marked.provenance.source)


def _lacking(line: Line, limits: tuple[MarkedLimit, ...]) -> Iterator[ResultRow]:
    """Yield what a limit asks and some of several sources lack, or what counts no more, each by its name."""
    asked = {_of(each): each for each in limits}
    for each in line.behind.measurements[line.unit.pk]:
        marked = asked.get((each.assay, each.taken_from))
        if not each.lacking or marked is None:
            continue
        limit, assay = marked.limit, ASSAYS.get(each.assay)
        name = assay.name if assay else each.assay
        row = ResultRow(in_words(each.taken_from.value), name, each.lacking, "", _limit(limit), "unknown")
        yield replace(row, limit_mark=marked.provenance.mark.value, limit_source=marked.provenance.source)
