"""The style sheet, the script and the picture of the pages: read once, named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """`address` changes with the content, so a browser may keep it for good."""

    address: str
    media_type: str
    content: bytes


def read_assets() -> Mapping[str, Asset]:
    """All assets by file name."""
    assets = {}
    for path in sorted(FOLDER.iterdir()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        address = f"/static/{path.stem}.{digest}{path.suffix}"
        assets[path.name] = Asset(address, MEDIA_TYPES[path.suffix], content)
    return assets
