"""File names that cross HTTP."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote


def attachment(name: str) -> str:
    """A Content-Disposition for saving under this name (RFC 6266), whatever the name holds."""
    plain = base_name(name)
    ascii_only = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in plain
    )
    return f"attachment; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(plain, safe='')}"


def base_name(name: str) -> str:
    """The last part of an uploaded or stored name, without folders or control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isprintable()).strip()
    return kept if kept not in ("", ".", "..") else "file"
