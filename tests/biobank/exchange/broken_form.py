"""Exports that are not written as the bank writes them, or whose head was forged."""

from biobank.exchange import verify_ledger
from tests.biobank.exchange.damage import (
    Damage,
    checkpoint_of,
    disordered,
    doubled_key,
    flipped,
    flipped_hex,
    head_edited,
    made_good,
    plus_order,
    replaced,
    spaced_body,
)
from tests.factories.ledger import DONOR, OTHER_UNIT, UNIT, Export

LOCAL_TIME = "2026-03-14T13:00:00+01:00"

BROKEN_FORM = [
    # Numbers.
    Damage("far number", lambda e: e.changed(5, number=99), "line 5, entry 99: entry 5 is missing before it"),
    Damage("number nought", lambda e: e.changed(1, number=0), "line 1, entry 0: it stands out of place"),
    Damage("number true", lambda e: e.changed(1, number=True), "line 1: number is not a whole number"),
    Damage(
        "number with fraction",
        lambda e: replaced(e, 5, b'"number":5', b'"number":5.0'),
        "line 5: is not canonical JSON",
    ),
    Damage(
        "number with exponent",
        lambda e: replaced(e, 5, b'"number":5', b'"number":5e0'),
        "line 5: is not canonical JSON",
    ),
    Damage(
        "endless number", lambda e: replaced(e, 5, b'"number":5', b'"number":' + b"5" * 5000), "line 5: is not JSON"
    ),
    # Bits flipped on the way.
    Damage("bit in a body", lambda e: flipped(e, 5, b"Step", 0), "entry 5: its seal does not follow"),
    Damage(
        "bit in a key",
        lambda e: flipped(e, 5, b"number", 0),
        "line 5: has a field that does not belong there: ['oumber']",
    ),
    Damage("bit in the signature", lambda e: flipped_hex(e, "signature"), "head: its signature does not hold"),
    Damage("high bit", lambda e: replaced(e, 5, b"Step", b"\xd3tep"), "line 5: is not JSON in UTF-8"),
    Damage("nul byte", lambda e: replaced(e, 5, b"Step", b"St\x00p"), "line 5: is not JSON in UTF-8"),
    Damage("lone surrogate", lambda e: replaced(e, 5, b"Step", b"\\ud800"), "line 5: "),
    # The head was forged or mistaken.
    Damage(
        "head's time", lambda e: head_edited(e, at="2027-03-14T12:00:00.000000Z"), "head: its signature does not hold"
    ),
    Damage("head's count", lambda e: head_edited(e, count=11), "head: its signature does not hold"),
    Damage("other signature", lambda e: e.changed(13, signature="0" * 128), "head: its signature does not hold"),
    Damage(
        "malleated signature", lambda e: e.changed(13, signature=plus_order(e)), "head: its signature does not hold"
    ),
    Damage(
        "capital signature", lambda e: e.changed(13, signature="A" * 128), "signature is not 128 hexadecimal digits"
    ),
    Damage("short signature", lambda e: e.changed(13, signature="a" * 126), "signature is not 128 hexadecimal digits"),
    Damage("no signature", lambda e: e.without(13, "signature"), "line 13, head: lacks a field: ['signature']"),
    Damage(
        "more beside the head",
        lambda e: e.changed(13, note="x"),
        "line 13, head: has a field that does not belong there",
    ),
    Damage("more in the head", lambda e: e.signed(note="x"), "head: has a field that does not belong there: ['note']"),
    Damage("another format", lambda e: e.signed(format="ledger-head-v2"), "head: its format is 'ledger-head-v2', not"),
    Damage("count signed low", lambda e: e.signed(count=11, number=11), "it counts 11 up to 11, the file holds 12"),
    Damage("count signed high", lambda e: e.signed(count=13, number=13), "of 13 entries, 13 to 13 are missing"),
    Damage("number signed low", lambda e: e.signed(number=11), "it counts 12 up to 11, the file holds 12"),
    Damage("full signed low", lambda e: e.signed(full=11), "it counts 11 full lines, but the file holds 12"),
    Damage(
        "seal signed wrong",
        lambda e: e.signed(seal="a" * 64),
        "its seal is not that of entry 12: the chain was rewritten",
    ),
    Damage("time signed local", lambda e: e.signed(at=LOCAL_TIME), "head: at is not a time in UTC"),
    Damage(
        "subject signed", lambda e: e.signed(subject=UNIT), "line 1, entry 1: it is shown although it does not name"
    ),
    Damage("head is a list", lambda e: e.changed(13, head=[]), "head: head is not a JSON object"),
    Damage(
        "a checkpoint as head",
        lambda e: e.with_bytes(13, checkpoint_of(e, 12)),
        "has a field that does not belong there",
    ),
    # Fields and forms of an entry.
    Damage(
        "more in an entry", lambda e: e.changed(5, note="x"), "line 5: has a field that does not belong there: ['note']"
    ),
    Damage(
        "empty object", lambda e: e.with_line(5, {}), "line 5: lacks a field: ['body', 'number', 'seal', 'subjects']"
    ),
    Damage("a list", lambda e: e.with_line(5, [1]), "line 5: is not a JSON object"),
    Damage("a word", lambda e: e.with_line(5, "entry"), "line 5: is not a JSON object"),
    Damage("subjects a text", lambda e: e.changed(5, subjects=UNIT), "line 5: subjects is not a list of texts"),
    Damage(
        "subjects unsorted",
        lambda e: made_good(e.changed(7, subjects=[DONOR, UNIT])),
        "entry 7: its subjects are not sorted",
    ),
    Damage(
        "subject twice",
        lambda e: made_good(e.changed(3, subjects=[UNIT, UNIT])),
        "entry 3: its subjects are not sorted",
    ),
    Damage("body an object", lambda e: e.changed(5, body={"at": 1}), "line 5: body is not text"),
    # Bodies that even the bank could not have written.
    Damage("body no JSON", lambda e: made_good(e.changed(5, body="{")), "entry 5, body: is not JSON"),
    Damage("body a list", lambda e: made_good(e.changed(5, body="[]")), "entry 5, body: is not a JSON object"),
    Damage("body with spaces", lambda e: made_good(spaced_body(e, 5)), "entry 5, body: is not canonical JSON"),
    Damage("body key twice", lambda e: made_good(doubled_key(e, 5)), "entry 5, body: is not canonical JSON"),
    Damage("body with fraction", lambda e: made_good(e.body_changed(5, new={"x": 0.5})), "body: is not canonical JSON"),
    Damage("body too deep", lambda e: made_good(e.changed(5, body="[" * 10**5)), "entry 5, body: is not JSON"),
    Damage(
        "more in a body",
        lambda e: made_good(e.body_changed(5, note="x")),
        "body: has a field that does not belong there",
    ),
    Damage(
        "body's kind", lambda e: made_good(e.body_changed(5, kind="Placed")), "body: kind is not of the form noun.verb"
    ),
    Damage(
        "body's claim", lambda e: made_good(e.body_changed(5, occurred_at="soon")), "body: occurred_at is not a time"
    ),
    Damage(
        "body's item", lambda e: made_good(e.body_changed(5, item=OTHER_UNIT)), "its item is not among its subjects"
    ),
    # Not the bytes that the bank wrote.
    Damage("keys in another order", lambda e: e.with_bytes(5, disordered(e, 5)), "line 5: is not canonical JSON"),
    Damage("a space", lambda e: replaced(e, 5, b'"number":', b'"number": '), "line 5: is not canonical JSON"),
    Damage("escaped letters", lambda e: replaced(e, 5, "ï".encode(), b"\\u00ef"), "line 5: is not canonical JSON"),
    Damage(
        "key twice", lambda e: replaced(e, 5, b'"number":5', b'"number":5,"number":5'), "line 5: is not canonical JSON"
    ),
    Damage(
        "windows line ends",
        lambda e: Export([x[:-1] + b"\r\n" for x in e.lines], e.key),
        "line 1: is not canonical JSON",
    ),
    Damage("byte order mark", lambda e: e.with_bytes(1, b"\xef\xbb\xbf" + e.lines[0]), "line 1: is not JSON"),
    Damage("utf-16", lambda e: e.with_bytes(1, e.lines[0].decode().encode("utf-16")), "line 1: "),
    Damage("not a number", lambda e: replaced(e, 5, b'"number":5', b'"number":NaN'), "line 5: is not JSON"),
    Damage("too deep", lambda e: e.with_bytes(5, b"[" * 100_000 + b"\n"), "line 5: is not JSON"),
    Damage(
        "too long", lambda e: e.with_bytes(5, b'"' + b"x" * verify_ledger.MAX_LINE + b'"\n'), "line 5: is longer than"
    ),
    Damage(
        "cut in an entry",
        lambda e: Export([*e.lines[:4], e.lines[4][:50]], e.key),
        "line 5: the file is cut in the middle",
    ),
    Damage(
        "cut in the head", lambda e: Export([*e.lines[:12], e.lines[12][:50]], e.key), "line 13: the file is cut in the"
    ),
    Damage(
        "no last line end",
        lambda e: Export([*e.lines[:12], e.lines[12][:-1]], e.key),
        "line 13: the file is cut in the",
    ),
    Damage("half a line inside", lambda e: e.with_bytes(5, e.lines[4][:50] + b"\n"), "line 5: is not JSON"),
    Damage("two lines joined", lambda e: e.with_bytes(5, e.lines[4][:-1] + e.lines[5]), "line 5: is not JSON"),
    # What the whole export may not withhold.
    Damage("withheld", lambda e: e.withheld(5), "it counts 12 full lines, but the file holds 11"),
    Damage(
        "withheld and signed",
        lambda e: e.withheld(5).signed(full=11),
        "it heads a whole export, but lines are withheld",
    ),
]
