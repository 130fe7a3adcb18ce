"""One's own sign-ins: what is open, and ending it.

No password is asked for again: whoever sits at a browser that was left open can take sign-ins away
here, and never get one.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.caller import TheCaller
from api.office import TheOffice
from api.pages.rendering import TheRenderer
from api.pages.signing import signed_out
from records import signin

router = APIRouter(include_in_schema=False)

MOST: Final = 100
"""Sign-ins that are listed one by one: a program may have begun any number."""


@router.get("/sign-ins")
def sign_ins(
    request: Request, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    """Those that still open, the newest first."""
    with office.database.read() as session:
        found = signin.running(session, caller.user.id, caller.token, office.settings)
    return pages.page(
        request,
        "sign_ins.html",
        caller,
        here="sign-ins",
        sign_ins=found[:MOST],
        unlisted=len(found[MOST:]),
        others=len(found) > 1,
        idle_minutes=office.settings.session_idle_seconds // 60,
    )


@router.post("/sign-ins/end")
def end(caller: TheCaller, office: TheOffice, which: Annotated[str, Form()] = "") -> Response:
    """One of them by its handle; the one that asks signs out."""
    if which == signin.handle(caller.token):
        return signed_out(office, caller)
    with office.database.write() as session:
        signin.end_one(session, caller.user.id, which)
    return RedirectResponse("/sign-ins", 303)


@router.post("/sign-ins/end-others")
def end_others(caller: TheCaller, office: TheOffice) -> Response:
    """All but the one that asks."""
    with office.database.write() as session:
        signin.end_others(session, caller.user.id, caller.token)
    return RedirectResponse("/sign-ins", 303)
