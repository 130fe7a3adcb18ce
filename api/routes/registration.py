"""Registering a letter by program, and asking how far its files are."""

from __future__ import annotations

from fastapi import APIRouter

from api.caller import TheCaller
from api.errors import problems
from api.office import TheOffice
from api.progress import progress
from api.registration import register
from api.schemas import Progress, Registered
from api.uploads import BODY, TheHandedIn

router = APIRouter(tags=["registration"])


@router.post(
    "/petitions",
    status_code=201,
    responses=problems(400, 401, 403, 413, 422, 503, 507),
    openapi_extra=BODY,
)
def hand_in(form: TheHandedIn, caller: TheCaller, office: TheOffice) -> Registered:
    """Register a letter: files, fields, or both. Answers at once; the files are read afterwards."""
    stated, uploads = form
    return register(office, caller, stated, uploads)


@router.get("/petitions/{petition_id}/progress", responses=problems(401, 404, 503))
def how_far(petition_id: str, caller: TheCaller, office: TheOffice) -> Progress:
    """How far the files of a letter are; only for the user who registered it."""
    return progress(office, caller, petition_id)
