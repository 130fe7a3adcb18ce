"""Looking at one masked value of a letter, and looking people up by a whole number."""

from __future__ import annotations

from fastapi import APIRouter

from api import personal
from api.caller import TheCaller, TheSearcher
from api.errors import problems
from api.office import TheOffice
from api.personal_schemas import FindPerson, PersonFound, Reveal, ValueRevealed
from api.wire import hit_found
from search.answers import PersonRequest, RevealRequest

router = APIRouter(tags=["personal data"])


@router.post(
    "/petitions/{petition_id}/reveal", responses=problems(400, 401, 404, 413, 422, 429, 503)
)
def reveal(petition_id: str, asked: Reveal, caller: TheCaller, office: TheOffice) -> ValueRevealed:
    """Look at one value that is masked for this user, with a reason; so many a day."""
    wanted = RevealRequest(asked.person, asked.field, asked.reason)
    found = personal.reveal(office, caller, petition_id, wanted)
    return ValueRevealed(field=asked.field, person=asked.person, value=found.text, left=found.left)


@router.post("/persons/search", responses=problems(400, 401, 403, 413, 422, 429, 503))
def find_person(asked: FindPerson, caller: TheSearcher, office: TheOffice) -> PersonFound:
    """The letters that name the person with exactly this number, as this user may see them."""
    found = personal.find_person(office, caller, PersonRequest(asked.field, asked.value))
    return PersonFound(hits=tuple(map(hit_found, found.hits)), more=found.more, left=found.left)
