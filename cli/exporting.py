"""`petitions export`, `verify` and `signing`: sealed petitions, and the keys they rest on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import (
    SOME_FAILED,
    WRONG_USAGE,
    Globals,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    say,
    stop,
)
from cli.finding import AsUser, OnePetition, opened_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.seals import ExportReport
    from records.signing_keys import SigningKey

app = typer.Typer(
    help="Keys that sign replies and exports.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def options() -> None:
    """The office's key, which seals exports, and those of the people who sign replies."""


def export(
    context: typer.Context,
    petition: OnePetition,
    to: Annotated[Path, typer.Argument(help="A new file.")],
    as_user: AsUser = None,
    home: HomeOption = None,
) -> None:
    """Write one petition, as this user may see it, into a file signed by the office."""
    given = globals_of(context, home)
    with opened_at(given, petition, as_user) as (archive, scope, id_):
        made = archive.library.export(scope, id_)
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        stop(f"{to} can't be made ({error.strerror}): name a new file", WRONG_USAGE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(made.content)
    say(f"{to}: {len(made.content):,} bytes, signed by the office")


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An export.")],
    key: Annotated[
        list[Path] | None,
        typer.Option(help="The office's public key (PEM), where no office is; may be given again."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Is every byte of an export as the office signed it? Exit 1 when it isn't."""
    given = globals_of(context, home, as_json)
    from records.seals import MOST, verify_sealed

    trusted = _trusted(given, key or [])
    try:
        with file.open("rb") as opened_:
            content = opened_.read(MOST + 1)
    except OSError as error:
        stop(f"{file} can't be read ({error.strerror}): name an export", WRONG_USAGE)
    if len(content) > MOST:
        stop(f"{file} is larger than any export", SOME_FAILED)
    report = verify_sealed(content, trusted)
    _tell(given, report)
    if not report.agrees:
        raise typer.Exit(SOME_FAILED)


@app.command("key")
def key(context: typer.Context, home: HomeOption = None) -> None:
    """The office's public key in PEM, for those who verify exports elsewhere."""
    from records.audit_signer import public_pem
    from records.signing_keys import office_signer

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        signer = office_signer(session)
    answer(public_pem(signer.private).strip())


@app.command("list")
def list_(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """All keys there ever were: whose, since when, and when and why they ended."""
    given = globals_of(context, home, as_json)
    from records.signing_keys import keys_of

    with opened(given) as archive, archive.database.read() as session:
        keys = keys_of(session)
    if given.as_json:
        answer_json([_plain(one) for one in keys.values()])
        return
    for one in keys.values():
        ended = f"{one.ended_by} {one.ended_at:%Y-%m-%d %H:%M}" if one.ended_at else "holds"
        answer(f"{one.public}  {one.owner}  since {one.made_at:%Y-%m-%d %H:%M} UTC, {ended}")


@app.command("revoke")
def revoke(
    context: typer.Context,
    public: Annotated[str, typer.Argument(metavar="KEY", help="As 'signing list' shows it.")],
    home: HomeOption = None,
) -> None:
    """End a key that may have come into other hands. What it signed before stays verifiable and
    tells that the key was revoked."""
    from records.signing_keys import REVOKED, end
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        end(session, public, REVOKED, SHELL)
    say("it signs nothing any more; set another password for its owner, then signing makes a key")


@app.command("renew")
def renew(context: typer.Context, home: HomeOption = None) -> None:
    """Another key of the office; what the old one signed stays verifiable."""
    from records.signing_keys import renew_office
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        made = renew_office(session, SHELL)
    answer(made.public)


def _trusted(given: Globals, keys: list[Path]) -> Mapping[str, SigningKey | None]:
    """The keys named, else those of the office."""
    from records.audit_signer import read_public
    from records.signing_keys import keys_of

    if keys:
        return {read_public(path): None for path in keys}
    with opened(given) as archive, archive.database.read() as session:
        return {public: one for public, one in keys_of(session).items() if one.user_id is None}


def _tell(given: Globals, report: ExportReport) -> None:
    sound = report.agrees
    if given.as_json:
        answer_json(
            {
                "sound": sound,
                "key": report.key,
                "made_at": report.made_at,
                "faults": [{"part": one.part, "fault": str(one)} for one in report.faults],
                "signatures": [
                    {
                        "reply": one.reply,
                        "name": one.name,
                        "signed_at": one.signed_at,
                        "state": one.state,
                        "sound": one.sound,
                        "fits": one.fits,
                        "key_ended_at": one.ended_at,
                        "key_ended_by": one.ended_by,
                    }
                    for one in report.signatures
                ],
            }
        )
        return
    for fault in report.faults:
        answer(f"  {fault}")
    if report.content is not None:
        petition = report.content["petition"]
        answer(f"{petition['number']} [{petition['edition']}], sealed {report.made_at}")
    for one in report.signatures:
        wrong = not one.sound or (one.state == "valid" and not one.fits)
        fits = (
            "DOES NOT FIT: no genuine signature of the reply in this file" if wrong else one.state
        )
        ended = f" (its key was {one.ended_by} {one.ended_at})" if one.ended_by else ""
        answer(f"  reply {one.reply}: {one.name}, {one.signed_at}: {fits}{ended}")
    answer("genuine" if sound else "NOT GENUINE: don't rely on it")


def _plain(key: SigningKey) -> dict[str, str | None]:
    return {
        "key": key.public,
        "owner": key.owner,
        "user": key.user_id,
        "made_at": key.made_at.isoformat(),
        "ended_at": key.ended_at.isoformat() if key.ended_at else None,
        "ended_by": key.ended_by,
    }
