"""Lines of an export made ready to be registered: all that needs no database.

Reading, classifying and redacting a letter costs more than storing it, so that long exports are
made ready in a process of their own (`ingest.preparing_apart`), ahead of the one that writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

from ingest.describe import subject_of
from ingest.errors import BadLine, IngestError, over_limit
from ingest.mapping import mapped
from ingest.plain_text import decode
from ingest.resolving import suggested
from ingest.stated import read_stated

if TYPE_CHECKING:
    from pathlib import Path

    from analyzers.regions import Gazetteer, Region
    from ingest.stated import Stated
    from records.home import Settings

BATCH = 500
"""Lines to a batch."""

DEEPEST = 100
"""Most lists and objects in each other: deeper ones can't be shown again."""


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


Prepared: TypeAlias = Line | LineFailure


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines in their order, each with the digest of its bytes; `size`: bytes of all."""

    lines: tuple[tuple[Prepared, bytes], ...]
    size: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How lines are read. `regions`: those known when the import began."""

    settings: Settings
    mapping: Mapping[str, str]
    source: str
    regions: tuple[Region, ...]


def made_ready(path: Path, rules: Rules, begin: int = 0) -> Iterator[Batch]:
    """The batches of a file from number `begin` on; of the same file they are always the same."""
    from analyzers.regions import Gazetteer

    gazetteer = Gazetteer(rules.regions)
    for number, batch in enumerate(_batches(path, rules.settings)):
        if number >= begin:
            lines = tuple(
                (_prepared(line, raw, rules, gazetteer), digest(raw.strip())) for line, raw in batch
            )
            yield Batch(lines, sum(len(raw) for _, raw in batch))


def digest(content: bytes) -> bytes:
    """Eight bytes by which contents are compared."""
    return blake2b(content, digest_size=8).digest()


def _batches(path: Path, settings: Settings) -> Iterator[list[tuple[int, bytes]]]:
    """Line numbers and lines; empty ones are left out.

    A line longer than any record may be is cut: its reading fails, and memory doesn't.
    """
    longest = 16 * settings.max_text_characters + (1 << 20)
    batch: list[tuple[int, bytes]] = []
    number = size = 0
    with path.open("rb") as file:
        while line := file.readline(longest):
            number += 1
            whole = line.endswith(b"\n") or len(line) < longest
            while not whole:
                more = file.readline(longest)
                whole = more.endswith(b"\n") or len(more) < longest
                line = line[: longest - 1] + b"\x00"  # never JSON
            if line.strip():
                batch.append((number, line))
                size += len(line)
            if len(batch) == BATCH or size > longest:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _prepared(number: int, raw: bytes, rules: Rules, gazetteer: Gazetteer) -> Prepared:
    try:
        return Line(number, read_line(raw, rules, gazetteer))
    except IngestError as error:
        id_ = _id_of(raw, rules.mapping)
        return LineFailure(number, id_, error.code, str(error), error.remedy)


def read_line(raw: bytes, rules: Rules, gazetteer: Gazetteer) -> Stated:
    """What one line states, and what its text suggests. Raises IngestError."""
    if raw.endswith(b"\x00"):
        what = f"the line has over {len(raw):,} bytes"
        raise over_limit(what, rules.settings, "max_text_characters")
    values = _object(raw)
    _require_whole(values, raw)
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


_MAY_SPELL_HALVES = re.compile(rb"\\u|\xed|\x00")
"""Escapes, halves as they are, and encodings of more than one byte a sign, in a line as bytes."""


def _require_whole(values: dict[str, Any], raw: bytes) -> None:
    """JSON can spell what can't be kept or shown again: half a character (a lone surrogate), and
    values that stand too deep in each other."""
    if _depth(values) > DEEPEST:
        what = f"its values stand more than {DEEPEST} deep in each other"
        raise BadLine(what, "flatten the record")
    if _MAY_SPELL_HALVES.search(raw) is None:
        return
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
