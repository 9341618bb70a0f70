"""The Child-Pugh score of cirrhosis: five findings of one to three points each, and a class from their sum.

Source and revision: Pugh 1973 (Child-Turcotte-Pugh), with INR in place of seconds of prothrombin time and the wider
bands of bilirubin for cholestatic disease (primary biliary or sclerosing cholangitis). The middle band includes both
its ends. The bands are those of mg/dL and g/dL; those published in µmol/L are rounded and differ a little. Albumin is
cut at 2.8 g/dL, not at the 3.0 of one variant. A is 5 and 6, B 7 to 9, C 10 to 15.
"""

from decimal import Decimal

from inventory.domain.liver_input import Number, read_inputs
from inventory.domain.liver_score import Score

PUGH = "Pugh 1973, INR"
BILIRUBIN = (Decimal(2), Decimal(3))
BILIRUBIN_CHOLESTATIC = (Decimal(4), Decimal(10))
ALBUMIN = (Decimal("2.8"), Decimal("3.5"))
INR = (Decimal("1.7"), Decimal("2.3"))
ENCEPHALOPATHY = (Decimal(1), Decimal(2))
ASCITES = {"none": 1, "mild": 2, "moderate": 3}


def child_pugh(
    *,
    bilirubin_mg_dl: Number | None = None,
    albumin_g_dl: Number | None = None,
    inr: Number | None = None,
    ascites: str | None = None,
    encephalopathy_grade: Number | None = None,
    cholestatic: bool | None = None,
) -> Score:
    """Return the sum of the points and the class A, B or C. Raises ``ScoreRefused`` as every score does.

    Ascites is ``mild`` where diuretics control it, ``moderate`` where it is more or refractory.
    """
    given = read_inputs(
        "Child-Pugh",
        bilirubin_mg_dl=bilirubin_mg_dl,
        albumin_g_dl=albumin_g_dl,
        inr=inr,
        ascites=ascites,
        encephalopathy_grade=encephalopathy_grade,
        cholestatic=cholestatic,
    )
    numbers = given.numbers
    bilirubin = BILIRUBIN_CHOLESTATIC if given.flags["cholestatic"] else BILIRUBIN
    total = Decimal(
        _points(numbers["bilirubin_mg_dl"], bilirubin)
        + (4 - _points(numbers["albumin_g_dl"], ALBUMIN))
        + _points(numbers["inr"], INR)
        + ASCITES[given.words["ascites"]]
        + _points(numbers["encephalopathy_grade"], ENCEPHALOPATHY)
    )
    return Score("child_pugh", total, total, PUGH, _class(total))


def _points(number: Decimal, middle: tuple[Decimal, Decimal]) -> int:
    """Return 1 under the middle band, 2 within it, 3 over it."""
    low, high = middle
    return 1 + (number >= low) + (number > high)


def _class(total: Decimal) -> str:
    if total <= 6:
        return "A"
    return "B" if total <= 9 else "C"
