"""The search page: its start, the question as posted, the results, the help."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from analyzers.fold import fold_text
from api.caller import Caller, TheCaller, TheSearcher
from api.errors import refusal_of
from api.office import TheOffice
from api.pages.facets import (
    chips,
    facet_views,
    last_page,
    page_links,
    roots,
    sort_links,
)
from api.pages.questions import Question, Seal, SealBroken, seal_of
from api.pages.rendering import TITLES, Renderer, TheRenderer, label
from search import ranking
from search.answers import FACETS, Answer, SearchRequest
from search.engine import Sort
from search.errors import QueryError, TooDeep
from search.parse import MAX_CHARACTERS, is_plain, require_length
from search.query import Why

router = APIRouter(include_in_schema=False)

SIZE: Final = 20
"""Hits on a page."""

ON_START: Final = 12
"""Values of a facet on the start page."""

SORTS: Final = {
    Sort.RELEVANCE: "best first",
    Sort.NEWEST: "newest first",
    Sort.OLDEST: "oldest first",
}


@router.get("/")
def start(request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer) -> Response:
    """The search box, and what there is to search."""
    texts = pages.catalogue(request)
    question = Question(sort=Sort.NEWEST)
    values: dict[str, Any] = {"answer": None, "facets": [], "link": None}
    if caller.scope.reads:
        answer = office.library.search(caller.scope, SearchRequest(facets=FACETS, size=0))
        link = partial(_address, seal_of(caller.token))
        views = facet_views(question, answer, _titles(pages, request), partial(label, texts), link)
        values = {"answer": answer, "facets": roots(views, ON_START), "link": link}
    urged = caller.decides and bool(office.library.repeats.urged(caller.scope, 1))
    return pages.page(
        request,
        "home.html",
        caller,
        here="search",
        focus=True,
        question=Question(),
        urged=urged,
        **values,
    )


@router.post("/search")
def ask(
    request: Request,
    caller: TheCaller,
    pages: TheRenderer,
    q: Annotated[str, Form()] = "",
    state: Annotated[str, Form()] = "",
    since: Annotated[str | None, Form()] = None,
    until: Annotated[str | None, Form()] = None,
) -> Response:
    """Takes the question and leads to its page, so that Back and Reload work there."""
    seal = seal_of(caller.token)
    before = _opened(seal, state)
    try:
        require_length(q)
    except QueryError as mistake:
        return _mistaken(request, caller, pages, Question(text=q[:MAX_CHARACTERS]), mistake, "")
    question = Question(
        text=q,
        filters=before.filters,
        sort=before.sort if q == before.text else None,
    )
    if since is not None or until is not None:
        question = question.between(_day(since), _day(until))
    return RedirectResponse(_address(seal, question), 303)


@router.get("/search/{state}")
def results(
    request: Request, state: str, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """The answer to a sealed question."""
    seal = seal_of(caller.token)
    try:
        question = seal.open(state)
    except SealBroken:
        return RedirectResponse("/", 303)
    try:
        answer = office.library.search(caller.scope, question.asking(FACETS, SIZE))
    except (QueryError, TooDeep) as mistake:
        return _mistaken(request, caller, pages, question, mistake, state)
    return pages.page(
        request,
        "search.html",
        caller,
        here="search",
        question=question,
        state=state,
        answer=answer,
        counts_only=caller.scope.counts_only,
        **_links(pages, request, seal, question, answer),
    )


def _links(
    pages: Renderer, request: Request, seal: Seal, question: Question, answer: Answer
) -> dict[str, Any]:
    texts = pages.catalogue(request)
    link = partial(_address, seal)
    named = partial(label, texts)
    titles = _titles(pages, request)
    last = last_page(answer)
    page = answer.page
    together = _together(question, answer)
    return {
        "facets": facet_views(question, answer, titles, named, link),
        "chips": list(chips(question, answer, titles, named, link)),
        "clear": link(Question(text=question.text, sort=question.sort)),
        "sorts": sort_links(
            question, answer, {sort: texts.text(name) for sort, name in SORTS.items()}, link
        ),
        "together": together and link(replace(question.on_page(1), text=together)),
        "tier": ranking.TIER if is_plain(question.text) else None,
        "first": (page - 1) * answer.size + 1,
        "pages": page_links(question, answer, link) if answer.hits else [],
        "previous": link(question.on_page(page - 1)) if page > 1 else None,
        "following": link(question.on_page(page + 1)) if page < last else None,
    }


def _together(question: Question, answer: Answer) -> str | None:
    """The question that all synonyms lead to letters by: of a single word, where some only rank."""
    typed = question.text.strip()
    same = [
        one for one in answer.expansions if one.why is Why.SYNONYM and one.typed == fold_text(typed)
    ]
    if all(one.leads for one in same):
        return None
    return " OR ".join((typed, *(word for one in same for word in one.added)))


def _mistaken(
    request: Request,
    caller: Caller,
    pages: Renderer,
    question: Question,
    mistake: QueryError | TooDeep,
    state: str,
) -> Response:
    refusal = refusal_of(mistake)
    texts = pages.catalogue(request)
    shown = {
        "detail": texts.known(f"error.{refusal.code}", refusal.detail),
        "marked": (refusal.span,) if refusal.span else (),
    }
    return pages.page(
        request,
        "search.html",
        caller,
        status=refusal.status,
        here="search",
        question=question,
        state=state,
        mistake=shown,
    )


@router.get("/help")
def help_page(request: Request, caller: TheCaller, pages: TheRenderer) -> Response:
    """How to ask, for those without JavaScript."""
    return pages.page(request, "help.html", caller, here="help")


def _titles(pages: Renderer, request: Request) -> dict[str, str]:
    texts = pages.catalogue(request)
    titles = {kind: texts.text(title) for kind, title in TITLES.items()}
    return titles | {"received": texts.text("Received")}


def _address(seal: Seal, question: Question) -> str:
    return f"/search/{seal.close(question)}"


def _opened(seal: Seal, state: str) -> Question:
    with suppress(SealBroken):
        return seal.open(state)
    return Question()


def _day(text: str | None) -> date | None:
    """What a date field sends; a browser without such fields may send anything."""
    with suppress(ValueError):
        return date.fromisoformat(text) if text else None
    return None
