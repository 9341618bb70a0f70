"""MELD, MELD-Na and MELD 3.0: how soon somebody with a failing liver is expected to die without a new one.

Sources and revisions:

- MELD: the original of the United Network for Organ Sharing. 9.57 ln(creatinine) + 3.78 ln(bilirubin) + 11.2 ln(INR)
  + 6.43; each input at least 1.0, creatinine at most 4.0 mg/dL.
- MELD-Na: Organ Procurement and Transplantation Network, January 2016. The initial MELD(i) is rounded to one decimal
  before it is multiplied by ten, which many calculators leave out; sodium counts where MELD(i) is over 11.
- MELD 3.0: Organ Procurement and Transplantation Network, July 2023. Creatinine at most 3.0 mg/dL, albumin 1.5 to
  3.5 g/dL, 1.33 for the female sex; from 12 to 17 years for both sexes. No score under 12: children have PELD.

Sodium counts from 125 to 137 mmol/L. Dialysis at least twice within seven days, or 24 hours of continuous
haemofiltration, counts as the greatest creatinine. The result is rounded half up to a whole number and kept within
6 and 40. All inputs are of one week.
"""

from decimal import Decimal

from biobank.domain.refusal import Reason
from inventory.domain.liver_input import Inputs, Number, ScoreRefused, read_inputs
from inventory.domain.liver_score import GREATEST_MELD, LEAST_MELD, Score, arithmetic, clamped, half_up

UNOS = "UNOS original"
OPTN_2016 = "OPTN January 2016"
OPTN_2023 = "OPTN July 2023"
FLOOR = Decimal(1)
SODIUM_COUNTS_OVER = Decimal(11)
YOUNGEST_YEARS = 12
ADULT_YEARS = 18


def meld(
    *,
    bilirubin_mg_dl: Number | None = None,
    inr: Number | None = None,
    creatinine_mg_dl: Number | None = None,
    on_dialysis: bool = False,
) -> Score:
    """Return the original MELD score. Raises ``ScoreRefused`` as every score does."""
    given = read_inputs(
        "MELD", bilirubin_mg_dl=bilirubin_mg_dl, inr=inr, creatinine_mg_dl=creatinine_mg_dl, on_dialysis=on_dialysis
    )
    with arithmetic():
        creatinine, bilirubin, ratio = _logarithms(given, most_creatinine=Decimal(4))
        raw = Decimal("9.57") * creatinine + Decimal("3.78") * bilirubin + Decimal("11.2") * ratio + Decimal("6.43")
        return _score("meld", raw, UNOS)


def meld_na(
    *,
    bilirubin_mg_dl: Number | None = None,
    inr: Number | None = None,
    creatinine_mg_dl: Number | None = None,
    sodium_mmol_l: Number | None = None,
    on_dialysis: bool = False,
) -> Score:
    """Return MELD with sodium as of January 2016; ``unrounded`` is what follows from the rounded MELD(i)."""
    given = read_inputs(
        "MELD-Na",
        bilirubin_mg_dl=bilirubin_mg_dl,
        inr=inr,
        creatinine_mg_dl=creatinine_mg_dl,
        sodium_mmol_l=sodium_mmol_l,
        on_dialysis=on_dialysis,
    )
    with arithmetic():
        creatinine, bilirubin, ratio = _logarithms(given, most_creatinine=Decimal(4))
        tenth = Decimal("0.957") * creatinine + Decimal("0.378") * bilirubin + Decimal("1.120") * ratio
        initial = half_up(tenth + Decimal("0.643"), 1) * 10
        missing = _missing_sodium(given) if initial > SODIUM_COUNTS_OVER else Decimal(0)
        return _score("meld_na", initial + missing * (Decimal("1.32") - Decimal("0.033") * initial), OPTN_2016)


def meld_3(
    *,
    bilirubin_mg_dl: Number | None = None,
    inr: Number | None = None,
    creatinine_mg_dl: Number | None = None,
    sodium_mmol_l: Number | None = None,
    albumin_g_dl: Number | None = None,
    sex: str | None = None,
    age_years: Number | None = None,
    on_dialysis: bool = False,
) -> Score:
    """Return MELD 3.0. Without ``age_years`` it is the score of an adult; under 12 years there is none."""
    given = read_inputs(
        "MELD 3.0",
        bilirubin_mg_dl=bilirubin_mg_dl,
        inr=inr,
        creatinine_mg_dl=creatinine_mg_dl,
        sodium_mmol_l=sodium_mmol_l,
        albumin_g_dl=albumin_g_dl,
        sex=sex,
        on_dialysis=on_dialysis,
        **({} if age_years is None else {"age_years": age_years}),
    )
    age = given.numbers.get("age_years", Decimal(ADULT_YEARS))
    if age < YOUNGEST_YEARS:
        reason = Reason("Under 12 years PELD counts, which is not computed here.", "age", "age_years")
        raise ScoreRefused("MELD 3.0 cannot be computed.", reasons=[reason], field="age_years")
    with arithmetic():
        constant = Decimal("7.33") if age < ADULT_YEARS or given.words["sex"] == "female" else Decimal(6)
        return _score("meld_3", constant + _meld_3_of_blood(given), OPTN_2023)


def _meld_3_of_blood(given: Inputs) -> Decimal:
    creatinine, bilirubin, ratio = _logarithms(given, most_creatinine=Decimal(3))
    sodium = _missing_sodium(given)
    albumin = Decimal("3.5") - clamped(given.numbers["albumin_g_dl"], Decimal("1.5"), Decimal("3.5"))
    return (
        Decimal("4.56") * bilirubin
        + Decimal("0.82") * sodium
        - Decimal("0.24") * sodium * bilirubin
        + Decimal("9.09") * ratio
        + Decimal("11.14") * creatinine
        + Decimal("1.85") * albumin
        - Decimal("1.83") * albumin * creatinine
    )


def _logarithms(given: Inputs, *, most_creatinine: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return the natural logarithms of creatinine, bilirubin and INR as they count."""
    numbers = given.numbers
    creatinine = most_creatinine if given.flags["on_dialysis"] else numbers["creatinine_mg_dl"]
    return (
        clamped(creatinine, FLOOR, most_creatinine).ln(),
        max(numbers["bilirubin_mg_dl"], FLOOR).ln(),
        max(numbers["inr"], FLOOR).ln(),
    )


def _missing_sodium(given: Inputs) -> Decimal:
    return 137 - clamped(given.numbers["sodium_mmol_l"], Decimal(125), Decimal(137))


def _score(name: str, raw: Decimal, revision: str) -> Score:
    return Score(name, clamped(half_up(raw, 0), LEAST_MELD, GREATEST_MELD), raw, revision)
