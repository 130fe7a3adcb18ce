"""Lines of an export made ready to be registered: all that needs no database.

Reading, classifying and redacting a letter costs more than storing it, so that long exports are
made ready in a process of their own, some batches ahead of the one that writes.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeAlias

from ingest.describe import subject_of
from ingest.errors import BadLine, IngestError, over_limit
from ingest.mapping import mapped
from ingest.plain_text import decode
from ingest.resolving import suggested
from ingest.stated import read_stated

if TYPE_CHECKING:
    from analyzers.regions import Gazetteer, Region
    from ingest.stated import Stated
    from records.home import Settings

DEEPEST = 100
"""Most lists and objects in each other: deeper ones can't be shown again."""

_AHEAD = 3  # batches
_MEANWHILE = 2  # batches that are made ready here while the other process starts


@dataclass(frozen=True, slots=True)
class LineFailure:
    """`item`: the id of the petition, where the line had one."""

    line: int
    item: str | None
    code: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its digest, and what it states."""

    number: int
    stated: Stated


Raw: TypeAlias = tuple[int, bytes]
Prepared: TypeAlias = Line | LineFailure


@dataclass(frozen=True, slots=True)
class Rules:
    """How lines are read. `regions`: those known when the import began."""

    settings: Settings
    mapping: Mapping[str, str]
    source: str
    regions: tuple[Region, ...]


def prepared(batches: Iterable[Sequence[Raw]], rules: Rules, *, apart: bool) -> Iterator[
    tuple[Sequence[Raw], list[Prepared]]
]:  # fmt: skip
    """Each batch with what became of its lines, in order; `apart`: in another process."""
    if not apart:
        reader = _Reader(rules)
        for batch in batches:
            yield batch, reader.read(batch)
        return
    with ProcessPoolExecutor(1, get_context("spawn"), _start, (rules,)) as pool:
        waiting: deque[tuple[Sequence[Raw], Future[list[Prepared]] | None]] = deque()
        for number, batch in enumerate(batches):
            waiting.append((batch, _submitted(pool, batch) if number >= _MEANWHILE else None))
            if len(waiting) > _AHEAD:
                yield _result(*waiting.popleft(), rules)
        while waiting:
            yield _result(*waiting.popleft(), rules)


def _submitted(pool: ProcessPoolExecutor, batch: Sequence[Raw]) -> Future[list[Prepared]] | None:
    try:
        return pool.submit(_prepare, batch)
    except BrokenProcessPool:
        return None


def _result(
    batch: Sequence[Raw], future: Future[list[Prepared]] | None, rules: Rules
) -> tuple[Sequence[Raw], list[Prepared]]:
    """What the process made of a batch. Where it has none or was killed, it is made here."""
    try:
        if future is not None:
            return batch, future.result()
    except BrokenProcessPool:
        pass
    return batch, _Reader(rules).read(batch)


_readers: list[_Reader] = []


def _start(rules: Rules) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _readers.append(_Reader(rules))


def _prepare(batch: Sequence[Raw]) -> list[Prepared]:
    return _readers[0].read(batch)


class _Reader:
    def __init__(self, rules: Rules) -> None:
        from analyzers.regions import Gazetteer

        self._rules = rules
        self._gazetteer = Gazetteer(rules.regions)

    def read(self, batch: Sequence[Raw]) -> list[Prepared]:
        return [self._line(number, raw) for number, raw in batch]

    def _line(self, number: int, raw: bytes) -> Prepared:
        try:
            return Line(number, read_line(raw, self._rules, self._gazetteer))
        except IngestError as error:
            id_ = _id_of(raw, self._rules.mapping)
            return LineFailure(number, id_, error.code, str(error), error.remedy)


def read_line(raw: bytes, rules: Rules, gazetteer: Gazetteer) -> Stated:
    """What one line states, and what its text suggests. Raises IngestError."""
    if raw.endswith(b"\x00"):
        what = f"the line has over {len(raw):,} bytes"
        raise over_limit(what, rules.settings, "max_text_characters")
    values = _object(raw)
    _require_whole(values)
    stated = read_stated(mapped(values, rules.mapping), rules.settings, source=rules.source)
    entry = stated.entry
    if not entry.subject and not entry.text and not stated.files:
        raise BadLine("it has neither subject nor text", "give it a text, or leave it out")
    if not entry.subject and entry.text:
        stated = replace(stated, entry=replace(entry, subject=subject_of(entry.text, {})))
    return suggested(stated, gazetteer)


def _object(raw: bytes) -> dict[str, Any]:
    remedy = "write one JSON object a line, as UTF-8"
    try:
        values = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError:
        decoded = decode(raw)
        if decoded is None:
            raise BadLine("it is no text in a known encoding", remedy) from None
        try:
            values = json.loads(decoded[0])
        except ValueError as error:
            raise BadLine(f"it is no JSON: {error}", remedy) from error
    except (ValueError, RecursionError) as error:
        raise BadLine(f"it is no JSON: {error}", remedy) from error
    if not isinstance(values, dict):
        raise BadLine("it is no JSON object", remedy)
    return values


def _require_whole(values: dict[str, Any]) -> None:
    """JSON can spell what can't be kept or shown again: half a character (a lone surrogate), and
    values that stand too deep in each other."""
    if _depth(values) > DEEPEST:
        what = f"its values stand more than {DEEPEST} deep in each other"
        raise BadLine(what, "flatten the record")
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        remedy = "mend it: a \\ud800 to \\udfff stands alone in the line"
        raise BadLine("it holds half of a character", remedy) from error


def _depth(value: object) -> int:
    depth, row = 0, [value]
    while row := [one for one in row if isinstance(one, dict | list)]:
        depth += 1
        row = [i for one in row for i in (one.values() if isinstance(one, dict) else one)]
    return depth


def _id_of(raw: bytes, mapping: Mapping[str, str]) -> str | None:
    """The id of a line that failed, if it can be told."""
    try:
        found = mapped(_object(raw), mapping).get("id")
    except IngestError:
        return None
    if not isinstance(found, str | int):
        return None
    return str(found)[:200].encode(errors="replace").decode()
