"""Keys of the office, and what is done with them: encrypting columns, hashing for exact lookup."""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import BadValue, Damaged, KeysMissing

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
NAMES = ("columns", "lookup")


@dataclass(frozen=True, slots=True)
class Keys:
    """`columns` encrypts values (AES-256-GCM); `lookup` hashes them (HMAC-SHA-256)."""

    columns: bytes
    lookup: bytes

    def __post_init__(self) -> None:
        if len(self.columns) != KEY_BYTES or len(self.lookup) != KEY_BYTES:
            raise BadValue(f"a key has {KEY_BYTES} bytes; restore the key files from a backup")

    def __repr__(self) -> str:
        return "Keys(…)"  # never in a log or a traceback

    def encrypt(self, purpose: str, text: str) -> bytes:
        """Version byte, nonce, ciphertext; bound to `purpose`, the column's name."""
        nonce = os.urandom(NONCE_BYTES)
        return (
            VERSION + nonce + _cipher(self.columns).encrypt(nonce, text.encode(), purpose.encode())
        )

    def decrypt(self, purpose: str, blob: bytes) -> str:
        """Raises Damaged when the value was changed, moved from another column, or the key is
        another one."""
        nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        try:
            if blob[:1] != VERSION:
                raise InvalidTag
            return _cipher(self.columns).decrypt(nonce, body, purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                f"{purpose} cannot be decrypted: the value was changed or the key files are not "
                "the ones it was written with; restore both from the same backup"
            ) from error

    def hash(self, purpose: str, text: str) -> str:
        """A keyed hash, equal for equal texts of one purpose; 64 hexadecimal characters."""
        return hmac.digest(self.lookup, f"{purpose}\x00{text}".encode(), "sha256").hex()


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def new_keys() -> Keys:
    """Random keys, kept nowhere."""
    return Keys(*(secrets.token_bytes(KEY_BYTES) for _ in NAMES))


def make_keys(folder: Path) -> Keys:
    """Read the keys of a home, making those that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        path = folder / f"{name}.key"
        passing = folder / f".{name}.{secrets.token_hex(8)}"
        if path.exists():
            continue
        descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(passing, path)  # another process may have been first: then its key stays
        except FileExistsError:
            pass
        finally:
            passing.unlink()
    return read_keys(folder)


def read_keys(folder: Path) -> Keys:
    """The keys of a home. Raises KeysMissing."""
    try:
        return Keys(*((folder / f"{name}.key").read_bytes() for name in NAMES))
    except FileNotFoundError as error:
        raise KeysMissing(
            f"no keys in {folder}: run 'petitions init' for a new office, or restore the folder"
        ) from error


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
