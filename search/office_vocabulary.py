"""The vocabulary of one office: its regions, beside the words that every office has."""

from __future__ import annotations

from functools import cache
from threading import Lock
from time import monotonic

from records.categories import all_categories
from records.database import Database, Session
from records.regions import all_regions
from records.statuses import CHANNELS, STATUSES
from search.engine import Level
from search.query import Attribute
from search.vocabulary import Vocabulary, Word

FRESH_SECONDS = 5.0
"""Regions that another process adds are known after this time, or when someone asks for one."""


@cache
def _fixed() -> dict[Attribute, tuple[Word, ...]]:
    return {
        Attribute.CATEGORY: tuple(Word(one.code, one.name, one.parent) for one in all_categories()),
        Attribute.STATUS: tuple(
            Word(one.code, one.hans, aliases=(one.hant, one.en)) for one in STATUSES.values()
        ),
        Attribute.CHANNEL: tuple(
            Word(one.code, one.hans, aliases=(one.hant, one.en)) for one in CHANNELS.values()
        ),
        Attribute.LEVEL: (
            Word(Level.OPEN, "公开"),
            Word(Level.RESTRICTED, "内部", aliases=("受限",)),
            Word(Level.SECRET, "秘密"),
        ),
    }


def vocabulary_of(session: Session) -> Vocabulary:
    """The vocabulary as the records have it now."""
    regions = tuple(
        Word(one.code, one.name, one.parent, one.aliases, one.learned)
        for one in all_regions(session)
    )
    return Vocabulary({**_fixed(), Attribute.REGION: regions})


class OfficeVocabulary:
    """Keeps the vocabulary at hand, read again when it may be out of date."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._known: Vocabulary | None = None
        self._read_at = 0.0

    def known(self) -> Vocabulary:
        """The vocabulary, at most `FRESH_SECONDS` old."""
        known = self._known
        if known is not None and monotonic() - self._read_at < FRESH_SECONDS:
            return known
        return self.read()

    def read(self) -> Vocabulary:
        """The vocabulary as it is now."""
        with self._lock:
            with self._database.read() as session:
                self._known = vocabulary_of(session)
            self._read_at = monotonic()
            return self._known
