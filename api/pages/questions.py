"""A question as a link that tells nothing.

The search page's state (words, filters, page) holds what people typed: names, numbers. So that the
browser's Back button, links and new tabs work without it standing in an address, a history or a
log, the state is encrypted into the address under a key derived from the sign-in token itself.
The server keeps neither state nor key: only the same sign-in can open its own links, and after
signing out nobody can.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from search.answers import Filters, SearchRequest
from search.engine import Sort

KINDS: Final = ("category", "region", "status", "channel", "level", "year")
"""The filters that hold values, in the order in which the page shows them."""

_NONCE: Final = 12


class SealBroken(Exception):
    """The address was made in another sign-in, or changed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the search page shows. `sort` None leaves the choice to the library."""

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort | None = None
    page: int = 1

    def asking(self, facets: tuple[str, ...], size: int) -> SearchRequest:
        return SearchRequest(
            text=self.text,
            filters=self.filters,
            facets=facets,
            sort=self.sort,
            page=self.page,
            size=size,
        )

    def values(self, kind: str) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(self.filters, kind)
        return found

    def with_values(self, kind: str, values: Iterable[str]) -> Question:
        narrowed: dict[str, Any] = {kind: tuple(values)}
        return replace(self, filters=replace(self.filters, **narrowed), page=1)

    def adding(self, kind: str, value: str) -> Question:
        return self.with_values(kind, dict.fromkeys((*self.values(kind), value)))

    def without(self, kind: str, value: str) -> Question:
        return self.with_values(kind, (one for one in self.values(kind) if one != value))

    def on_page(self, page: int) -> Question:
        return replace(self, page=page)

    def sorted_by(self, sort: Sort) -> Question:
        return replace(self, sort=sort, page=1)

    def between(self, since: date | None, until: date | None) -> Question:
        return replace(self, filters=replace(self.filters, since=since, until=until), page=1)

    @property
    def narrowed(self) -> bool:
        return self.filters != Filters()


@dataclass(frozen=True, slots=True)
class Seal:
    """Closes and opens the questions of one sign-in."""

    key: bytes

    def close(self, question: Question) -> str:
        plain = zlib.compress(json.dumps(_written(question), ensure_ascii=False).encode())
        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, plain, None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str) -> Question:
        """Raises `SealBroken`."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            plain = AESGCM(self.key).decrypt(raw[:_NONCE], raw[_NONCE:], None)
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise SealBroken from error
        return _read(json.loads(zlib.decompress(plain)))


def seal_of(token: str) -> Seal:
    """`token`: the sign-in token as the browser holds it; the server stores only its hash."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"petitions: sealed questions")
    return Seal(derive.derive(token.encode()))


def _written(question: Question) -> dict[str, object]:
    filters = question.filters
    return {
        "text": question.text,
        "values": {kind: values for kind in KINDS if (values := question.values(kind))},
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "sort": question.sort,
        "page": question.page,
    }


def _read(written: dict[str, object]) -> Question:
    """Of what `_written` wrote; a valid seal vouches for its form."""
    values = written["values"]
    assert isinstance(values, dict)
    since, until, sort, page = (written[name] for name in ("since", "until", "sort", "page"))
    assert isinstance(page, int)
    return Question(
        text=str(written["text"]),
        filters=Filters(
            **{kind: tuple(given) for kind, given in values.items()},
            since=date.fromisoformat(str(since)) if since else None,
            until=date.fromisoformat(str(until)) if until else None,
        ),
        sort=Sort(str(sort)) if sort else None,
        page=page,
    )
