"""Conversions between the units in which laboratories report, each one named: no unit is ever guessed.

Bilirubin 17.1 and creatinine 88.4 µmol/L are 1 mg/dL, the factors of the published calculators of these scores;
albumin 10 g/L is 1 g/dL. Both sides are held to the plausible ranges of ``liver_input``.
"""

from decimal import Decimal

from inventory.domain.liver_input import Number, read_inputs
from inventory.domain.liver_score import arithmetic

UMOL_L_OF_BILIRUBIN = Decimal("17.1")
UMOL_L_OF_CREATININE = Decimal("88.4")
G_L_OF_ALBUMIN = Decimal(10)
# Digits of a converted value: what does not divide evenly is rounded here, far below any band.
DIGITS = 28


def bilirubin_mg_dl_from_umol_l(bilirubin_umol_l: Number) -> Decimal:
    return _divided("bilirubin_umol_l", bilirubin_umol_l, UMOL_L_OF_BILIRUBIN)


def bilirubin_umol_l_from_mg_dl(bilirubin_mg_dl: Number) -> Decimal:
    return _multiplied("bilirubin_mg_dl", bilirubin_mg_dl, UMOL_L_OF_BILIRUBIN)


def creatinine_mg_dl_from_umol_l(creatinine_umol_l: Number) -> Decimal:
    return _divided("creatinine_umol_l", creatinine_umol_l, UMOL_L_OF_CREATININE)


def albumin_g_dl_from_g_l(albumin_g_l: Number) -> Decimal:
    return _divided("albumin_g_l", albumin_g_l, G_L_OF_ALBUMIN)


def albumin_g_l_from_g_dl(albumin_g_dl: Number) -> Decimal:
    return _multiplied("albumin_g_dl", albumin_g_dl, G_L_OF_ALBUMIN)


def _divided(name: str, given: Number, factor: Decimal) -> Decimal:
    number = read_inputs("The conversion", **{name: given}).numbers[name]
    with arithmetic(DIGITS):
        return number / factor


def _multiplied(name: str, given: Number, factor: Decimal) -> Decimal:
    number = read_inputs("The conversion", **{name: given}).numbers[name]
    with arithmetic(DIGITS):
        return number * factor
