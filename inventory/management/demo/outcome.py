"""Three recipients of the demo: how their livers were before, and at two visits after."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from inventory.domain.outcome import OutcomeKind
from inventory.domain.unit import Use
from inventory.management.demo.people import Bank
from inventory.management.demo.release import STEP, ask, deliver, release_units, send
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import available
from inventory.models.unit import Unit
from inventory.services.disposition import use_unit
from inventory.services.outcome import NewOutcome, report_outcome

DAY = timedelta(days=1)
# What every report says, so that each score has all that it asks for.
ALWAYS: Mapping[str, str] = {
    "on_dialysis": "no",
    "cholestatic": "no",
    "diabetes_or_ifg": "no",
    "encephalopathy_grade": "0",
    "ascites": "mild",
    "ast_upper_limit_u_l": "40",
    "bmi": "24.2",
}
MEASURED = (
    *("bilirubin_mg_dl", "albumin_g_dl", "inr", "creatinine_mg_dl"),
    *("sodium_mmol_l", "platelets_10e9_l", "alt_u_l", "ast_u_l"),
)
# Recipient by code: sex, age, and a row for the baseline and each visit.
COURSES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "LC-0001": (
        "female",
        "54",
        ("3.1 2.7 1.7 1.0 134 88 61 92", "2.6 2.9 1.5 0.9 136 92 55 81", "2.1 3.2 1.4 0.9 137 99 47 66"),
    ),
    "LC-0002": (
        "male",
        "61",
        ("4.0 2.5 1.9 1.2 131 71 70 118", "3.6 2.6 1.8 1.2 132 73 66 104", "3.4 2.7 1.8 1.1 133 75 62 97"),
    ),
    "LC-0003": (
        "male",
        "47",
        ("2.4 3.0 1.5 0.9 136 96 52 77", "2.5 3.0 1.5 0.9 136 95 53 79", "2.7 2.9 1.6 1.0 135 93 58 83"),
    ),
}


def treat_three(scene: Scene, at: datetime) -> None:
    """Give one unit to each of three recipients, each with a report of the days before."""
    for number, (recipient, unit) in enumerate(zip(COURSES, available(Use.HUMAN_APPLICATION, 3), strict=True)):
        _treat(scene, recipient, unit, at=at + number * 4 * DAY)


def visit(scene: Scene, at: datetime) -> None:
    """Report the next visit of each of the three."""
    for number, recipient in enumerate(COURSES):
        unit = Unit.objects.get(outcomes__recipient__code=recipient, outcomes__kind=OutcomeKind.BASELINE.value)
        made = unit.outcomes.filter(kind=OutcomeKind.FOLLOW_UP.value).count()
        report(scene.bank, unit, OutcomeKind.FOLLOW_UP, values_of(recipient, made + 1), at=at + number * DAY)


def values_of(recipient: str, row: int) -> dict[str, str]:
    """Return everything that is reported of a recipient: at the baseline, row 0, or at a visit."""
    sex, age, rows = COURSES[recipient]
    return {**dict(zip(MEASURED, rows[row].split(), strict=True)), **ALWAYS, "sex": sex, "age_years": age}


def report(bank: Bank, unit: Unit, kind: OutcomeKind, values: Mapping[str, str], *, at: datetime) -> None:
    """Report what came of a unit today."""
    new = NewOutcome(kind=kind, outcome_date=at.date(), values=values)
    report_outcome(unit, new, by=bank.people["coordinator"], at=at)


def _treat(scene: Scene, recipient: str, unit: Unit, *, at: datetime) -> None:
    bank = scene.bank
    request = ask(bank, scene.studies.clinical, [unit], recipient=recipient, at=at)
    shipment = send(bank, release_units(bank, request, [unit], at=at + STEP), [unit], at=at + 6 * STEP)
    deliver(bank, shipment, [unit], at=at + DAY)
    report(bank, unit, OutcomeKind.BASELINE, values_of(recipient, 0), at=at + DAY + STEP)
    thawed = {"viability_percent": "84.0", "tnc": "870000000", "infused_volume_ml": "25"}
    report(bank, unit, OutcomeKind.ADMINISTRATION, thawed, at=at + 2 * DAY)
    use_unit(unit, left_over="nothing", occurred_at=at + 2 * DAY, by=bank.people["coordinator"], at=at + 2 * DAY)
