"""The page for registering a letter, and the one that shows how far its files are."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.caller import Caller, TheCaller
from api.errors import BadRegistration, refusal_of
from api.office import Office, TheOffice
from api.pages.rendering import Renderer, TheRenderer
from api.progress import progress
from api.registration import Form, register, require_registrar
from api.uploads import TheHandedIn
from records.categories import all_categories
from records.errors import BadValue
from records.regions import ROOT
from records.statuses import CHANNELS
from search.access import cleared
from search.answers import Labelled

router = APIRouter(include_in_schema=False)

EM_SPACE = "\u2003"


@router.get("/register")
def form(request: Request, caller: TheCaller, office: TheOffice, pages: TheRenderer) -> Response:
    require_registrar(caller)
    return _form(request, caller, office, pages, Form(), None)


@router.post("/register")
def hand_in(
    request: Request, form: TheHandedIn, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    stated, uploads = form
    try:
        made = register(office, caller, stated, uploads)
    except (BadRegistration, BadValue) as error:
        return _form(request, caller, office, pages, stated, error)
    return RedirectResponse(f"/petitions/{made.id}/progress", 303)


@router.get("/petitions/{petition_id}/progress")
def how_far(
    request: Request, petition_id: str, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    found = progress(office, caller, petition_id)
    return pages.page(request, "progress.html", caller, here="register", progress=found)


def _form(
    request: Request,
    caller: Caller,
    office: Office,
    pages: Renderer,
    given: Form,
    error: BadRegistration | BadValue | None,
) -> Response:
    values: dict[str, Any] = {"mistake": None, "file": getattr(error, "file", "")}
    status = 200
    if error is not None:
        refusal = refusal_of(error)
        status = refusal.status
        known = pages.catalogue(request).known(f"error.{refusal.code}", refusal.detail)
        values["mistake"] = known
    return pages.page(
        request,
        "register.html",
        caller,
        status=status,
        here="register",
        given=given,
        channels=list(CHANNELS),
        levels=list(cleared(caller.scope)),
        regions=[
            Labelled(one.code, EM_SPACE * (len(one.path) - 2) + one.name)
            for one in office.library.regions(caller.scope)
            if one.code != ROOT
        ],
        categories=[
            Labelled(one.code, EM_SPACE * (one.level - 1) + one.name)
            for one in all_categories()
            if one.level <= 2
        ],
        upload_limit=office.settings.max_file_bytes,
        **values,
    )
