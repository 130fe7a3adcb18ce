"""`petitions audit`: is the log of acts whole?"""

from __future__ import annotations

import typer

from cli.context import (
    SOME_FAILED,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
)

app = typer.Typer(help="The log of acts.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def options() -> None:
    """The log of acts: every search, view, import and change of rights."""


@app.command("verify")
def verify(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Recompute the chain of hashes over the whole log; exit 1 when an entry doesn't fit."""
    given = globals_of(context, home, as_json)
    from records.audit import verify as verify_log

    with opened(given) as archive, archive.database.read() as session:
        report = verify_log(session)
    if given.as_json:
        answer_json(
            {
                "intact": report.intact,
                "entries": report.entries,
                "head": report.head,
                "faults": [{"entry": entry, "fault": fault} for entry, fault in report.faults],
            }
        )
    else:
        answer(f"{report.entries} entries, last hash {report.head}")
        for entry, fault in report.faults:
            answer(f"  entry {entry}: {fault}")
        answer(
            "intact" if report.intact else "NOT INTACT: restore the log from a backup and ask why"
        )
    if not report.intact:
        raise typer.Exit(SOME_FAILED)
