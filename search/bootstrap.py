"""Puts an office together: the one place that names a concrete engine."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from records.database import Database, open_home
from records.home import Home
from records.originals import Originals
from records.petitions import count_pending
from search import indexer
from search.engines.tantivy import TantivyEngine
from search.indexer import BATCH, Progress
from search.library import Library


@dataclass(frozen=True)
class Archive:
    """Everything of one office that is open. Safe to share between threads; close it once."""

    home: Home
    database: Database
    originals: Originals
    library: Library
    _engine: TantivyEngine
    _zone: ZoneInfo
    _indexing: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self, progress: Progress | None = None, batch: int = BATCH) -> int:
        """Bring the indexes to what the records say; how many petitions were taken.

        Indexes that were made by other rules are rebuilt. Raises `EngineBusy` while another
        process indexes: what is pending stays so.
        """
        with self._indexing:
            try:
                rebuilt = 0 if self._engine.ready() else self._rebuild(progress)
                return rebuilt + self._catch_up(progress, batch)
            finally:
                self._engine.rest()

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the indexes anew beside the present ones and replace them; how many petitions.

        Searches are answered meanwhile. Raises `EngineBusy`.
        """
        with self._indexing:
            try:
                count = self._rebuild(progress)
                self._catch_up(None, BATCH)
            finally:
                self._engine.rest()
            return count

    def close(self) -> None:
        """Let go of the indexes and the database."""
        self.library.close()

    def _catch_up(self, progress: Progress | None, batch: int) -> int:
        done = 0
        while taken := indexer.bring_up_to_date(self.database, self._engine, batch, self._zone):
            done += taken
            if progress is not None:
                with self.database.read() as session:
                    progress(done, done + count_pending(session))
        return done

    def _rebuild(self, progress: Progress | None) -> int:
        self._engine.rest()
        beside = self._engine.beside()
        try:
            return indexer.rebuild(
                self.database, beside, beside.become_current, progress=progress, zone=self._zone
            )
        finally:
            beside.close()


def open_archive(home: Home) -> Archive:
    """Open an office; folders, keys, tables and indexes are made where they are missing."""
    database = open_home(home)
    zone = ZoneInfo(home.settings.time_zone)
    engine = TantivyEngine(home.indexes, zone)
    originals = Originals(home.originals)
    return Archive(home, database, originals, Library(database, engine, originals), engine, zone)


def open_library(home: Home) -> Library:
    """The reading door of an office alone."""
    return open_archive(home).library
