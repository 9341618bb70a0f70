"""ALBI: the liver's function from albumin and bilirubin alone.

Source and revision: Johnson 2015. 0.66 log10(bilirubin in µmol/L) - 0.085 albumin in g/L; grade 1 to -2.60, grade 2
over that to -1.39, grade 3 over that, each cut-off in the better grade and asked of the unrounded value.
"""

from decimal import Decimal

from inventory.domain.liver_input import Number, read_inputs
from inventory.domain.liver_score import Score, arithmetic, half_up

JOHNSON = "Johnson 2015"
DECIMALS = 4
GRADE_1_TO = Decimal("-2.60")
GRADE_2_TO = Decimal("-1.39")


def albi(*, bilirubin_umol_l: Number | None = None, albumin_g_l: Number | None = None) -> Score:
    """Return the albumin-bilirubin score and its grade 1, 2 or 3. Raises ``ScoreRefused`` as every score does."""
    numbers = read_inputs("ALBI", bilirubin_umol_l=bilirubin_umol_l, albumin_g_l=albumin_g_l).numbers
    with arithmetic():
        raw = Decimal("0.66") * numbers["bilirubin_umol_l"].log10() - Decimal("0.085") * numbers["albumin_g_l"]
        return Score("albi", half_up(raw, DECIMALS), raw, JOHNSON, _grade(raw))


def _grade(raw: Decimal) -> str:
    if raw <= GRADE_1_TO:
        return "1"
    return "2" if raw <= GRADE_2_TO else "3"
