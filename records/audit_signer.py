"""The key that signs the log's checkpoints: an Ed25519 key in PEM, which other tools read too.

It may lie outside the home, with an account of its own: whoever has the office but not this key
can't sign what the log never was.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from records.errors import BadValue, KeysMissing


def make_signer(path: Path) -> Ed25519PrivateKey:
    """A new key for signing, readable by the owner alone; one that is there stays."""
    if not path.exists():
        content = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        except OSError as error:
            raise BadValue(
                f"{path} can't be made ({error.strerror}): set PETITIONS_AUDIT_SIGNER to a place "
                "that can be written to"
            ) from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return read_signer(path)


def read_signer(path: Path) -> Ed25519PrivateKey:
    """The key for signing. Raises KeysMissing, and BadValue for a file that is no such key."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise KeysMissing(
            f"the key that signs checkpoints can't be read at {path} ({error.strerror}): "
            "'petitions audit key --make' makes one there; PETITIONS_AUDIT_SIGNER names another "
            "place"
        ) from error
    except (ValueError, TypeError) as error:
        raise BadValue(f"{path} is no Ed25519 key without a password, in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadValue(f"{path} is a key of another kind: an Ed25519 key signs checkpoints")
    return key


def public_pem(signer: Ed25519PrivateKey) -> str:
    """The public half, for those who verify."""
    pem = signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode("ascii")


def public_key(signer: Ed25519PrivateKey) -> str:
    """The public half as it stands in checkpoints."""
    return _hexadecimal(signer.public_key())


def read_public(path: Path) -> str:
    """A public key from its PEM file, hexadecimal. Raises BadValue naming the file."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadValue(f"{path} can't be read ({error.strerror}): name a public key") from error
    except ValueError as error:
        raise BadValue(
            f"{path} is no public key in PEM ('petitions audit key' tells it)"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadValue(f"{path} is a key of another kind: checkpoints are signed with Ed25519")
    return _hexadecimal(key)


def _hexadecimal(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
