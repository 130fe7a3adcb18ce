"""`petitions move`: an office's records go to another database, and the copy is proven."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import (
    SOME_FAILED,
    WRONG_USAGE,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    say,
    stop,
)
from cli.progress import Progress

if TYPE_CHECKING:
    from records.moving import Move

_SHOWN = 16  # characters of a hash, for people


def move(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(help="Address of an empty database; - reads it from stdin: it may be secret."),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy all records into another, empty database and prove the copy. Stop serve and work first.

    Originals, indexes and keys stay where they are. Exit 0: every row is there and the same.
    """
    given = globals_of(context, home, as_json)
    url = sys.stdin.readline().strip() if to == "-" else to
    if not url:
        stop("--to is empty: give the address of an empty database", WRONG_USAGE)
    from records.database import open_database
    from records.moving import move as move_records

    with opened(given) as archive:
        old, settings = archive.database, archive.home.settings
        new = open_database(url, old.keys, wait_seconds=settings.database_wait_seconds)
        try:
            with Progress("copy", "rows") as copied, Progress("compare", "rows") as compared:
                done = move_records(old, new, "shell", copied, compared)
            inside = str(archive.home.path.resolve() / "petitions.db") == new.place
            _told(done, old.place, new.place, inside, given.as_json)
        finally:
            new.close()
    if not done.proven:
        raise typer.Exit(SOME_FAILED)


def _told(done: Move, old: str, new: str, inside: bool, as_json: bool) -> None:
    if as_json:
        answer_json(
            {
                "proven": done.proven,
                "from": old,
                "to": new,
                "begun_anew": done.begun_anew,
                "tables": [asdict(proof) | {"equal": proof.equal} for proof in done.proofs],
                "audit": {
                    "entries": done.audit.entries,
                    "head": done.audit.head,
                    "faults": done.audit.faults,
                    "intact": done.audit.intact,
                },
            }
        )
    else:
        answer(f"{'table':<18} {'rows':>11} {'copied':>11}  {'hash':<{_SHOWN}}  {'hash of copy'}")
        for proof in done.proofs:
            answer(
                f"{proof.table:<18} {proof.old.rows:>11,} {proof.new.rows:>11,}  "
                f"{proof.old.hash[:_SHOWN]}  {proof.new.hash[:_SHOWN]}  "
                f"{'equal' if proof.equal else 'DIFFERENT'}"
            )
        state = "intact" if done.audit.intact else "NOT INTACT"
        answer(f"log in the copy: {done.audit.entries:,} entries, {state}")
    if done.begun_anew:
        say("an earlier move into this database had been broken off; it was begun anew")
    if not done.proven:
        say(f"the copy differs; {new} stays marked as unfinished and can't be used. Run it again")
    elif inside:
        say("proven. Now unset PETITIONS_DATABASE_URL and start the office again")
    else:
        say(f"proven. Now set PETITIONS_DATABASE_URL to the address of {new} and start again")
    if done.proven:
        say(f"keep {old} until then; what is written to it from now on is not in the copy")
