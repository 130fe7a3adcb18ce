"""One Tantivy index: reading it, writing to it, and what either may raise."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from search.engine import Level
from search.engines.tantivy.schema import AT_BLANKS, at_blanks
from search.errors import EngineBusy, EngineDown, EngineError

HEAPS = {Level.OPEN: 72_000_000, Level.RESTRICTED: 24_000_000, Level.SECRET: 24_000_000}
"""Bytes that a writer gathers before it writes a segment, by the level of the index: 24 MB are some
1,800 letters. Eight segments are merged, which costs thrice the making of them, and few letters are
not open; with all six indexes written, it is 240 MB."""


@contextmanager
def driver_errors() -> Iterator[None]:
    """Tantivy's exceptions, its panics among them (no subclass of Exception), as ours."""
    try:
        yield
    except EngineError:
        raise
    except (ValueError, OSError) as error:
        if "LockBusy" in str(error):
            raise EngineBusy("another process writes to this index: wait for it") from error
        raise EngineDown(f"the index can't be used: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineDown(f"the index broke: {error}") from error


class Shelf:
    """One index in its own folder, made empty where there is none."""

    def __init__(self, path: Path, schema: tantivy.Schema, heap: int) -> None:
        self._meta = path / "meta.json"
        self._heap = heap
        self._guard = threading.Lock()
        self._writer: tantivy.IndexWriter | None = None
        self._dirty = False
        with driver_errors():
            path.mkdir(exist_ok=True)
            self._index = tantivy.Index(schema, str(path))
            self._index.register_tokenizer(AT_BLANKS, at_blanks())
            self._index.config_reader("manual")
            self._seen = self._stamp()
            self._index.reload()

    def searcher(self) -> tantivy.Searcher:
        """What was committed last, by whatever process."""
        with driver_errors():
            if (stamp := self._stamp()) != self._seen:
                with self._guard:
                    self._index.reload()
                    self._seen = stamp
            return self._index.searcher()

    def _stamp(self) -> tuple[int, int]:
        found = self._meta.stat()
        return found.st_ino, found.st_mtime_ns

    def put(self, letters: Sequence[tuple[str, tantivy.Document]]) -> None:
        """Add or replace by id; the caller holds the lock of the folder."""
        with driver_errors():
            writer = self._open_writer()
            for id_, letter in letters:
                writer.delete_documents_by_term("id", id_)
                writer.add_document(letter)

    def remove(self, ids: Sequence[str]) -> None:
        """Take out; the caller holds the lock of the folder.

        An index that holds none of them isn't written, unless it has to be anyway: of the six most
        letters are in one, and each commit costs as much as indexing hundreds of letters.
        """
        with driver_errors():
            searcher = self.searcher()
            held = [id_ for id_ in ids if self._dirty or searcher.doc_freq("id", id_)]
            if held:
                writer = self._open_writer()
                for id_ in held:
                    writer.delete_documents_by_term("id", id_)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(self._heap, 1)
        self._dirty = True
        return self._writer

    def commit(self) -> None:
        """Make what was put and removed durable and visible."""
        if self._writer is None or not self._dirty:
            return
        with driver_errors():
            self._writer.commit()
            self._dirty = False
        self.searcher()

    def rest(self) -> None:
        """Let merges end and the writer go. What wasn't committed is lost."""
        if self._writer is None:
            return
        with driver_errors():
            writer, self._writer = self._writer, None
            if self._dirty:
                writer.rollback()
                self._dirty = False
            writer.wait_merging_threads()
        self.searcher()
