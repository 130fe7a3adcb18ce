"""Codes that people type: those of an authenticator app (RFC 6238), and one-time codes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

import pyotp

from records.errors import BadValue
from records.home import environment_name

TOTP_SECRET = "users.totp_secret"  # noqa: S105  # a column
ISSUER = "Petitions"
STEP_SECONDS = 30
ONE_TIME_SIGNS = 28
"""Of 32 each: 140 random bits, so many that a plain hash keeps them safe."""

_BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def new_secret() -> str:
    """160 random bits for an authenticator, in base 32."""
    return pyotp.random_base32()


def factor_address(secret: str, name: str) -> str:
    """The otpauth:// address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name.strip(), issuer_name=ISSUER)


MOST_STEPS = 1
"""By which an office may let codes come early or late: each makes a guess likelier."""


def require_steps(around: int) -> None:
    """Raises BadValue for more steps than `MOST_STEPS`."""
    if around > MOST_STEPS:
        raise BadValue(f"{environment_name('code_steps')} is {around}; write 0 or {MOST_STEPS}")


def fitting_step(
    secret: str, code: str, last_step: int, moment: datetime, around: int = 0
) -> int | None:
    """The time step whose code this is, unless it or a later one was used (RFC 6238). `moment`:
    when it was given. `around`: steps before and after that are taken too; 0: a code lasts its 30
    seconds, as OWASP ASVS 5.0 asks (6.5.5)."""
    plain = _bytes("".join(unicodedata.normalize("NFKC", code).split()))
    present = int(moment.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - around, present + around + 1):
        expected = pyotp.TOTP(secret).at(step * STEP_SECONDS)
        if hmac.compare_digest(expected.encode(), plain) and step > last_step:
            found = step
    return found


def new_one_time_code() -> str:
    """A code of letters and digits, in groups of four."""
    code = "".join(secrets.choice(_BASE_32) for _ in range(ONE_TIME_SIGNS))
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def one_time_hash(code: str) -> str:
    """SHA-256 of a one-time code; case, blanks and hyphens don't matter."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
    return hashlib.sha256(_bytes(plain)).hexdigest()


def _bytes(text: str) -> bytes:
    """Of any text, half characters too: it only has to differ from every code."""
    return text.encode("utf-8", "surrogatepass")
