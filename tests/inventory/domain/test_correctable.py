from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from inventory.domain.correctable import DECIDED, FACTS, FactKind, RestingVerdict, read_value, written

EVERY = sorted(FACTS)


def fact(noun, field):
    return FACTS[noun, field]


@pytest.mark.parametrize(
    ("noun", "field", "typed", "value"),
    [
        ("donation", "collected_at", "2026-03-01T10:00:00+01:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("donation", "gestational_age_days", " 280 ", Decimal(280)),
        ("donation", "clamp_seconds", "", None),
        ("donation", "delivery", "caesarean", "caesarean"),
        ("donation", "source", "DNR-7F3K9QXM/2", "DNR-7F3K9QXM/2"),
        ("unit", "volume_ml", "94.50", Decimal("94.50")),
        ("processing", "additives", '["DMSO 10 %"]', '["DMSO 10 %"]'),
        ("shipment", "warmest_celsius", "-182.4", Decimal("-182.4")),
        ("request", "needed_by", " 2026-04-14", date(2026, 4, 14)),
        ("request", "recipient_typing", "{}", "{}"),
        ("outcome", "values", '{"inr": "1.6"}', '{"inr": "1.6"}'),
        ("batch_use", "batch", "BAT-1", "BAT-1"),
        ("recovery", "cold_ended_at", "", None),
    ],
)
def test_a_value_is_read_as_its_fact_is_kept(noun, field, typed, value):
    assert read_value(fact(noun, field), typed) == (value, [])


@pytest.mark.parametrize(
    ("noun", "field", "typed", "code"),
    [
        ("donation", "collected_at", "", "missing"),
        ("donation", "collected_at", "yesterday", "instant"),
        ("donation", "collected_at", "2026-03-01T10:00:00", "instant"),
        ("donation", "gestational_age_days", "153", "range"),
        ("donation", "gestational_age_days", "309", "range"),
        ("donation", "gestational_age_days", "280.5", "range"),
        ("donation", "gestational_age_days", "1_80", "range"),
        ("donation", "gestational_age_days", "２80", "range"),
        ("donation", "clamp_seconds", "NaN", "range"),
        ("donation", "clamp_seconds", "-1", "range"),
        ("donation", "delivery", "by stork", "word"),
        ("donation", "source", "DNR-7F3K9QXM", "source"),
        ("unit", "volume_ml", "0", "range"),
        ("unit", "volume_ml", "95.001", "range"),
        ("unit", "volume_ml", "1e2", "range"),
        ("processing", "method", "x" * 33, "too-long"),
        ("processing", "method", "He\u200bS", "unreadable"),
        ("processing", "additives", "DMSO", "shape"),
        ("processing", "additives", "[1]", "shape"),
        ("processing", "additives", "[" * 1500, "shape"),
        ("receipt", "findings", '["warm"]', "shape"),
        ("request", "needed_by", "", "missing"),
        ("request", "needed_by", "2026-W15-2", "day"),
        ("request", "needed_by", "2026-04-31", "day"),
        ("request", "needed_by", "２026-04-14", "day"),
        ("request", "recipient_typing", "", "missing"),
        ("request", "recipient_typing", '["A*01:01"]', "shape"),
        ("outcome", "values", '{"inr": 1.6}', "shape"),
        ("outcome", "values", '{"inr": "1\u200b6"}', "unreadable"),
        ("outcome", "values", "NaN", "shape"),
        ("outcome", "kind", "autopsy", "word"),
        ("donation", "collector", "x" * 65, "too-long"),
        ("lineage", "taken_ml", "", "missing"),
        ("request", "weight_kg", "0.2", "range"),
        ("request", "weight_kg", "401", "range"),
        ("sample", "role", "blood", "word"),
        ("infant", "sex", "boy", "word"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused_with_what_is_allowed(noun, field, typed, code):
    value, reasons = read_value(fact(noun, field), typed)

    assert [reason.code for reason in reasons] == [code]
    assert reasons[0].field == field
    assert value is None or isinstance(value, str)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Decimal("95.00"), "95"),
        (Decimal("1.1E+9"), "1100000000"),
        (275, "275"),
        ("caesarean", "caesarean"),
        (["DMSO"], '["DMSO"]'),
        ({"inr": "1.6", "alt": "2"}, '{"alt": "2", "inr": "1.6"}'),
        (date(2026, 4, 14), "2026-04-14"),
        (datetime(2026, 3, 1, 9, tzinfo=UTC), "2026-03-01T09:00:00.000000Z"),
    ],
)
def test_equal_values_have_one_text(value, text):
    assert written(value) == text


@pytest.mark.parametrize("key", EVERY)
def test_every_number_has_a_range_and_every_word_its_words(key):
    fact = FACTS[key]

    assert (fact.kind in (FactKind.WHOLE, FactKind.DECIMAL)) == (fact.low < fact.high)
    assert (fact.kind is FactKind.WORD) == bool(fact.words)
    assert fact.kind is not FactKind.TEXT or fact.longest


def test_eligibility_rests_on_whose_a_donation_is_when_and_where_it_was_collected_and_when_the_infant_died():
    resting = {key for key, fact in FACTS.items() if RestingVerdict.ELIGIBILITY in fact.rests}

    assert resting == {
        *(("donation", "source"), ("donation", "collected_at"), ("donation", "collection_site")),
        ("recovery", "died_at"),
    }


def test_a_report_of_a_site_is_no_verdict_of_the_bank():
    reports = {key for key, fact in FACTS.items() if not fact.rests <= DECIDED}

    assert reports == {("outcome", "kind"), ("outcome", "outcome_date"), ("outcome", "values")}
    assert all(not FACTS[key].rests & DECIDED for key in reports)
