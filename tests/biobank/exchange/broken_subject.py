"""One subject's export, spoilt."""

from tests.biobank.exchange.damage import Damage, hashes_swapped
from tests.factories.ledger import OTHER_UNIT

BROKEN_SUBJECT = [
    Damage(
        "withheld removed", lambda e: e.moved([1, 2, 3, *range(5, 14)]), "line 4, entry 5: entry 4 is missing before it"
    ),
    Damage(
        "withheld doubled", lambda e: e.moved([1, 1, *range(2, 14)]), "line 2, entry 1: it stands out of place or twice"
    ),
    Damage("withheld cut off", lambda e: e.moved(range(2, 14)), "line 1, entry 2: entry 1 is missing before it"),
    Damage(
        "withheld body",
        lambda e: e.changed(4, body_sha256="a" * 64),
        "entry 5: its seal does not follow: it, or one withheld",
    ),
    Damage(
        "withheld subjects",
        lambda e: e.changed(4, subjects_sha256="a" * 64),
        "or one withheld since entry 3, was changed",
    ),
    Damage("hashes swapped", lambda e: hashes_swapped(e, 4), "entry 5: its seal does not follow: it, or one withheld"),
    Damage(
        "hash not hex", lambda e: e.changed(4, body_sha256="z" * 64), "line 4: body_sha256 is not 64 hexadecimal digits"
    ),
    Damage(
        "more in a withheld line",
        lambda e: e.changed(4, seal="a" * 64),
        "line 4: has a field that does not belong there",
    ),
    Damage(
        "withheld swapped",
        lambda e: e.moved([*range(1, 9), 10, 9, *range(11, 14)]),
        "line 9, entry 10: entry 9 is missing",
    ),
    Damage(
        "own entry edited", lambda e: e.body_changed(10, reason="No"), "entry 10: its seal does not follow: it, or one"
    ),
    Damage(
        "own entry removed",
        lambda e: e.moved([*range(1, 10), *range(11, 14)]),
        "entry 11: entry 10 is missing before it",
    ),
    Damage("own entry withheld", lambda e: e.withheld(10), "it counts 7 full lines, but the file holds 6"),
    Damage(
        "own withheld, signed",
        lambda e: e.withheld(10).signed(full=6),
        "line 10, entry 10: it is withheld although it names",
    ),
    Damage(
        "first withheld", lambda e: e.withheld(2).signed(full=6), "line 2, entry 2: it is withheld although it names"
    ),
    Damage(
        "last withheld", lambda e: e.withheld(12).signed(full=6), "line 12, entry 12: it is withheld although it names"
    ),
    Damage(
        "last withheld and changed",
        lambda e: e.withheld(12).changed(12, body_sha256="a" * 64),
        "one after 10 was changed",
    ),
    Damage(
        "for another subject",
        lambda e: e.signed(subject=OTHER_UNIT),
        "line 2, entry 2: it is shown although it does not",
    ),
    Damage("for everybody", lambda e: e.signed(subject=None), "it heads a whole export, but lines are withheld"),
    Damage(
        "own cut before the head",
        lambda e: e.moved([*range(1, 11), 13]),
        "the file is cut: of 12 entries, 11 to 12 are missing",
    ),
    Damage("own head removed", lambda e: e.moved(range(1, 13)), "the file is cut: no signed head after entry 12"),
]
