"""Signing in and out, and who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.caller import (
    AnyoneSignedIn,
    Caller,
    TheCaller,
    give_cookie,
    sign_in,
    sign_out,
    take_cookie,
)
from api.errors import problems
from api.office import TheOffice
from api.schemas import Me, SignedIn, SignIn
from search.engine import Level

router = APIRouter(tags=["session"])


@router.post("/session", responses=problems(400, 401, 413, 422, 429))
def begin(asked: SignIn, request: Request, response: Response, office: TheOffice) -> SignedIn:
    """Sign in: sets the cookie, and gives a token of the same sign-in for use as a bearer token.
    From the token nobody learns what the cookie holds."""
    begun = sign_in(request, office, asked.username, asked.password, asked.code)
    give_cookie(response, office, begun)
    return SignedIn(token=begun.token, expires_at=begun.expires_at)


@router.delete("/session", status_code=204, responses=problems(401))
def end(caller: AnyoneSignedIn, response: Response, office: TheOffice) -> None:
    """Sign out: the token is worth nothing from now on."""
    sign_out(office, caller)
    take_cookie(response, office)


@router.get("/me", responses=problems(401))
def me(caller: TheCaller) -> Me:
    """Who is asking, and with which rights at this moment."""
    return _me(caller)


def _me(caller: Caller) -> Me:
    user = caller.user
    return Me(
        username=user.name,
        name=user.display_name,
        role=user.role,
        level=Level(user.level),
        regions=sorted(user.regions),
        fields=sorted(user.fields),
        own_fields=sorted(user.own_fields),
        categories=sorted(user.categories),
        finds=sorted(user.finds),
        reads=user.reads,
        counts_only=user.counts_only,
        registers=caller.registers,
    )
