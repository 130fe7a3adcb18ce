"""Is the process alive, and can it answer? Open to all; they tell nothing else."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.office import TheOffice
from api.schemas import Health, Ready

router = APIRouter(tags=["upkeep"])


@router.get("/health")
def health() -> Health:
    """The process is alive."""
    return Health()


@router.get("/ready", responses={503: {"model": Ready, "description": "Not able to answer now."}})
def ready(office: TheOffice, response: Response) -> Ready:
    """The database and the engine answer."""
    able = office.library.ready()
    response.status_code = 200 if able else 503
    return Ready(ready=able)
