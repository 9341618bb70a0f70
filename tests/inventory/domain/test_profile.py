"""The shipped specification profiles, and what a bank changes of one."""

import csv
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest

from inventory.domain.assay import ASSAYS, ValueKind
from inventory.domain.profile import (
    LONGEST_SOURCE,
    LimitChange,
    Mark,
    MarkedLimit,
    NoSuchProfile,
    Profile,
    Provenance,
    obstacles_to_changes,
    obstacles_to_limits,
    profile_named,
    profiles,
    revised,
    shipped_profiles,
)
from inventory.domain.specification import SUBJECT_OF, Limit, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, Use

CELLS = Limit(Stage.PRE_FREEZE, "tnc", Operator.AT_LEAST, Decimal(500_000_000))
FRESH = Limit(Stage.PRE_FREEZE, "hours_to_freezing", Operator.AT_MOST, Decimal(48))
ALIVE = Limit(Stage.POST_THAW, "cd34_viability_percent", Operator.MORE_THAN, Decimal(70), (), SampleSource.QC_VIAL)
READ = Provenance(Mark.SEEN, "a label")
HOUSE = Profile(
    "house",
    ProductClass.CORD_BLOOD,
    Use.HUMAN_APPLICATION,
    "the bank",
    (MarkedLimit(CELLS, READ), MarkedLimit(FRESH, READ)),
)
MORE = replace(CELLS, limit=Decimal(900_000_000))
VALIDATED = Provenance(Mark.BANK, "VR-12")

# What is published of limits: stage, assay, operator, number or words, measured on, mark.
PUBLISHED = {
    "FDA-like": (
        "pre_freeze tnc at_least 500000000 unit seen",
        "pre_freeze tnc_viability_percent at_least 85 unit general",
        "pre_freeze viable_cd34 at_least 1250000 unit seen",
        "pre_freeze bacterial_culture one_of no_growth unit general",
        "pre_freeze fungal_culture one_of no_growth unit general",
        "pre_freeze hb_screen one_of normal|trait infant general",
        "pre_freeze hla_a recorded - infant general",
        "pre_freeze abo_rh recorded - infant seen",
        "pre_freeze anti_hiv_12 one_of negative mother seen",
        "pre_freeze hbv_nat one_of negative mother general",
        "pre_freeze cmv recorded - mother seen",
        "release hla_identity one_of confirmed attached_segment general",
    ),
    "FACT-like unrelated": (
        "pre_freeze hours_to_freezing at_most 48 unit seen",
        "pre_freeze tnc at_least 500000000 unit general",
        "pre_freeze tnc_recovery_percent at_least 60 unit general",
        "pre_freeze tnc_viability_percent at_least 85 unit general",
        "pre_freeze viable_cd34 at_least 1250000 unit general",
        "pre_freeze cd34_viability_percent at_least 85 unit general",
        "pre_freeze bacterial_culture one_of no_growth unit general",
        "pre_freeze hb_screen one_of normal|trait infant general",
        "post_thaw cd34_viability_percent more_than 70 attached_segment seen",
        "post_thaw cd45_viability_percent more_than 40 attached_segment seen",
        "post_thaw cfu_growth one_of growth attached_segment seen",
        "post_thaw hla_identity one_of confirmed attached_segment seen",
        "release storage_record one_of within unit seen",
    ),
    "FACT-like related": (
        "pre_freeze hours_to_freezing at_most 72 unit general",
        "pre_freeze tnc recorded - unit general",
        "pre_freeze tnc_recovery_percent at_least 60 unit general",
        "pre_freeze tnc_viability_percent at_least 70 unit general",
        "pre_freeze viable_cd34 recorded - unit general",
        "pre_freeze cd34_viability_percent at_least 85 unit general",
        "pre_freeze fungal_culture one_of no_growth|growth_identified unit general",
        "post_thaw cd34_viability_percent more_than 70 attached_segment seen",
    ),
    "UC-MSC-like": (
        "pre_freeze cd73_positive_percent more_than 95 lot seen",
        "pre_freeze cd90_positive_percent more_than 95 lot seen",
        "pre_freeze cd105_positive_percent more_than 95 lot seen",
        "pre_freeze cd11b_positive_percent less_than 2 lot seen",
        "pre_freeze cd19_positive_percent less_than 2 lot seen",
        "pre_freeze cd34_positive_percent less_than 2 lot seen",
        "pre_freeze cd45_positive_percent less_than 2 lot seen",
        "pre_freeze hla_dr_positive_percent less_than 2 lot seen",
        "post_thaw cell_viability_percent more_than 80 qc_vial seen",
        "pre_freeze mycoplasma one_of negative lot seen",
        "release endotoxin_eu_per_kg at_most 5 lot seen",
        "pre_freeze karyotype one_of normal lot seen",
        "post_thaw hgf_secretion recorded - qc_vial design",
    ),
    "MSC-like": (
        "post_thaw cell_viability_percent at_least 70 qc_vial seen",
        "pre_freeze cd105_positive_percent at_least 95 lot seen",
        "pre_freeze cd31_positive_percent at_most 5 lot seen",
    ),
    "ISCT-like MSC": (
        "pre_freeze plastic_adherence one_of adherent lot general",
        "pre_freeze cd73_positive_percent at_least 95 lot general",
        "pre_freeze cd79a_positive_percent at_most 2 lot general",
        "pre_freeze trilineage_differentiation one_of shown lot general",
    ),
    "Amnion epithelial-like": (
        "pre_freeze cell_viability_percent more_than 80 lot general",
        "pre_freeze epcam_positive_percent at_least 80 lot general",
        "pre_freeze cd49f_positive_percent at_least 80 lot general",
        "pre_freeze cd90_positive_percent recorded - lot general",
        "post_thaw epcam_positive_percent recorded - qc_vial seen",
    ),
    "Placenta research-like": (
        "pre_freeze mass_g recorded - unit general",
        "pre_freeze hours_to_processing recorded - unit general",
        "pre_freeze rna_integrity recorded - unit general",
    ),
    "Hepatocyte-like": (
        "post_thaw cell_viability_percent at_least 60 qc_vial seen",
        "pre_freeze cold_ischaemia_minutes at_most 600 source seen",
        "post_thaw plating_efficiency_percent recorded - qc_vial general",
        "post_thaw albumin_secretion recorded - qc_vial design",
        "post_thaw urea_synthesis recorded - qc_vial design",
        "post_thaw cyp3a4_activity recorded - qc_vial design",
    ),
}


def told(marked: MarkedLimit) -> str:
    limit, mark = marked.limit, marked.provenance.mark
    value = "|".join(limit.words) or ("-" if limit.limit is None else f"{limit.limit:f}")
    return f"{limit.stage.value} {limit.assay} {limit.operator.value} {value} {limit.taken_from.value} {mark.value}"


def test_the_profiles_that_a_new_bank_begins_with_cover_cord_blood_and_placenta_once_each() -> None:
    covered = Counter((profile.product_class, profile.use) for profile in profiles())

    assert covered == {
        (ProductClass.CORD_BLOOD, Use.HUMAN_APPLICATION): 1,
        (ProductClass.CORD_BLOOD, Use.LABORATORY): 1,
        (ProductClass.PLACENTA, Use.LABORATORY): 1,
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_profile_holds_what_is_published_with_its_stage_operator_sample_and_mark(name: str) -> None:
    profile = profile_named(name)

    assert set(PUBLISHED[name]) <= {told(each) for each in profile.marked}
    assert profile.source.startswith("after ")


def test_every_profile_besides_the_starters_is_named_after_what_it_is_like() -> None:
    assert {name for name, profile in shipped_profiles().items() if not profile.starter} == set(PUBLISHED)
    assert all("-like" in name for name in PUBLISHED)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_limit_of_a_profile_could_judge_a_value_and_names_its_source(name: str) -> None:
    profile = shipped_profiles()[name]

    assert obstacles_to_limits(profile.limits) == []
    assert all(0 < len(mark.source) <= LONGEST_SOURCE for mark in profile.marks)
    assert not any(mark.mark is Mark.BANK for mark in profile.marks)
    assert len(f"{profile.name}: {profile.source}") <= LONGEST_SOURCE
    for limit in profile.limits:
        assay = ASSAYS[limit.assay]
        assert SUBJECT_OF[limit.taken_from] in assay.subjects
        assert set(limit.words) <= set(assay.codes)
        if limit.operator is not Operator.RECORDED:
            assert (limit.limit is not None) is (assay.kind is ValueKind.NUMBER)
            assert bool(limit.words) is (assay.kind is ValueKind.CODED)


def test_every_line_of_the_file_says_the_same_of_its_profile_as_the_first() -> None:
    text = files("inventory").joinpath("data/specifications.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines()))

    of_profiles = {
        tuple(line[each] for each in ("name", "starter", "product_class", "use", "source")) for line in lines
    }
    of_limits = {tuple(line[each] for each in ("name", "stage", "assay", "taken_from")) for line in lines}

    assert len(of_profiles) == len(shipped_profiles())
    assert len(of_limits) == len(lines) == sum(len(profile.limits) for profile in shipped_profiles().values())
    assert all(line["starter"] in ("yes", "no") and line["mandatory"] in ("yes", "no") for line in lines)


def test_a_name_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(NoSuchProfile, match="No profile “FACT” is shipped"):
        profile_named("FACT")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ((), "no-limit"),
        ((CELLS, CELLS), "twice"),
        ((replace(CELLS, assay="tcn"),), "limit"),
        ((replace(CELLS, limit=None),), "limit"),
        ((replace(CELLS, taken_from=SampleSource.INFANT),), "limit"),
    ],
)
def test_limits_that_could_judge_nothing_or_are_said_twice_are_told(limits: tuple[Limit, ...], code: str) -> None:
    assert [reason.code for reason in obstacles_to_limits(limits)] == [code]


@pytest.mark.parametrize(
    ("changes", "limits", "marks"),
    [
        ((), (CELLS, FRESH), (READ, READ)),
        ((LimitChange(CELLS, MORE, "VR-12"),), (MORE, FRESH), (VALIDATED, READ)),
        ((LimitChange(FRESH),), (CELLS,), (READ,)),
        ((LimitChange(new=ALIVE, source="VR-12"),), (CELLS, FRESH, ALIVE), (READ, READ, VALIDATED)),
        ((LimitChange(CELLS), LimitChange(new=ALIVE, source="VR-12")), (FRESH, ALIVE), (READ, VALIDATED)),
    ],
)
def test_what_is_changed_keeps_its_place_and_is_the_banks_own(
    changes: tuple[LimitChange, ...], limits: tuple[Limit, ...], marks: tuple[Provenance, ...]
) -> None:
    found = revised(HOUSE, changes)

    assert obstacles_to_changes(HOUSE, changes) == []
    assert (found.limits, found.marks) == (limits, marks)
    assert HOUSE.limits == (CELLS, FRESH)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ((LimitChange(),), ["no-change"]),
        ((LimitChange(MORE, CELLS, "VR-12"),), ["not-there"]),
        ((LimitChange(CELLS, MORE),), ["missing"]),
        ((LimitChange(CELLS, MORE, "x" * 201),), ["too-long"]),
        ((LimitChange(CELLS, MORE, "VR-12"), LimitChange(CELLS)), ["twice"]),
    ],
)
def test_a_change_that_cannot_be_made_says_why(changes: tuple[LimitChange, ...], codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_changes(HOUSE, changes)] == codes
