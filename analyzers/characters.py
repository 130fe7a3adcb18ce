"""The stream of single characters: a phrase over it is an exact search for a substring."""

from __future__ import annotations

SPACE_SIGN = "␣"  # folding leaves none of these in a text


def stream(folded: str) -> str:
    """The characters of a folded text joined by one space, a space itself written as "␣"."""
    return " ".join(folded.replace(" ", SPACE_SIGN))
