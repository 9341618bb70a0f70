"""What a scan says: structures, pairs, compound messages, and everything that is refused."""

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.din import CharactersRefused, Din, FlagsRefused
from inventory.domain.isbt128 import DataStructure, Isbt128Refused, compound, parse
from inventory.domain.isbt128_kind import KINDS
from inventory.domain.isbt128_refusal import (
    CutShort,
    DateRefused,
    DivisionMissing,
    ForeignCharacters,
    NothingRead,
    NotIsbt128,
    TooLong,
    UnknownStructure,
    WrongCheck,
    WrongContent,
    WrongCount,
    WrongSequence,
)
from inventory.domain.product_code import ProductCode
from tests.inventory.domain.isbt128_examples import EXAMPLES, PUBLISHED, structures

DIN = "=G12349865432100"


def needs_division(structure: DataStructure) -> bool:
    return isinstance(structure.value, ProductCode) and structure.value.needs_division


def test_the_published_compound_message_is_read():
    read = parse(PUBLISHED)

    assert [each.number for each in read] == ["001", "002", "003", "005", "038"]
    assert [each.text for each in read] == [
        "=Z54991712345600",
        "=%T300",
        "=<T0416003",
        "&>0183652359",
        "&,4PL001499Z549917123456A00T041600320181231",
    ]
    assert read[0].value.din == Din("Z549917123456")
    assert read[1].value.message == "tissue, ABO and RhD not specified"
    assert (read[2].value.description_code, read[2].value.division) == ("T0416", "003")
    assert read[3].value == datetime(2018, 12, 31, 23, 59)  # noqa: DTZ001 - a label's time has no zone
    assert read[4].value.country == "PL"
    assert compound(read) == PUBLISHED


@pytest.mark.parametrize(("number", "text"), EXAMPLES.items())
def test_every_data_structure_is_read_alone(number, text):
    (structure,) = parse(text)

    assert (structure.number, structure.text, str(structure), f"{structure}") == (number, text, text, text)
    assert not structure.is_opaque


def test_there_is_an_example_of_every_row_of_the_table():
    assert {kind.number for kind in KINDS.values()} == set(EXAMPLES)


@given(structures)
def test_reading_and_writing_a_structure_gives_it_again(structure):
    assert parse(structure.text) == (structure,)
    assert [each.text for each in parse(structure.text)] == [structure.text]


@given(st.lists(structures.filter(lambda each: not needs_division(each)), min_size=1, max_size=6))
def test_reading_and_writing_a_compound_message_gives_it_again(inner):
    message = compound(inner)

    assert parse(message) == tuple(inner)
    assert compound(parse(message)) == message


@given(structures, structures)
def test_two_symbols_read_as_one_are_two(first, second):
    if any(needs_division(each) for each in (first, second)):
        return

    assert parse(f"{first}{second}") == (first, second)


@given(st.one_of(st.text(max_size=80), st.text(alphabet='=&%<>+,(0123456789ABCabc*"#$\\{', max_size=60)))
def test_any_text_is_read_whole_or_refused_by_name(text):
    try:
        read = "".join(each.text for each in parse(text))
    except Isbt128Refused as refusal:
        read = refusal.mend

    assert read
    assert text.endswith(read) or read.endswith(".")


@given(structures, st.data())
def test_a_structure_cut_anywhere_is_refused_or_is_no_longer_that_structure(structure, data):
    if structure.number in ("029", "030"):
        return
    cut = structure.text[: data.draw(st.integers(0, len(structure.text) - 1))]

    with pytest.raises(Isbt128Refused):
        parse(cut)


@pytest.mark.parametrize("value", [None, "", 5, b"=G12349865432100", [], object()])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(NothingRead):
        parse(value)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (DIN + "\n", ForeignCharacters),
        (DIN + "\r\n", ForeignCharacters),
        ("=>02607\u0663", ForeignCharacters),
        ("=>02607\uff13", ForeignCharacters),
        (f"\u200b{DIN}", ForeignCharacters),
        (" " + DIN, NotIsbt128),
        ("G123498654321", NotIsbt128),
        ("=" + "9" * 4000, TooLong),
        ("=", CutShort),
        ("&", UnknownStructure),
        ("&,", UnknownStructure),
        ("=G1234986543", CutShort),
        ("=<S1295V", CutShort),
        (PUBLISHED[:-1], CutShort),
        ("&#0112345", CutShort),
        ("&#01", CutShort),
        ("&$01", CutShort),
        ("=O12349865432100", CharactersRefused),
        ("=012349865432100", CharactersRefused),
        ("=g12349865432100", CharactersRefused),
        ("=G123498654321O0", FlagsRefused),
        ("=G12349865432178", FlagsRefused),
        ("=G12349865431277", FlagsRefused),
        ("=>026000", DateRefused),
        ("=>026366", DateRefused),
        ("&>0260012400", DateRefused),
        ("=<s1295VA0", Isbt128Refused),
        ("=;a99990000222244445555", WrongContent),
        ("='A99990039a5A", WrongContent),
        ("=]202613", WrongContent),
        ("=$A999917123450302", WrongContent),
        ("&(N000a", WrongContent),
        ("&/cHA999918AB12CD", WrongContent),
        ("&:0234ABCDEFGHIJKLM00", WrongContent),
        ("&:1234ABCDEFGHIJKLM37", WrongCheck),
        ("&:1234ABCDEFGHIJKML" + EXAMPLES["039"][-2:], WrongCheck),
        ("=,00a027", WrongContent),
        ("=#0a20260314", WrongContent),
        ("=#0120260230", DateRefused),
        ("&(N000\u0660", ForeignCharacters),
        (DIN + "&a1234", UnknownStructure),
        (DIN + "=!12", UnknownStructure),
        (DIN + PUBLISHED, UnknownStructure),
        ("=+02000" + DIN + "&;1234", UnknownStructure),
        ("=+02000" + DIN + "&!1", UnknownStructure),
        ("=+02000" + DIN + "=!12", UnknownStructure),
        ("=+01000=+01000" + DIN, UnknownStructure),
        ("=+05", CutShort),
        ("=+0500X" + PUBLISHED[7:], CutShort),
        ("=+00000", WrongCount),
        (PUBLISHED.replace("=+05", "=+04"), WrongCount),
        (PUBLISHED.replace("=+05", "=+06"), WrongCount),
        (PUBLISHED.replace("=+05000", "=+05003"), WrongSequence),
        (DIN + "=<S1295V99", DivisionMissing),
        ("=+02000" + DIN + "=<S1295V99", DivisionMissing),
        ("=+01000=<S1295V99", DivisionMissing),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(text, refusal):
    with pytest.raises(refusal) as refused:
        parse(text)

    assert isinstance(refused.value, Isbt128Refused)


@pytest.mark.parametrize(
    ("text", "number"),
    [("={" + "0" * 18, "011"), ("=[" + "A1" * 9, "015"), ('="' + "9" * 18, "016"), ("&,3" + "1" * 19, "037")],
)
def test_a_retired_structure_is_recognised_wherever_it_stands_and_kept_as_it_was_read(text, number):
    for read in (text, DIN + text, text + DIN, f"=+02000{DIN}{text}", f"=+02000{text}{DIN}"):
        (retired,) = [each for each in parse(read) if each.is_retired]

        assert (retired.number, retired.text, retired.value) == (number, text, retired.content)
        assert not retired.is_opaque


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("={" + "0" * 17, CutShort),
        ("=[" + "0" * 19, UnknownStructure),
        ('="' + "0" * 16 + DIN, WrongContent),
        ("&,3" + "1" * 18, CutShort),
        ("&,3" + "1" * 18 + "=%5100", WrongContent),
    ],
)
def test_a_retired_structure_is_as_long_as_it_was(text, refusal):
    with pytest.raises(refusal):
        parse(text)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("&a1234", "&a"),
        ("&zX y", "&z"),
        ("&;0815", "&;"),
        ("&!1", "&!"),
        ("=!12", "=!"),
        ("&,5abc", "&,5"),
        ("&?=%5100", "&?"),
    ],
)
def test_what_is_national_or_unknown_is_kept_as_it_is_alone(text, identifier):
    (structure,) = parse(text)

    assert structure.is_opaque
    assert (structure.identifier, structure.text, structure.number) == (identifier, text, "")
    assert structure.value == structure.content


@pytest.mark.parametrize("text", ["&a", "&;", "=!", "&,5"])
def test_an_identifier_without_content_is_refused(text):
    with pytest.raises(WrongContent):
        parse(text)


def test_a_product_code_alone_may_leave_its_divisions_to_the_next_scan():
    (structure,) = parse("=<S1295V99")

    assert structure.value.needs_division


def test_divisions_read_together_with_their_product_code_complete_it():
    assert [each.number for each in parse(f"{DIN}=<S1295V99=,AABBCC")] == ["001", "003", "032"]
    assert parse("=,AABBCC")[0].value == ("AA", "BB", "CC")
    assert parse("=,000027")[0].value == ("000027",)
    assert parse("=,AA0027")[0].value == ("AA0027",)


def test_a_defined_sequence_is_taken_where_the_bank_has_its_table_and_the_order_is_kept():
    message = PUBLISHED.replace("=+05000", "=+05003")
    order = ["=", "=%", "=<", "&>", "&,4"]

    assert parse(message, sequences={"003": order}) == parse(PUBLISHED)
    assert compound(parse(PUBLISHED), sequence="003") == message
    with pytest.raises(WrongSequence, match="not in the sequence 003"):
        parse(message, sequences={"003": [*reversed(order)]})
    with pytest.raises(WrongSequence, match="in no table"):
        parse(message, sequences={"004": order})


def test_a_compound_message_holds_one_to_ninety_nine_structures():
    with pytest.raises(WrongCount):
        compound(())
    with pytest.raises(WrongCount):
        compound(parse(DIN) * 100)


def test_nothing_national_is_written_into_a_compound_message():
    with pytest.raises(UnknownStructure):
        compound([*parse(DIN), *parse("&a1")])


@pytest.mark.parametrize("identifier", ["", "=", "x", "xy", "={", "=+", "&", "&,", "=%%"])
def test_no_structure_exists_whose_content_is_wrong(identifier):
    with pytest.raises(Isbt128Refused):
        DataStructure(identifier, "nonsense")


def test_a_very_long_scan_is_refused_without_being_looked_through():
    begun = time.perf_counter()

    for text in ("=" * 5_000_000, "&%999" + "1" * 5_000_000, "=+99000" + "=%5100" * 500_000):
        with pytest.raises(TooLong) as refused:
            parse(text)
        assert len(str(refused.value)) < 500
    assert time.perf_counter() - begun < 1


def test_a_refusal_shows_no_more_than_a_person_reads():
    with pytest.raises(WrongCount) as refused:
        parse("=+99000" + "=%5100" * 300)

    assert len(str(refused.value)) < 500
