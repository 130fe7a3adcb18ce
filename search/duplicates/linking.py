"""Keeps links up with the letters: only letters that are new or changed are looked at.

Three steps, each in portions that are one transaction, so that a run that was stopped goes on where
it was: contents are made of letters, new contents are compared with all, what nobody holds any more
is dropped. Comparing reads the leading words of all contents (about 240 bytes each) and nothing
else of those that share none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from multiprocessing import get_context
from typing import Final

import numpy as np

from records import audit
from records import contents as kept
from records.contents import ContentLink, NewContent, Redacted
from records.database import Database
from search.duplicates.contents import VERSION, Keys, Places, Rest, content_of
from search.duplicates.links import Pairs, candidates, linked
from search.scopes import SHELL

PORTION: Final = 2_000
"""Letters of a transaction."""
COMPARED: Final = 200_000
"""Pairs that are weighed at a time."""

_APART = 4_000  # letters; below, other processes cost more than they save

Progress = Callable[[int, int], None]
"""Told after each portion: steps done, steps in all (two for a letter: made, compared)."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """`letters` were looked at in this run, `contents` compared, `links` found; `all_letters` and
    `all_links` are there now."""

    letters: int
    contents: int
    links: int
    all_letters: int
    all_links: int


def bring_links_up_to_date(
    database: Database,
    progress: Progress = lambda done, total: None,  # noqa: ARG005
    *,
    since: datetime | None = None,
    processes: int = 1,
    actor: str = SHELL,
) -> LinkReport:
    """Look at the letters that are new or changed (received since then) and link them. `actor`
    stands in the log, where there was anything to look at."""
    while database.written(lambda session: kept.forget_others(session, VERSION, PORTION)):
        pass
    with database.read() as session:
        ids = kept.stale(session, since)
        waiting = len(kept.unlinked(session))
    total = 2 * len(ids) + waiting
    apart = processes > 1 and len(ids) > _APART
    with ExitStack() as stack:
        pool = stack.enter_context(_pool(processes)) if apart else None
        for done in _made(database, ids, pool):
            progress(done, total)
    compared = links = 0
    for portion, found in _linked(database):
        compared += portion
        links += found
        progress(min(len(ids) + compared, total), total)
    with database.write() as session:
        kept.forget_unheld(session)
        letters, all_links = kept.counts(session)
        if ids or compared:
            told = {"letters": len(ids), "links": links}
            audit.write(session, actor, "clusters", details=told)
    progress(total, total)
    return LinkReport(len(ids), compared, links, letters, all_links)


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, get_context("spawn"))


def _made(
    database: Database, ids: Sequence[str], pool: ProcessPoolExecutor | None
) -> Iterator[int]:
    """Contents of the letters, a portion at a time."""
    for start in range(0, len(ids), PORTION):
        with database.read() as session:
            letters = kept.redacted(session, ids[start : start + PORTION])
        digests = [digest_of(letter) for letter in letters]
        with database.read() as session:
            there = kept.known(session, sorted(set(digests)))
        new = {
            digest_: (letter.subject, letter.text)
            for letter, digest_ in zip(letters, digests, strict=True)
            if digest_ not in there
        }
        texts = list(new.values())
        packed = pool.map(_packed, texts, chunksize=100) if pool else map(_packed, texts)
        made = [NewContent(name, *parts) for name, parts in zip(new, packed, strict=True)]
        holders = list(zip(letters, digests, strict=True))
        database.written(partial(kept.put, made=made, version=VERSION, holders=holders))
        yield min(start + PORTION, len(ids))


def digest_of(letter: Redacted) -> str:
    """Equal for letters that are equal to the last sign: a content must not depend on which of
    several letters came first."""
    return blake2b(f"{letter.subject}\0{letter.text}".encode(), digest_size=16).hexdigest()


def _packed(told: tuple[str, str]) -> tuple[bytes, bytes]:
    made = content_of(*told)
    return made.keys, made.rest


def _linked(database: Database) -> Iterator[tuple[int, int]]:
    """Compares what is new with all; contents compared and links found, by portion."""
    with database.read() as session:
        asked = kept.unlinked(session)
        known = kept.all_leading(session) if asked else []
    if not asked:
        return
    ids = np.array([id_ for id_, _ in known], dtype=np.int64)
    keys = Keys.of([packed for _, packed in known])
    del known
    rows = np.searchsorted(ids, np.array(asked, dtype=np.int64))
    rests = _Rests(database, ids, len(asked) > len(ids) // 4)
    found: list[ContentLink] = []
    links = 0
    done: list[int] = []
    gathered: list[Pairs] = []
    size = 0

    def weigh() -> None:
        nonlocal size
        if gathered:
            pairs = Pairs(*(np.concatenate(part) for part in zip(*gathered, strict=True)))
            found.extend(rests.links(pairs))
            gathered.clear()
            size = 0

    for row, pairs in candidates(keys, rows):
        gathered.append(pairs)
        size += len(pairs.one)
        done.append(int(ids[row]))
        if size >= COMPARED:
            weigh()
        if len(done) >= PORTION:
            weigh()
            with database.write() as session:
                kept.link(session, done, found)
            links += len(found)
            yield len(done), len(found)
            done.clear()
            found.clear()
    weigh()
    with database.write() as session:
        kept.link(session, done, found)
    yield len(done), len(found)


class _Rests:
    """What is compared besides: all of it at once where many are, else what is needed."""

    def __init__(self, database: Database, ids: Places, whole: bool) -> None:
        self._database, self._ids = database, ids
        self._all = self._read(np.arange(len(ids))) if whole else None

    def links(self, pairs: Pairs) -> list[ContentLink]:
        if self._all is not None:
            kept_pairs, odds = linked(self._all, pairs)
            one, other = self._ids[kept_pairs.one], self._ids[kept_pairs.other]
        else:
            rows, places = np.unique(np.concatenate(pairs[:2]), return_inverse=True)
            half = len(pairs.one)
            near = Pairs(places[:half], places[half:], pairs.held)
            kept_pairs, odds = linked(self._read(rows), near)
            one, other = self._ids[rows[kept_pairs.one]], self._ids[rows[kept_pairs.other]]
        first, second = np.minimum(one, other), np.maximum(one, other)
        return [
            ContentLink(*link)
            for link in zip(first.tolist(), second.tolist(), odds.tolist(), strict=True)
        ]

    def _read(self, rows: Places) -> Rest:
        with self._database.read() as session:
            return Rest.of(kept.rests(session, self._ids[rows].tolist()))
