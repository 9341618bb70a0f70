"""Results as tests enter, verify and correct them: by two technicians, at noon unless said otherwise."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.assay import Subject
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.services.correction import Correction, correct_result
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.donation import COLLECTED_AT
from tests.factories.person import staff
from tests.factories.time import NOON


def technician() -> Person:
    """Return the technician who enters results unless another is named."""
    return staff(Role.LAB_TECHNICIAN)


def second_technician() -> Person:
    """Return the technician who verifies them."""
    return staff(Role.LAB_TECHNICIAN, "the-second-technician")


def of(unit: Unit, assay: str = "tnc", value: str = "1100000000", **otherwise: Any) -> NewResult:
    """Return a result of a unit, a count within limits unless said otherwise."""
    return NewResult(assay, Subject.UNIT, unit=unit, value=value, **otherwise)


def of_mother(unit: Unit, assay: str = "anti_hbc", value: str = "positive", **otherwise: Any) -> NewResult:
    """Return a result of a unit's mother, a reactive marker with a good specimen unless said otherwise."""
    usual = NewResult(
        assay,
        Subject.MOTHER,
        donation=unit.donation,
        value=value,
        approved_test=True,
        diluted=False,
        specimen_at=COLLECTED_AT,
    )
    return replace(usual, **otherwise)


def of_infant(unit: Unit, assay: str = "hla_a", value: str = "A*01:01+A*02:01", **otherwise: Any) -> NewResult:
    """Return a result of a unit's infant, a typing unless said otherwise."""
    return NewResult(assay, Subject.INFANT, donation=unit.donation, value=value, **otherwise)


def record(*news: NewResult, by: Person | None = None, at: datetime = NOON) -> list[Result]:
    """Enter results."""
    return record_results(list(news), by=by or technician(), at=at)


def verify(*results: Result, by: Person | None = None) -> list[Result]:
    """Verify results."""
    return verify_results([each.pk for each in results], by=by or second_technician(), at=NOON)


def correct(
    old: Result, value: NewResult, reason: str = "typed into the wrong row", by: Person | None = None
) -> Result:
    """Replace a result."""
    return correct_result(Correction(old.pk, value, reason), by=by or technician(), at=NOON)


def current(unit: Unit, assay: str) -> Result:
    """Return the result of a unit that no correction has replaced."""
    return Result.objects.get(unit=unit, assay=assay, replaced_by__isnull=True)
