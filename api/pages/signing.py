"""Signing in and out by forms, and the choice of language."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api import cookies
from api.caller import (
    AnyoneSignedIn,
    Caller,
    caller_or_nobody,
    give_cookie,
    sign_in,
    sign_out,
    take_cookie,
)
from api.errors import refusal_of
from api.office import Office, TheOffice
from api.pages.catalogue import LANGUAGES
from api.pages.refusals import mistaken
from api.pages.rendering import LANGUAGE_COOKIE, TheRenderer
from records.errors import SignInRefused, TooManyAttempts

router = APIRouter(include_in_schema=False)

YEAR: Final = 365 * 24 * 3600

_WANTED = re.compile(r"/petitions/[0-9a-f]{32}|/register|/help")
_LOCAL = re.compile(r"/(?![/\\])[!-~]*")


def wanted_after(path: str) -> str:
    """Where to go after signing in; only pages whose address tells nothing come back."""
    return path if _WANTED.fullmatch(path) else "/"


def local(address: str) -> str:
    """The address, if it is one of ours."""
    return address if _LOCAL.fullmatch(address) else "/"


@router.get("/sign-in")
def form(request: Request, office: TheOffice, pages: TheRenderer, next: str = "/") -> Response:  # noqa: A002
    if caller_or_nobody(request, office):
        return RedirectResponse(wanted_after(next), 303)
    return pages.page(request, "sign_in.html", None, username="", next=wanted_after(next))


@router.post("/sign-in")
def enter(
    request: Request,
    office: TheOffice,
    pages: TheRenderer,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    try:
        begun = sign_in(request, office, username, password, code.strip() or None)
    except (SignInRefused, TooManyAttempts) as error:
        return pages.page(
            request,
            "sign_in.html",
            None,
            username=username[:200],
            next=wanted_after(next),
            **mistaken(pages.catalogue(request), refusal_of(error)),
        )
    response = RedirectResponse(wanted_after(next), 303)
    give_cookie(response, office, begun)
    return response


@router.post("/sign-out")
def leave(caller: AnyoneSignedIn, office: TheOffice) -> Response:
    return signed_out(office, caller)


def signed_out(office: Office, caller: Caller) -> Response:
    """The sign-in that asks is over."""
    sign_out(office, caller)
    response = RedirectResponse("/sign-in", 303)
    take_cookie(response, office)
    return response


@router.post("/language")
def choose_language(
    office: TheOffice, tag: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/"
) -> Response:
    """Kept in a cookie; needs no sign-in."""
    response = RedirectResponse(local(back), 303)
    if tag in {language.tag for language in LANGUAGES}:
        cookies.give(response, office.settings, LANGUAGE_COOKIE, tag, YEAR)
    return response
