"""The pages of looking at a masked value, and of looking people up by a whole number."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api import personal
from api.caller import Caller, TheCaller, TheSearcher
from api.errors import Refusal, refusal_headers, refusal_of
from api.office import TheOffice
from api.pages.questions import Question, SealBroken, seal_of
from api.pages.refusals import refused_text
from api.pages.rendering import Renderer, TheRenderer
from records.errors import UsedUp
from search.answers import PersonRequest, RevealRequest
from search.errors import NotFound
from search.personal import LEAST_REASON, MOST_REASON, BadNumber, BadReason

router = APIRouter(include_in_schema=False)

FACTS: Final = {
    "name": "Name",
    "id_no": "ID number",
    "phone": "Phone",
    "address": "Address",
    "bank_card": "Bank card",
}
"""The facts of a person, and the message ids of their names."""

LONGEST_NUMBER: Final = 200


@router.post("/petitions/{petition_id}/reveal")
def reveal(
    request: Request,
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    person: Annotated[str, Form()] = "",
    field: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    s: Annotated[str, Form()] = "",
) -> Response:
    """One value in full, on a page of its own. `s`: the sealed question that led to the letter."""
    if not (person.isascii() and person.isdecimal() and len(person) < 6) or field not in FACTS:
        raise NotFound("there is no such value")
    if not _opens(caller, s):
        s = ""
    values: dict[str, Any] = {"refused": None, "found": None}
    status, headers = 200, {}
    try:
        wanted = RevealRequest(int(person), field, reason)
        values["found"] = personal.reveal(office, caller, petition_id, wanted)
    except (BadReason, UsedUp) as error:
        refusal = refusal_of(error)
        status, headers = refusal.status, refusal_headers(refusal)
        values["refused"] = refused_text(pages.catalogue(request), refusal)
    return pages.page(
        request,
        "reveal.html",
        caller,
        status=status,
        headers=headers,
        petition_id=petition_id,
        person=person,
        field=field,
        fact=pages.catalogue(request).text(FACTS[field]),
        reason=reason[:MOST_REASON],
        least_reason=LEAST_REASON,
        most_reason=MOST_REASON,
        used_up=status == 429,
        letter=f"/petitions/{petition_id}" + (f"?s={s}" if s else ""),
        s=s,
        **values,
    )


@router.get("/persons")
def person_form(request: Request, caller: TheCaller, pages: TheRenderer) -> Response:
    personal.require_finder(caller)
    return _person_page(request, pages, caller)


@router.post("/persons")
def ask_person(
    caller: TheCaller,
    field: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
) -> Response:
    """Leads to the answer's own page, where Back and Reload work; the number is sealed."""
    personal.require_finder(caller)
    known = field if field in caller.scope.finds else "phone"
    asked = Question(f"{known}:{value[:LONGEST_NUMBER]}")
    return RedirectResponse(f"/persons/{seal_of(caller.token).close(asked)}", 303)


@router.get("/persons/{state}")
def found_person(
    request: Request, state: str, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    personal.require_finder(caller)
    try:
        field, _, value = seal_of(caller.token).open(state).text.partition(":")
    except SealBroken:
        return RedirectResponse("/persons", 303)
    if field not in caller.scope.finds:
        return RedirectResponse("/persons", 303)
    given = {"field": field, "value": value}
    try:
        answer = personal.find_person(office, caller, PersonRequest(field, value))
    except (BadNumber, UsedUp) as error:
        refusal = refusal_of(error)
        told = refused_text(pages.catalogue(request), refusal)
        return _person_page(request, pages, caller, given, refused=told, refusal=refusal)
    return _person_page(request, pages, caller, given, answer=answer)


def _person_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    given: dict[str, str] | None = None,
    *,
    answer: Any = None,
    refused: str | None = None,
    refusal: Refusal | None = None,
) -> Response:
    texts = pages.catalogue(request)
    return pages.page(
        request,
        "persons.html",
        caller,
        status=refusal.status if refusal else 200,
        headers=refusal_headers(refusal) if refusal else None,
        here="persons",
        facts=[(fact, texts.text(FACTS[fact])) for fact in ("phone", "id_no")],
        given=given or {"field": "phone", "value": ""},
        answer=answer,
        refused=refused,
    )


def _opens(caller: Caller, sealed: str) -> bool:
    """Is this a question of this sign-in, so that it may be sent back in a link?"""
    with suppress(SealBroken):
        seal_of(caller.token).open(sealed)
        return True
    return False
