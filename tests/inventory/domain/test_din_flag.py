"""What flags beside a donation number mean."""

import pytest

from inventory.domain.din import read
from inventory.domain.din_flag import meaning_of_flags


@pytest.mark.parametrize(
    ("flags", "meaning"),
    [
        *(("00", ""), ("01", "container 1 of a set"), ("04", "container 4 of a set"), ("15", "container 5 of a set")),
        *(("19", "container 9 of a set"), ("12", "affixed partial label"), ("13", "attached label")),
        *(("14", "not assigned"), ("20", "assigned by the facility"), ("59", "assigned by the facility")),
        *(("60", "check value 0"), ("96", "check value 36"), ("97", "not assigned"), ("A0", "not assigned")),
    ],
)
def test_flags_have_their_meanings(flags, meaning):
    assert meaning_of_flags(flags) == meaning


def test_a_reading_tells_the_meaning_of_its_flags():
    assert read("=G12349865432109").meaning_of_flags == "tube for NAT"
    assert read("=G12349865432109").content == "G12349865432109"
