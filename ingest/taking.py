"""Receiving files: found, stored once under their hash, put into the queue. Again: no doubles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import records.errors
from ingest.arrivals import arrive, is_clutter, plan
from ingest.errors import (
    EmptyFile,
    IngestError,
    ScannerDown,
    UnknownKind,
    VirusFound,
    over_limit,
)
from ingest.preparing import LineFailure
from records.intake import Arrival, Failure, batch, receive, refuse
from records.intake_items import State, failures
from records.queue import retry
from records.virus_scanner import scanner

if TYPE_CHECKING:
    from ingest.imports import LineFile
    from records.database import Database
    from records.home import Settings
    from records.originals import Original, Originals

BATCH = "ingest"
"""The batch of the shell: a file is taken in once, wherever it is found again."""

_CHUNK = 50
_AT_ONCE = 8

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A file on disk; `name` is its path within what was given, with `/`."""

    path: Path
    name: str


@dataclass(slots=True)
class Taken:
    """`new` files entered the queue, `known` ones were in it; `again` had failed and are tried
    again."""

    batch_id: str
    new: int = 0
    known: int = 0
    again: int = 0
    refused: list[tuple[str, IngestError]] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> Iterator[Found]:
    """Files as given, and all files in the folders given, by name; hidden ones and links left out.

    Raises UnknownKind for a path that is neither.
    """
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if one.is_file())
            for one in inside:
                name = one.relative_to(path).as_posix()
                if not one.is_symlink() and not is_clutter(name):
                    yield Found(one, name)
        elif path.is_file():
            yield Found(path, path.name)
        else:
            raise UnknownKind(f"{path} is not there", "check the path")


def take(
    database: Database,
    originals: Originals,
    files: Sequence[Found],
    settings: Settings,
    *,
    stated: Mapping[str, Mapping[str, Any]] | None = None,
    batch_name: str = BATCH,
    progress: Progress = lambda done, total: None,  # noqa: ARG005
) -> Taken:
    """Store the files and queue them, letters before their replies; those that can't be stored
    are refused by name. Some files make one transaction: a break loses none that was told."""
    originals.clear_passing()
    with database.write() as session:
        taken = Taken(batch(session, batch_name))
    planned = plan([file.name for file in files], stated or {})
    letters: dict[int, str] = {}
    for start in range(0, len(planned), _CHUNK):
        part = planned[start : start + _CHUNK]
        kept = _all_stored([files[one.place] for one in part], originals, settings)
        with database.write() as session:
            for one, stored in zip(part, kept, strict=True):
                path = files[one.place].path.resolve()
                if isinstance(stored, IngestError):
                    failure = Failure(stored.code, str(stored), stored.remedy)
                    refuse(session, taken.batch_id, str(path), path.name, failure)
                    taken.refused.append((str(path), stored))
                    continue
                letter = letters.get(one.letter) if one.letter is not None else None
                received = arrive(session, taken.batch_id, one, stored, str(path), letter)
                letters[one.place] = received.item.id
                taken.known += received.known
                taken.new += not received.known
        progress(min(start + _CHUNK, len(planned)), len(planned))
    _try_again(database, taken)
    return taken


def _all_stored(
    files: Sequence[Found], originals: Originals, settings: Settings
) -> list[Original | IngestError]:
    """Several at once: each waits for the disk, and they can wait together."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(lambda file: _stored(file, originals, settings), files))


def _stored(file: Found, originals: Originals, settings: Settings) -> Original | IngestError:
    try:
        size = file.path.stat().st_size
        if size == 0:
            return EmptyFile("the file is empty (0 bytes)", "scan or send it again")
        if size > settings.max_file_bytes:
            return over_limit(f"it has {size:,} bytes", settings, "max_file_bytes")
        return originals.put(file.path, scanner(settings))
    except records.errors.VirusFound as error:
        return VirusFound(str(error), "leave it where it is and tell who looks after the machines")
    except records.errors.ScannerDown as error:
        return ScannerDown(str(error), "start the scanner and take the file in again")
    except (PermissionError, FileNotFoundError) as error:
        return UnknownKind(f"it can't be opened ({error.strerror})", "check its permissions")


def _try_again(database: Database, taken: Taken) -> None:
    """What failed or waits in this batch gets another chance: limits or letters may have come."""
    with database.write() as session:
        waiting = [
            item.id
            for item in failures(session, taken.batch_id)
            if item.sha256 is not None and item.state in (State.FAILED, State.PARKED)
        ]
        taken.again = retry(session, waiting)


def hang_files(
    database: Database,
    originals: Originals,
    files: Sequence[LineFile],
    base: Path,
    settings: Settings,
) -> list[LineFailure]:
    """Queue the files that lines of an import name; paths are relative to `base` and stay in it.

    Gives those that can't be taken. A scan of a letter without text becomes its text.
    """
    failed: list[LineFailure] = []
    with database.write() as session:
        batch_id = batch(session, "import files")
    for file in files:
        path = (base / file.path).resolve()
        stored: Original | IngestError
        if not path.is_relative_to(base.resolve()):
            stored = UnknownKind(f"{file.path} lies outside {base}", "put it beside the export")
        elif not path.is_file():
            stored = UnknownKind(f"{file.path} is not there", f"put it into {base}; import again")
        else:
            stored = _stored(Found(path, path.name), originals, settings)
        if isinstance(stored, IngestError):
            failed.append(
                LineFailure(file.line, file.path, stored.code, str(stored), stored.remedy)
            )
            continue
        with database.write() as session:
            arrival = Arrival(
                stored,
                str(path),
                path.name,
                role="letter" if file.is_letter else "attachment",
                within=file.petition_id,
                petition_id=file.petition_id,
            )
            receive(session, batch_id, arrival)
    return failed
