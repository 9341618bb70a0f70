"""Current results of a unit beside the limits they are judged by, as a page shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from django.db.models import Q

from inventory.domain.assay import ASSAYS
from inventory.domain.specification import Limit, Operator, evaluate
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.result import current_results, measurement

SIGNS: Mapping[Operator, str] = MappingProxyType(
    {Operator.AT_LEAST: "≥", Operator.MORE_THAN: ">", Operator.AT_MOST: "≤", Operator.LESS_THAN: "<"}
)
# Counts of cells are read in millions: nobody tells 1420000000 from 142000000 at a glance.
MILLIONS = Decimal(10) ** 6


@dataclass(frozen=True)
class ResultLine:
    """One current result against its limit."""

    assay: str
    whose: str
    value: str
    unit: str
    limit: str
    outcome: str
    verdict: str
    verified_by: str
    verified_at: datetime | None
    amended: str


def results_about(unit: Unit) -> list[Result]:
    """Return the current results of a unit, of what it was made from, and of its infant and mother."""
    about = Q(unit=unit) | Q(unit__made__child=unit) | Q(donation_id=unit.donation_id)
    found = current_results().filter(about)
    return list(found.select_related("verified_by", "replaces", "sample").distinct().order_by("subject", "assay", "pk"))


def result_lines(unit: Unit, results: Iterable[Result], limits: Iterable[Limit]) -> tuple[ResultLine, ...]:
    """Return each result with the first limit that speaks of it and the verdict of the rule."""
    limits = tuple(limits)
    return tuple(_line(unit, result, limits) for result in results)


def _line(unit: Unit, result: Result, limits: tuple[Limit, ...]) -> ResultLine:
    measured = measurement(result, for_unit=unit.pk)
    limit = next((each for each in limits if (each.assay, each.taken_from) == (measured.assay, measured.taken_from)), None)
    findings = evaluate([limit], [measured], limit.stage) if limit else ()
    assay = ASSAYS.get(result.assay)
    number_unit = assay.unit if assay else ""
    value, shown_unit = shown_value(result.number, number_unit, result.text or result.qualifier.replace("_", " "))
    return ResultLine(
        assay=assay.name if assay else result.assay,
        whose=result.subject if result.unit_id in (None, unit.pk) else "parent unit",
        value=f"< {value}" if result.qualifier == "below_limit" else value,
        unit=shown_unit,
        limit=_shown_limit(limit, number_unit),
        outcome=findings[0].outcome if findings else "",
        verdict=findings[0].outcome if findings else "",
        verified_by=result.verified_by.printed_name if result.verified_by else "",
        verified_at=result.verified_at,
        amended=_amended(result),
    )


def shown_value(number: Decimal | None, unit: str, text: str = "") -> tuple[str, str]:
    """Return a value and its unit of measure without needless zeros, cells in millions."""
    if number is None:
        return text, ""
    if unit == "cells" and number >= MILLIONS:
        return _plain(number / MILLIONS), "× 10⁶ cells"
    return _plain(number), unit


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown_limit(limit: Limit | None, unit: str) -> str:
    if limit is None:
        return ""
    if limit.operator is Operator.ONE_OF:
        return " or ".join(limit.words).replace("_", " ")
    if limit.limit is None:
        return "recorded"
    value, shown_unit = shown_value(limit.limit, unit)
    return f"{SIGNS[limit.operator]} {value} {shown_unit}".strip()


def _amended(result: Result) -> str:
    if result.replaces is None:
        return ""
    was, unit = shown_value(result.replaces.number, "", result.replaces.text)
    return f"corrected from {was}: {result.reason}"
