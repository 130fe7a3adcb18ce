"""`petitions import`, `ingest` and `work`: letters come in, whatever breaks on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.context import (
    INTERRUPTED,
    SOME_FAILED,
    WRONG_USAGE,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    failures_told,
    globals_of,
    opened,
    say,
    stop,
)
from cli.indexing import following, index, unfindable
from cli.memory import collect_seldom, share_one_heap
from cli.progress import Progress

if TYPE_CHECKING:
    from ingest.imports import ImportReport
    from records.intake_items import Progress as Queue
    from search.bootstrap import Archive

Processes = Annotated[
    int | None,
    typer.Option("--processes", min=1, help="Reading processes; default: one for each core."),
]


def import_records(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="One JSON object a line.")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="JSON or CSV: old name -> our field.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="The older system; ids of one source are one numbering.")
    ] = "import",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in the records of an older system. Again: no doubles, changes are taken over."""
    given = globals_of(context, home, as_json)
    if not file.is_file():
        stop(f"{file} is not there", WRONG_USAGE)
    share_one_heap()
    from ingest.preparing_apart import reading_apart

    with reading_apart(file) as apart:  # it starts while we do
        from ingest.imports import import_file
        from ingest.mapping import read_mapping

        pairs = read_mapping(mapping) if mapping else {}
        with opened(given, make=True) as archive:
            settings = archive.home.settings
            collect_seldom()
            with Progress("import", "bytes") as told, following(archive) as follow:

                def progress(read: int, total: int) -> None:
                    told(read, total)
                    follow()

                report = import_file(
                    archive.database,
                    file,
                    settings,
                    mapping=pairs,
                    source=source,
                    progress=progress,
                    apart=apart,
                )
            index(archive)
            if report.files:
                from ingest.taking import hang_files

                report.failures += hang_files(
                    archive.database, archive.originals, report.files, file.parent, settings
                )
                with stopping() as stopped:
                    run_queue(archive, None, once=True, stopped=stopped)
            lost = unfindable(archive)
    _import_told(report, lost, file, given.as_json)
    if report.failures or lost:
        raise typer.Exit(SOME_FAILED)


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with all in them.")],
    manifest: Annotated[
        Path | None, typer.Option(help="CSV: file, role, number, subject, region, …")
    ] = None,
    batch: Annotated[
        str, typer.Option(help="Files of one batch are taken in once, wherever found again.")
    ] = "ingest",
    processes: Processes = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in scans, PDFs, office files, text, mail, zip. Again: goes on, no doubles."""
    given = globals_of(context, home, as_json)
    from ingest.manifest import read_manifest
    from ingest.taking import find_files, take

    with opened(given, make=True) as archive:
        settings = archive.home.settings
        stated = read_manifest(manifest, settings) if manifest else {}
        files = [one for one in find_files(paths) if not manifest or one.path != manifest]
        missing = sorted(stated.keys() - {one.name for one in files})
        with Progress("receive", "files") as told:
            taken = take(
                archive.database,
                archive.originals,
                files,
                settings,
                stated=stated,
                batch_name=batch,
                progress=told,
            )
        with stopping() as stopped:
            run_queue(archive, processes, once=True, stopped=stopped)
            interrupted = stopped()
        remarked = _remarked(archive, taken.batch_id)
        failed = _failed(archive, taken.batch_id)
        failed += [
            (
                name,
                "the manifest names it, but it is not there",
                "correct the name, or add the file",
            )
            for name in missing
        ]
        left = _queue(archive)
    if given.as_json:
        answer_json(
            {
                "new": taken.new,
                "known": taken.known,
                "tried_again": taken.again,
                "unfinished": left.pending + left.running,
                "remarks": [{"item": item, "remark": remark} for item, remark in remarked],
                "failures": [
                    {"item": item, "cause": cause, "remedy": remedy}
                    for item, cause, remedy in failed
                ],
            }
        )
    else:
        answer(f"{taken.new} new, {taken.known} known, {taken.again} tried again")
        for item, remark in remarked:
            say(f"  {item}\n    {remark}")
        failures_told(failed)
    if interrupted:
        stop("stopped; the same command goes on where it stopped", SOME_FAILED)
    if failed:
        raise typer.Exit(SOME_FAILED)


def work(
    context: typer.Context,
    processes: Processes = None,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left.")] = False,
    parent: Annotated[
        int | None, typer.Option(hidden=True, help="End when this process is gone.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Run pending stages: read, describe, index; beside them keep hot matters fresh."""
    from cli.fresh_matters import keeping_matters_fresh
    from records.audit_keeping import keeping_checkpoints

    given = globals_of(context, home)
    with opened(given) as archive, stopping() as asked, ExitStack() as beside:
        if not once:
            beside.enter_context(keeping_checkpoints(archive.database, archive.home))
            beside.enter_context(keeping_matters_fresh(archive))

        def stopped() -> bool:
            return asked() or (parent is not None and os.getppid() != parent)

        run_queue(archive, processes, once=once, stopped=stopped)


def run_queue(
    archive: Archive, processes: int | None, *, once: bool, stopped: Callable[[], bool]
) -> None:
    """Work on the queue in this process, with progress."""
    from ingest.pipeline import Pipeline
    from search.errors import EngineBusy, EngineError

    told: set[str] = set()

    def catch_up() -> bool:
        try:
            archive.catch_up()
        except EngineBusy:
            return False
        except EngineError as error:  # files are still read; their letters wait for the engine
            if str(error) not in told:
                say(f"letters can't be indexed now: {error}")
            told.add(str(error))
            return False
        told.clear()
        return True

    pipeline = Pipeline(
        archive.home,
        archive.database,
        archive.originals,
        catch_up,
        processes=processes or os.cpu_count() or 1,
    )
    with Progress("read", "files") as shown:

        def watch(queue: Queue, pages: int) -> None:
            note = f"({pages} pages in work, {queue.failed + queue.parked} failed)"
            shown(queue.done + queue.failed + queue.parked, queue.total, note)

        pipeline.run(once=once, watch=watch, stopped=stopped)


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and a polite kill end the work in order; a second one ends it at once."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if asked:
            raise SystemExit(INTERRUPTED)
        asked.append(number)
        say("stopping; what is done stays, the next run goes on (again: stop at once)")

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _queue(archive: Archive) -> Queue:
    from records.intake_items import progress

    with archive.database.read() as session:
        return progress(session)


def _remarked(archive: Archive, batch_id: str) -> list[tuple[str, str]]:
    from records.intake_items import remarks

    with archive.database.read() as session:
        return [
            (item.path, f"{item.error_message}: {item.remedy}")
            for item in remarks(session, batch_id)
        ]


def _failed(archive: Archive, batch_id: str) -> list[tuple[str, str, str]]:
    from records.intake_items import failures

    with archive.database.read() as session:
        return [
            (item.path, item.error_message or "", item.remedy or "")
            for item in failures(session, batch_id)
        ]


def _import_told(
    report: ImportReport, lost: list[tuple[str, str, str]], file: Path, as_json: bool
) -> None:
    if as_json:
        items = [{"item": item, "cause": cause, "remedy": remedy} for item, cause, remedy in lost]
        answer_json(_plain(report) | {"not_indexed": items})
        return
    answer(
        f"{report.lines} lines: {report.created} new, {report.changed} changed, "
        f"{report.unchanged} known, {len(report.failures)} failed"
    )
    for name, count in report.unknown.most_common():
        say(f"  field {name!r} is unknown: kept with {count} petitions (--map renames fields)")
    for note, count in report.notes.most_common(50):
        say(f"  {note} ({count} times)")
    failures_told(
        [
            (f"{file}, line {one.line}" + (f", id {one.item}" if one.item else ""), one.cause,
             one.remedy)
            for one in report.failures
        ]
        + lost
    )  # fmt: skip


def _plain(report: ImportReport) -> dict[str, Any]:
    return {
        "lines": report.lines,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "unknown_fields": dict(report.unknown),
        "notes": dict(report.notes),
        "failures": [
            {
                "line": one.line,
                "item": one.item,
                "code": one.code,
                "cause": one.cause,
                "remedy": one.remedy,
            }
            for one in report.failures
        ],
    }
