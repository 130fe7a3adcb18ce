"""Records of an older system, one JSON object a line, into ours. Again makes no doubles."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ingest.describe import subject_of
from ingest.errors import BadLine, IngestError, over_limit
from ingest.mapping import mapped
from ingest.places import Places
from ingest.plain_text import decode
from ingest.resolving import resolved
from ingest.stated import Stated, read_stated
from records import audit
from records.errors import RecordsError
from records.registration import add_many

if TYPE_CHECKING:
    from pathlib import Path

    from records.database import Database
    from records.home import Settings

BATCH = 500
SOURCE = "import"
"""The older system's name, where none is given: ids of one source are one numbering."""

Progress = Callable[[int, int], None]
"""Told after each batch: bytes read, bytes in all."""


@dataclass(frozen=True, slots=True)
class LineFailure:
    """`item`: the id of the petition, where the line had one."""

    line: int
    item: str | None
    code: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file that a line names, still to be taken in."""

    line: int
    petition_id: str
    path: str
    is_letter: bool


@dataclass(slots=True)
class ImportReport:
    """Counts of lines; `unknown`: fields kept beside the petition, `notes`: values kept so."""

    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: list[LineFailure] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    files: list[LineFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    stated: Stated


def import_file(
    database: Database,
    path: Path,
    settings: Settings,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str = SOURCE,
    actor: str = "shell",
    progress: Progress = lambda done, total: None,  # noqa: ARG005
) -> ImportReport:
    """Register every line; a line that can't be is listed, the others go on.

    Each batch is one transaction: after a break the next run finds what is there and goes on.
    """
    report = ImportReport()
    with database.read() as session:
        places = Places(session)
    seen: dict[bytes, tuple[int, bytes]] = {}
    batch: list[_Line] = []
    total = path.stat().st_size
    for number, raw, read in _lines(path, settings):
        report.lines += 1
        try:
            line = _read(number, raw, mapping or {}, settings, source)
            _require_new(line, raw, seen)
        except _Repeated:
            report.unchanged += 1
            continue
        except IngestError as error:
            report.failures.append(
                LineFailure(number, _id_of(raw, mapping), error.code, str(error), error.remedy)
            )
            continue
        batch.append(line)
        if len(batch) == BATCH:
            _register(database, batch, places, report)
            batch = []
            progress(read, total)
    _register(database, batch, places, report)
    progress(total, total)
    report.failures.sort(key=lambda failure: failure.line)
    with database.write() as session:
        details = {
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "failed": len(report.failures),
        }
        audit.write(session, actor, "import", None, details)
    return report


class _Repeated(Exception):
    """The very same line stood in the file before."""


def _lines(path: Path, settings: Settings) -> Iterator[tuple[int, bytes, int]]:
    """Line number, the line and the bytes read so far; empty lines are left out.

    A line longer than any record may be is cut: its reading fails, and memory doesn't.
    """
    longest = 16 * settings.max_text_characters + (1 << 20)
    read = number = 0
    with path.open("rb") as file:
        while line := file.readline(longest):
            number += 1
            read += len(line)
            while not line.endswith(b"\n") and (more := file.readline(longest)):
                read += len(more)
                line = line[: longest - 1] + b"\x00"  # never JSON
                if more.endswith(b"\n"):
                    break
            if line.strip():
                yield number, line, read


def _read(
    number: int, raw: bytes, mapping: Mapping[str, str], settings: Settings, source: str
) -> _Line:
    if raw.endswith(b"\x00"):
        raise over_limit(f"the line has over {len(raw):,} bytes", settings, "max_text_characters")
    values = _object(raw)
    stated = read_stated(mapped(values, mapping), settings, source=source)
    entry = stated.entry
    if not entry.subject and not entry.text and not stated.files:
        raise BadLine("it has neither subject nor text", "give it a text, or leave it out")
    if not entry.subject and entry.text:
        stated = replace(stated, entry=replace(entry, subject=subject_of(entry.text, {})))
    return _Line(number, stated)


def _object(raw: bytes) -> dict[str, Any]:
    remedy = "write one JSON object a line, as UTF-8"
    try:
        values = json.loads(raw.lstrip(b"\xef\xbb\xbf"))
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


def _id_of(raw: bytes, mapping: Mapping[str, str] | None) -> str | None:
    """The id of a line that failed, if it can be told."""
    try:
        found = mapped(_object(raw), mapping or {}).get("id")
    except IngestError:
        return None
    return str(found)[:200] if isinstance(found, str | int) else None


def _require_new(line: _Line, raw: bytes, seen: dict[bytes, tuple[int, bytes]]) -> None:
    id_ = line.stated.entry.external_id or ""
    key, content = _digest(id_.encode()), _digest(raw.strip())
    before = seen.setdefault(key, (line.number, content))
    if before[0] == line.number:
        return
    if before[1] == content:
        raise _Repeated
    raise BadLine(
        f"line {before[0]} has the same id with other content",
        "give each petition its own id, or leave one of the lines out",
    )


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=8).digest()


def _register(
    database: Database, batch: Sequence[_Line], places: Places, report: ImportReport
) -> None:
    if not batch:
        return
    try:
        with database.write() as session:
            lines = [replace(line, stated=resolved(session, line.stated, places)) for line in batch]
            results = add_many(session, [line.stated.entry for line in lines])
    except RecordsError as error:
        if len(batch) > 1:
            # One of them is at fault. What was added of regions went with the transaction.
            with database.read() as session:
                places.read_again(session)
            for line in batch:
                _register(database, [line], places, report)
            return
        with database.read() as session:
            places.read_again(session)
        id_ = batch[0].stated.entry.external_id
        report.failures.append(
            LineFailure(batch[0].number, id_, error.code, str(error), "correct the line")
        )
        return
    for line, result in zip(lines, results, strict=True):
        report.created += result.created
        report.changed += result.changed
        report.unchanged += not (result.created or result.changed)
        report.unknown.update(line.stated.unknown)
        report.notes.update(line.stated.notes)
        is_letter = not line.stated.entry.text
        for path in line.stated.files:
            report.files.append(LineFile(line.number, result.id, path, is_letter))
