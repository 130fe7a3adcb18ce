"""Repeatable chance: the same key gives the same draws on every machine and every Python."""

from __future__ import annotations

import hashlib
import re
from random import Random

_CHOICE = re.compile(r"\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")


def chance(*key: object) -> Random:
    """A source of draws that depends on the key alone."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - nothing secret is drawn


def worded(draw: Random, template: str) -> str:
    """The template with one alternative taken of every `[a|b|c]`."""
    if "|" not in template:
        return template
    return _CHOICE.sub(lambda found: draw.choice(found[1].split("|")), template)
