"""The application: routes, pages, the guard around them, and what a refusal looks like."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from api.assets import Asset, read_assets
from api.errors import (
    STATUSES,
    NotSignedIn,
    Refusal,
    SecondFactorDue,
    page_title,
    problem,
    problems,
    refusal_headers,
    refusal_of,
)
from api.guard import BodyLimit, BodyTooLarge, Guard
from api.office import Office
from api.pages import (
    account,
    duplicates,
    files,
    letters,
    log,
    matters,
    personal,
    redacting,
    registering,
    searching,
    sign_ins,
    signatures,
    signing,
    users,
)
from api.pages.refusals import refused_text
from api.pages.rendering import Renderer, make_renderer
from api.rate import Rate
from api.routes import decisions, health, petitions, registration, session
from api.routes import duplicates as duplicate_routes
from api.routes import matters as matter_routes
from api.routes import personal as personal_routes
from api.routes import searching as search_route
from api.schemas import Problem
from records.codes import require_steps
from records.database import Database
from records.errors import (
    DatabaseBusy,
    DatabaseDown,
    DatabaseNotReady,
    ListUnreadable,
    ScannerDown,
    StoreFull,
)
from records.home import Settings, environment_name
from records.originals import Originals
from records.roles import roles_of
from search.errors import EngineError
from search.library import Library

logger = logging.getLogger("petitions.api")

MEBIBYTE: Final = 1024 * 1024
ORDINARY: Final = 2 * MEBIBYTE
"""Most bytes of a request without files: any question and any form fit."""

TITLE: Final = "Petition search"
FOR_GOOD: Final = "public, max-age=31536000, immutable"

PAGES: Final = (
    searching,
    letters,
    matters,
    duplicates,
    files,
    personal,
    signatures,
    redacting,
    registering,
    signing,
    account,
    sign_ins,
    users,
    log,
)
"""The modules whose routers make pages for people."""

UPLOADS: Final = frozenset({"/api/petitions", "/register", "/register/check"})

OUTSIDE: Final = (
    DatabaseBusy,
    DatabaseDown,
    DatabaseNotReady,
    EngineError,
    ListUnreadable,
    ScannerDown,
    StoreFull,
)
"""Errors whose message tells of the machine alone, never of a letter: the log may have it."""

PUBLIC: Final = frozenset({("POST", "/api/session"), ("GET", "/api/health"), ("GET", "/api/ready")})
"""The operations that need no sign-in."""


def create_app(
    library: Library, database: Database, originals: Originals, settings: Settings
) -> FastAPI:
    """The application over an opened office; who opened it closes it.

    Raises UnknownRole, BadValue for settings that can't be right.
    """
    roles_of(settings.second_factor_for)
    require_steps(settings.code_steps)
    app = FastAPI(
        title=TITLE,
        version="1",
        summary="Petitions: taken in, findable, within the asker's rights.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Never send anything out, whatever the environment says.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    rate = Rate(settings.searches_per_minute)
    app.state.office = Office(library, database, originals, settings, rate)
    app.state.renderer = make_renderer(settings)
    api = APIRouter(prefix="/api")
    for part in (
        session,
        search_route,
        petitions,
        duplicate_routes,
        decisions,
        matter_routes,
        personal_routes,
        registration,
        health,
    ):
        api.include_router(part.router)
    app.include_router(api)
    for page in PAGES:
        app.include_router(page.router)
    app.include_router(_assets())
    _describe(app)
    for kind in (*STATUSES, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refuse)
    app.add_middleware(
        Guard,
        uploads=UPLOADS,
        ordinary=BodyLimit(ORDINARY, None),
        upload=BodyLimit(settings.max_file_bytes + MEBIBYTE, environment_name("max_file_bytes")),
        secure=settings.secure_cookies,
        answer=_answer,
    )
    return app


def _assets() -> APIRouter:
    """Each asset is a route of its own: no folder is served."""
    router = APIRouter(include_in_schema=False)
    for asset in read_assets().values():
        router.add_api_route(asset.address, _sender(asset), response_class=Response)
    return router


def _sender(asset: Asset) -> Callable[[], Response]:
    def send() -> Response:
        return Response(
            asset.content, media_type=asset.media_type, headers={"Cache-Control": FOR_GOOD}
        )

    return send


def _describe(app: FastAPI) -> None:
    """Adds to the OpenAPI document what routes refer to by name, and says which are open to all."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            parts = schema.setdefault("components", {}).setdefault("schemas", {})
            parts["Problem"] = Problem.model_json_schema()
            for item in schema["paths"].values():
                for operation in item.values():
                    _drop_foreign_refusal(operation["responses"])
                    if "security" in operation:
                        _tell_factor_due(operation["responses"])
            parts.pop("HTTPValidationError", None)
            parts.pop("ValidationError", None)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _drop_foreign_refusal(responses: dict[str, Any]) -> None:
    """FastAPI promises its own kind of 422 wherever a path has a part, even one of any text."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def _tell_factor_due(responses: dict[str, Any]) -> None:
    """Whoever must sign in may first have to set up a second factor."""
    for status, described in problems(403).items():
        responses.setdefault(str(status), described)


def _refuse(request: Request, error: Exception) -> Response:
    page = not request.url.path.startswith("/api/")
    if page and isinstance(error, NotSignedIn):
        return _to_sign_in(request)
    if page and isinstance(error, SecondFactorDue):
        return RedirectResponse("/second-factor", 303)
    if isinstance(error, BodyTooLarge):
        return _answer(request, error.limit.refusal())
    refusal = refusal_of(error)
    if refusal.status >= 500:
        told = str(error) if isinstance(error, OUTSIDE) else refusal.code
        logger.error("%s: %s", type(error).__name__, told)
    return _answer(request, refusal)


def _to_sign_in(request: Request) -> Response:
    wanted = signing.wanted_after(request.url.path) if request.method == "GET" else "/"
    return RedirectResponse("/sign-in" + (f"?next={wanted}" if wanted != "/" else ""), 303)


def _answer(request: Request, refusal: Refusal) -> Response:
    """A problem document for programs, a page for people."""
    if request.url.path.startswith("/api/"):
        return problem(refusal)
    pages: Renderer = request.app.state.renderer
    texts = pages.catalogue(request)
    return pages.page(
        request,
        "error.html",
        getattr(request.state, "caller", None),
        status=refusal.status,
        headers=refusal_headers(refusal),
        title=texts.text(page_title(refusal)),
        detail=refused_text(texts, refusal),
    )
