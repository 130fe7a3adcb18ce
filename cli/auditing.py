"""`petitions audit`: is the log of acts whole, and still the one that it was?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import (
    DONE,
    SOME_FAILED,
    Globals,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    home_of,
    opened,
    say,
)

if TYPE_CHECKING:
    from records.audit_chain import AuditReport
    from records.audit_checkpoints import Checkpoint

MOST_TOLD = 50

app = typer.Typer(help="The log of acts.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def options() -> None:
    """The log of acts: every search, view, import and change of rights."""


@app.command("verify")
def verify(
    context: typer.Context,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A file of checkpoints kept elsewhere; may be given again."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="A public key of their signatures; may be given again."),
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Verify this exported log, not that of the office.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute the log, entry by entry, and hold it against every checkpoint; exit 1 when
    something doesn't fit."""
    given = globals_of(context, home, as_json)
    from records.audit import verify as verify_log
    from records.audit_checkpoints import against, origin
    from records.audit_export import verify_export

    checkpoints, faults = _checkpoints(given, checkpoint or [], office=export is None)
    trusted = _trusted(given, key or [], needed=bool(checkpoints) or export is not None)
    if export is not None:
        report, against_it = verify_export(export, checkpoints, trusted)
    else:
        with opened(given) as archive, archive.database.read() as session:
            report = verify_log(session, {one.entries for one in checkpoints})
            against_it = against(report, checkpoints, trusted, origin(session.keys))
    _tell(given, report, len(checkpoints), [*faults, *against_it])
    if not report.intact or faults or against_it:
        raise typer.Exit(SOME_FAILED)


@app.command("checkpoint")
def checkpoint(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="Add it to this file too, kept elsewhere.")
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, help="Only where that many entries came since the last one.")
    ] = 1,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify the log, sign what it is now, print that and keep it; never one that doesn't fit."""
    given = globals_of(context, home, as_json)
    from records.audit import verify as verify_log
    from records.audit_checkpoints import against, keep, make_checkpoint, origin
    from records.audit_signer import public_key, read_signer

    office = home_of(given)
    signer = read_signer(office.audit_signer)
    kept, faults = _checkpoints(given, [], office=True)
    with opened(given) as archive, archive.database.read() as session:
        report = verify_log(session, {one.entries for one in kept})
        name = origin(session.keys)
    trusted = {public_key(signer), *(one.key for one in kept)}
    faults += against(report, kept, trusted, name)
    if faults or not report.intact:
        say("nothing was signed:")
        _tell(given, report, len(kept), faults)
        raise typer.Exit(SOME_FAILED)
    newest = max((one.entries for one in kept), default=0)
    if kept and report.entries - newest < every:
        say(f"the last one covers {newest} of {report.entries} entries: none is due (--every)")
        raise typer.Exit(DONE)
    made = make_checkpoint(signer, name, report.entries, report.head)
    for file in (office.checkpoints, *([to] if to else [])):
        keep(file, made)
    answer(made.line().decode("ascii"))
    if to is None:
        say("keep it where nobody who has this machine can change it: print it, or --to FILE")


@app.command("key")
def key(
    context: typer.Context,
    make: Annotated[bool, typer.Option("--make", help="Make the key where none is.")] = False,
    home: HomeOption = None,
) -> None:
    """The public half of the key that signs checkpoints, for those who verify."""
    from records.audit_signer import make_signer, public_pem, read_signer

    path = home_of(globals_of(context, home)).audit_signer
    answer(public_pem(make_signer(path) if make else read_signer(path)).strip())


@app.command("export")
def export(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(help="A new file.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the log into a file, one entry a line, then a signed checkpoint of it."""
    given = globals_of(context, home, as_json)
    from records.audit_export import export_log
    from records.audit_signer import read_signer
    from search.scopes import SHELL

    signer = read_signer(home_of(given).audit_signer)
    with opened(given) as archive:
        report = export_log(archive.database, signer, to, SHELL)
    _tell(given, report, 0, [])
    if not report.intact:
        say(f"{to} is evidence as it is; it was not signed")
        raise typer.Exit(SOME_FAILED)


def _checkpoints(
    given: Globals, files: Sequence[Path], *, office: bool
) -> tuple[list[Checkpoint], list[str]]:
    """Those of the files and, of the office, those that it keeps; and lines that are none."""
    from records.audit_checkpoints import read_checkpoints
    from records.audit_keeping import own_checkpoints

    own = own_checkpoints(home_of(given)) if office else []
    found: list[Checkpoint] = []
    faults: list[str] = []
    for path in [*own, *files]:
        read, wrong = read_checkpoints(path)
        found += read
        faults += wrong
    return found, faults


def _trusted(given: Globals, keys: Sequence[Path], *, needed: bool) -> set[str]:
    """Public keys: those named, else the office's own."""
    from records.audit_signer import public_key, read_public, read_signer

    if keys:
        return {read_public(path) for path in keys}
    return {public_key(read_signer(home_of(given).audit_signer))} if needed else set()


def _tell(given: Globals, report: AuditReport, checkpoints: int, faults: list[str]) -> None:
    intact = report.intact and not faults
    if given.as_json:
        answer_json(
            {
                "intact": intact,
                "entries": report.entries,
                "head": report.head,
                "checkpoints": checkpoints,
                "faults": [
                    *({"entry": entry, "fault": fault} for entry, fault in report.faults),
                    *({"entry": None, "fault": fault} for fault in faults),
                ],
            }
        )
        return
    answer(f"{report.entries} entries, last hash {report.head}, {checkpoints} checkpoints")
    told = [*(f"entry {entry}: {fault}" for entry, fault in report.faults), *faults]
    for one in told[:MOST_TOLD]:
        answer(f"  {one}")
    if len(told) > MOST_TOLD:
        answer(f"  … and {len(told) - MOST_TOLD} more; --json lists them all")
    if intact:
        answer("intact")
        return
    answer(
        "NOT INTACT: stop the office, keep the database as it is, and find the newest backup "
        "whose log is intact ('petitions restore' into another home). After a restore that was "
        "meant, checkpoints younger than the backup no longer fit: the entry 'restore' says so"
    )
