"""A walk over every route there is: those of the OpenAPI document, the pages and their assets.

Each row of the table is one request to one route: as nobody, as a signed-in user, with a method
the route doesn't take, with bodies that are wrong or too large, from another site. What must stand
on every answer is checked on every answer, refusals included. A new route is walked without a word
here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import ORDINARY, PAGES, PUBLIC
from api.assets import read_assets
from api.caller import SECURE_COOKIE

PASSWORD = "three 湖 wide lanterns"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = "0" * 32
SAFE = {"GET", "HEAD", "OPTIONS"}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}

FROM_ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
)
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@dataclass(frozen=True)
class Route:
    """`path`: a pattern."""

    method: str
    path: str

    @property
    def of_program(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def asset(self) -> bool:
        return self.path.startswith("/static/")

    def address(self, petition_id: str) -> str:
        values = {
            "{petition_id}": petition_id,
            "{number}": "1",
            "{state}": "sealed",
            "{code}": "01",
            "{user_id}": UNKNOWN,
            "{decision_id}": UNKNOWN,
        }
        address = self.path
        for name, value in values.items():
            address = address.replace(name, value)
        assert "{" not in address, f"give a value for the places in {self.path}"
        return address


@dataclass(frozen=True)
class Case:
    """A way to send a request; `answers`: the statuses that may come (empty: any below 500)."""

    name: str
    fits: Callable[[Route], bool]
    answers: frozenset[int] = frozenset()
    signed_in: bool = True
    known: bool = False
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


def everywhere(_: Route) -> bool:
    return True


def takes_a_body(route: Route) -> bool:
    return route.method in {"POST", "PUT", "PATCH"}


def guarded(route: Route) -> bool:
    """Needs a sign-in."""
    if route.of_program:
        return (route.method, route.path) not in PUBLIC and route.path != "/api/openapi.json"
    return not route.asset and route not in OPEN_PAGES


def acts_or_is_read_by_programs(route: Route) -> bool:
    return route.of_program or route.method not in SAFE


def followed_as_a_link(route: Route) -> bool:
    return not acts_or_is_read_by_programs(route)


def not_taken(method: str) -> Callable[[Route], bool]:
    """Routes without this method. FastAPI itself answers HEAD for its document."""
    return lambda route: (
        (method, route.path) not in ALL
        and not (method == "HEAD" and route.path == "/api/openapi.json")
    )


CASES = (
    Case("nobody, guarded", guarded, frozenset({401, 303}), signed_in=False),
    Case("nobody, open", lambda route: not guarded(route), signed_in=False),
    Case("signed in, unknown letter", everywhere),
    Case("signed in, known letter", everywhere, known=True),
    Case("broken JSON", takes_a_body, headers=JSON, content=b"{"),
    Case("a list for an object", takes_a_body, headers=JSON, content=b"[]"),
    Case("an odd form", takes_a_body, headers=FORM, content=b"q=%ff&state=%00&next=//x&tag=en"),
    Case("too large", takes_a_body, frozenset({413}), headers=JSON, content=b" " * (ORDINARY + 1)),
    *(
        Case(f"wrong method {method}", not_taken(method), frozenset({405}), method=method)
        for method in (*METHODS, "HEAD", "OPTIONS", "TRACE", "BREW")
    ),
    *(
        Case(f"from elsewhere {headers}", everywhere, frozenset({403}), headers=headers)
        for headers in FROM_ELSEWHERE
    ),
    Case(
        "a link from elsewhere",
        acts_or_is_read_by_programs,
        frozenset({403}),
        headers=LINK,
    ),
    Case("a link to a page", followed_as_a_link, frozenset({200, 303, 403, 404}), headers=LINK),
)

OPEN_PAGES = {
    Route(method, route.path)
    for module in PAGES
    for route in module.router.routes
    if isinstance(route, APIRoute)
    and route.path in {"/sign-in", "/language", "/recover", "/verify"}
    for method in route.methods
}
ALL: set[tuple[str, str]] = set()


@pytest.fixture(scope="module")
def routes(behind_tls: tuple[Any, str]) -> list[Route]:
    """Every route, each way it is taken."""
    document = httpx.get(f"{behind_tls[1]}/api/openapi.json", trust_env=False).json()
    found = {
        Route(method, path)
        for path, item in document["paths"].items()
        for method in METHODS
        if method.lower() in item
    }
    found.add(Route("GET", "/api/openapi.json"))
    for module in PAGES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            found |= {Route(method, route.path) for method in route.methods}
    found |= {Route("GET", asset.address) for asset in read_assets().values()}
    ALL.update((route.method, route.path) for route in found)
    return sorted(found, key=lambda route: (route.path, route.method))


@pytest.fixture(scope="module")
def client(behind_tls: tuple[Any, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=behind_tls[1], trust_env=False) as client:
        yield client


def cookie_of(client: httpx.Client) -> str:
    """What the cookie of a new sign-in holds."""
    asked = {"username": "walker", "password": PASSWORD}
    answer = client.post("/api/session", json=asked)
    assert answer.status_code == 200
    client.cookies.clear()
    return str(answer.cookies[SECURE_COOKIE])


def faults(answer: httpx.Response, route: Route) -> Iterator[str]:
    """What every answer must carry and this one doesn't."""
    headers = answer.headers
    for name, value in FIXED.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)!r}"
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    for directive, sources in POLICY.items():
        if policy.get(directive) != sources:
            yield f"{directive} is {policy.get(directive)!r}"
    if "unsafe" in headers["content-security-policy"]:
        yield "the policy allows what is unsafe"
    kept = headers.get("cache-control") != "no-store"
    if kept and not (route.asset and answer.status_code == 200):
        yield f"cache-control is {headers.get('cache-control')!r}"
    if "server" in headers or "access-control-allow-origin" in headers:
        yield "it tells the server, or lets other sites read"
    if answer.content and "content-type" not in headers:
        yield "no content type"
    if (
        headers.get("content-type", "").startswith("text/")
        and "charset=utf-8" not in headers["content-type"]
    ):
        yield "no charset"
    refused = route.of_program and answer.status_code >= 400 and answer.content
    if refused and headers["content-type"] != "application/problem+json":
        yield f"a refusal as {headers['content-type']}"
    for line in headers.get_list("set-cookie"):
        yield from cookie_faults(line)
    if "text/html" in headers.get("content-type", ""):
        yield from page_faults(answer.text)


def cookie_faults(line: str) -> Iterator[str]:
    for name, cookie in SimpleCookie(line).items():
        if not name.startswith("__Host-"):
            yield f"cookie {name} is not bound to the host"
        if not (cookie["secure"] and cookie["httponly"]):
            yield f"cookie {name} is sent in the clear, or to scripts"
        if cookie["samesite"].lower() not in {"lax", "strict"}:
            yield f"cookie {name} goes to other sites"
        if cookie["path"] != "/" or cookie["domain"]:
            yield f"cookie {name} has another place"


def page_faults(page: str) -> Iterator[str]:
    """What the policy would block, and what leads outside."""
    for sign in (
        "<script>",
        " style=",
        "<style",
        " onclick=",
        "javascript:",
        "http://",
        "https://",
    ):
        if sign in page.replace("http://www.w3.org/2000/svg", ""):
            yield f"the page holds {sign!r}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_answer_of_every_route_carries_what_it_must(
    case: Case, routes: list[Route], client: httpx.Client, behind_tls: tuple[Any, str]
) -> None:
    found = []
    letter = behind_tls[0].ids["letter"] if case.known else UNKNOWN
    walked = [route for route in routes if case.fits(route)]
    assert walked
    signed_in = cookie_of(client)
    for route in walked:
        headers = dict(case.headers)
        if case.signed_in:
            headers["Cookie"] = f"{SECURE_COOKIE}={signed_in}"
        answer = client.request(
            case.method or route.method,
            route.address(letter),
            headers=headers,
            content=case.content,
        )
        client.cookies.clear()
        wrong = list(faults(answer, route))
        if signed_in.encode() in answer.content:
            wrong.append("shows what the cookie holds")
        if answer.status_code >= 500:
            wrong.append(f"status {answer.status_code}")
        if case.answers and answer.status_code not in case.answers:
            wrong.append(f"status {answer.status_code}, not one of {sorted(case.answers)}")
        found += [f"{case.method or route.method} {route.path}: {one}" for one in wrong]
        if answer.status_code < 400 and route.path in {"/api/session", "/sign-out"}:
            signed_in = cookie_of(client)
    assert found == []


def test_the_walk_meets_every_kind_of_answer(
    routes: list[Route], client: httpx.Client, behind_tls: tuple[Any, str]
) -> None:
    """The walk would prove little if it only met refusals."""
    signed_in = cookie_of(client)
    met = {
        client.request(
            route.method,
            route.address(letter),
            headers={"Cookie": f"{SECURE_COOKIE}={signed_in}"},
        ).status_code
        for route in routes
        if route.method == "GET"
        for letter in (UNKNOWN, behind_tls[0].ids["letter"])
    }
    assert {200, 303, 404} <= met


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/static/none.css", "/%2e%2e/"])
def test_addresses_without_a_route_are_guarded_alike(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    route = Route("GET", path if path.startswith("/api/") else "/nowhere")
    assert answer.status_code == 404
    assert list(faults(answer, route)) == []


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 200_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # TLS to a port without it
    ],
)
def test_what_is_no_request_is_answered_alike(behind_tls: tuple[Any, str], sent: bytes) -> None:
    place = urlsplit(behind_tls[1])
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(sent)
        read = HTTPResponse(connection)
        read.begin()
        answer = httpx.Response(read.status, headers=read.getheaders(), content=read.read())
        with suppress(ConnectionResetError):  # where something is left unread
            assert connection.recv(1) == b"", "the connection stays open"
    assert answer.status_code == 400
    assert list(faults(answer, Route("GET", "/"))) == []


def test_a_cross_site_answer_is_the_same_for_nobody_and_for_somebody(client: httpx.Client) -> None:
    headers = {"Origin": "https://elsewhere.example", **JSON}
    signed_in = {"Cookie": f"{SECURE_COOKIE}={cookie_of(client)}"}
    for path in ("/api/search", "/search", "/sign-in", "/sign-out", "/register"):
        with_cookie = client.post(path, headers=headers | signed_in)
        without = client.post(path, headers=headers)
        assert (with_cookie.status_code, without.status_code) == (403, 403)
        if path.startswith("/api/"):
            assert with_cookie.content == without.content
