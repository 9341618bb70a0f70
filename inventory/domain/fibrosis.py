"""FIB-4, APRI and the NAFLD fibrosis score: how likely the liver is scarred, from blood and body alone.

Sources and revisions:

- FIB-4: Sterling 2006, age × AST / (platelets × √ALT). Classes of fatty liver disease: low under 1.3, from 65 years
  under 2.0; high over 2.67. The cut-offs for hepatitis C (1.45 and 3.25) are others and are not used here.
- APRI: Wai 2003, (AST / upper limit of normal) × 100 / platelets. Low to 0.5, significant fibrosis over 1.5,
  cirrhosis over 2.0.
- NAFLD fibrosis score: Angulo 2007, -1.675 + 0.037 age + 0.094 body mass index + 1.13 (impaired fasting glucose or
  diabetes) + 0.99 AST/ALT - 0.013 platelets - 0.66 albumin in g/dL. Low under -1.455, from 65 years under 0.12 (general
  knowledge, to be checked before anybody relies on it); high over 0.676.

What lies between is indeterminate. Classes are asked of the unrounded value; each quotient is reckoned by one division,
so that a value exactly at a cut-off is found exactly there.
"""

from decimal import Decimal

from inventory.domain.liver_input import Number, read_inputs
from inventory.domain.liver_score import Score, arithmetic, half_up

STERLING = "Sterling 2006, fatty liver cut-offs by age"
WAI = "Wai 2003"
ANGULO = "Angulo 2007, low cut-off by age"
OLDER_YEARS = 65


def fib4(
    *,
    age_years: Number | None = None,
    ast_u_l: Number | None = None,
    alt_u_l: Number | None = None,
    platelets_10e9_l: Number | None = None,
) -> Score:
    """Return FIB-4 to two decimals: low, indeterminate or high. Raises ``ScoreRefused`` as every score does."""
    numbers = read_inputs(
        "FIB-4", age_years=age_years, ast_u_l=ast_u_l, alt_u_l=alt_u_l, platelets_10e9_l=platelets_10e9_l
    ).numbers
    with arithmetic():
        age = numbers["age_years"]
        raw = age * numbers["ast_u_l"] / (numbers["platelets_10e9_l"] * numbers["alt_u_l"].sqrt())
        low = Decimal("2.0") if age >= OLDER_YEARS else Decimal("1.3")
        return Score("fib4", half_up(raw, 2), raw, STERLING, _between(raw, low=low, high=Decimal("2.67")))


def apri(
    *,
    ast_u_l: Number | None = None,
    ast_upper_limit_u_l: Number | None = None,
    platelets_10e9_l: Number | None = None,
) -> Score:
    """Return the AST to platelet ratio index to three decimals: low, indeterminate, significant fibrosis, cirrhosis."""
    numbers = read_inputs(
        "APRI", ast_u_l=ast_u_l, ast_upper_limit_u_l=ast_upper_limit_u_l, platelets_10e9_l=platelets_10e9_l
    ).numbers
    with arithmetic():
        raw = numbers["ast_u_l"] * 100 / (numbers["ast_upper_limit_u_l"] * numbers["platelets_10e9_l"])
        return Score("apri", half_up(raw, 3), raw, WAI, _apri_class(raw))


def nafld_fibrosis_score(
    *,
    age_years: Number | None = None,
    bmi: Number | None = None,
    diabetes_or_ifg: bool | None = None,
    ast_u_l: Number | None = None,
    alt_u_l: Number | None = None,
    platelets_10e9_l: Number | None = None,
    albumin_g_dl: Number | None = None,
) -> Score:
    """Return the NAFLD fibrosis score to four decimals: low, indeterminate or high."""
    given = read_inputs(
        "The NAFLD fibrosis score",
        age_years=age_years,
        bmi=bmi,
        diabetes_or_ifg=diabetes_or_ifg,
        ast_u_l=ast_u_l,
        alt_u_l=alt_u_l,
        platelets_10e9_l=platelets_10e9_l,
        albumin_g_dl=albumin_g_dl,
    )
    numbers, age = given.numbers, given.numbers["age_years"]
    with arithmetic():
        raw = (
            Decimal("-1.675")
            + Decimal("0.037") * age
            + Decimal("0.094") * numbers["bmi"]
            + (Decimal("1.13") if given.flags["diabetes_or_ifg"] else 0)
            + Decimal("0.99") * numbers["ast_u_l"] / numbers["alt_u_l"]
            - Decimal("0.013") * numbers["platelets_10e9_l"]
            - Decimal("0.66") * numbers["albumin_g_dl"]
        )
        low = Decimal("0.12") if age >= OLDER_YEARS else Decimal("-1.455")
        grade = _between(raw, low=low, high=Decimal("0.676"))
        return Score("nafld_fibrosis_score", half_up(raw, 4), raw, ANGULO, grade)


def _between(raw: Decimal, *, low: Decimal, high: Decimal) -> str:
    if raw < low:
        return "low"
    return "high" if raw > high else "indeterminate"


def _apri_class(raw: Decimal) -> str:
    if raw <= Decimal("0.5"):
        return "low"
    if raw > Decimal("2.0"):
        return "cirrhosis"
    return "significant fibrosis" if raw > Decimal("1.5") else "indeterminate"
