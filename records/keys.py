"""Keys of the office, and what is done with them: encrypting columns, hashing for exact lookup.

columns.key       encrypts, and decrypts what it encrypted
columns-1.key, …  were `columns.key` before, the first one first: they decrypt alone
lookup.key        hashes
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import BadValue, Damaged, KeysMissing, StoreFull
from records.syncing import sync_folder

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
COLUMNS, LOOKUP = "columns.key", "lookup.key"
NAMES = (COLUMNS, LOOKUP)
_OLDER = re.compile(r"columns-([1-9][0-9]*)\.key")


class OlderKey(NamedTuple):
    """A key that `columns.key` once was; `number`: 1 for the first one."""

    number: int
    key: bytes

    @property
    def file(self) -> str:
        return f"columns-{self.number}.key"


@dataclass(frozen=True, slots=True)
class Keys:
    """`columns` encrypts values (AES-256-GCM); `lookup` hashes them (HMAC-SHA-256).

    `older`: keys that values may still be encrypted with, newest first.
    """

    columns: bytes
    lookup: bytes
    older: tuple[OlderKey, ...] = field(default=())

    def __post_init__(self) -> None:
        if any(len(key) != KEY_BYTES for key in (*self.all, self.lookup)):
            raise BadValue(f"a key has {KEY_BYTES} bytes; restore the key files from a backup")

    def __repr__(self) -> str:
        return "Keys(…)"  # never in a log or a traceback

    @property
    def all(self) -> tuple[bytes, ...]:
        """Keys of columns, the present one first."""
        return (self.columns, *(one.key for one in self.older))

    @property
    def names(self) -> tuple[str, ...]:
        """What stands for each of `all` where the key itself must not stand: keyed hashes."""
        return tuple(self.hash("keys.columns", key.hex())[:16] for key in self.all)

    def holds(self, other: Keys) -> bool:
        """Whether these read all that `other` reads, and find what it finds."""
        return self.lookup == other.lookup and set(other.all) <= set(self.all)

    def encrypt(self, purpose: str, text: str) -> bytes:
        """Version byte, nonce, ciphertext; bound to `purpose`, the column's name."""
        return self._sealed(purpose, text.encode())

    def decrypt(self, purpose: str, blob: bytes) -> str:
        """Raises Damaged when the value was changed, moved from another column, or none of the
        keys is the one it was written with."""
        plain = _opened(self.columns, purpose, blob)
        for older in self.older if plain is None else ():
            plain = _opened(older.key, purpose, blob)
            if plain is not None:
                break
        if plain is not None:
            return plain.decode()
        raise Damaged(
            f"{purpose} cannot be decrypted: the value was changed or the key files are not "
            "the ones it was written with; restore both from the same backup, or put the older "
            "key that is missing (columns-1.key, …) back beside columns.key"
        )

    def renewed(self, purpose: str, blob: bytes) -> bytes | None:
        """A value under the present key; None when it is so already. Raises Damaged."""
        if _opened(self.columns, purpose, blob) is not None:
            return None
        return self.encrypt(purpose, self.decrypt(purpose, blob))

    def opening(self, purpose: str, blob: bytes) -> int | None:
        """The place in `all` of the key that opens a value; None when none does."""
        fits = (_opened(key, purpose, blob) is not None for key in self.all)
        return next((place for place, fit in enumerate(fits) if fit), None)

    def _sealed(self, purpose: str, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + _cipher(self.columns).encrypt(nonce, plain, purpose.encode())

    def hash(self, purpose: str, text: str) -> str:
        """A keyed hash, equal for equal texts of one purpose; 64 hexadecimal characters."""
        return hmac.digest(self.lookup, f"{purpose}\x00{text}".encode(), "sha256").hex()


def _opened(key: bytes, purpose: str, blob: bytes) -> bytes | None:
    """What a value holds; None when it was not sealed with this key for this purpose."""
    if blob[:1] != VERSION:
        return None
    nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, body, purpose.encode())
    except (InvalidTag, ValueError):
        return None


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def new_keys() -> Keys:
    """Random keys, kept nowhere."""
    return Keys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


def make_keys(folder: Path) -> Keys:
    """Read the keys of a home, making those that are not there yet. Raises as `read_keys`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        if (folder / name).exists():
            continue
        if name == COLUMNS and older_files(folder):
            break  # a new one would open nothing: reading says that it is missing
        key = secrets.token_bytes(KEY_BYTES)
        # Where another process is first, its key stays.
        with _passing(folder, name, key) as passing, suppress(FileExistsError):
            os.link(passing, folder / name)
    return read_keys(folder)


def read_keys(folder: Path) -> Keys:
    """The keys of a home. Raises KeysMissing, and BadValue naming a file that is no key."""
    older = sorted(older_files(folder).items(), reverse=True)
    try:
        columns, lookup = (_read(folder / name) for name in NAMES)
        read = tuple(OlderKey(number, _read(path)) for number, path in older)
    except FileNotFoundError as error:
        if older:
            raise KeysMissing(
                f"{error.filename} is missing, though older keys are there: restore it"
            ) from error
        raise KeysMissing(
            f"no keys in {folder}: run 'petitions init' for a new office, or restore the folder"
        ) from error
    # A renewal that was killed leaves the present key as its own elder.
    return Keys(columns, lookup, tuple(one for one in read if one.key != columns))


def older_files(folder: Path) -> dict[int, Path]:
    """Files of keys that only decrypt, by their numbers."""
    found = ((_OLDER.fullmatch(path.name), path) for path in folder.glob("columns-*.key"))
    return {int(match[1]): path for match, path in found if match}


def change_key(folder: Path) -> Keys:
    """Make a new `columns.key`; the present one becomes the next older one.

    Wherever it is broken off, the keys that are there read all values. Raises BadValue where the
    files can't be changed from here, StoreFull.
    """
    for left in folder.glob(f".{COLUMNS}.*"):
        left.unlink()
    keys, there = read_keys(folder), older_files(folder)
    number = next((n for n, path in there.items() if _read(path) == keys.columns), 0)
    elder = folder / OlderKey(number or max(there, default=0) + 1, keys.columns).file
    made = False
    try:
        with _passing(folder, COLUMNS, secrets.token_bytes(KEY_BYTES)) as coming:
            if not number:
                put_key(elder, keys.columns)
                made = True
            coming.rename(folder / COLUMNS)
            sync_folder(folder)
    except OSError as error:
        if made:
            elder.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"no room left in {folder}: free space and try again") from error
        raise BadValue(
            f"{folder / COLUMNS} can't be replaced from here ({error.strerror}): where keys are "
            f"handed in, name the present one {elder.name}, put {KEY_BYTES} new random bytes in "
            "its place, hand both in and run 'petitions keys renew' again (deploy/README.md)"
        ) from error
    return read_keys(folder)


def put_key(path: Path, key: bytes) -> None:
    """Write a key file, whole or not at all, in place of one that is there."""
    with _passing(path.parent, path.name, key) as passing:
        passing.rename(path)
    sync_folder(path.parent)


@contextmanager
def _passing(folder: Path, name: str, key: bytes) -> Iterator[Path]:
    """A file that is on the disk, to be linked or renamed; gone at the end if it is still there."""
    path = folder / f".{name}.{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise BadValue(
            f"{path} has {len(key)} bytes, a key has {KEY_BYTES} bytes; restore the file from "
            "where keys are kept"
        )
    return key


def normal_number(text: str) -> str:
    """An identity number as it is compared: half width, no blanks or hyphens, capitals."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def normal_phone(text: str) -> str:
    """A phone number as it is compared: its digits, without the country's code."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdigit())
    digits = digits.removeprefix("00")
    return digits.removeprefix("86") if len(digits) == 13 and digits.startswith("86") else digits


def normal_text(text: str) -> str:
    """A name or an address as it is compared: half width, small letters, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())
