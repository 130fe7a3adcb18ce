"""One's own sign-ins: what is open, and ending it, by the password (ASVS 7.5.2)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.caller import Caller, TheCaller, proof_of
from api.errors import Refusal, refusal_of
from api.office import Office, TheOffice
from api.pages.refusals import mistaken
from api.pages.rendering import Renderer, TheRenderer
from api.pages.signing import signed_out
from records import signin
from records.database import Session
from records.errors import SignInRefused, TooManyAttempts
from records.users import User

router = APIRouter(include_in_schema=False)

MOST: Final = 100
"""Sign-ins that are listed one by one: a program may have begun any number."""
OTHERS: Final = "others"


@router.get("/sign-ins")
def sign_ins(
    request: Request, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    """Those that still open, the newest first."""
    return _page(request, caller, office, pages)


@router.post("/sign-ins/end")
def end(
    request: Request,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    which: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """One of them by its handle, or all but the one that asks, which signs out without a proof."""
    if which == signin.handle(caller.token):
        return signed_out(office, caller)

    def ended(session: Session, user: User) -> None:
        if which == OTHERS:
            signin.end_others(session, user.id, caller.token)
        else:
            signin.end_one(session, user.id, which)

    proof = proof_of(request, caller.user.name, password, code.strip() or None)
    try:
        signin.proven(office.database, proof, office.settings, ended, action="sign_ins_ending")
    except (SignInRefused, TooManyAttempts) as error:
        return _page(request, caller, office, pages, refusal_of(error))
    return RedirectResponse("/sign-ins", 303)


def _page(
    request: Request,
    caller: Caller,
    office: Office,
    pages: Renderer,
    refusal: Refusal | None = None,
) -> Response:
    with office.database.read() as session:
        found = signin.running(session, caller.user.id, caller.token, office.settings)
    return pages.page(
        request,
        "sign_ins.html",
        caller,
        here="sign-ins",
        sign_ins=found[:MOST],
        unlisted=len(found[MOST:]),
        others=OTHERS if len(found) > 1 else "",
        name=caller.user.name,
        has_factor=caller.user.second_factor,
        idle_minutes=office.settings.session_idle_seconds // 60,
        **mistaken(pages.catalogue(request), refusal),
    )
