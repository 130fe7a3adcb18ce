"""`petitions backup` and `restore`: an office outlives its machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

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
    say,
    stop,
)
from cli.indexing import unfindable
from cli.progress import Progress

_UNITS = {"database": "parts", "originals": "bytes"}


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A folder on another disk, for all backups.")],
    keys_to: Annotated[
        Path | None, typer.Option(help="Copy the keys too, into this other folder.")
    ] = None,
    keys_beside: Annotated[
        bool, typer.Option("--keys-beside", help="Allow the keys where the backup is.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up database and originals while the office works; only new originals are copied."""
    given = globals_of(context, home, as_json)
    from records.backup import back_up, back_up_keys
    from records.database import open_as_it_is
    from search.scopes import SHELL

    office = home_of(given)
    if not office.settings.database_url and not (office.path / "petitions.db").exists():
        stop(f"there is no office in {office.path}; nothing to back up", WRONG_USAGE)
    # Tables stay as they are: a backup is what one makes before an upgrade.
    database = open_as_it_is(office)
    try:
        if database.version() is None:
            stop("the database of PETITIONS_DATABASE_URL holds no office", WRONG_USAGE)
        if keys_to is not None:
            back_up_keys(office, keys_to, target, beside=keys_beside)
        with _progress() as told:
            made = back_up(office, database, target, SHELL, told)
    finally:
        database.close()
    said = made.manifest
    if given.as_json:
        answer_json(
            {
                "backup": str(made.folder),
                "petitions": said.tables["petitions"],
                "originals": said.originals,
                "copied": made.copied,
                "lacking": said.lacking,
                "audit_entries": said.audit_entries,
                "audit_head": said.audit_head,
            }
        )
    else:
        answer(
            f"{made.folder}: {said.tables['petitions']} petitions, {said.originals} originals, "
            f"{made.copied} of them new"
        )
        if keys_to is None:
            say("the keys are not in it: without them it can't be restored (--keys-to)")
    failures_told(
        [
            (f"original {one}", "missing or damaged in the office", "restore it from elsewhere")
            for one in said.lacking
        ]
    )
    if said.lacking:
        raise typer.Exit(SOME_FAILED)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The folder that was given to 'backup'.")],
    at: Annotated[str | None, typer.Option(help="Which backup; default: the newest.")] = None,
    keys_from: Annotated[
        Path | None, typer.Option(help="The folder with the keys; default: the home's.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only verify the backup, file by file.")
    ] = False,
    leave_damaged: Annotated[
        bool, typer.Option("--leave-damaged", help="Restore without originals that are not sound.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an office from a backup, in an empty home; verify it and build its indexes."""
    given = globals_of(context, home, as_json)
    from records.restore import find_backup, open_backup, verify_originals
    from records.restore import restore as restore_office
    from search.scopes import SHELL

    office = home_of(given)
    found = open_backup(find_backup(source, at), keys_from or office.keys)
    with _progress() as told:
        if check:
            faults = verify_originals(found, told)
        else:
            faults = restore_office(found, office, SHELL, told, leave_damaged=leave_damaged)
    said = found.manifest
    indexed = None
    lost: list[tuple[str, str, str]] = []
    if not check:
        from search.bootstrap import open_archive

        archive = open_archive(office)
        try:
            with Progress("index", "letters") as indexing:
                indexed = archive.rebuild(indexing)
            lost = unfindable(archive)
        finally:
            archive.close()
    if given.as_json:
        answer_json(
            {
                "backup": str(found.folder),
                "petitions": said.tables["petitions"],
                "originals": said.originals - len(faults),
                "indexed": None if indexed is None else indexed - len(lost),
                "audit_entries": said.audit_entries,
                "audit_head": said.audit_head,
                "faults": faults,
            }
        )
    else:
        answer(
            f"{found.folder}, of {said.made_at}: {said.tables['petitions']} petitions, "
            f"{said.originals - len(faults)} originals, log of {said.audit_entries} acts intact"
            if not check
            else f"{found.folder}: {'sound' if not faults else 'NOT SOUND'}"
        )
        if not check:
            say("users and rights are those of that time: look through 'petitions user list'")
    failures_told(
        [
            (one, "it is left out" if not check else "not sound", "put a sound copy there")
            for one in faults
        ]
        + lost
    )
    if faults or lost:
        raise typer.Exit(SOME_FAILED)
    if indexed is not None and indexed != said.tables["petitions"]:
        stop(f"{indexed} letters were indexed; run 'petitions reindex'", SOME_FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """One bar after the other, as the work goes from one thing to the next."""
    open_: dict[str, Progress] = {}

    def told(what: str, done: int, total: int) -> None:
        if what not in open_:
            close()
            open_[what] = Progress(what, _UNITS[what])
            open_[what].__enter__()
        open_[what](done, total)

    def close() -> None:
        for what in list(open_):
            open_.pop(what).__exit__(None, None, None)

    try:
        yield told
    finally:
        close()
