"""The `petitions` command. Everything costly is imported by the command that needs it."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from typing import Annotated

import typer

from cli import auditing, exporting, keys, regions, users
from cli.clusters import clusters
from cli.context import DONE, INTERRUPTED, WRONG_USAGE, Globals, HomeOption, JsonOption, say
from cli.exporting import export, verify
from cli.finding import search, show
from cli.keeping import backup, restore
from cli.moving import move
from cli.redacting import redact
from cli.repeating import duplicates, similar
from cli.serving import serve
from cli.setting_up import check, init, reindex, status
from cli.taking_in import import_records, ingest, work

COLLECTED = 50_000, 20, 20
"""New objects between collections. Loading makes many and leaves no garbage: with Python's 700 a
command takes a tenth longer to start."""

app = typer.Typer(
    name="petitions",
    help="Petitions: taken in by scan and export, found within the asker's rights.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Options for every command; they may also stand after its name."""
    context.obj = Globals(home, as_json)


app.command("init")(init)
app.add_typer(users.app, name="user")
app.add_typer(regions.app, name="region")
app.command("import")(import_records)
app.command("ingest")(ingest)
app.command("work")(work)
app.command("search")(search)
app.command("show")(show)
app.command("similar")(similar)
app.command("duplicates")(duplicates)
app.command("clusters")(clusters)
app.command("redact")(redact)
app.command("export")(export)
app.command("verify")(verify)
app.add_typer(exporting.app, name="signing")
app.command("reindex")(reindex)
app.command("move")(move)
app.command("status")(status)
app.command("check")(check)
app.command("backup")(backup)
app.command("restore")(restore)
app.add_typer(keys.app, name="keys")
app.add_typer(auditing.app, name="audit")
app.command("serve")(serve)


@app.command()
def demo(
    context: typer.Context,
    home: HomeOption = None,
    letters: Annotated[int, typer.Option(min=1, help="Letters of the invented office.")] = 240,
    scans: Annotated[int, typer.Option(min=0, help="How many of them come as scans.")] = 30,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    open_: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open the search page at the end.")
    ] = True,
) -> None:
    """An invented office: letters, scans, users; then the search page."""
    from cli.context import globals_of
    from cli.demo import run_demo

    raise typer.Exit(
        run_demo(globals_of(context, home), letters, scans, host=host, port=port, serve=open_)
    )


def main() -> None:
    """Run a command; its errors become a message and an exit code."""
    signal.signal(signal.SIGINT, _interrupted)
    gc.set_threshold(*COLLECTED)
    try:
        app(standalone_mode=True)
    except Exception as error:
        if not _is_ours(error):
            raise
        remedy = getattr(error, "remedy", None)
        say(f"petitions: {error}" + (f"\n  -> {remedy}" if remedy else ""))
        sys.exit(WRONG_USAGE)
    sys.exit(DONE)


def _interrupted(*_: object) -> None:
    """Ctrl-C: what was written stays; nothing is half done, for each batch is one transaction."""
    logging.disable()  # a driver that is interrupted while it closes would log the trace
    say("stopped; run the same command again to go on")
    raise SystemExit(INTERRUPTED)


def _is_ours(error: Exception) -> bool:
    """An error that a person can do something about; others are bugs and show their trace."""
    from ingest.errors import IngestError
    from records.errors import RecordsError
    from search.errors import SearchError

    return isinstance(error, IngestError | RecordsError | SearchError)


if __name__ == "__main__":
    main()
