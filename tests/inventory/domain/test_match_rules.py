"""Which of a unit's results are its typing."""

from dataclasses import replace

from inventory.domain.assay import Qualifier
from inventory.domain.match_rules import typing_texts
from inventory.domain.specification import Measurement, SampleSource

OF_INFANT = Measurement("hla_a", SampleSource.INFANT, verified=True, text="A*01:01+A*02:01")
OF_UNIT = replace(OF_INFANT, taken_from=SampleSource.UNIT, text="A*01:01+A*02:05")


def test_the_infants_typing_is_the_units_unless_the_unit_was_typed_itself() -> None:
    assert typing_texts([OF_INFANT]) == {"hla_a": "A*01:01+A*02:01"}
    assert typing_texts([OF_INFANT, OF_UNIT]) == {"hla_a": "A*01:01+A*02:05"}
    assert typing_texts([OF_INFANT, replace(OF_UNIT, taken_from=SampleSource.ATTACHED_SEGMENT)]) == {
        "hla_a": "A*01:01+A*02:05"
    }


def test_what_is_not_verified_not_a_locus_or_the_mothers_is_no_typing_of_the_unit() -> None:
    others = [
        replace(OF_INFANT, verified=False),
        replace(OF_INFANT, taken_from=SampleSource.MOTHER),
        replace(OF_UNIT, taken_from=SampleSource.SOURCE),
        replace(OF_UNIT, text=""),
        replace(OF_UNIT, assay="hla_identity", text="confirmed"),
        replace(OF_UNIT, assay="abo_rh", text="O pos"),
    ]

    assert typing_texts(others) == {}


def test_a_locus_typed_in_two_ways_as_in_a_pool_is_not_known() -> None:
    other_infant = replace(OF_INFANT, text="A*03:01+A*11:01")

    assert typing_texts([OF_INFANT, other_infant, replace(OF_INFANT, assay="hla_b", text="B*08:01+B*08:01")]) == {
        "hla_b": "B*08:01+B*08:01"
    }


def test_a_locus_typed_of_one_infant_of_a_pool_is_not_the_pools() -> None:
    nobody = replace(OF_INFANT, verified=False, text="", qualifier=Qualifier.NOT_DONE)

    assert typing_texts([OF_INFANT, nobody]) == typing_texts([nobody]) == {}
    assert typing_texts([OF_INFANT, nobody, OF_UNIT]) == {"hla_a": "A*01:01+A*02:05"}
