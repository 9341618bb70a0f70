"""The database lets nobody falsify the ledger; without its guards it goes through, and the proof names it."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject
from biobank.queries.ledger import head
from biobank.queries.proof import chain_findings
from biobank.services.guard import (
    drop_guards,
    install_guards,
)
from tests.factories.ledger import UNIT, eleven_entries
from tests.factories.person import the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> None:
    eleven_entries(by=the_system())


@pytest.fixture
def unguarded() -> Iterator[None]:
    drop_guards(connection)
    yield
    install_guards(connection)


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# Each is a way to falsify the ledger, and what the proof says of it where no guard stood in the way.
ATTACKS: dict[str, tuple[str, str]] = {
    "body changed": ("UPDATE biobank_ledgerentry SET body = '{}' WHERE number = 5", "entry 5: Its body was changed."),
    "subjects changed": (
        "UPDATE biobank_ledgerentry SET subjects = '[]' WHERE number = 5",
        "entry 5: Its subjects were changed.",
    ),
    "time column changed": (
        "UPDATE biobank_ledgerentry SET at = '2020-01-01 00:00:00+00:00' WHERE number = 5",
        "entry 5: Its columns say something else than its body.",
    ),
    "kind column changed": (
        "UPDATE biobank_ledgerentry SET kind = 'unit.lost' WHERE number = 5",
        "entry 5: Its columns say something else than its body.",
    ),
    "seal changed": (
        "UPDATE biobank_ledgerentry SET seal = 'a' WHERE number = 5",
        "entry 5: Its seal was not made of what stands there.",
    ),
    "link changed": (
        "UPDATE biobank_ledgersubject SET code = 'X' WHERE entry_id = 5",
        "entry 5: Its links name other subjects than it does.",
    ),
    "link deleted": (
        "DELETE FROM biobank_ledgersubject WHERE entry_id = 5",
        "entry 5: Its links name other subjects than it does.",
    ),
    "everything deleted": (
        "DELETE FROM biobank_ledgersubject WHERE entry_id > 0",
        "entry 5: Its links name other subjects than it does.",
    ),
    "head set back": (
        "UPDATE biobank_ledgerhead SET number = 5, seal = (SELECT seal FROM biobank_ledgerentry WHERE number = 5)",
        "entry 12: It stands after the head.",
    ),
    "head set ahead": ("UPDATE biobank_ledgerhead SET number = 99", "entry 99: The head states entry 99, but"),
    "head deleted": ("DELETE FROM biobank_ledgerhead", "entry 12: It stands after the head."),
    "previous seal changed": (
        "UPDATE biobank_ledgerentry SET previous = 'x' WHERE number = 7",
        "entry 7: It does not seal the entry before it.",
    ),
}


@pytest.mark.parametrize("statement", [attack[0] for attack in ATTACKS.values()], ids=ATTACKS)
def test_a_statement_that_falsifies_the_ledger_is_refused(statement: str, ledger: None) -> None:
    with pytest.raises(IntegrityError):
        run(statement)

    assert not list(chain_findings())


@pytest.mark.parametrize(("statement", "finding"), ATTACKS.values(), ids=ATTACKS)
def test_without_guards_the_falsification_goes_through_and_the_proof_names_it(
    statement: str, finding: str, ledger: None, unguarded: None
) -> None:
    run(statement)

    assert any(str(found).startswith(finding) for found in chain_findings())


def test_an_entry_cannot_be_removed(ledger: None) -> None:
    with pytest.raises(IntegrityError, match="Nothing is deleted from biobank_ledgerentry"), transaction.atomic():
        LedgerEntry.objects.filter(number=12)._raw_delete("default")

    assert LedgerEntry.objects.count() == 12


def test_without_guards_a_removed_entry_leaves_a_gap_that_the_proof_names(ledger: None, unguarded: None) -> None:
    LedgerSubject.objects.filter(entry_id=5)._raw_delete("default")
    LedgerEntry.objects.filter(number=5)._raw_delete("default")

    findings = [str(finding) for finding in chain_findings()]

    assert "entry 6: Before it, everything since entry 4 is missing." in findings


def test_an_entry_that_leaves_a_gap_is_refused(ledger: None) -> None:
    with pytest.raises(IntegrityError, match="takes the next number"), transaction.atomic():
        forged(14, previous=head().seal)

    assert LedgerEntry.objects.count() == 12


def test_an_entry_that_does_not_seal_the_one_before_is_refused(ledger: None) -> None:
    with pytest.raises(IntegrityError, match="takes the next number"), transaction.atomic():
        forged(13, previous="a" * 64)


def test_without_guards_an_entry_slipped_in_behind_the_head_is_found(ledger: None, unguarded: None) -> None:
    forged(13, previous="a" * 64)

    assert [str(finding) for finding in chain_findings()] == ["entry 13: It stands after the head."]


def test_the_head_moves_on_with_the_next_entry(ledger: None) -> None:
    before = head().number

    eleven_entries(by=the_system())

    assert LedgerHead.objects.get().number == before + 11
    assert not list(chain_findings())


def forged(number: int, *, previous: str) -> None:
    LedgerEntry.objects.create(
        number=number,
        at=NOON + hours(99),
        kind="unit.lost",
        by=the_system(),
        subjects=f'["{UNIT}"]',
        body="{}",
        subjects_sha256="a" * 64,
        body_sha256="b" * 64,
        previous=previous,
        seal=f"{number:064}",
    )
