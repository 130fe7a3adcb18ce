"""Searching, over JSON."""

from __future__ import annotations

from fastapi import APIRouter

from api.caller import TheSearcher
from api.errors import problems
from api.office import TheOffice
from api.schemas import Search, SearchAnswer
from api.wire import search_answer, search_request

router = APIRouter(tags=["search"])


@router.post("/search", responses=problems(400, 401, 413, 422, 429, 503))
def search(asked: Search, caller: TheSearcher, office: TheOffice) -> SearchAnswer:
    """Ask. Everything in the answer, counts included, is of letters that the asker may see."""
    return search_answer(office.library.search(caller.scope, search_request(asked)))
