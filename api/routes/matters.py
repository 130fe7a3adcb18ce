"""Hot matters, over JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.caller import TheCaller, TheSearcher
from api.errors import problems
from api.matter_schemas import MattersFound, MatterWhole
from api.matter_wire import matter_whole, matters_found
from api.office import TheOffice
from search.duplicates.matters import MOST_MATTERS, SHOWN_MATTERS

router = APIRouter(tags=["matters"])

Size = Annotated[int, Query(ge=0, le=MOST_MATTERS, description="Most matters that are told.")]


@router.get("/matters", responses=problems(401, 422, 429, 503))
def matters(caller: TheSearcher, office: TheOffice, size: Size = SHOWN_MATTERS) -> MattersFound:
    """Matters that several letters are about, as `petitions clusters` last found them. Titles,
    counts and order are of letters that the asker may see."""
    return matters_found(office.library.matters.hot(caller.scope, size))


@router.get("/matters/{petition_id}", responses=problems(401, 404, 503))
def matter(petition_id: str, caller: TheCaller, office: TheOffice) -> MatterWhole:
    """The matter that a letter is of, with its letters."""
    return matter_whole(office.library.matters.of(caller.scope, petition_id))
