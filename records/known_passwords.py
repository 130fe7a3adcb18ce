"""Passwords that became known by breaches, in a list that the office keeps.

A file in the form of Pwned Passwords: on each line the SHA-1 of a password in 40 hexadecimal
digits, in order; what follows them (`:` and a count) is left unread. However long it is (that one
has tens of gigabytes), it is looked through by halving, with a few dozen short reads; nothing is
asked of anybody.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO, Final

from records.errors import ListUnreadable
from records.home import environment_name

_DIGITS: Final = 40
_LONGEST_LINE: Final = 200


def holds(file: Path, password: str) -> bool:
    """Is the password in the list? Raises ListUnreadable, naming the setting and the remedy."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with file.open("rb") as lines:
            return _find(lines, wanted)
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from error
    except ValueError as error:
        raise _unreadable(file, str(error)) from error


def _find(lines: BinaryIO, wanted: bytes) -> bool:
    """What ends at `low` comes before the hash, what begins at `high` behind it."""
    low, high = 0, lines.seek(0, os.SEEK_END)
    before, behind = b"", b"G"
    if high == 0:
        raise ValueError("it is empty")
    while low < high:
        middle = (low + high) // 2
        start = _start_of_line(lines, middle)
        lines.seek(start)
        line = lines.readline(_LONGEST_LINE)
        found = line[:_DIGITS].upper()
        _require_hash(found)
        if found == wanted:
            return True
        if not before <= found <= behind:
            raise ValueError("its lines are not in order")
        if found < wanted:
            low, before = start + len(line), found
        else:
            high, behind = start, found
    return False


def _start_of_line(lines: BinaryIO, position: int) -> int:
    before = max(0, position - _LONGEST_LINE)
    lines.seek(before)
    return before + lines.read(position - before).rfind(b"\n") + 1


def _require_hash(digits: bytes) -> None:
    if len(digits) != _DIGITS or set(digits) - set(b"0123456789ABCDEF"):
        raise ValueError(f"a line doesn't begin with {_DIGITS} hexadecimal digits")


def _unreadable(file: Path, reason: str) -> ListUnreadable:
    return ListUnreadable(
        f"{file}, the list of known passwords, can't be used: {reason}; correct "
        f"{environment_name('known_passwords')}, or the file, or unset it"
    )
