"""Who is asking: the only place that makes a `Scope` from a request.

The rights are read anew for each request, so a change of them holds from the next one on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api import cookies
from api.errors import NotSignedIn, SecondFactorDue, TooFast
from api.office import Office, TheOffice
from records import audit, signin
from records.home import environment_name
from records.roles import SIGNERS, Role, roles_of
from records.signin import Proof, SignIn
from records.users import User
from search.access import FieldRight, Scope
from search.scopes import scope_of

COOKIE: Final = "petitions_session"
SECURE_COOKIE: Final = cookies.HOST_PREFIX + COOKIE
LONGEST_TOKEN: Final = 200

MANAGERS: Final = frozenset({Role.ADMINISTRATOR, Role.SECURITY})
"""The roles that see accounts and their rights."""

REGISTRARS: Final = frozenset({Role.CLERK, Role.CASEWORKER, Role.ARCHIVIST})
"""The roles that register letters."""

_bearer = HTTPBearer(auto_error=False, description="The token of POST /api/session.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by POST /api/session.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user. `token`: proves the sign-in; never to be stored or logged.
    `factor_due`: may do nothing but set up a second factor, or leave."""

    user: User
    scope: Scope
    token: str
    factor_due: bool = False

    @property
    def display_name(self) -> str:
        return self.user.display_name

    @property
    def role(self) -> Role:
        return self.user.role

    @property
    def registers(self) -> bool:
        return self.user.role in REGISTRARS

    @property
    def finds(self) -> bool:
        """May this user look people up by a number?"""
        return bool(self.scope.finds)

    @property
    def decides(self) -> bool:
        """Does this user say whether letters repeat others?"""
        return self.scope.decides

    @property
    def notes(self) -> bool:
        """Does this user write notes on letters?"""
        return self.scope.notes

    @property
    def manages(self) -> bool:
        """Does this user see accounts and their rights?"""
        return self.user.role in MANAGERS

    @property
    def audits(self) -> bool:
        """Does this user read the log?"""
        return self.user.role is Role.AUDITOR

    @property
    def signs(self) -> bool:
        return self.user.role in SIGNERS

    @property
    def redacts(self) -> bool:
        """Sees any letter in full, so that its redaction can be looked at."""
        return FieldRight.FULL_TEXT in self.scope.fields | self.scope.own_fields

    def __repr__(self) -> str:
        return f"Caller({self.user.id})"  # never the token


def token_of(request: Request, office: Office) -> str | None:
    """The bearer token, else that in the cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token if 0 < len(token) <= LONGEST_TOKEN else None
    return token_in_cookie(request, office)


def token_in_cookie(request: Request, office: Office) -> str | None:
    cookie = cookies.read(request, office.settings, COOKIE) or ""
    return signin.token_in(cookie) if 0 < len(cookie) <= LONGEST_TOKEN else None


def caller_or_nobody(request: Request, office: Office) -> Caller | None:
    token = token_of(request, office)
    user = signin.resume(office.database, token, office.settings) if token else None
    if user is None or token is None:
        return None
    due = user.factor_due or (
        not user.second_factor and user.role in roles_of(office.settings.second_factor_for)
    )
    return Caller(user, scope_of(user), token, due)


def anyone_signed_in(
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


AnyoneSignedIn = Annotated[Caller, Depends(anyone_signed_in)]
"""Only for leaving, and for setting up a second factor."""


async def caller_of(caller: AnyoneSignedIn) -> Caller:
    """Raises SecondFactorDue."""
    if caller.factor_due:
        raise SecondFactorDue
    return caller


TheCaller = Annotated[Caller, Depends(caller_of)]


async def searcher_of(caller: TheCaller, office: TheOffice) -> Caller:
    """Raises TooFast, before anything is looked at; the first in a minute stands in the audit."""
    early = office.rate.count(caller.user.id)
    if early is None:
        return caller
    if early.first:
        await run_in_threadpool(_note_refused, office, caller.user.id, early.wait)
    raise TooFast(
        f"{office.rate.per_minute} searches a minute are allowed; wait {early.wait} seconds. "
        f"The administrator can raise {environment_name('searches_per_minute')}",
        early.wait,
    )


TheSearcher = Annotated[Caller, Depends(searcher_of)]
"""Where letters are sought without naming one, compared with others, or exported: the rate."""


def _note_refused(office: Office, user_id: str, wait: int) -> None:
    with office.database.write() as session:
        audit.write(session, user_id, "search_refused", details={"wait": wait})


def address_of(request: Request) -> str | None:
    """Where it comes from: the proxy's word, where that proxy is trusted."""
    return request.client.host if request.client else None


def proof_of(request: Request, username: str, password: str, code: str | None) -> Proof:
    """What was given, and from which address."""
    return Proof(username, password, code, address_of(request))


def sign_in(
    request: Request, office: Office, username: str, password: str, code: str | None
) -> SignIn:
    """Raises SignInRefused, TooManyAttempts. A sign-in that the request carries is ended."""
    before = token_in_cookie(request, office)
    proof = proof_of(request, username, password, code)
    return signin.sign_in(office.database, proof, office.settings, before)


def sign_out(office: Office, caller: Caller) -> None:
    with office.database.write() as session:
        signin.end(session, caller.token)
        audit.write(session, caller.user.id, "sign_out")


def give_cookie(response: Response, office: Office, begun: SignIn) -> None:
    """For as long as the browser runs; the server ends it earlier."""
    cookies.give(response, office.settings, COOKIE, begun.cookie)


def take_cookie(response: Response, office: Office) -> None:
    """And whatever the browser kept of these pages, but the chosen language."""
    cookies.take(response, office.settings, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
