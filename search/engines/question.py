"""What every engine refuses alike."""

from __future__ import annotations

from collections.abc import Sequence

from search.engine import MAX_DEPTH
from search.errors import TooDeep, UnknownFacet
from search.query import Attribute

_COUNTED = frozenset(Attribute) - {Attribute.NUMBER, Attribute.READER}


def check_depth(limit: int, offset: int) -> None:
    """Raise `TooDeep` for a page that ends beyond `MAX_DEPTH` hits, ValueError for a
    negative one.
    """
    if limit < 0 or offset < 0:
        raise ValueError(f"limit {limit} and offset {offset} must not be negative")
    if limit + offset > MAX_DEPTH:
        raise TooDeep(f"only the first {MAX_DEPTH} hits can be paged through: narrow the question")


def facet_attributes(names: Sequence[str]) -> tuple[Attribute, ...]:
    """The attributes to count. Raises `UnknownFacet`: numbers and readers are never counted."""
    known = {attribute.value: attribute for attribute in _COUNTED}
    for name in names:
        if name not in known:
            raise UnknownFacet(f"{name!r} can't be counted; {', '.join(sorted(known))} can")
    return tuple(known[name] for name in dict.fromkeys(names))
