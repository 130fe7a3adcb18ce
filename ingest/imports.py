"""Records of an older system, one JSON object a line, into ours. Again makes no doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.places import Places
from ingest.preparing import Line, LineFailure, Prepared, Rules, digest, made_ready
from ingest.resolving import resolved
from records import audit
from records.errors import DatabaseBusy, DatabaseDown, RecordsError
from records.registration import add_many

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.preparing_apart import Apart
    from records.database import Database, Session
    from records.home import Settings
    from records.registration import AddResult

SOURCE = "import"
"""The older system's name, where none is given: ids of one source are one numbering."""

Progress = Callable[[int, int], None]
"""Told after each batch: bytes read, bytes in all."""


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


def import_file(
    database: Database,
    path: Path,
    settings: Settings,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str = SOURCE,
    actor: str = "shell",
    progress: Progress = lambda done, total: None,  # noqa: ARG005
    apart: Apart | None = None,
) -> ImportReport:
    """Register every line; a line that can't be is listed, the others go on. `apart`: the process
    that reads the lines (`ingest.preparing_apart`), else they are read here.

    Each batch is one transaction: after a break the next run finds what is there and goes on.
    """
    report, total, read = ImportReport(), path.stat().st_size, 0
    with database.read() as session:
        places = Places(session)
    rules = Rules(settings, mapping or {}, source, places.regions)
    seen: dict[bytes, tuple[int, bytes]] = {}
    for batch in apart.batches(path, rules) if apart else made_ready(path, rules):
        report.lines += len(batch.lines)
        first = [_first(line, content, seen, report) for line, content in batch.lines]
        new = [line for line in first if line is not None]
        _register(database, new, places, report)
        read += batch.size
        progress(read, total)
    report.failures.sort(key=lambda failure: failure.line)
    with database.write() as session:
        details = {
            "source": source,
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "failed": len(report.failures),
        }
        audit.write(session, actor, "import", None, details)
    return report


def _first(
    line: Prepared,
    content_digest: bytes,
    seen: dict[bytes, tuple[int, bytes]],
    report: ImportReport,
) -> Line | None:
    """The line, unless it failed or its id stood in the file before: then that is noted."""
    if isinstance(line, LineFailure):
        report.failures.append(line)
        return None
    id_ = line.stated.entry.external_id or ""
    number, before = seen.setdefault(digest(id_.encode()), (line.number, content_digest))
    if number == line.number:
        return line
    if before == content_digest:
        report.unchanged += 1
        return None
    report.failures.append(
        LineFailure(
            line.number,
            id_,
            "double_id",
            f"line {number} has the same id with other content",
            "give each petition its own id, or leave one of the lines out",
        )
    )
    return None


def _register(
    database: Database, batch: Sequence[Line], places: Places, report: ImportReport
) -> None:
    if not batch:
        return
    tries: list[bool] = []

    def add(session: Session) -> tuple[list[Line], list[AddResult]]:
        if tries:
            places.read_again(session)
        tries.append(True)
        lines = [Line(line.number, resolved(session, line.stated, places)) for line in batch]
        return lines, add_many(session, [line.stated.entry for line in lines])

    try:
        lines, results = database.written(add)
    except (DatabaseBusy, DatabaseDown):
        raise  # no line is at fault: the same command goes on later
    except RecordsError as error:
        with database.read() as session:
            places.read_again(session)  # what was added of regions went with the transaction
        if len(batch) > 1:  # one of them is at fault
            for line in batch:
                _register(database, [line], places, report)
            return
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
