import csv
from importlib.resources import files

import pytest

from consent.domain.disease import Link, ancestors, diseases, is_known, label, path

LIVER_DISORDER = "MONDO:0005154"
CIRRHOSIS = "MONDO:0005155"


def test_the_shipped_table_has_thirty_six_terms_without_snomed_codes():
    text = files("consent.data").joinpath("liver_disease_terms.csv").read_text("utf-8")

    header = next(csv.reader([text.splitlines()[0]]))

    assert len(diseases()) == 36
    assert not [column for column in header if "snomed" in column]
    assert "197321007" not in text


def test_every_link_joins_two_known_diseases():
    rows = list(csv.DictReader(files("consent.data").joinpath("liver_disease_parents.csv").read_text().splitlines()))

    assert len(rows) == 38
    assert all(is_known(row["child"]) and is_known(row["parent"]) and row["basis"] for row in rows)


def test_no_disease_is_its_own_ancestor():
    parents = {mondo: {link.parent for link in _links_of(mondo)} for mondo in diseases()}

    loops = [mondo for mondo in diseases() if any(path(parent, mondo) is not None for parent in parents[mondo])]

    assert loops == []


@pytest.mark.parametrize("mondo", sorted(set(diseases()) - {LIVER_DISORDER}))
def test_every_disease_is_a_liver_disorder(mondo):
    assert LIVER_DISORDER in ancestors(mondo)


def test_the_path_names_each_link_and_where_it_comes_from():
    links = path("MONDO:0005366", LIVER_DISORDER)

    assert links == (
        Link("MONDO:0005366", "MONDO:0005344", "curated"),
        Link("MONDO:0005344", "MONDO:0006011", "curated"),
        Link("MONDO:0006011", "MONDO:0002251", "seen Mondo edge"),
        Link("MONDO:0002251", LIVER_DISORDER, "seen Mondo edge"),
    )


@pytest.mark.parametrize(
    "trap", ["MONDO:0008867", "MONDO:0013433", "MONDO:0007318", "MONDO:0010200", "MONDO:0009044", "MONDO:0004739"]
)
def test_a_disease_that_the_ontology_keeps_elsewhere_is_reached_by_a_curated_link_that_says_so(trap):
    links = path(trap, LIVER_DISORDER)

    assert links is not None
    assert [link.basis.startswith("curated (NOT so in Mondo") for link in links] == [True]


def test_a_disease_covers_itself_without_a_link_and_is_not_its_own_ancestor():
    assert path(CIRRHOSIS, CIRRHOSIS) == ()
    assert CIRRHOSIS not in ancestors(CIRRHOSIS)


@pytest.mark.parametrize("other", [CIRRHOSIS, "MONDO:0000001", ""])
def test_there_is_no_path_downwards_or_to_an_unknown_disease(other):
    assert path(LIVER_DISORDER, other) is None


def test_a_label_is_the_term_s_or_the_identifier_itself():
    assert label(CIRRHOSIS) == "cirrhosis of liver"
    assert label("MONDO:0000001") == "MONDO:0000001"


def _links_of(mondo):
    return [links[0] for other in diseases() if (links := path(mondo, other))]
