"""Cookies of this host alone: never to scripts, never to other sites' requests.

Behind TLS the name starts with `__Host-`: a browser then takes it only from this host itself, over
TLS, for all its paths.
"""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from starlette.requests import Request
from starlette.responses import Response

from records.home import Settings

HOST_PREFIX: Final = "__Host-"


class _Flags(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


def full_name(settings: Settings, name: str) -> str:
    """The name as it is sent."""
    return HOST_PREFIX + name if settings.secure_cookies else name


def read(request: Request, settings: Settings, name: str) -> str | None:
    return request.cookies.get(full_name(settings, name))


def give(
    response: Response, settings: Settings, name: str, value: str, seconds: int | None = None
) -> None:
    """`seconds` None: for as long as the browser runs."""
    named = full_name(settings, name)
    response.set_cookie(named, value, max_age=seconds, **_flags(settings))


def take(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(full_name(settings, name), **_flags(settings))


def _flags(settings: Settings) -> _Flags:
    return {"path": "/", "secure": settings.secure_cookies, "httponly": True, "samesite": "lax"}
