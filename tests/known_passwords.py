"""A list of known passwords as offices get it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def write_list(file: Path, passwords: Iterable[str]) -> None:
    """In the form of Pwned Passwords, each with a count."""
    hashes = sorted(hashlib.sha1(one.encode()).hexdigest().upper() for one in passwords)
    file.write_text("".join(f"{one}:{3 + 7 * place}\r\n" for place, one in enumerate(hashes)))
