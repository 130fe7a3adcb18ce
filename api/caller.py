"""Who is asking: the only place that makes a `Scope` from a request.

The rights are read anew for each request, so a change of them holds from the next one on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.errors import NotSignedIn
from api.office import Office, TheOffice
from records import audit, signin
from records.roles import Role
from records.signin import SignIn
from records.users import User
from search.access import Scope
from search.scopes import scope_of

COOKIE: Final = "petitions_session"
SECURE_COOKIE: Final = "__Host-petitions_session"
LONGEST_TOKEN: Final = 200

REGISTRARS: Final = frozenset({Role.CLERK, Role.CASEWORKER, Role.ARCHIVIST})
"""The roles that register letters."""

_bearer = HTTPBearer(auto_error=False, description="The token of POST /api/session.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by POST /api/session.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user. `token`: as the client holds it; never to be stored or logged."""

    user: User
    scope: Scope
    token: str

    @property
    def display_name(self) -> str:
        return self.user.display_name

    @property
    def role(self) -> Role:
        return self.user.role

    @property
    def registers(self) -> bool:
        return self.user.role in REGISTRARS

    def __repr__(self) -> str:
        return f"Caller({self.user.id})"  # never the token


def token_of(request: Request, office: Office) -> str | None:
    """The bearer token, else that of the cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.cookies.get(cookie_name(office), "")
    return token if 0 < len(token) <= LONGEST_TOKEN else None


def caller_or_nobody(request: Request, office: Office) -> Caller | None:
    token = token_of(request, office)
    user = signin.resume(office.database, token, office.settings) if token else None
    return Caller(user, scope_of(user), token) if user and token else None


def caller_of(
    request: Request,
    office: TheOffice,
    _by_bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _by_cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller:
    """Raises NotSignedIn. The two schemes are asked for only so that OpenAPI names them."""
    caller = caller_or_nobody(request, office)
    if caller is None:
        raise NotSignedIn
    request.state.caller = caller
    return caller


TheCaller = Annotated[Caller, Depends(caller_of)]


def sign_in(
    request: Request, office: Office, username: str, password: str, code: str | None
) -> SignIn:
    """Raises SignInRefused, TooManyAttempts. A sign-in that the request carries is ended."""
    user = signin.authenticate(office.database, username, password, code, office.settings)
    before = request.cookies.get(cookie_name(office))
    with office.database.write() as session:
        if before:
            signin.end(session, before)
        return signin.begin(session, user, office.settings)


def sign_out(office: Office, caller: Caller) -> None:
    with office.database.write() as session:
        signin.end(session, caller.token)
        audit.write(session, caller.user.id, "sign_out")


def cookie_name(office: Office) -> str:
    return SECURE_COOKIE if office.settings.secure_cookies else COOKIE


def give_cookie(response: Response, office: Office, token: str) -> None:
    """For as long as the browser runs; the server ends it earlier."""
    response.set_cookie(
        cookie_name(office),
        token,
        path="/",
        secure=office.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, office: Office) -> None:
    response.delete_cookie(
        cookie_name(office),
        path="/",
        secure=office.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
