"""`petitions init`, `status`, `reindex` and `check`: an office and its upkeep."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.context import (
    SOME_FAILED,
    WRONG_USAGE,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    failures_told,
    globals_of,
    home_of,
    opened,
    stop,
)
from cli.indexing import unfindable
from cli.memory import collect_seldom, share_one_heap
from cli.progress import Progress


def init(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make the home: database, stores, keys, indexes. Again: changes nothing."""
    given = globals_of(context, home, as_json)
    with opened(given, make=True) as archive:
        archive.catch_up()
        path = archive.home.path.resolve()
    if given.as_json:
        answer_json({"home": str(path)})
    else:
        answer(
            f"ready: {path}\nkeep {path / 'keys'} safe and apart: without it names can't be read"
        )


def reindex(
    context: typer.Context,
    engine: Annotated[
        str | None, typer.Option(help="Only if this is the engine of the settings.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the indexes anew from the records, beside the present ones, then swap."""
    from search.bootstrap import engine_name

    given = globals_of(context, home, as_json)
    chosen = engine_name(home_of(given).settings)
    if engine not in (None, chosen):
        stop(
            f"the settings choose the engine {chosen}, not {engine}: set or unset "
            "PETITIONS_ELASTICSEARCH_URL",
            WRONG_USAGE,
        )
    share_one_heap()
    with opened(given) as archive, Progress("index", "letters") as told:
        collect_seldom()
        count = archive.rebuild(told)
        failed = unfindable(archive)
        count -= len(failed)
    if given.as_json:
        answer_json({"indexed": count})
    else:
        answer(f"{count} letters indexed")
    failures_told(failed)
    if failed:
        raise typer.Exit(SOME_FAILED)


def status(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Counts: petitions, what waits for the index, the queue of files, what failed."""
    given = globals_of(context, home, as_json)
    from records.audit_keeping import checkpoint_state
    from records.intake_items import failures, progress
    from records.petitions import count, count_pending

    with opened(given) as archive, archive.database.read() as session:
        log = checkpoint_state(archive.database, archive.home)
        queue = progress(session)
        found: dict[str, Any] = {
            "home": str(archive.home.path.resolve()),
            "petitions": count(session),
            "to_index": count_pending(session),
            "checkpoints": {
                "folder": log.folder,
                "last": log.last.at if log.last else None,
                "entries_since": log.entries - (log.last.entries if log.last else 0),
                "remark": log.remark,
            },
            "files": asdict(queue) | {"stages": dict(queue.stages)},
            "failures": [
                {"item": one.path, "cause": one.error_message, "remedy": one.remedy}
                for one in failures(session)
            ]
            + [
                {"item": item, "cause": cause, "remedy": remedy}
                for item, cause, remedy in unfindable(archive)
            ],
        }
    if given.as_json:
        answer_json(found)
        return
    answer(f"{found['petitions']} petitions, {found['to_index']} wait for the index")
    states = ("total", "pending", "running", "done", "failed", "parked")
    answer("files: " + ", ".join(f"{getattr(queue, state)} {state}" for state in states))
    for one in found["failures"]:
        answer(f"  {one['item']}: {one['cause']}\n    -> {one['remedy']}")
    said = log.remark or (f"of {log.last.at}, {log.last.entries} entries" if log.last else "")
    answer(f"last checkpoint of the log: {said}")


def check(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Prove the installation: reads a built-in picture, opens the engines, looks at limits."""
    given = globals_of(context, home, as_json)
    from cli.checks import run_checks

    checks = run_checks(home_of(given))
    if given.as_json:
        answer_json([asdict(one) for one in checks])
    else:
        for one in checks:
            mark = "ok  " if one.sound else "FAIL" if one.needed else "-   "
            answer(f"{mark} {one.what}: {one.found}")
    if any(one.needed and not one.sound for one in checks):
        raise typer.Exit(SOME_FAILED)
