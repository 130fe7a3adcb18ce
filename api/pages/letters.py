"""The page of one letter: its record, and the scan beside it with the words marked on it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api import deadlines
from api.caller import TheCaller
from api.office import TheOffice
from api.pages.questions import Question, SealBroken, seal_of
from api.pages.rendering import TheRenderer
from records.regions import ROOT
from search.answers import PageView, PageWords, Shown, VisiblePage, VisiblePerson, VisiblePetition
from search.errors import NotFound, QueryError

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Marking:
    """A rectangle on the scan, in its pixels."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page of the scan that is shown."""

    number: int
    width: int
    height: int
    words: tuple[Marking, ...]
    view: PageView


@router.get("/petitions/{petition_id}")
def letter(
    request: Request,
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    s: str = "",
    page: str = "1",
) -> Response:
    """`s`: the sealed question that led here; `page`: of the scan."""
    question = Question()
    with suppress(SealBroken):
        question = seal_of(caller.token).open(s)
    try:
        petition = office.library.petition(caller.scope, petition_id, question.text)
    except QueryError:
        question = Question()
        petition = office.library.petition(caller.scope, petition_id)
    shown = _chosen(petition, page)
    sheet = None
    if shown:
        words = None
        if question.text.strip() and shown.view is not PageView.WITHHELD:
            words = office.library.page_words(
                caller.scope, petition_id, shown.number, question.text
            )
        sheet = _sheet(shown, words)
    return pages.page(
        request,
        "petition.html",
        caller,
        petition=petition,
        region=[one for one in petition.region if one.value != ROOT],
        persons=[person for person in petition.persons if _named(person)],
        due=deadlines.of_letter(petition, pages.zone),
        sheet=sheet,
        question=question,
        state=s if question != Question() else "",
        s=s,
        results=f"/search/{s}" if question != Question() else None,
    )


@router.post("/petitions/{petition_id}/notes")
def note(
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    text: Annotated[str, Form()] = "",
    addressed: Annotated[str, Form()] = "",
) -> Response:
    """A leader's note; `addressed`: those who handle the letter see it too."""
    office.library.add_note(caller.scope, petition_id, text, addressed=bool(addressed))
    return RedirectResponse(f"/petitions/{petition_id}#notes-title", 303)


def _named(person: VisiblePerson) -> bool:
    """Is anything known of this person?"""
    return any(value.shown is not Shown.ABSENT for value in person.facts)


def _chosen(petition: VisiblePetition, page: str) -> VisiblePage | None:
    """The page asked for. Raises NotFound where the scan has no such page."""
    if not petition.pages:
        return None
    for one in petition.pages:
        if page == str(one.number):
            return one
    if page == "1":
        return petition.pages[0]
    raise NotFound("the scan has no such page")


def _sheet(page: VisiblePage, words: PageWords | None) -> Sheet:
    """Boxes in the pixels of the page's own size, whatever size they were measured in."""
    markings = []
    if words:
        across, down = page.width / words.width, page.height / words.height
        for word in words.words:
            left, top, right, bottom = word.box
            markings.append(
                Marking(
                    round(left * across, 1),
                    round(top * down, 1),
                    round((right - left) * across, 1),
                    round((bottom - top) * down, 1),
                    word.text,
                )
            )
    return Sheet(page.number, page.width, page.height, tuple(markings), page.view)
