"""What every command shares: the home, the way answers are printed, and how errors end it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from records.home import Home
    from search.bootstrap import Archive

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(slots=True)
class Globals:
    """Options before the command's name; those after it win."""

    home: Path | None = None
    as_json: bool = False


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The office's folder (or PETITIONS_HOME; default ./var)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def globals_of(context: typer.Context, home: Path | None, as_json: bool = False) -> Globals:
    """The options of this call."""
    given: Globals = context.ensure_object(Globals)
    return Globals(home or given.home, as_json or given.as_json)


def home_of(given: Globals) -> Home:
    """The office's home with the settings of the environment."""
    from records.home import Home

    return Home.from_environment(given.home)


def office_of(given: Globals, *, make: bool = False) -> Home:
    """The home of an office that can be opened. Only `make` allows one where none is."""
    from records.restore import MARK

    home = home_of(given)
    if (home.path / MARK).exists():
        stop(f"{home.path} is not restored to the end: run 'petitions restore' again", WRONG_USAGE)
    if not make and not home.settings.database_url and not (home.path / "petitions.db").exists():
        stop(f"there is no office in {home.path}; make one with 'petitions init'", WRONG_USAGE)
    return home


@contextmanager
def opened(given: Globals, *, make: bool = False) -> Iterator[Archive]:
    """The office, open for the time of a command. Only `make` makes one where none is."""
    from search.bootstrap import open_archive

    archive = open_archive(office_of(given, make=make))
    try:
        yield archive
    finally:
        archive.close()


def say(text: str = "") -> None:
    """A line for people, on stderr: stdout is for answers."""
    sys.stderr.write(text + "\n")


def answer(text: str) -> None:
    sys.stdout.write(text + "\n")


def answer_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def stop(message: str, code: int) -> NoReturn:
    say(f"petitions: {message}")
    raise typer.Exit(code)


def failures_told(failures: list[tuple[str, str, str]], most: int = 200) -> None:
    """A list for people: item, cause, remedy."""
    if not failures:
        return
    say(f"\n{len(failures)} failed:")
    for item, cause, remedy in failures[:most]:
        say(f"  {item}\n    {cause}\n    -> {remedy}")
    if len(failures) > most:
        say(f"  … and {len(failures) - most} more; --json lists them all")
