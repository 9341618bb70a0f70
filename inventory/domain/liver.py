"""Liver scores, the table of them, and the conversions between units; each formula's module names its source.

MELD (UNOS original), MELD-Na (OPTN January 2016) and MELD 3.0 (OPTN July 2023) are in ``meld``; Child-Pugh (Pugh 1973)
in ``child_pugh``; ALBI (Johnson 2015) in ``albi``; FIB-4 (Sterling 2006), APRI (Wai 2003) and the NAFLD fibrosis score
(Angulo 2007) in ``fibrosis``. All reckon in decimals, round half up where the source rounds, and refuse an input that
is missing or implausible.
"""

from collections.abc import Callable, Mapping
from inspect import signature

from inventory.domain.albi import albi
from inventory.domain.child_pugh import child_pugh
from inventory.domain.fibrosis import apri, fib4, nafld_fibrosis_score
from inventory.domain.liver_conversion import (
    albumin_g_dl_from_g_l,
    albumin_g_l_from_g_dl,
    bilirubin_mg_dl_from_umol_l,
    bilirubin_umol_l_from_mg_dl,
    creatinine_mg_dl_from_umol_l,
)
from inventory.domain.liver_input import ScoreRefused
from inventory.domain.liver_score import Score
from inventory.domain.meld import meld, meld_3, meld_na

__all__ = [
    "FORMULAS",
    "INPUTS",
    "Score",
    "ScoreRefused",
    "albi",
    "albumin_g_dl_from_g_l",
    "albumin_g_l_from_g_dl",
    "apri",
    "bilirubin_mg_dl_from_umol_l",
    "bilirubin_umol_l_from_mg_dl",
    "child_pugh",
    "creatinine_mg_dl_from_umol_l",
    "fib4",
    "meld",
    "meld_3",
    "meld_na",
    "nafld_fibrosis_score",
]

FORMULAS: Mapping[str, Callable[..., Score]] = {
    "meld": meld,
    "meld_na": meld_na,
    "meld_3": meld_3,
    "child_pugh": child_pugh,
    "albi": albi,
    "fib4": fib4,
    "apri": apri,
    "nafld_fibrosis_score": nafld_fibrosis_score,
}
# The inputs of each score, as its formula names them.
INPUTS: Mapping[str, tuple[str, ...]] = {name: tuple(signature(each).parameters) for name, each in FORMULAS.items()}
