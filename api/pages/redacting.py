"""Looking at what a redaction masks, and correcting it: first a preview, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.caller import Caller, TheCaller, TheSearcher
from api.office import TheOffice
from api.pages.rendering import Renderer, TheRenderer
from records.corrections import Correction
from records.errors import BadValue
from search.redaction_review import RedactionReview

router = APIRouter(include_in_schema=False)

LONGEST_REASON: Final = 200
MOST_WORDS: Final = 100
"""Corrections at once."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the form holds: words one a line, words ticked in the list, and why."""

    mask: str = ""
    show: str = ""
    ticked: tuple[str, ...] = ()
    reason: str = ""

    def corrections(self) -> tuple[Correction, ...]:
        shown = dict.fromkeys((*self.ticked, *_lines(self.show)))
        return (
            *(Correction(words, masked=False) for words in shown),
            *(Correction(words, masked=True) for words in dict.fromkeys(_lines(self.mask))),
        )


@router.get("/redaction")
def queue(request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer) -> Response:
    """The newest letters whose redaction nobody looked at, the doubtful ones first."""
    found = office.library.redaction.unreviewed(caller.scope)
    return pages.page(request, "redaction_queue.html", caller, here="redaction", found=found)


@router.get("/petitions/{petition_id}/redaction")
def review(
    request: Request, petition_id: str, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    found = office.library.redaction.review(caller.scope, petition_id)
    return _page(request, pages, caller, found, Proposal())


@router.post("/petitions/{petition_id}/redaction")
def correct(
    request: Request,
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    mask: Annotated[str, Form()] = "",
    show: Annotated[str, Form()] = "",
    ticked: Annotated[list[str] | None, Form()] = None,
    reason: Annotated[str, Form()] = "",
    act: Annotated[str, Form()] = "preview",
) -> Response:
    """`act`: preview, save, or leave (nothing to correct)."""
    if act == "leave":
        office.library.redaction.note_review(caller.scope, petition_id)
        return RedirectResponse("/redaction", 303)
    chosen = tuple(words.replace("\r\n", "\n") for words in ticked or ())
    proposal = Proposal(mask, show, chosen, reason.strip()[:LONGEST_REASON])
    corrections = proposal.corrections()
    found = office.library.redaction.review(caller.scope, petition_id, corrections[:MOST_WORDS])
    mistake = _mistake(found, proposal, len(corrections), save=act == "save")
    if act != "save" or mistake is not None:
        return _page(request, pages, caller, found, proposal, mistake)
    try:
        office.library.redaction.correct(caller.scope, petition_id, corrections, proposal.reason)
    except BadValue:  # the text changed a moment ago
        found = office.library.redaction.review(caller.scope, petition_id, corrections)
        return _page(request, pages, caller, found, proposal, "missing")
    return RedirectResponse(f"/petitions/{petition_id}/redaction", 303)


def _mistake(found: RedactionReview, proposal: Proposal, count: int, *, save: bool) -> str | None:
    if count == 0:
        return "nothing"
    if count > MOST_WORDS:
        return "too_many"
    if found.missing:
        return "missing"
    return "no_reason" if save and not proposal.reason else None


def _page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    found: RedactionReview,
    proposal: Proposal,
    mistake: str | None = None,
) -> Response:
    texts = pages.catalogue(request)
    told: dict[str, Any] = {
        "nothing": texts.text("Say which words, or tick some."),
        "too_many": texts.text("At most {most} at once.", most=MOST_WORDS),
        "missing": texts.text("These words stand in no text of this letter:"),
        "no_reason": texts.text("Say why: it stands in the log."),
    }
    return pages.page(
        request,
        "redaction.html",
        caller,
        here="redaction",
        status=422 if mistake else 200,
        found=found,
        petition=found.petition,
        proposal=proposal,
        previewed=bool(proposal.corrections()) and mistake in (None, "no_reason"),
        mistake=told[mistake] if mistake else None,
        missing=found.missing if mistake == "missing" else (),
        longest_reason=LONGEST_REASON,
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
