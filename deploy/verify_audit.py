"""verify_audit.py EXPORT PUBLIC_KEY [CHECKPOINTS…]: verifies an exported log with Python alone.

EXPORT is from 'petitions audit export', PUBLIC_KEY from 'petitions audit key', CHECKPOINTS: files
of lines kept elsewhere that 'petitions audit checkpoint' printed. Exit 1 names what is wrong."""

import base64
import hashlib
import json
import sys
from pathlib import Path

ENTRY = ["action", "actor", "at", "details", "object", "previous", "seq"]
CHECKPOINT = ["at", "entries", "head", "key", "origin", "signature"]
START, PURPOSE = "0" * 64, b"petitions audit checkpoint\n"
CODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519 (RFC 8032)
D = -121665 * pow(121666, -1, P) % P


def read(line, fields):
    """The object in a line; empty unless it is written exactly as the program writes it."""
    try:
        held = dict(json.loads(line.decode("ascii")))
        return held if CODE.encode(held).encode() == line and list(held) == fields else {}
    except (ValueError, TypeError, RecursionError):
        return {}


def follow(lines, last=0, head=START):
    """For each line its number, its hash, and whether it is the entry that had to come."""
    for number, line in enumerate(lines, last + 1):
        ends = b'"previous":"%s","seq":%d}' % (head.encode(), number)  # sorted, so these come last
        fits = line.endswith(ends) and read(line, ENTRY) != {}
        head = hashlib.sha256(b"\0" + line).hexdigest()
        yield number, head, fits


def point(code):
    """The point (X, Y, Z, T) that 32 bytes stand for, or None."""
    y, odd = int.from_bytes(code, "little") % 2**255, code[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    x = x if x % 2 == odd else P - x
    return None if y >= P or x == P or x * x % P != square else (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p, q=(0, 1, 1, 0)):  # n·p + q
    while n:
        q, p, n = add(q, p) if n % 2 else q, add(p, p), n // 2
    return q


def signed(key, message, signature):
    """Whether the signature is one by the key over the message."""
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    n = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    u, v = times(s, point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))), times(n, a, r)
    return (u[0] * v[2] - v[0] * u[2]) % P == 0 == (u[1] * v[2] - v[1] * u[2]) % P


def agrees(line, key, hashes):
    """Whether a line is a checkpoint by the key, and the log (number: hash) what it says."""
    try:
        held = read(line, CHECKPOINT)
        code = bytes.fromhex(signature := held.pop("signature"))
        said = PURPOSE + CODE.encode(held).encode()
        strict = (held["key"], code.hex()) == (key.hex(), signature)
        return strict and held["head"] == hashes[held["entries"]] and signed(key, said, code)
    except (ValueError, TypeError, LookupError):
        return False


def main(export, public, *files):
    key = base64.b64decode(Path(public).read_text().split("-----")[2])[-32:]
    content = Path(export).read_bytes()
    *entries, end = content[:-1].split(b"\n")
    found = list(follow(entries))
    hashes = {0: START} | {n: head for n, head, _ in found}
    wrong = [f"line {n} is not the entry that had to come" for n, _, fits in found if not fits]
    if not content.endswith(b"\n") or not agrees(end, key, {len(entries): hashes[len(entries)]}):
        wrong.append("the last line is no signed checkpoint of all entries before it")
    for name in files:
        lines = Path(name).read_bytes().removesuffix(b"\n").split(b"\n")
        against = [str(line) for line in lines if not agrees(line, key, hashes)]
        wrong += [f"{name}: no signed checkpoint of this log: {line}" for line in against]
    sys.exit("\n".join(wrong) or print(f"intact: {len(entries)} entries"))


if __name__ == "__main__":
    main(*sys.argv[1:])
