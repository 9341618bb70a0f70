"""Verifies an exported ledger offline; one file, standard library only, so that an auditor can read all of it."""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

MAX_LINE = 16 * 1024 * 1024
ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
DECODE = json.JSONDecoder(parse_float=str).decode

Form = tuple[str, Callable[[Any], object]]
Point = tuple[int, int, int, int]


def written(pattern: str, value: Any) -> bool:
    """Whether a value is a text of exactly that pattern."""
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


INSTANT = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z"
TIME: Form = ("a time in UTC as the ledger writes it", lambda v: written(INSTANT, v))
TIME_OR_NONE: Form = (TIME[0], lambda v: v is None or written(INSTANT, v))
WHOLE: Form = ("a whole number", lambda v: type(v) is int and v >= 0)
HASH: Form = ("64 hexadecimal digits", lambda v: written(r"[0-9a-f]{64}", v))
SIGNATURE: Form = ("128 hexadecimal digits", lambda v: written(r"[0-9a-f]{128}", v))
KIND: Form = ("of the form noun.verb", lambda v: written(r"[a-z_]+\.[a-z_]+", v))
TEXT: Form = ("text", lambda v: isinstance(v, str))
NAME: Form = ("a name", lambda v: isinstance(v, str) and v)
NAME_OR_NONE: Form = ("a code", lambda v: v is None or (isinstance(v, str) and v))
TEXTS: Form = ("a list of texts", lambda v: isinstance(v, list) and all(isinstance(each, str) for each in v))
OBJECT: Form = ("a JSON object", lambda v: isinstance(v, dict))

FULL = {"body": TEXT, "number": WHOLE, "seal": HASH, "subjects": TEXTS}
WITHHELD = {"body_sha256": HASH, "number": WHOLE, "subjects_sha256": HASH}
BODY = {"at": TIME, "by": NAME, "flags": TEXTS, "item": TEXT, "kind": KIND, "new": OBJECT}
BODY |= {"occurred_at": TIME_OR_NONE, "old": OBJECT, "reason": TEXT, "site": TEXT}
CHECKPOINT = {"at": TIME, "format": TEXT, "number": WHOLE, "public_key": HASH, "seal": HASH}
HEAD = CHECKPOINT | {"count": WHOLE, "full": WHOLE, "subject": NAME_OR_NONE}

# Ed25519 (RFC 8032): the field, the order of the base point, the curve's constant, a square root of -1.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


class Bad(Exception):
    """What was read does not hold; the message says where and why."""


def add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, point: Point) -> Point:
    product = (0, 1, 1, 0)
    while scalar:
        product = add(product, point) if scalar & 1 else product
        point, scalar = add(point, point), scalar >> 1
    return product


def decoded(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None: off the curve, or not the one way of writing it."""
    number = int.from_bytes(data, "little") if len(data) == 32 else P
    sign, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * ROOT % P if (x * x - square) % P else x
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is valid; strict: no second way of writing one, no key of small order."""
    base, key, r = decoded(b"\x58" + b"\x66" * 31), decoded(public_key), decoded(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if base is None or key is None or r is None or s >= L or multiply(8, key)[0] == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    x, y, z, _ = add(multiply(s, base), multiply(k, (P - key[0], key[1], 1, P - key[3])))
    return (x - r[0] * z) % P == 0 == (y - r[1] * z) % P


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(number: int, previous: str, subjects_sha256: str, body_sha256: str) -> str:
    return sha256("\0".join(("ledger-entry-v1", str(number), previous, subjects_sha256, body_sha256)))


def fingerprint(public_key: str) -> str:
    """Return a key's fingerprint in groups of four."""
    return " ".join(re.findall("....", hashlib.sha256(bytes.fromhex(public_key)).hexdigest()))


def need(condition: object, where: str, why: str) -> None:
    """Stop here unless ``condition`` holds."""
    if not condition:
        raise Bad(f"{where}: {why}")


def canonical(raw: bytes, where: str) -> Any:
    """Return the JSON value of a text in canonical form: one way of writing it, so no key twice and no fractions."""
    try:
        value = DECODE(text := raw.decode())
        need(ENCODE(value) == text, where, "is not canonical JSON")
    except (ValueError, RecursionError) as error:
        raise Bad(f"{where}: is not JSON in UTF-8 ({error})") from None
    return value


def check_fields(value: Any, forms: dict[str, Form], where: str) -> None:
    """Hold an object to exactly the expected fields, each of its form."""
    need(isinstance(value, dict), where, "is not a JSON object")
    extra, missing = sorted(value.keys() - forms.keys()), sorted(forms.keys() - value.keys())
    need(not extra, where, f"has a field that does not belong there: {extra!a:.80}")
    need(not missing, where, f"lacks a field: {missing!a:.80}")
    for name, (form, holds) in forms.items():
        need(holds(value[name]), where, f"{name} is not {form}")


def parsed(raw: bytes, where: str) -> Any:
    """Return the JSON value of one line."""
    need(len(raw) <= MAX_LINE, where, f"is longer than {MAX_LINE} bytes")
    need(raw.endswith(b"\n"), where, "the file is cut in the middle of this line")
    return canonical(raw[:-1], where)


def check_signed(line: Any, name: str, forms: dict[str, Form], key: str | None, where: str) -> dict[str, Any]:
    """Return the signed object of a line after proving its form, its key and its signature."""
    check_fields(line, {name: OBJECT, "signature": SIGNATURE}, where)
    inner: dict[str, Any] = line[name]
    check_fields(inner, forms, where)
    expected = f"ledger-{name}-v1"
    need(inner["format"] == expected, where, f"its format is {inner['format']!a:.80}, not {expected}")
    public_key = inner["public_key"]
    need(key in (None, public_key), where, f"it is signed with another key, {fingerprint(public_key)}")
    message = f"{expected}\0{ENCODE(inner)}".encode()
    good = signature_holds(bytes.fromhex(public_key), message, bytes.fromhex(line["signature"]))
    need(good, where, "its signature does not hold: it was changed after signing, or never signed")
    return inner


class Chain:
    """The chain as read so far: its last number and seal, and nothing that grows with the file."""

    def __init__(self, checkpoints: dict[str, dict[str, Any]]) -> None:
        self.number, self.seal, self.full, self.last_full, self.superseded = 0, "0" * 64, 0, 0, dict[str, int]()
        self.seals = {checkpoint["number"]: self.seal for checkpoint in checkpoints.values()}

    def take(self, line: Any, where: str) -> None:
        """Take one entry, full or withheld, as the next."""
        withheld = isinstance(line, dict) and "body_sha256" in line
        check_fields(line, WITHHELD if withheld else FULL, where)
        number, expected = line["number"], self.number + 1
        entry = f"{where}, entry {number}"
        need(number >= expected, entry, f"it stands out of place or twice, where entry {expected} belongs")
        need(number == expected, entry, f"entry {expected} is missing before it")
        if not withheld:
            self.take_text(line, entry)
        self.number, self.seal = number, sealed(number, self.seal, line["subjects_sha256"], line["body_sha256"])
        if not withheld:
            since = "" if self.last_full == number - 1 else f", or one withheld since entry {self.last_full},"
            need(line["seal"] == self.seal, entry, f"its seal does not follow: it{since} was changed")
            self.full, self.last_full = self.full + 1, number
        if number in self.seals:
            self.seals[number] = self.seal

    def take_text(self, line: dict[str, Any], entry: str) -> None:
        """Check an entry's subjects and body, and put their hashes in their place."""
        subjects = line["subjects"]
        need(subjects == sorted(set(subjects)), entry, "its subjects are not sorted, or one stands twice")
        body = canonical(line["body"].encode(), f"{entry}, body")
        check_fields(body, BODY, f"{entry}, body")
        need(body["item"] in ("", *subjects), entry, "its item is not among its subjects")
        line.update(subjects_sha256=sha256(ENCODE(subjects)), body_sha256=sha256(line["body"]))
        given_up = body["new"].get("supersedes") if body["kind"] == "ledger.resumed" else []
        need(TEXTS[1](given_up), entry, "it resumes the record without naming the checkpoints that it supersedes")
        self.superseded |= dict.fromkeys(given_up, line["number"])

    def check_head(self, head: dict[str, Any], where: str) -> None:
        """Hold the signed head to everything read before it."""
        last, count = self.number, head["count"]
        need(count <= last, where, f"the file is cut: of {count} entries, {last + 1} to {count} are missing")
        need(head["number"] == count == last, where, f"it counts {count} up to {head['number']}, the file holds {last}")
        changed = "the chain was rewritten" if self.last_full == last else f"one after {self.last_full} was changed"
        need(head["seal"] == self.seal, where, f"its seal is not that of entry {last}: {changed}")
        need(head["full"] == self.full, where, f"it counts {head['full']} full lines, but the file holds {self.full}")
        need(head["subject"] or self.full == last, where, "it heads a whole export, but lines are withheld")

    def check_checkpoint(self, name: str, checkpoint: dict[str, Any]) -> str:
        """Return how a checkpoint stands to the chain; one that contradicts it is bad."""
        where, number = f"checkpoint {name}", checkpoint["number"]
        if checkpoint["seal"] in self.superseded:
            return f"SUPERSEDED by entry {self.superseded[checkpoint['seal']]}: of entry {number} it knew another"
        need(number <= self.number, where, f"it knows entry {number}, but the export ends at entry {self.number}")
        rewritten = f"entry {number} had another seal when it was published: the chain was rewritten"
        need(self.seals[number] == checkpoint["seal"], where, rewritten)
        return f"matches entry {number}"


def check_withheld(file: BinaryIO, subject: str, resumed: Collection[int]) -> None:
    """Hold one subject's export to it: full lines name it or resume the record, and no withheld one can be its own."""
    own = {sha256(ENCODE([subject]))}
    file.seek(0)
    for count, raw in enumerate(file, start=1):
        line = json.loads(raw)
        if "subjects" in line and line["number"] not in resumed:
            where = f"line {count}, entry {line['number']}"
            need(subject in line["subjects"], where, f"it is shown although it does not name {subject!a:.80}")
            own.add(sha256(ENCODE(line["subjects"])))
    file.seek(0)
    for count, raw in enumerate(file, start=1):
        hidden = json.loads(raw).get("subjects_sha256")
        need(hidden not in own, f"line {count}, entry {count}", f"it is withheld although it names {subject!a:.80}")


def verify(file: BinaryIO, key: str | None, chain: Chain) -> dict[str, Any]:
    """Verify a whole export; return its head."""
    head: dict[str, Any] = {}
    for count, raw in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
        where = f"line {count}"
        need(not head, where, "it stands after the signed head, where nothing may")
        line = parsed(raw, where)
        if isinstance(line, dict) and "head" in line:
            head = check_signed(line, "head", HEAD, key, f"{where}, head")
            chain.check_head(head, f"{where}, head")
        else:
            chain.take(line, where)
    need(head, "end of the file", f"the file is cut: no signed head after entry {chain.number}")
    if head["subject"] is not None:
        check_withheld(file, head["subject"], chain.superseded.values())
    return head


def public_key(path: str) -> str:
    """Return the key in a file as 64 hexadecimal digits; the file holds these, or PEM."""
    text = Path(path).read_bytes().decode("ascii", "replace").strip()
    der = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-----")) + "==")
    key = text.lower() if HASH[1](text.lower()) else der.removeprefix(bytes.fromhex("302a300506032b6570032100")).hex()
    if not HASH[1](key):
        raise argparse.ArgumentTypeError(f"{path} holds no Ed25519 public key; give PEM or 64 hexadecimal digits")
    return key


def summary(path: str, key: str | None, checkpoint_paths: Sequence[str]) -> Iterator[str]:
    """Verify the export in a file; yield the lines that say what was proved."""
    checkpoints, signer = {}, key
    for name in checkpoint_paths:
        where, raw = f"checkpoint {name}", Path(name).read_bytes()
        checkpoints[name] = check_signed(parsed(raw, where), "checkpoint", CHECKPOINT, signer, where)
        signer = checkpoints[name]["public_key"]
    chain = Chain(checkpoints)
    with Path(path).open("rb") as file:
        head = verify(file, signer, chain)
    yield "The export holds: every seal follows from the one before it, none is missing, the bank signed the counts."
    yield f"entries          {chain.number}\nfull lines       {chain.full}"
    yield f"subject          {'all' if head['subject'] is None else format(ascii(head['subject']), '.80')}"
    yield f"exported at      {head['at']}\nhead seal        {chain.seal}"
    yield f"key fingerprint  {fingerprint(head['public_key'])}"
    for number in sorted(set(chain.superseded.values())):
        yield f"RESUMED AT ENTRY {number}: the record goes on without what checkpoints knew; read who signed why"
    for name, checkpoint in checkpoints.items():
        yield f"checkpoint       {name}: {chain.check_checkpoint(name, checkpoint)}"
    if key is None:
        yield "KEY NOT GIVEN: compare this fingerprint with the one printed on a report."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit status 0: all holds; 1: the first fault is named; 2: the command cannot be run so."""
    parser = argparse.ArgumentParser(prog="verify_ledger.py", description="Verify an exported ledger offline.")
    parser.add_argument("file", metavar="FILE", help="the export: JSON lines, the last one the signed head")
    parser.add_argument("--key", type=public_key, metavar="PUBLIC", help="the bank's public key: PEM or hexadecimal")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="a checkpoint; repeatable")
    try:
        given = parser.parse_args(arguments)
        print("\n".join([*summary(given.file, given.key, given.checkpoint)]))
    except Bad as bad:
        print(f"NOT VERIFIED: {bad}", file=sys.stderr)
        return 1
    except OSError as error:
        parser.error(f"{error}; check the path")
    return 0


if __name__ == "__main__":
    sys.exit(main())
