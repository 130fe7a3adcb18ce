"""One letter: its record, the pages of its scan, where words stand on them, its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.caller import TheCaller, TheSearcher
from api.errors import problems
from api.filenames import attachment
from api.letter_schemas import NewNote, PetitionSeen, WordsSeen
from api.office import TheOffice
from api.wire import petition_seen

router = APIRouter(tags=["petitions"])

PIECE: Final = 256 * 1024
"""Bytes read from a file at once."""

_PICTURE = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
_SEALED = {"application/json": {"schema": {"type": "object"}}}
_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.get("/petitions/{petition_id}", responses=problems(401, 404, 503))
def petition(petition_id: str, caller: TheCaller, office: TheOffice) -> PetitionSeen:
    """A letter with replies and course, as this user may see it."""
    return petition_seen(office.library.petition(caller.scope, petition_id))


@router.post(
    "/petitions/{petition_id}/notes",
    status_code=204,
    responses=problems(400, 401, 404, 413, 422, 503),
)
def add_note(petition_id: str, note: NewNote, caller: TheCaller, office: TheOffice) -> None:
    """A leader's note on a letter: added for good, seen by those who may see leaders' notes."""
    office.library.add_note(caller.scope, petition_id, note.text, addressed=note.addressed)


@router.get(
    "/petitions/{petition_id}/pages/{number}",
    response_class=Response,
    responses=problems(401, 404, 422, 503)
    | {200: {"description": "The page, upright.", "content": _PICTURE}},
)
def page_image(petition_id: str, number: int, caller: TheCaller, office: TheOffice) -> Response:
    """The picture of a page of the scan, or its redacted copy; pages count from 1."""
    image = office.library.page_image(caller.scope, petition_id, number)
    return Response(image.content, media_type=image.media_type)


@router.get("/petitions/{petition_id}/pages/{number}/words", responses=problems(401, 404, 422, 503))
def page_words(
    petition_id: str,
    number: int,
    caller: TheCaller,
    office: TheOffice,
    q: Annotated[str, Query(description="The question.", examples=["噪音"])] = "",
) -> WordsSeen:
    """Where a question stands on a page of the scan; on a redacted one, in what can be read."""
    words = office.library.page_words(caller.scope, petition_id, number, q)
    return WordsSeen.model_validate(words)


@router.get(
    "/petitions/{petition_id}/original",
    response_class=StreamingResponse,
    responses=problems(401, 404, 422, 503)
    | {200: {"description": "The file as it came.", "content": _FILE}},
)
def original(
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    number: Annotated[int, Query(description="Which file, from 1.")] = 1,
) -> StreamingResponse:
    """A file as it came in, for saving; a browser never shows it in place."""
    file = office.library.original(caller.scope, petition_id, number)
    return StreamingResponse(
        _pieces(file.content),
        media_type=file.media_type or "application/octet-stream",
        headers={
            "Content-Disposition": attachment(file.name),
            "Content-Length": str(file.size),
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        },
    )


@router.get(
    "/petitions/{petition_id}/export",
    response_class=Response,
    responses=problems(401, 404, 429, 503)
    | {200: {"description": "A sealed document, for saving.", "content": _SEALED}},
)
def export(petition_id: str, caller: TheSearcher, office: TheOffice) -> Response:
    """The letter as this user may see it, signed by the office: whoever has the office's public
    key can tell that not one byte of it was changed."""
    sealed = office.library.export(caller.scope, petition_id)
    return Response(
        sealed.content,
        media_type="application/json",
        headers={"Content-Disposition": attachment(sealed.name)},
    )


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(PIECE):
            yield piece
