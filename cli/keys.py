"""`petitions keys renew`: the key of encrypted columns is replaced, every value encrypted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.context import (
    SOME_FAILED,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    failures_told,
    globals_of,
    office_of,
    say,
)
from cli.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from records.renewal import Renewal

app = typer.Typer(help="The office's keys.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def options() -> None:
    """The key that personal values are encrypted with."""


@app.command("renew")
def renew(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Encrypt every value with a new key. Stop serve and work first, on all machines.

    Interrupted: run it again, it goes on. The present key is kept as an older one: questions in
    the log and backups made until now need it.
    """
    given = globals_of(context, home, as_json)
    office = office_of(given)
    from records.renewal import renew as renew_key
    from search.scopes import SHELL

    with Progress("encrypt anew", "values") as told:
        done = renew_key(office, SHELL, told)
    if given.as_json:
        answer_json(
            {
                "finished": done.finished,
                "went_on": done.went_on,
                "values": done.values,
                "looked_at": done.looked_at,
                "older": [one.file for one in done.older],
                "failed": list(done.failed),
            }
        )
    else:
        answer(f"{done.values:,} of {done.looked_at:,} values encrypted anew")
        _told(done, office.keys.resolve())
    failures_told([(one, "no key opens it", _REMEDY) for one in done.failed])
    if not done.finished:
        raise typer.Exit(SOME_FAILED)


_REMEDY = "put the older key that is missing back and run it again, or restore it from a backup"


def _told(done: Renewal, folder: Path) -> None:
    if done.went_on:
        say("the key files had been changed before: no other key was made")
    files = ", ".join(one.file for one in done.older)
    if not done.finished:
        say(f"not finished: keep {files} in {folder} until it is")
        return
    say(
        f"now copy {folder} to the place where keys are kept, and to all machines of this office, "
        "before they start again: without the new key they can't read, and refuse to start"
    )
    say(
        f"{files} stays: questions in the log can't be encrypted anew, and backups made until now "
        "are read with it. Who got hold of it still reads those, and old copies of the database"
    )
