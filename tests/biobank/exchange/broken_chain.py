"""Exports whose entries were edited, moved, taken out or sealed anew."""

from tests.biobank.exchange.damage import STRANGER, Damage, swapped_bodies, with_head_of
from tests.factories.ledger import DONOR, OTHER_UNIT, UNIT, Export, public_hex

NO_FIFTH = [1, 2, 3, 4, *range(6, 14)]

BROKEN_CHAIN = [
    # An entry was edited.
    Damage(
        "edited reason",
        lambda e: e.body_changed(5, reason="Nothing"),
        "line 5, entry 5: its seal does not follow: it was",
    ),
    Damage("edited first", lambda e: e.body_changed(1, reason="Nothing"), "line 1, entry 1: its seal does not follow"),
    Damage(
        "edited last", lambda e: e.body_changed(12, reason="Nothing"), "line 12, entry 12: its seal does not follow"
    ),
    Damage("edited person", lambda e: e.body_changed(5, by="somebody"), "entry 5: its seal does not follow"),
    Damage(
        "edited time",
        lambda e: e.body_changed(5, at="2026-03-14T17:00:00.000001Z"),
        "entry 5: its seal does not follow",
    ),
    Damage("edited place", lambda e: e.body_changed(5, new={"place": "TANK-9"}), "entry 5: its seal does not follow"),
    Damage("other subject", lambda e: e.changed(3, subjects=[OTHER_UNIT]), "entry 3: its seal does not follow"),
    Damage("subject added", lambda e: e.changed(3, subjects=[UNIT, DONOR]), "entry 3: its seal does not follow"),
    Damage("subject removed", lambda e: e.changed(7, subjects=[UNIT]), "entry 7: its seal does not follow"),
    Damage("edited seal", lambda e: e.changed(5, seal="f" * 64), "entry 5: its seal does not follow"),
    Damage("seal of another", lambda e: e.changed(5, seal=e.line(4)["seal"]), "entry 5: its seal does not follow"),
    Damage(
        "capital seal", lambda e: e.changed(5, seal=e.line(5)["seal"].upper()), "line 5: seal is not 64 hexadecimal"
    ),
    Damage(
        "short seal", lambda e: e.changed(5, seal=e.line(5)["seal"][:-1]), "line 5: seal is not 64 hexadecimal digits"
    ),
    Damage(
        "seal with newline", lambda e: e.changed(5, seal=e.line(5)["seal"] + "\n"), "line 5: seal is not 64 hexadecimal"
    ),
    Damage("bodies swapped", lambda e: swapped_bodies(e, 4, 9), "entry 4: its seal does not follow"),
    # Entries were moved, taken out, put in.
    Damage(
        "neighbours swapped",
        lambda e: e.moved([1, 2, 3, 4, 6, 5, *range(7, 14)]),
        "line 5, entry 6: entry 5 is missing",
    ),
    Damage(
        "swapped, renumbered",
        lambda e: e.moved([1, 2, 3, 4, 6, 5, *range(7, 14)]).renumbered(),
        "entry 5: its seal does",
    ),
    Damage("reversed", lambda e: e.moved([*range(12, 0, -1), 13]), "line 1, entry 12: entry 1 is missing before it"),
    Damage("one removed", lambda e: e.moved(NO_FIFTH), "line 5, entry 6: entry 5 is missing before it"),
    Damage("removed, renumbered", lambda e: e.moved(NO_FIFTH).renumbered(), "entry 5: its seal does not"),
    Damage(
        "removed, resealed",
        lambda e: e.moved(NO_FIFTH).renumbered().resealed(),
        "line 12, head: its signature does not hold",
    ),
    Damage(
        "removed, resealed, old head",
        lambda e: with_head_of(e, e.moved(NO_FIFTH).renumbered().resealed()),
        "the file is cut: of 12 entries, 12 to",
    ),
    Damage("cut at the start", lambda e: e.moved(range(3, 14)), "line 1, entry 3: entry 1 is missing before it"),
    Damage(
        "cut at the start, renumbered",
        lambda e: e.moved(range(3, 14)).renumbered(),
        "line 1, entry 1: its seal does not",
    ),
    Damage(
        "cut before the head",
        lambda e: e.moved([*range(1, 11), 13]),
        "the file is cut: of 12 entries, 11 to 12 are missing",
    ),
    Damage("cut at the end", lambda e: e.moved(range(1, 11)), "the file is cut: no signed head after entry 10"),
    Damage(
        "head removed",
        lambda e: e.moved(range(1, 13)),
        "end of the file: the file is cut: no signed head after entry 12",
    ),
    Damage(
        "only the head", lambda e: e.moved([13]), "line 1, head: the file is cut: of 12 entries, 1 to 12 are missing"
    ),
    Damage("empty", lambda e: e.moved([]), "the file is cut: no signed head after entry 0"),
    Damage(
        "doubled", lambda e: e.moved([1, 2, 3, 4, 5, *range(5, 14)]), "line 6, entry 5: it stands out of place or twice"
    ),
    Damage(
        "doubled, renumbered",
        lambda e: e.moved([1, 2, 3, 4, 5, *range(5, 14)]).renumbered(),
        "entry 6: its seal does not",
    ),
    Damage(
        "first doubled at the end",
        lambda e: e.moved([*range(1, 13), 1, 13]),
        "line 13, entry 1: it stands out of place",
    ),
    Damage("two heads", lambda e: e.moved([*range(1, 14), 13]), "line 14: it stands after the signed head"),
    Damage("entry after the head", lambda e: e.moved([*range(1, 14), 12]), "line 14: it stands after the signed head"),
    Damage(
        "twice in one file",
        lambda e: e.moved([*range(1, 14), *range(1, 14)]),
        "line 14: it stands after the signed head",
    ),
    Damage("head first", lambda e: e.moved([13, *range(1, 13)]), "line 1, head: the file is cut: of 12 entries"),
    Damage(
        "empty line at the end", lambda e: Export([*e.lines, b"\n"], e.key), "line 14: it stands after the signed head"
    ),
    Damage("empty line inside", lambda e: Export([*e.lines[:4], b"\n", *e.lines[4:]], e.key), "line 5: is not JSON"),
    # The tail was made good again.
    Damage(
        "edited, resealed",
        lambda e: with_head_of(e, e.body_changed(5, reason="Nothing").resealed()),
        "its seal is not that of entry 12: the chain was rewritten",
    ),
    Damage(
        "edited, head too", lambda e: e.body_changed(5, reason="No").resealed(), "head: its signature does not hold"
    ),
    Damage(
        "signed by a stranger",
        lambda e: e.body_changed(5, reason="No").resealed().signed(STRANGER),
        "signature does not",
    ),
    Damage(
        "stranger's key",
        lambda e: e.signed(STRANGER, public_key=public_hex(STRANGER)),
        "it is signed with another key, ",
    ),
]
