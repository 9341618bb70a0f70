"""Inputs of the liver scores that are well within every range, and scores computed of them."""

from inventory.domain.liver import FORMULAS, INPUTS

USUAL = {
    "bilirubin_mg_dl": "2.4",
    "bilirubin_umol_l": "41.04",
    "creatinine_mg_dl": "1.4",
    "albumin_g_dl": "3.1",
    "albumin_g_l": "31",
    "inr": "1.6",
    "sodium_mmol_l": "131",
    "platelets_10e9_l": "95",
    "alt_u_l": "48",
    "ast_u_l": "77",
    "ast_upper_limit_u_l": "40",
    "age_years": "58",
    "bmi": "29",
    "encephalopathy_grade": "1",
    "sex": "female",
    "ascites": "mild",
    "on_dialysis": False,
    "cholestatic": False,
    "diabetes_or_ifg": True,
}


def usual(score, **otherwise):
    """Compute a score of the usual inputs but for those named."""
    return FORMULAS[score](**{name: USUAL[name] for name in INPUTS[score]} | otherwise)
