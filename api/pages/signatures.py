"""Signing a reply, what stands under it, and verifying an export that somebody brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from starlette.responses import RedirectResponse

from api.caller import Caller, TheCaller, caller_or_nobody, proof_of
from api.errors import NotPermitted, Refusal, refusal_headers, refusal_of
from api.office import TheOffice
from api.pages.refusals import refused_text
from api.pages.rendering import Renderer, TheRenderer
from records import signin
from records.database import Session
from records.errors import AlreadySigned, SignInRefused, TooManyAttempts
from records.seals import ExportReport, SignedReply, verify_sealed
from records.signatures import SignatureState
from records.signing_keys import Signer, SigningKey, keys_of, person_signer
from records.users import User
from search.answers import VisiblePetition, VisibleReply
from search.engine import Edition
from search.errors import NotFound

router = APIRouter(include_in_schema=False)

IN_FOURS: Final = 4


@router.get("/petitions/{petition_id}/replies/{number}")
def reply(
    request: Request,
    petition_id: str,
    number: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
) -> Response:
    """A reply, every signature under it and what became of it; whoever may sign can do it here."""
    petition = office.library.petition(caller.scope, petition_id)
    return _reply_page(request, pages, caller, petition, _place(petition, number))


@router.post("/petitions/{petition_id}/replies/{number}")
def sign(
    request: Request,
    petition_id: str,
    number: str,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Sign the reply as it stands, by the password."""
    if not caller.signs:
        raise NotPermitted
    petition = office.library.petition(caller.scope, petition_id)
    place = _place(petition, number)
    if petition.edition is not Edition.FULL:
        raise NotFound("nobody signs what they can't read")

    def unlocked(session: Session, user: User) -> Signer:
        return person_signer(session, user, password)

    proof = proof_of(request, caller.user.name, password, code.strip() or None)
    try:
        signer = signin.proven(
            office.database, proof, office.settings, unlocked, action="signing_proof"
        )
        office.library.sign_reply(caller.scope, petition_id, place, signer)
    except (SignInRefused, TooManyAttempts, AlreadySigned) as error:
        return _reply_page(request, pages, caller, petition, place, refusal_of(error))
    return RedirectResponse(f"/petitions/{petition_id}/replies/{place}", 303)


def _place(petition: VisiblePetition, number: str) -> int:
    """Which reply, from 1. Raises NotFound."""
    for place in range(1, len(petition.replies) + 1):
        if number == str(place):
            return place
    raise NotFound("the petition has no such reply")


def _reply_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    petition: VisiblePetition,
    place: int,
    refusal: Refusal | None = None,
) -> Response:
    texts = pages.catalogue(request)
    mistake = None
    if refusal is not None:
        mistake = refused_text(texts, refusal)
    shown: VisibleReply = petition.replies[place - 1]
    return pages.page(
        request,
        "reply.html",
        caller,
        status=refusal.status if refusal else 200,
        headers=refusal_headers(refusal) if refusal else None,
        petition=petition,
        reply=shown,
        number=place,
        may_sign=caller.signs and petition.edition is Edition.FULL,
        signs=caller.signs,
        has_factor=caller.user.second_factor,
        name=caller.user.name,
        mistake=mistake,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What a verified export says, for people."""

    number: str
    subject: str
    text: str
    edition: str
    made_at: datetime
    replies: tuple[str, ...]


@router.get("/verify")
def verify_form(request: Request, office: TheOffice, pages: TheRenderer) -> Response:
    """Open to everybody: whoever was handed an export can have it verified."""
    caller = caller_or_nobody(request, office)
    with office.database.read() as session:
        keys = keys_of(session)
    return _verify_page(request, pages, caller, keys, None)


@router.post("/verify")
def verify(
    request: Request,
    office: TheOffice,
    pages: TheRenderer,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
) -> Response:
    """What is wrong with an export, if anything; nothing of it is kept."""
    caller = caller_or_nobody(request, office)
    content = file.file.read() if file is not None and file.filename else _pasted(text)
    with office.database.read() as session:
        keys = keys_of(session)
    trusted = {public: key for public, key in keys.items() if key.user_id is None}
    return _verify_page(request, pages, caller, keys, verify_sealed(content, trusted))


def _pasted(text: str) -> bytes:
    """A form sends other ends of lines, and people lose the last one."""
    lines = text.replace("\r\n", "\n").strip("\n")
    return (lines + "\n").encode("utf-8", "surrogatepass") if lines else b""


def _verify_page(
    request: Request,
    pages: Renderer,
    caller: Caller | None,
    keys: dict[str, SigningKey],
    report: ExportReport | None,
) -> Response:
    ours = [key for key in keys.values() if key.user_id is None and key.ended_at is None]
    return pages.page(
        request,
        "verify.html",
        caller,
        here="verify",
        report=report,
        held=_held(report) if report and report.sound else None,
        signed=_signed(report) if report else [],
        unsound=sum(not one.sound for one in report.signatures) if report else 0,
        fingerprint=_in_fours(ours[0].public) if ours else None,
    )


def _signed(report: ExportReport) -> list[tuple[SignedReply, str, datetime]]:
    """Genuine signatures, what is to be said of each, and when they were made."""
    return [
        (
            one,
            one.state if one.fits else SignatureState.TEXT_CHANGED,
            datetime.fromisoformat(one.signed_at),
        )
        for one in report.signatures
        if one.sound
    ]


def _held(report: ExportReport) -> Held | None:
    if report.content is None:
        return None
    petition = report.content["petition"]
    return Held(
        petition["number"],
        petition["subject"],
        petition["text"],
        petition["edition"],
        datetime.fromisoformat(report.made_at),
        tuple(one["text"] for one in petition["replies"]),
    )


def _in_fours(public: str) -> str:
    """As people compare it aloud."""
    parts = (public[start : start + IN_FOURS] for start in range(0, len(public), IN_FOURS))
    return " ".join(parts)
