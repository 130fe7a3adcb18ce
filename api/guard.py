"""What every answer carries, and what no request may do: one ASGI layer around the whole app.

Security headers stand on all answers, errors included. Requests that another site makes a browser
send are refused: by `Sec-Fetch-Site` where the browser tells it, else by comparing `Origin` with
`Host`; a request with neither comes from no browser (the rule of Go's CrossOriginProtection). Only
a plain link to a page may be followed from elsewhere: what is read in the background, framed or
embedded could be measured by the other site.
Bodies are measured while they stream in. An unforeseen error becomes a 500 without a word about
its cause; the log gets its class and places, never its message, which may quote a letter. Refusals
made here go there too, with the address that they came from: nobody is known yet who could stand in
the audit, and a stranger's requests would fill it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refusal

PROGRAM = Path(__file__).parents[1]

log = logging.getLogger("petitions.api")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def fixed_headers(secure: bool) -> dict[str, str]:
    """What every answer carries, unless it says otherwise; `secure`: it comes by TLS."""
    return {**HEADERS, "Strict-Transport-Security": STRICT_TRANSPORT} if secure else HEADERS


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Most bytes of a request body, and the setting that raises it, where there is one."""

    size: int
    setting: str | None

    def refusal(self) -> Refusal:
        remedy = f"raise {self.setting} to allow more" if self.setting else "send less"
        detail = f"The request is larger than {self.size:,} bytes: {remedy}."
        return Refusal(413, "body_too_large", detail)


class BodyTooLarge(HTTPException):
    """Raised while a body streams in. Frameworks let an `HTTPException` pass unchanged."""

    def __init__(self, limit: BodyLimit) -> None:
        super().__init__(413)
        self.limit = limit


def cross_site(headers: Headers) -> bool:
    """Did another site make the browser send this?"""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return origin == "null" or urlsplit(origin).netloc != headers.get("host", "")


def followed_link(scope: Scope, headers: Headers) -> bool:
    """Is this a person following a link to one of the pages, in a window of its own?"""
    return (
        scope["method"] in SAFE_METHODS
        and not scope["path"].startswith("/api/")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def other_letters(headers: Headers) -> bool:
    """Does a form name an encoding other than UTF-8? Some of Python's decode to half characters,
    or not at all."""
    kind, options = parse_options_header(headers.get("content-type"))
    named = options.get(b"charset", b"utf-8").lower()
    return kind == b"multipart/form-data" and named not in (b"utf-8", b"utf8")


class Guard:
    """The layer itself. `uploads` are the paths that take files; all others take `ordinary`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        uploads: frozenset[str],
        ordinary: BodyLimit,
        upload: BodyLimit,
        secure: bool,
        answer: Callable[[Request, Refusal], Response],
    ) -> None:
        self._app = app
        self._uploads = uploads
        self._ordinary = ordinary
        self._upload = upload
        self._headers = fixed_headers(secure)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._upload if scope["path"] in self._uploads else self._ordinary
        started = False
        taken = 0

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
            await send(message)

        async def receive_measured() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit.size:
                    note(scope, limit.refusal())
                    raise BodyTooLarge(limit)
            return message

        async def refuse(refusal: Refusal) -> None:
            if refusal.status < 500:
                note(scope, refusal)
            response = self._answer(Request(scope), refusal)
            await response(scope, receive, send_guarded)

        bearer = headers.get("authorization", "").lower().startswith("bearer ")
        if not bearer and cross_site(headers) and not followed_link(scope, headers):
            await refuse(
                Refusal(403, "cross_site", "Another site sent this request. Open the page itself.")
            )
            return
        if other_letters(headers):
            await refuse(Refusal(415, "not_utf8", "Send forms in UTF-8."))
            return
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit.size:
            await refuse(limit.refusal())
            return
        try:
            await self._app(scope, receive_measured, send_guarded)
        except Exception as error:
            log.error(
                "%s %s: %s at\n%s",
                scope["method"],
                route_of(scope),
                type(error).__name__,
                places_of(error),
            )
            if started:
                raise
            await refuse(
                Refusal(500, "internal", "Something failed here. It is in the server's log.")
            )


def note(scope: Scope, refusal: Refusal) -> None:
    """In the log: what was refused, and from where; no path, which may name a letter."""
    client = scope.get("client")
    log.warning("refused (%s): %s from %s", refusal.code, scope["method"], client and client[0])


def places_of(error: BaseException) -> str:
    """The lines of this program that the error came through, and the last one anywhere."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames[:-1] if PROGRAM in Path(frame.filename).parents]
    own = [frame for frame in ours if "site-packages" not in frame.filename]
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in (*own, frames[-1])]
    causes = [] if error.__cause__ is None else [f"  from {type(error.__cause__).__name__}"]
    return "\n".join(lines + causes)


def route_of(scope: Scope) -> str:
    """The pattern of the path, so that a log holds no id."""
    route = scope.get("route")
    return str(getattr(route, "path", "(no route)"))
