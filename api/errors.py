"""One table from what went wrong to what a client is told: RFC 9457 problem documents.

A refusal on this side (status 5xx) never tells its cause; the log does. Unknown and forbidden give
the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

import records.errors
import search.errors

PROBLEM: Final = "application/problem+json"


class NotSignedIn(Exception):
    """No sign-in, or one that ran out."""

    code = "not_signed_in"


class NotPermitted(Exception):
    """Signed in, but this user's role has no such right at all (never about one petition)."""

    code = "not_permitted"


class SecondFactorDue(Exception):
    """Signed in, but the second factor that this user must have has to be set up first."""

    code = "second_factor_due"


class TooFast(records.errors.TooManyAttempts):
    """More searches of this user than a minute may hold; `retry_after` is in seconds."""

    code = "too_fast"


class BadRegistration(Exception):
    """What was handed in to be registered cannot be; the message names it and says what to do.
    `file`: the name of the one that is meant, for pages in other languages."""

    def __init__(self, message: str, code: str, file: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.file = file


@dataclass(frozen=True, slots=True)
class Refusal:
    """`span`: the part of the question that is meant. `errors`: which parts of a body are wrong."""

    status: int
    code: str
    detail: str
    span: tuple[int, int] | None = None
    errors: tuple[dict[str, Any], ...] = ()
    retry_after: int | None = None


STATUSES: Final[dict[type[Exception], int]] = {
    NotSignedIn: 401,
    records.errors.SignInRefused: 401,
    NotPermitted: 403,
    SecondFactorDue: 403,
    records.errors.NotYours: 403,
    search.errors.NotFound: 404,
    records.errors.NotFound: 404,
    records.errors.UnknownUser: 404,
    records.errors.NameTaken: 409,
    records.errors.Changed: 409,
    records.errors.IllegalTransition: 409,
    BadRegistration: 422,
    records.errors.BadValue: 422,
    records.errors.WeakPassword: 422,
    records.errors.WrongCode: 422,
    search.errors.QueryError: 422,
    search.errors.TooDeep: 422,
    search.errors.UnknownFacet: 422,
    records.errors.TooManyAttempts: 429,
    records.errors.RecordsError: 500,
    search.errors.SearchError: 500,
    records.errors.DatabaseBusy: 503,
    records.errors.DatabaseDown: 503,
    records.errors.DatabaseNotReady: 503,
    search.errors.EngineError: 503,
    records.errors.ScannerDown: 503,
    records.errors.ListUnreadable: 503,
    records.errors.StoreFull: 507,
}
"""The nearest class of an error's ancestry counts."""

FIXED: Final = {
    401: "Sign in first: POST /api/session, then send its token as a bearer token or its cookie.",
    404: "There is no such thing here, or it is not for you.",
    405: "This address does not take this method.",
    500: "Something failed here. It is in the server's log.",
    503: "Not able to answer now. Try again shortly.",
    507: "The store is full; nothing was kept. Tell the administrator.",
}
"""Details that do not depend on the case, so that they tell nothing of it."""

NO_SEARCH: Final = "Search is unavailable. Try again shortly."
FIXED_OF: Final[dict[type[Exception], str]] = {
    records.errors.SignInRefused: "User name, password or code is wrong.",
    SecondFactorDue: "Set up the second factor first, on the page /second-factor.",
    search.errors.EngineError: NO_SEARCH,
    records.errors.ScannerDown: (
        "The virus scanner gives no answer; nothing was kept. Try again shortly."
    ),
    records.errors.ListUnreadable: (
        "The list of known passwords can't be read; no password was set. Tell the administrator."
    ),
}
"""The same, where the kind of error says more than its status."""


def refusal_of(error: Exception) -> Refusal:
    """What is told of an error."""
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        status = error.status_code
        phrase = HTTPStatus(status).phrase
        return Refusal(status, phrase.lower().replace(" ", "_"), FIXED.get(status, phrase + "."))
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    code = str(getattr(error, "code", "internal"))
    told = next((FIXED_OF[kind] for kind in type(error).__mro__ if kind in FIXED_OF), None)
    if told is not None:
        return Refusal(status, code, told)
    span = None
    if isinstance(error, search.errors.QueryError):
        span = (error.start, error.end)
    wait = error.retry_after if isinstance(error, records.errors.TooManyAttempts) else None
    if status in FIXED:
        code = "not_found" if status == 404 else code
        return Refusal(status, code, FIXED[status], retry_after=wait)
    return Refusal(status, code, str(error), span=span, retry_after=wait)


def _invalid(error: RequestValidationError) -> Refusal:
    """Places and reasons, but never the values: they may be somebody's name or number."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Refusal(400, "invalid_json", "The body is not JSON.")
    errors = tuple(
        {"at": [str(step) for step in one["loc"]], "message": one["msg"]} for one in found
    )
    places = ", ".join(".".join(one["at"]) for one in errors)
    return Refusal(422, "invalid_request", f"Mend these parts: {places}.", errors=errors)


def problem(refusal: Refusal) -> Response:
    """The refusal as a problem document."""
    content: dict[str, Any] = {
        "type": f"urn:petitions:problem:{refusal.code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
    }
    if refusal.span is not None:
        content["span"] = list(refusal.span)
    if refusal.errors:
        content["errors"] = list(refusal.errors)
    return JSONResponse(
        content, refusal.status, headers=refusal_headers(refusal), media_type=PROBLEM
    )


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    headers: dict[str, str] = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return headers


EXAMPLES: Final = {
    400: Refusal(400, "invalid_json", "The body is not JSON."),
    401: Refusal(401, NotSignedIn.code, FIXED[401]),
    403: Refusal(403, NotPermitted.code, "Your role does not register letters."),
    404: Refusal(404, "not_found", FIXED[404]),
    409: Refusal(409, "changed_meanwhile", "The letter has changed meanwhile: look at it again."),
    413: Refusal(413, "body_too_large", "The request is larger than 1,048,576 bytes."),
    422: Refusal(422, "open_quote", "The quote is never closed.", span=(3, 7)),
    429: Refusal(429, "too_many_attempts", "Wait 8 seconds.", retry_after=8),
    503: Refusal(503, "engine_down", NO_SEARCH),
    507: Refusal(507, "store_full", FIXED[507]),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its OpenAPI description."""
    return {status: _described(EXAMPLES[status]) for status in statuses}


def _described(refusal: Refusal) -> dict[str, Any]:
    return {
        "description": HTTPStatus(refusal.status).phrase,
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": json.loads(bytes(problem(refusal).body)),
            }
        },
    }


TITLES: Final = {
    403: "Not permitted",
    404: "Not found",
    413: "Too large",
    429: "Too many attempts",
}


TITLES_OF: Final = {TooFast.code: "Too many searches"}
"""Where the code says more than the status."""


def page_title(refusal: Refusal) -> str:
    """A message id for a page that shows the refusal."""
    return TITLES_OF.get(refusal.code) or TITLES.get(refusal.status, "That did not work")
