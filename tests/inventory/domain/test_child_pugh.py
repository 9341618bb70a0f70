"""Child-Pugh at the edges of its bands: the middle one holds both its ends. Source: Pugh 1973, with INR."""

from itertools import product

import pytest

from inventory.domain.liver import child_pugh

BEST = {
    "bilirubin_mg_dl": "1",
    "albumin_g_dl": "4",
    "inr": "1",
    "ascites": "none",
    "encephalopathy_grade": 0,
    "cholestatic": False,
}
WORST = {"bilirubin_mg_dl": 11, "albumin_g_dl": 2, "inr": 3, "ascites": "moderate", "encephalopathy_grade": 4}


def points(**otherwise):
    """Return the points that one finding has beside four of one point each."""
    return child_pugh(**BEST | otherwise).value - 4


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("bilirubin_mg_dl", "1.99", 1),
        ("bilirubin_mg_dl", "2", 2),
        ("bilirubin_mg_dl", "3", 2),
        ("bilirubin_mg_dl", "3.01", 3),
        ("albumin_g_dl", "3.51", 1),
        ("albumin_g_dl", "3.5", 2),
        ("albumin_g_dl", "3.0", 2),
        ("albumin_g_dl", "2.8", 2),
        ("albumin_g_dl", "2.79", 3),
        ("inr", "1.69", 1),
        ("inr", "1.7", 2),
        ("inr", "2.3", 2),
        ("inr", "2.31", 3),
        ("ascites", "none", 1),
        ("ascites", "mild", 2),
        ("ascites", "moderate", 3),
        ("encephalopathy_grade", 0, 1),
        ("encephalopathy_grade", 1, 2),
        ("encephalopathy_grade", 2, 2),
        ("encephalopathy_grade", 3, 3),
        ("encephalopathy_grade", 4, 3),
    ],
)
def test_a_finding_has_the_points_of_its_band(name, value, expected):
    assert points(**{name: value}) == expected


@pytest.mark.parametrize(("bilirubin", "expected"), [("3.99", 1), ("4", 2), ("10", 2), ("10.01", 3)])
def test_bilirubin_has_wider_bands_in_cholestatic_disease(bilirubin, expected):
    assert points(bilirubin_mg_dl=bilirubin, cholestatic=True) == expected


@pytest.mark.parametrize("cholestatic", [False, True])
def test_a_score_is_from_5_to_15(cholestatic):
    assert child_pugh(**BEST | {"cholestatic": cholestatic}).value == 5
    assert child_pugh(**WORST, cholestatic=cholestatic).value == 15


def test_the_class_follows_from_the_sum():
    classes = {}
    for bilirubin, albumin, inr, ascites, grade in product(
        ("1", "2", "4"), ("4", "3", "2"), ("1", "2", "3"), ("none", "mild", "moderate"), (0, 1, 3)
    ):
        score = child_pugh(
            bilirubin_mg_dl=bilirubin,
            albumin_g_dl=albumin,
            inr=inr,
            ascites=ascites,
            encephalopathy_grade=grade,
            cholestatic=False,
        )
        classes.setdefault(int(score.value), set()).add(score.grade)

    assert classes == {n: {"A"} if n <= 6 else {"B"} if n <= 9 else {"C"} for n in range(5, 16)}
