from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.domain.expiry import end_of_consent
from consent.domain.majority import age_of_majority, ages_of_majority, comes_of_age_at
from consent.domain.permitted_use import Standing, Term
from consent.domain.phase import full_consent_due_at
from consent.domain.standing import standing_at
from tests.factories.time import NOON, hours

GIVEN = datetime(2026, 1, 31, 18, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def ts(months):
    return Term("DUO:0000025", parameter=months)


@pytest.mark.parametrize(
    ("own", "form", "terms", "end"),
    [
        (None, None, (), None),
        (NOON, None, (), NOON),
        (None, 1, (), datetime(2026, 3, 1, tzinfo=UTC)),
        (None, None, (ts("1"),), datetime(2026, 3, 1, tzinfo=UTC)),
        (NOON, 240, (ts("12"),), NOON),
        (None, 240, (ts("12"), Term("DUO:0000006")), datetime(2027, 2, 1, tzinfo=UTC)),
        (None, None, (ts("ever"),), None),
        (None, None, (ts("9999"),), datetime(2859, 5, 1, tzinfo=UTC)),
    ],
)
def test_a_consent_ends_with_the_first_of_its_ends_and_the_last_day_counts(own, form, terms, end):
    assert end_of_consent(GIVEN, own_end=own, form_months=form, terms=terms) == end


def test_the_end_of_the_calendar_is_no_end():
    last = datetime(9999, 12, 1, tzinfo=UTC)

    assert end_of_consent(last, own_end=None, form_months=1, terms=()) is None
    assert end_of_consent(last.replace(month=11, day=30), own_end=None, form_months=1, terms=()) is not None
    assert end_of_consent(last.replace(month=11).replace(day=30), own_end=None, form_months=9, terms=()) is None


@pytest.mark.parametrize(
    ("standing", "ends_at", "now"),
    [
        (Standing.ACTIVE, None, Standing.ACTIVE),
        (Standing.ACTIVE, NOON + hours(1), Standing.ACTIVE),
        (Standing.ACTIVE, NOON, Standing.EXPIRED),
        (Standing.WITHDRAWN, NOON, Standing.WITHDRAWN),
    ],
)
def test_the_instant_of_the_end_is_past(standing, ends_at, now):
    assert standing_at(standing, ends_at, NOON) is now


@pytest.mark.parametrize(
    ("born", "country", "of_age"),
    [
        (datetime(2008, 3, 15, 3, tzinfo=UTC), "DE", datetime(2026, 3, 15, tzinfo=UTC)),
        (datetime(2008, 3, 15, 3, tzinfo=UTC), "nz", datetime(2028, 3, 15, tzinfo=UTC)),
        (datetime(2008, 2, 29, tzinfo=UTC), "DE", datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2008, 2, 29, tzinfo=UTC), "NZ", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_one_comes_of_age_with_the_birthday(born, country, of_age):
    assert comes_of_age_at(born, country) == of_age


def test_every_age_is_plausible_and_every_other_country_has_the_usual_one():
    assert all(16 <= years <= 21 for years in ages_of_majority().values())
    assert age_of_majority("XX") == age_of_majority("DE") == 18


@given(born=MOMENTS, country=st.sampled_from(["DE", "NZ", "SG"]))
def test_nobody_comes_of_age_before_as_many_years_or_a_day_after(born, country):
    of_age = comes_of_age_at(born, country)

    assert of_age.year - born.year == age_of_majority(country)
    assert abs(of_age.timetuple().tm_yday - born.timetuple().tm_yday) <= 1


@given(first=MOMENTS, second=MOMENTS)
def test_the_older_never_comes_of_age_later(first, second):
    older, younger = sorted((first, second))

    assert comes_of_age_at(older, "DE") <= comes_of_age_at(younger, "DE")


def test_the_full_consent_is_due_in_the_banks_hours():
    assert full_consent_due_at(NOON, 48) == NOON + hours(48)
