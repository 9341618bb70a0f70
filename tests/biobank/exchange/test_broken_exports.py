"""Two hundred and more broken exports, each refused by the one-file verifier for its own reason."""

import pytest

from tests.biobank.exchange.broken_chain import BROKEN_CHAIN
from tests.biobank.exchange.broken_field import BROKEN_FIELD, BROKEN_WITHHELD
from tests.biobank.exchange.broken_form import BROKEN_FORM
from tests.biobank.exchange.broken_subject import BROKEN_SUBJECT
from tests.biobank.exchange.conftest import Verify
from tests.biobank.exchange.damage import Damage
from tests.factories.ledger import Export

# The export is read from a ledger; the plugin lays out a database only where a test is marked so.
pytestmark = pytest.mark.django_db

OF_ALL = [*BROKEN_CHAIN, *BROKEN_FORM, *BROKEN_FIELD]
OF_UNIT = [*BROKEN_SUBJECT, *BROKEN_WITHHELD]
FEWEST = 200


def name_of(damage: Damage) -> str:
    return damage.name


def test_there_are_more_than_two_hundred_and_no_two_are_the_same_file(whole: Export, of_unit: Export) -> None:
    cases = [(damage, whole) for damage in OF_ALL] + [(damage, of_unit) for damage in OF_UNIT]

    files: dict[bytes, list[str]] = {}
    for damage, export in cases:
        files.setdefault(b"".join(damage.spoil(export).lines), []).append(damage.name)

    assert [names for names in files.values() if len(names) > 1] == []
    assert len(files) >= FEWEST
    assert len({damage.name for damage, _ in cases}) == len(cases)
    assert b"".join(whole.lines) not in files
    assert b"".join(of_unit.lines) not in files


@pytest.mark.parametrize("damage", OF_ALL, ids=name_of)
def test_a_broken_export_is_refused_for_its_reason(damage: Damage, whole: Export, verify: Verify) -> None:
    status, said = verify(damage.spoil(whole))

    assert status == 1
    assert said.startswith("NOT VERIFIED: ")
    assert damage.reason in said


@pytest.mark.parametrize("damage", OF_UNIT, ids=name_of)
def test_a_broken_export_of_a_subject_is_refused_for_its_reason(
    damage: Damage, of_unit: Export, verify: Verify
) -> None:
    status, said = verify(damage.spoil(of_unit))

    assert status == 1
    assert said.startswith("NOT VERIFIED: ")
    assert damage.reason in said
