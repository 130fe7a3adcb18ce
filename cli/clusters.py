"""`petitions clusters`: letters about one matter are found over the whole archive."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.context import (
    SOME_FAILED,
    Globals,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    stop,
)
from cli.finding import AsUser, scope_as
from cli.progress import Progress

_CPUS = 2  # of them at most; the office goes on answering beside
_NICE = 10  # of the worker's comparison

WORKER = "worker"
"""The actor under which the worker stands in the log."""


def clusters(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only letters received from this day on."),
    ] = None,
    size: Annotated[int, typer.Option(min=0, max=200, help="Matters to show at the end.")] = 10,
    as_user: AsUser = None,
    by_worker: Annotated[bool, typer.Option("--by-worker", hidden=True)] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find hot matters: many letters, one thing. A run looks only at what is new or changed."""
    given = globals_of(context, home, as_json)
    if by_worker:
        _beside_the_worker(given)
        return

    from search.duplicates.linking import bring_links_up_to_date

    began = time.monotonic()
    with opened(given) as archive:
        scope = scope_as(archive, as_user)
        with archive.database.alone("clusters") as mine, Progress("clusters", "steps") as told:
            if not mine:
                stop("another 'petitions clusters' is at work: wait for it", SOME_FAILED)
            report = bring_links_up_to_date(
                archive.database,
                told,
                since=since.replace(tzinfo=UTC) if since else None,
                processes=min(_CPUS, os.cpu_count() or 1),
            )
        found = archive.library.matters.hot(scope, size)
    seconds = time.monotonic() - began
    if given.as_json:
        from api.matter_wire import matter_found

        answer_json(
            {
                "letters": report.letters,
                "links": report.links,
                "all_letters": report.all_letters,
                "all_links": report.all_links,
                "seconds": round(seconds, 1),
                "total": found.total,
                "matters": [matter_found(one).model_dump(mode="json") for one in found.matters],
            }
        )
        return
    answer(
        f"{report.letters:,} letters looked at, {report.links:,} links found in {seconds:.1f} s; "
        f"of {report.all_letters:,} letters {found.total:,} matters"
    )
    for place, one in enumerate(found.matters, 1):
        people = f", {one.people} people" if one.people is not None else ""
        region = f"  {one.region.label}" if one.region else ""
        answer(f"{place:>3}. {one.title}{region}")
        answer(
            f"     {one.letters} letters{people}, {one.answered} answered, "
            f"{one.first_received_at:%Y-%m-%d} to {one.last_received_at:%Y-%m-%d}"
        )


def _beside_the_worker(given: Globals) -> None:
    """The same for the worker, which asked for it (`cli.fresh_matters`): after everything else,
    and in silence."""
    os.nice(_NICE)
    from search.duplicates.linking import bring_links_up_to_date

    with opened(given) as archive, archive.database.alone("clusters") as mine:
        if mine:
            bring_links_up_to_date(archive.database, actor=WORKER)
