"""Files of a person, a matter, a category (一人一档, 一事一档, 一类一档): views of one store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api import deadlines, personal
from api.caller import Caller, TheCaller, TheSearcher
from api.deciding import require_decider
from api.errors import refusal_of
from api.office import Office, TheOffice
from api.pages.duplicates import URGED
from api.pages.refusals import refused_text
from api.pages.rendering import Renderer, TheRenderer
from records.categories import all_categories
from records.clocks import AWAITED
from records.decisions import Kind
from records.errors import BadValue, Changed
from records.statuses import STATUSES, StatusType
from search.answers import Answer, Filters, SearchRequest
from search.duplicates.checking import DecisionAsked
from search.engine import Sort
from search.errors import NotFound
from search.personal import LEAST_REASON, MOST_REASON

router = APIRouter(include_in_schema=False)

NEWEST: Final = 20
"""Letters that a category's file shows."""

_OPEN = tuple(
    one.code for one in STATUSES.values() if one.type in (StatusType.OPEN, StatusType.WAITING)
)


@dataclass(frozen=True, slots=True)
class Branch:
    """A category: letters in it and below it, those that are open, and whether more lies below."""

    code: str
    name: str
    count: int
    open: int

    @property
    def closed(self) -> int:
        return self.count - self.open


@router.get("/petitions/{petition_id}/matter")
def matter(
    request: Request, petition_id: str, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    return _matter_page(request, pages, caller, office, petition_id)


@router.post("/petitions/{petition_id}/reminders")
def remind(
    request: Request,
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    status: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Who handles the letter is reminded of it, without another letter giving cause."""
    require_decider(caller)
    try:
        asked = DecisionAsked(Kind.URGE, "", status, reason)
        office.library.repeats.decide(caller.scope, petition_id, asked)
    except (BadValue, Changed) as error:
        return _matter_page(request, pages, caller, office, petition_id, error, reason)
    return RedirectResponse(f"/petitions/{petition_id}/matter", 303)


@router.get("/petitions/{petition_id}/persons/{number}")
def person(
    request: Request,
    petition_id: str,
    number: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
) -> Response:
    personal.require_finder(caller)
    if not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise NotFound("there is no such person")
    found = office.library.people.file(caller.scope, petition_id, int(number))
    return pages.page(
        request,
        "person.html",
        caller,
        file=found,
        due=partial(deadlines.of_letter, zone=pages.zone),
    )


@router.get("/categories")
def categories(
    request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """All categories of the first level."""
    _require_reader(caller)
    return pages.page(
        request,
        "category.html",
        caller,
        here="categories",
        path=(),
        branches=_branches(office, caller, ""),
        whole=None,
        hits=(),
        due=None,
    )


@router.get("/categories/{code}")
def category(
    request: Request, code: str, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """One category: what lies below it, and its newest letters."""
    _require_reader(caller)
    known = {one.code: one for one in all_categories()}
    if code not in known:
        raise NotFound("there is no such category")
    found = _ask(office, caller, code, size=NEWEST)
    path = [known[code[:length]] for length in range(2, len(code) + 1, 2)]
    return pages.page(
        request,
        "category.html",
        caller,
        here="categories",
        path=path,
        branches=_branches(office, caller, code),
        whole=Branch(code, known[code].name, found.total, _open(office, caller, code).total),
        hits=found.hits,
        due=None,
    )


def _matter_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    office: Office,
    petition_id: str,
    error: BadValue | Changed | None = None,
    reason: str = "",
) -> Response:
    found = office.library.repeats.matter_file(caller.scope, petition_id)
    refusal = refusal_of(error) if error else None
    awaited = {one.id for one in found.letters if one.status.value in AWAITED}
    return pages.page(
        request,
        "matter.html",
        caller,
        status=refusal.status if refusal else 200,
        mistake=refused_text(pages.catalogue(request), refusal) if refusal else None,
        file=found,
        due=partial(deadlines.of_letter, zone=pages.zone),
        matter_due=deadlines.of_matter(found.letters, pages.zone),
        urged=sum(one.urges is not None for one in found.decisions),
        awaited=awaited if caller.decides else set(),
        grounds=[pages.catalogue(request).text(URGED)],
        reason=reason[:MOST_REASON],
        least_reason=LEAST_REASON,
        most_reason=MOST_REASON,
    )


def _branches(office: Office, caller: Caller, code: str) -> list[Branch]:
    """The categories right below one, or of the first level; those without letters too."""
    below = [
        one
        for one in all_categories()
        if one.code.startswith(code) and len(one.code) == len(code) + 2
    ]
    if not below:
        return []
    counted, open_ = (
        {value.value: value.count for value in answer.facets["category"]}
        for answer in (_ask(office, caller, code), _open(office, caller, code))
    )
    return [
        Branch(one.code, one.name, counted.get(one.code, 0), open_.get(one.code, 0))
        for one in below
    ]


def _open(office: Office, caller: Caller, code: str) -> Answer:
    return _ask(office, caller, code, _OPEN)


def _ask(
    office: Office, caller: Caller, code: str, statuses: tuple[str, ...] = (), size: int = 0
) -> Answer:
    filters = Filters(category=(code,) if code else (), status=statuses)
    request = SearchRequest("", filters, ("category",), Sort.NEWEST, size=size)
    return office.library.search(caller.scope, request)


def _require_reader(caller: Caller) -> None:
    if not caller.scope.reads:
        raise NotFound("there are no categories for those who read no letters")
