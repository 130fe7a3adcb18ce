"""The pages of checking for repeats: letters that wait for it, one letter beside another, what was
decided; and the look before a letter is registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api import deadlines
from api.caller import Caller, TheSearcher
from api.deciding import require_decider
from api.errors import refusal_of
from api.office import Office, TheOffice
from api.pages.catalogue import Catalogue
from api.pages.refusals import refused_text
from api.pages.rendering import Renderer, TheRenderer
from api.personal import require_finder
from api.registration import MAX_CHARACTERS
from api.uploads import TheTypedIn
from records import daily
from records.clocks import AWAITED
from records.decisions import ALONE, GROUNDED, Kind
from records.errors import BadValue, CannotDecide, Changed
from search.answers import Filters, SearchRequest
from search.duplicates.answers import (
    Band,
    Cause,
    Evidence,
    LetterAsked,
    Petitioner,
    Reason,
    Verdict,
)
from search.duplicates.checking import DecisionAsked
from search.duplicates.reasons import SAID
from search.engine import Sort
from search.errors import QueryError
from search.personal import LEAST_REASON, MOST_REASON

router = APIRouter(include_in_schema=False)

SIZE: Final = 50
"""Letters on a page of the list."""

WAITING: Final = "DUP_CHECK"

KEYS: Final = {
    Kind.REPEAT: "d",
    Kind.MERGE: "m",
    Kind.RELATED: "g",
    Kind.SAME_PERSON: "s",
    Kind.NEW: "x",
    Kind.NOT_ACCEPTED: "b",
    Kind.NO_LONGER: "z",
    Kind.URGE: "c",
}
"""The buttons in their order, and the key that presses each."""

URGED: Final = "The petitioner writes again: decide and reply within the time"
"""Message id of what an office is told most often."""

GROUNDS: Final = (
    "Being handled, or still within the time (Regulations on Petition Work, Art. 19)",
    "Finally reviewed; the same facts and reasons (Regulations on Petition Work, Art. 36)",
    "Another matter about the same thing",
    URGED,
)
"""Message ids of reasons that are often given."""


@router.get("/duplicates")
def waiting(
    request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer, page: str = "1"
) -> Response:
    """Letters that wait to be checked, the oldest first."""
    require_decider(caller)
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 4 else 1
    asked = SearchRequest(
        "", Filters(status=(WAITING,)), sort=Sort.OLDEST, page=max(1, number), size=SIZE
    )
    found = office.library.search(caller.scope, asked)
    return pages.page(
        request,
        "duplicates.html",
        caller,
        here="duplicates",
        found=found,
        due=partial(_of_waiting, pages),
        last=max(1, -(-found.total // SIZE)),
    )


@router.get("/duplicates/overlooked")
def overlooked(
    request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """Repeats that who registered a letter could not be told, for who sees both."""
    require_decider(caller)
    require_finder(caller)
    told = office.library.repeats.overlooked(caller.scope)
    return pages.page(request, "overlooked.html", caller, here="duplicates", told=told)


@router.get("/duplicates/urged")
def urged(request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer) -> Response:
    """Letters whose offices were reminded and still owe something."""
    require_decider(caller)
    told = office.library.repeats.urged(caller.scope)
    return pages.page(
        request,
        "urged.html",
        caller,
        here="duplicates",
        told=told,
        due=partial(deadlines.of_matter, zone=pages.zone),
    )


@router.get("/petitions/{petition_id}/duplicates")
def check(
    request: Request,
    petition_id: str,
    caller: TheSearcher,
    office: TheOffice,
    pages: TheRenderer,
    other: str = "",
) -> Response:
    """`other`: the letter beside it; none: the closest."""
    require_decider(caller)
    return _check_page(request, pages, caller, office, petition_id, other)


@router.post("/petitions/{petition_id}/decisions")
def decide(
    request: Request,
    petition_id: str,
    caller: TheSearcher,
    office: TheOffice,
    pages: TheRenderer,
    kind: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """`status`: the letter's as the page showed it."""
    require_decider(caller)
    try:
        if kind not in list(Kind):
            raise CannotDecide("choose one of the buttons")
        chosen = Kind(kind)
        beside = "" if chosen is Kind.NEW else other
        asked = DecisionAsked(chosen, beside, status, reason)
        office.library.repeats.decide(caller.scope, petition_id, asked)
    except (BadValue, Changed) as error:
        return _check_page(request, pages, caller, office, petition_id, other, error, reason)
    return RedirectResponse(_address(petition_id, other), 303)


@router.post("/petitions/{petition_id}/decisions/undo")
def undo(
    request: Request,
    petition_id: str,
    caller: TheSearcher,
    office: TheOffice,
    pages: TheRenderer,
    decision: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    require_decider(caller)
    try:
        office.library.repeats.undo(caller.scope, petition_id, decision, reason)
    except (BadValue, Changed) as error:
        return _check_page(request, pages, caller, office, petition_id, other, error)
    return RedirectResponse(_address(petition_id, other), 303)


@router.post("/register/check")
def before_registering(
    request: Request, stated: TheTypedIn, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """Who wrote this before; nothing is registered. Opens beside the form, which stays as it is."""
    values: dict[str, Any] = {"answer": None, "refused": None}
    status = 200
    if not stated.text.strip() and not stated.subject.strip():
        values["refused"] = pages.catalogue(request).text(
            "Type the subject or the text first; a file is checked after it is registered."
        )
        status = 422
    else:
        writer = Petitioner(
            stated.name.strip(), stated.id_no.strip(), stated.phone.strip(), stated.address.strip()
        )
        people = (writer,) if writer != Petitioner() else ()
        subject = stated.subject.strip()[: MAX_CHARACTERS["subject"]]
        text = stated.text[: office.settings.max_text_characters]
        asked = LetterAsked(subject, text, people, stated.region.strip())
        try:
            limit = daily.finds(office.settings)
            values["answer"] = office.library.repeats.of_new(caller.scope, asked, limit)
        except QueryError as error:
            refusal = refusal_of(error)
            status, values["refused"] = (
                refusal.status,
                refused_text(pages.catalogue(request), refusal),
            )
    return pages.page(
        request,
        "register_check.html",
        caller,
        status=status,
        here="register",
        due=partial(deadlines.of_letter, zone=pages.zone),
        told=reason_words(pages.catalogue(request)),
        awaited=AWAITED,
        **values,
    )


def reason_words(texts: Catalogue) -> Callable[[Reason], str]:
    """Says a reason in the page's language."""

    def told(reason: Reason) -> str:
        values = reason.values
        if reason.cause is Cause.SAME_PERSON:
            values = (texts.known(f"evidence.{values[0]}", values[0]),)
        return texts.known(f"cause.{reason.cause}", SAID[reason.cause]).format(*values)

    return told


def codes() -> set[str]:
    """Message ids of what is told by code."""
    return {
        *(f"cause.{one}" for one in Cause),
        *(f"evidence.{one}" for one in Evidence),
        *(f"verdict.{one}" for one in Verdict),
        *(f"band.{one}" for one in Band),
        *(f"decision.{one}" for one in Kind),
    }


def _check_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    office: Office,
    petition_id: str,
    other: str,
    error: BadValue | Changed | None = None,
    reason: str = "",
) -> Response:
    found = office.library.repeats.check(caller.scope, petition_id, other)
    texts = pages.catalogue(request)
    refusal = refusal_of(error) if error else None
    return pages.page(
        request,
        "check.html",
        caller,
        status=refusal.status if refusal else 200,
        here="duplicates",
        mistake=refused_text(texts, refusal) if refusal else None,
        check=found,
        told=reason_words(texts),
        due=partial(deadlines.of_letter, zone=pages.zone),
        matter_due=partial(deadlines.of_matter, zone=pages.zone),
        buttons=[
            (kind, key, kind in found.kinds, kind in GROUNDED, kind in ALONE)
            for kind, key in KEYS.items()
        ],
        grounds=[texts.text(ground) for ground in GROUNDS],
        reason=reason[:MOST_REASON],
        least_reason=LEAST_REASON,
        most_reason=MOST_REASON,
    )


def _address(petition_id: str, other: str) -> str:
    """Of the page that shows what was decided; both ids were found by now, or are shown as 404."""
    beside = f"?other={other}" if other.isascii() and other.isalnum() else ""
    return f"/petitions/{petition_id}/duplicates{beside}"


def _of_waiting(pages: Renderer, hit: Any) -> deadlines.DeadlineShown | None:
    return deadlines.of_waiting(hit.received_at, pages.zone)
