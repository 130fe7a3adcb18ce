"""Who wrote this before; and letters like one, with how they were answered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.caller import TheSearcher
from api.duplicate_schemas import (
    DuplicateFound,
    DuplicatesAsked,
    OverlookedFound,
    ReplyTold,
    SimilarFound,
)
from api.errors import problems
from api.office import TheOffice
from api.personal import require_finder
from records import daily
from search.duplicates.answers import MOST, SHOWN, Duplicate, LetterAsked, Petitioner
from search.duplicates.reasons import said

router = APIRouter(tags=["duplicates"])

Size = Annotated[int, Query(ge=1, le=MOST, description="Most letters that are told.")]

USED_UP = "People-Asked"
"""Says `no` where the day's look-ups of people are used up: then only texts were compared."""


@router.post(
    "/duplicates",
    responses=problems(400, 401, 413, 422, 429, 503)
    | {200: {"headers": {USED_UP: {"schema": {"type": "string", "enum": ["yes", "no"]}}}}},
)
def duplicates(
    asked: DuplicatesAsked, caller: TheSearcher, office: TheOffice, response: Response
) -> tuple[DuplicateFound, ...]:
    """Letters that this one repeats, copies or joins, closest first, of those that may be seen."""
    letter = LetterAsked(
        asked.subject,
        asked.text,
        people_of(asked),
        asked.region,
        asked.received_at,
        asked.size,
    )
    found = office.library.repeats.of_new(caller.scope, letter, daily.finds(office.settings))
    response.headers[USED_UP] = "yes" if found.people_asked else "no"
    return tuple(DuplicateFound(**_told(one)) for one in found.found)


@router.get("/petitions/{petition_id}/similar", responses=problems(401, 404, 422, 429, 503))
def similar(
    petition_id: str, caller: TheSearcher, office: TheOffice, size: Size = SHOWN
) -> tuple[SimilarFound, ...]:
    """Letters like this one: those that were answered before those that were only passed on."""
    found = office.library.repeats.similar(caller.scope, petition_id, size)
    return tuple(similar_found(one) for one in found.found)


@router.get("/petitions/{petition_id}/duplicates", responses=problems(401, 404, 422, 429, 503))
def duplicates_of(
    petition_id: str, caller: TheSearcher, office: TheOffice, size: Size = SHOWN
) -> tuple[DuplicateFound, ...]:
    """Letters that this one of the records repeats, copies or joins, closest first."""
    found = office.library.repeats.of(caller.scope, petition_id, size)
    return tuple(map(duplicate_found, found.found))


@router.get("/duplicates/overlooked", responses=problems(401, 403, 429, 503))
def overlooked(caller: TheSearcher, office: TheOffice) -> tuple[OverlookedFound, ...]:
    """Letters that wait for a decision and repeat what whoever registered them may not see: the
    registrar is told nothing of it, who sees both is. For those who look people up."""
    require_finder(caller)
    return tuple(
        OverlookedFound(
            id=one.petition.id,
            number=one.petition.number,
            subject=one.petition.subject,
            found=tuple(map(duplicate_found, one.found)),
        )
        for one in office.library.repeats.overlooked(caller.scope)
    )


def people_of(asked: DuplicatesAsked) -> tuple[Petitioner, ...]:
    """The person, where anything is told of them."""
    one = Petitioner(**asked.person.model_dump())
    return (one,) if one != Petitioner() else ()


def duplicate_found(one: Duplicate) -> DuplicateFound:
    """As JSON has it."""
    return DuplicateFound(**_told(one))


def similar_found(one: Duplicate) -> SimilarFound:
    """As JSON has it, with the replies."""
    told = _told(one)
    replies = tuple(map(ReplyTold.model_validate, one.petition.replies))
    return SimilarFound(**told, why=told["reasons"], replies=replies)


def _told(one: Duplicate) -> dict[str, Any]:
    petition = one.petition
    return {
        "id": petition.id,
        "number": petition.number,
        "external_id": petition.external_id,
        "subject": petition.subject,
        "verdict": one.verdict,
        "band": one.band,
        "score": round(one.score, 4),
        "evidence": one.evidence,
        "reasons": tuple(map(said, one.reasons)),
        "status": petition.status.value,
        "received_at": petition.received_at,
        "edition": petition.edition,
        "replied": bool(petition.replies),
        "transfer_only": bool(petition.replies)
        and all(reply.transfer_only for reply in petition.replies),
    }
