"""`petitions duplicates` and `petitions similar`: who wrote this before, and letters like one."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import (
    WRONG_USAGE,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    stop,
)
from cli.finding import AsUser, OnePetition, numbers_of, opened_at, scope_as, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from search.duplicates.answers import Duplicate

Known = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="Our id or number, or the older.")
]
Size = Annotated[int, typer.Option(min=1, max=50, help="Most letters that are told.")]


def duplicates(
    context: typer.Context,
    petition: Known = None,
    text_file: Annotated[
        Path | None, typer.Option(help="A letter that isn't in the records; - for standard input.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Of that letter.")] = "",
    name: Annotated[str, typer.Option(help="Of its writer.")] = "",
    phone: str = "",
    id_no: str = "",
    address: str = "",
    region: Annotated[str, typer.Option(help="A code or name.")] = "",
    received: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    size: Size = 20,
    as_user: AsUser = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who wrote this before, or about it. Without --as: with the operator's rights, and logged."""
    given = globals_of(context, home, as_json)
    if (petition is None) == (text_file is None):
        stop("give an ID, or --text-file with the letter's text", WRONG_USAGE)
    text = _text(text_file) if text_file else ""
    from records import daily
    from search.duplicates.answers import LetterAsked, Petitioner
    from search.errors import QueryError

    if petition is not None:
        with opened_at(given, petition, as_user) as (archive, scope, id_):
            found = archive.library.repeats.of(scope, id_, size)
    else:
        writer = Petitioner(name=name, phone=phone, id_no=id_no, address=address)
        people = (writer,) if writer != Petitioner() else ()
        with opened(given) as archive:
            day = received.replace(tzinfo=zone_of(archive)) if received else None
            asked = LetterAsked(subject, text, people, region, day, size)
            limit = daily.finds(archive.home.settings)
            try:
                found = archive.library.repeats.of_new(scope_as(archive, as_user), asked, limit)
            except QueryError as mistake:
                stop(str(mistake), WRONG_USAGE)
    if given.as_json:
        from api.routes.duplicates import duplicate_found

        answer_json([duplicate_found(one).model_dump(mode="json") for one in found.found])
        return
    if not found.people_asked:
        answer("today's look-ups of people are used up: only texts were compared")
    _print(found.found, zone_of(archive))


def similar(
    context: typer.Context,
    petition: OnePetition,
    size: Size = 20,
    as_user: AsUser = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Letters like one, those that were answered first."""
    given = globals_of(context, home, as_json)
    with opened_at(given, petition, as_user) as (archive, scope, id_):
        found = archive.library.repeats.similar(scope, id_, size)
    if given.as_json:
        from api.routes.duplicates import similar_found

        answer_json([similar_found(one).model_dump(mode="json") for one in found.found])
        return
    _print(found.found, zone_of(archive))


def _text(file: Path) -> str:
    """Raises nothing: a file that can't be read ends the command."""
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        stop(f"{file}: {error.strerror}; give a text file", WRONG_USAGE)
    from ingest.plain_text import decode

    read = decode(content)
    if read is None or not read[0].strip():
        stop(f"{file} holds no text; give the letter's text in UTF-8, GB18030 or Big5", WRONG_USAGE)
    return read[0]


def _print(found: tuple[Duplicate, ...], zone: ZoneInfo) -> None:
    from search.duplicates.reasons import said

    if not found:
        answer("nobody wrote this, or about it, before")
    for place, one in enumerate(found, 1):
        petition = one.petition
        answer(f"\n{place}. {one.verdict} {one.score:.2f} [{one.band}]  {petition.subject}")
        day = f"{petition.received_at.astimezone(zone):%Y-%m-%d}"
        answer(f"   {numbers_of(petition)}  {day}  {petition.status.label}")
        answer("   " + "；".join(map(said, one.reasons)))
        for reply in petition.replies[:1]:
            answer(f"   答复: {' '.join(reply.text.split())[:80]}")
