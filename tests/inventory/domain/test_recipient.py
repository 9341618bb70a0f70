"""Recipients."""

import pytest

from inventory.domain.recipient import RecipientRefused, canonical_recipient


@pytest.mark.parametrize("typed", ["PATIENT-7", "patient-7", " Patient-7 "])
def test_one_recipient_has_one_code_however_it_is_typed(typed: str) -> None:
    assert canonical_recipient(typed) == "PATIENT-7"


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "PATIENT\u200b-7", "\u202ePATIENT-7", "Anna Müller", "PATIENT 7", "P\u0130", "P\u017f"),
        *("\u212a-7", "P\x00", "P\n", "P" * 33),
    ],
)
def test_what_is_no_code_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(RecipientRefused) as refused:
        canonical_recipient(typed)

    assert refused.value.field == "recipient"
    assert not typed.strip() or typed not in str(refused.value)
