"""What a record lacks of its checkpoints, as a rule over facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.domain.checkpoint import Checkpoint
from biobank.domain.ledger import LedgerBehindCheckpoint, canonical_json
from biobank.domain.resume import (
    Missing,
    MissingChanged,
    NothingIsMissing,
    Seen,
    SignedByOnePerson,
    check_missing,
    check_two_people,
    what_is_missing,
)

OURS, THEIRS = "a" * 64, "b" * 64
AT = "2026-03-14T12:00:00.000000Z"


def seen(number: int, *, there: str | None = OURS, seal: str = OURS) -> Seen:
    return Seen(f"checkpoint-{number:012}.json", f"{number:064x}", Checkpoint(number, seal, AT, "c" * 64), there)


def missing(*checkpoints: Seen, head: int = 8, superseded: tuple[str, ...] = ()) -> Missing:
    return what_is_missing(head, OURS, checkpoints, superseded=superseded)


@pytest.mark.parametrize(
    ("checkpoints", "gone", "until", "sentence"),
    [
        ([], [], 0, None),
        ([seen(5), seen(8)], [], 8, None),
        ([seen(5), seen(12, there=None, seal=THEIRS)], [12], 5, "Entries 9 to 12 are missing."),
        ([seen(12, there=None), seen(10, there=None)], [10, 12], 0, "Entries 9 to 12 are missing."),
        ([seen(9, there=None)], [9], 0, "Entries 9 to 9 are missing."),
        ([seen(3), seen(6, there=THEIRS)], [6], 3, "Entries 4 to 6 may be others than those that were sealed."),
        (
            [seen(3), seen(6, there=THEIRS), seen(7), seen(11, there=None)],
            [6, 11],
            3,
            "Entries 9 to 11 are missing. Entries 4 to 11 may be others than those that were sealed.",
        ),
    ],
)
def test_what_is_missing_is_what_contradicted_checkpoints_know(
    checkpoints: list[Seen], gone: list[int], until: int, sentence: str | None
) -> None:
    found = missing(*checkpoints)

    assert [each.checkpoint.number for each in found.gone] == gone
    assert found.agrees_until == until
    assert sentence is None or found.sentence == sentence


def test_a_checkpoint_that_an_entry_supersedes_is_gone_past() -> None:
    assert missing(seen(12, there=None, seal=THEIRS), superseded=(THEIRS,)).gone == ()


def test_what_is_signed_names_numbers_files_hashes_and_reason_and_no_instant_of_evaluation() -> None:
    content = missing(seen(5), seen(12, there=None, seal=THEIRS)).content("The disk is lost.")

    assert content == {
        "agrees_until": 5,
        "checkpoints": [
            {"at": AT, "file": "checkpoint-000000000012.json", "number": 12, "seal": THEIRS, "sha256": f"{12:064x}"}
        ],
        "head": {"number": 8, "seal": OURS},
        "missing": {"first": 9, "last": 12},
        "reason": "The disk is lost.",
        "supersedes": [THEIRS],
    }
    assert canonical_json(content)


def test_a_record_that_was_rewritten_but_is_as_long_lacks_no_number() -> None:
    content = missing(seen(6, there=THEIRS)).content("why")

    assert content["missing"] == {}
    assert content["supersedes"] == [OURS]


def test_where_nothing_is_missing_nothing_is_resumed() -> None:
    whole = missing(seen(5))

    with pytest.raises(NothingIsMissing):
        check_missing(whole, shown=whole)


def test_what_was_not_shown_is_not_signed() -> None:
    now = missing(seen(12, there=None))
    shown = replace(now, gone=(replace(now.gone[0], sha256="0" * 64),))

    with pytest.raises(MissingChanged, match="Entries 9 to 12 are missing"):
        check_missing(now, shown=shown)


def test_one_person_does_not_sign_for_two() -> None:
    with pytest.raises(SignedByOnePerson):
        check_two_people("ana", "ana")


def test_every_refusal_has_a_next_step() -> None:
    assert all(each.mend for each in (NothingIsMissing, MissingChanged, SignedByOnePerson, LedgerBehindCheckpoint))


NUMBERS = st.lists(st.integers(0, 30), max_size=12, unique=True)


@given(numbers=NUMBERS, head=st.integers(0, 30), wrong=st.sets(st.integers(0, 30)))
def test_everything_that_contradicts_is_superseded_and_nothing_else(
    numbers: list[int], head: int, wrong: set[int]
) -> None:
    checkpoints = [
        seen(n, there=None if n > head else THEIRS if n in wrong else f"{n:064x}", seal=f"{n:064x}") for n in numbers
    ]

    found = missing(*checkpoints, head=head)

    against = {n for n in numbers if n > head or n in wrong}
    assert {each.checkpoint.number for each in found.gone} == against
    assert found.content("why")["supersedes"] == sorted(f"{n:064x}" for n in against)
    assert all(found.agrees_until < n for n in against) or not against or found.agrees_until == 0
    assert missing(*checkpoints, head=head, superseded=tuple(f"{n:064x}" for n in against)).gone == ()
