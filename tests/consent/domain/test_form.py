from dataclasses import replace

import pytest

from consent.domain.form import (
    Extent,
    FormPeriod,
    FormRefused,
    FormStatus,
    StatementFacts,
    check_draft,
    check_force,
    form_reference,
    is_in_force,
    obstacles_to_draft,
    obstacles_to_force,
)
from tests.factories.donor import COMPANIES, RESEARCH, STORAGE, TREATMENT, USUAL_STATEMENTS, form_facts
from tests.factories.time import NOON, days, hours

FORM = form_facts()
PERIOD = FormPeriod(status=FormStatus.IN_FORCE, valid_from=NOON, valid_until=None, superseded_at=None)


def test_the_usual_form_can_be_drafted():
    assert obstacles_to_draft(FORM, USUAL_STATEMENTS) == []


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (replace(FORM, code="="), ["code"]),
        (replace(FORM, code="C" * 25), ["code"]),
        (replace(FORM, version=""), ["version"]),
        (replace(FORM, language="e/n"), ["language"]),
        (replace(FORM, text_sha256="A" * 64), ["text_sha256"]),
        (replace(FORM, ethics_reference=" "), ["ethics_reference"]),
        (replace(FORM, valid_until=FORM.valid_from), ["valid_until"]),
        (replace(FORM, code="", version="1\n"), ["code", "version"]),
    ],
)
def test_a_malformed_form_is_refused_naming_the_field(form, fields):
    assert [reason.field for reason in obstacles_to_draft(form, USUAL_STATEMENTS)] == fields


def test_a_full_form_asks_for_a_use_and_a_collection_only_one_need_not():
    only = replace(FORM, extent=Extent.COLLECTION_ONLY)

    assert [reason.code for reason in obstacles_to_draft(FORM, [STORAGE])] == ["no-permission"]
    assert obstacles_to_draft(only, [STORAGE]) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (replace(STORAGE, key="Store it"), "the key is"),
        (replace(STORAGE, text=""), "The text is missing"),
        (replace(STORAGE, parameter="x" * 201), "longer than 200"),
        (replace(TREATMENT, duo="DUO:0000043", mandatory=True), "a statement of its own"),
        (replace(RESEARCH, duo="DUO:0000005"), "not a DUO permission or modifier in use"),
        (replace(RESEARCH, duo="DUO:0000007"), "names a Mondo term"),
        (replace(RESEARCH, mondo="MONDO:0005154"), "names a Mondo term"),
        (replace(RESEARCH, duo="DUO:0000007", mondo="MONDO:1"), "not in the table of liver diseases"),
        (replace(COMPANIES, mandatory=False), "must be answered"),
        (replace(RESEARCH, applies_when_refused=True), "only a restriction can follow from a refusal"),
        (replace(COMPANIES, duo="DUO:0000025"), "whole months"),
        (replace(RESEARCH, parameter="12"), "only a modifier"),
    ],
)
def test_a_statement_that_maps_to_no_clear_use_is_refused(statement, says):
    texts = [
        reason.text for reason in obstacles_to_draft(FORM, [RESEARCH, replace(statement, key=statement.key + "2")])
    ]

    assert any(says in text for text in texts)


def test_two_statements_with_one_key_are_refused():
    reasons = obstacles_to_draft(FORM, [RESEARCH, STORAGE, STORAGE])

    assert [reason.code for reason in reasons] == ["repeated"]


def test_the_draft_check_raises_every_reason():
    with pytest.raises(FormRefused) as refusal:
        check_draft(replace(FORM, code=""), [StatementFacts(key="x", text="")])

    assert [reason.code for reason in refusal.value.reasons] == ["malformed", "statement", "no-permission"]


@pytest.mark.parametrize(
    ("period", "in_force"),
    [
        (PERIOD, True),
        (replace(PERIOD, status=FormStatus.DRAFT), False),
        (replace(PERIOD, valid_from=NOON + hours(1)), False),
        (replace(PERIOD, valid_until=NOON), False),
        (replace(PERIOD, valid_until=NOON + hours(1)), True),
        (replace(PERIOD, status=FormStatus.SUPERSEDED, superseded_at=NOON + hours(1)), True),
        (replace(PERIOD, status=FormStatus.SUPERSEDED, superseded_at=NOON), False),
    ],
)
def test_a_form_is_in_force_from_its_beginning_to_just_before_its_end(period, in_force):
    assert is_in_force(period, NOON) is in_force


@pytest.mark.parametrize(
    ("period", "codes"),
    [
        (replace(PERIOD, status=FormStatus.DRAFT), []),
        (PERIOD, ["not-a-draft"]),
        (replace(PERIOD, status=FormStatus.DRAFT, valid_from=NOON - days(2), valid_until=NOON), ["period"]),
    ],
)
def test_only_a_draft_that_is_not_over_is_put_in_force(period, codes):
    assert [reason.code for reason in obstacles_to_force(period, NOON)] == codes
    if codes:
        with pytest.raises(FormRefused):
            check_force(period, NOON)
    else:
        check_force(period, NOON)


def test_a_form_version_is_written_in_one_way():
    assert form_reference("CF-1", "2", "de") == "CF-1/2/de"
