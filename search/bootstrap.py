"""Puts an office together: the one place that names a concrete engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from records.database import Database, open_home
from records.followed_index import followed
from records.home import Home, Settings
from records.originals import Originals
from records.petitions import count_pending
from search import indexer
from search.engine import KeptEngine
from search.errors import EngineBusy, IndexNotReady
from search.expansion.synonyms import Synonyms, shipped, with_own
from search.indexer import BATCH, Progress
from search.library import Library


@dataclass(frozen=True)
class Archive:
    """Everything of one office that is open. Safe to share between threads; close it once."""

    home: Home
    database: Database
    originals: Originals
    library: Library
    _engine: KeptEngine
    _zone: ZoneInfo
    _indexing: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self, progress: Progress | None = None, batch: int = BATCH) -> int:
        """Bring the indexes to what the records say; how many petitions were taken.

        Indexes that are missing, of another engine or made by other rules are made anew. Raises
        `EngineBusy` while another process indexes: what is pending stays so.
        """
        with self._alone():
            rebuilt = 0 if self._follows() else self._rebuild(progress, batch)
            return rebuilt + self._catch_up(progress, batch)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the indexes anew beside the present ones and replace them; how many petitions.

        Searches are answered meanwhile. Raises `EngineBusy`.
        """
        with self._alone():
            count = self._rebuild(progress, BATCH)
            self._catch_up(None, BATCH)
            return count

    def close(self) -> None:
        """Let go of the indexes and the database."""
        self.library.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """As the one thread of all processes of the office that indexes."""
        with self._indexing, self.database.alone("indexing") as mine:
            if not mine:
                raise EngineBusy("another process indexes: wait for it")
            try:
                yield
            finally:
                self._engine.rest()

    def _follows(self) -> bool:
        """Whether the engine's indexes are those that the records speak of."""
        with self.database.read() as session:
            named = followed(session)
        try:
            return named == self._engine.identity()
        except IndexNotReady:
            return False

    def _catch_up(self, progress: Progress | None, batch: int) -> int:
        done = 0
        while taken := indexer.bring_up_to_date(self.database, self._engine, batch, self._zone):
            done += taken
            if progress is not None:
                with self.database.read() as session:
                    progress(done, done + count_pending(session))
        return done

    def _rebuild(self, progress: Progress | None, batch: int) -> int:
        beside = self._engine.beside()
        try:
            return indexer.rebuild(
                self.database,
                beside,
                beside.become_current,
                batch=batch,
                progress=progress,
                zone=self._zone,
            )
        finally:
            beside.close()


def open_archive(home: Home) -> Archive:
    """Open an office; folders, keys, tables and indexes are made where they are missing."""
    synonyms = synonyms_of(home.settings)
    database = open_home(home)
    zone = ZoneInfo(home.settings.time_zone)
    engine = _engine(home, zone)
    originals = Originals(home.originals)
    library = Library(database, engine, originals, synonyms)
    return Archive(home, database, originals, library, engine, zone)


def synonyms_of(settings: Settings) -> Synonyms:
    """The shipped ones, and the office's own. Raises BadValue for a file that is not in order."""
    return with_own(Path(settings.synonyms)) if settings.synonyms else shipped()


def engine_name(settings: Settings) -> str:
    """The engine that these settings choose."""
    return "elasticsearch" if settings.elasticsearch_url else "tantivy"


def _engine(home: Home, zone: ZoneInfo) -> KeptEngine:
    settings = home.settings
    if engine_name(settings) == "tantivy":
        from search.engines.tantivy import TantivyEngine

        return TantivyEngine(home.indexes, zone)
    from search.engines.elasticsearch import Connection, ElasticsearchEngine

    connection = Connection(
        urls=tuple(url.strip() for url in settings.elasticsearch_url.split(",") if url.strip()),
        api_key=settings.elasticsearch_api_key,
        ca=settings.elasticsearch_ca,
        seconds=settings.elasticsearch_seconds,
        prefix=settings.elasticsearch_prefix,
        shards=settings.elasticsearch_shards,
        replicas=settings.elasticsearch_replicas,
    )
    return ElasticsearchEngine(connection, zone)


def open_library(home: Home) -> Library:
    """The reading door of an office alone."""
    return open_archive(home).library
