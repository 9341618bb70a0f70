"""Exports with one field left out or of another form: made from the fields and forms of each kind of line."""

from collections.abc import Callable, Iterator, Mapping

from tests.biobank.exchange.damage import Damage, made_good
from tests.factories.ledger import Export

Spoil = Callable[[Export], Export]

NO_TIME = {
    "none": None,
    "a number": 1773500400,
    "empty": "",
    "a day": "2026-03-14",
    "local": "2026-03-14T14:00:00.000000+01:00",
    "without its zone": "2026-03-14T12:00:00.000000",
    "without microseconds": "2026-03-14T12:00:00Z",
    "with a blank": "2026-03-14 12:00:00.000000Z",
    "in a 13th month": "2026-13-14T12:00:00.000000Z",
    "at 24 o'clock": "2026-03-14T24:00:00.000000Z",
    "of a leap second": "2026-03-14T12:00:60.000000Z",
    "in small letters": "2026-03-14t12:00:00.000000z",
    "in Arabic digits": "٢٠٢٦-03-14T12:00:00.000000Z",
    "with a line end": "2026-03-14T12:00:00.000000Z\n",
}
NO_TEXT = {"none": None, "a number": 5, "a list": ["x"], "an object": {}, "false": False}
NO_OBJECT = {"none": None, "a list": [], "a text": "{}", "a number": 0}
NO_TEXTS = {"none": None, "a text": "late", "an object": {}, "numbers": [1], "none in it": [None], "a list in it": [[]]}
NO_HASH = {"none": None, "empty": "", "too short": "a" * 63, "too long": "a" * 65, "capital": "A" * 64, "a number": 7}
NO_WHOLE = {"none": None, "a text": "5", "negative": -5, "a list": [5], "true": True}

BODY: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "at": ("a time in UTC as the ledger writes it", NO_TIME),
    "by": ("a name", NO_TEXT | {"empty": ""}),
    "flags": ("a list of texts", NO_TEXTS),
    "item": ("text", NO_TEXT),
    "kind": ("of the form noun.verb", NO_TEXT | {"one word": "placed", "capital": "Unit.placed", "three": "a.b.c"}),
    "new": ("a JSON object", NO_OBJECT),
    "occurred_at": ("a time in UTC as the ledger writes it", {k: v for k, v in NO_TIME.items() if v is not None}),
    "old": ("a JSON object", NO_OBJECT),
    "reason": ("text", NO_TEXT),
    "site": ("text", NO_TEXT),
}
FULL: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "body": ("text", NO_TEXT),
    "number": ("a whole number", NO_WHOLE),
    "seal": ("64 hexadecimal digits", NO_HASH),
    "subjects": ("a list of texts", NO_TEXTS),
}
WITHHELD: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "body_sha256": ("64 hexadecimal digits", NO_HASH),
    "number": ("a whole number", NO_WHOLE),
    "subjects_sha256": ("64 hexadecimal digits", NO_HASH),
}
HEAD: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "at": ("a time in UTC as the ledger writes it", NO_TIME),
    "count": ("a whole number", NO_WHOLE),
    "format": ("text", NO_TEXT),
    "full": ("a whole number", NO_WHOLE),
    "number": ("a whole number", NO_WHOLE),
    "public_key": ("64 hexadecimal digits", NO_HASH),
    "seal": ("64 hexadecimal digits", NO_HASH),
    "subject": ("a code", {"empty": "", "a number": 5, "a list": ["x"], "an object": {}}),
}
RESUMED = {"left out": {}, **{name: {"supersedes": value} for name, value in NO_TEXTS.items()}}


def in_line(number: int, field: str, value: object) -> Spoil:
    return lambda export: export.changed(number, **{field: value})


def in_body(field: str, value: object) -> Spoil:
    """Give a body another value, sealed and signed as if the bank had written it so."""
    return lambda export: made_good(export.body_changed(5, **{field: value}))


def out_of_body(field: str) -> Spoil:
    def spoil(export: Export) -> Export:
        return made_good(export.body_without(5, field))

    return spoil


def in_head(field: str, value: object) -> Spoil:
    return lambda export: export.signed(**{field: value})


def out_of_head(field: str) -> Spoil:
    def spoil(export: Export) -> Export:
        head = export.line(13)["head"]
        return export.signed_as({name: value for name, value in head.items() if name != field})

    return spoil


def out_of_line(number: int, field: str) -> Spoil:
    return lambda export: export.without(number, field)


def _of_full() -> Iterator[Damage]:
    for field, (form, values) in FULL.items():
        yield Damage(f"entry without {field}", out_of_line(5, field), f"line 5: lacks a field: ['{field}']")
        for name, value in values.items():
            yield Damage(f"entry's {field} {name}", in_line(5, field, value), f"line 5: {field} is not {form}")


def _of_body() -> Iterator[Damage]:
    for field, (form, values) in BODY.items():
        yield Damage(f"body without {field}", out_of_body(field), f"line 5, entry 5, body: lacks a field: ['{field}']")
        for name, value in values.items():
            reason = f"line 5, entry 5, body: {field} is not {form}"
            yield Damage(f"body's {field} {name}", in_body(field, value), reason)
    for name, new in RESUMED.items():
        reason = "line 5, entry 5: it resumes the record without naming the checkpoints that it supersedes"
        yield Damage(f"resumption's list {name}", resumed(new), reason)


def resumed(new: object) -> Spoil:
    return lambda export: made_good(export.body_changed(5, kind="ledger.resumed", new=new))


def _of_head() -> Iterator[Damage]:
    for field, (form, values) in HEAD.items():
        yield Damage(f"head without {field}", out_of_head(field), f"line 13, head: lacks a field: ['{field}']")
        for name, value in values.items():
            yield Damage(f"head's {field} {name}", in_head(field, value), f"line 13, head: {field} is not {form}")


def _of_withheld() -> Iterator[Damage]:
    for field, (form, values) in WITHHELD.items():
        # Without the hash that tells it apart, a withheld line is read as one that is shown.
        lacks = "has a field that does not" if field == "body_sha256" else f"lacks a field: ['{field}']"
        yield Damage(f"withheld without {field}", out_of_line(4, field), f"line 4: {lacks}")
        for name, value in values.items():
            yield Damage(f"withheld {field} {name}", in_line(4, field, value), f"line 4: {field} is not {form}")


BROKEN_FIELD = [*_of_full(), *_of_body(), *_of_head()]
BROKEN_WITHHELD = [*_of_withheld()]
