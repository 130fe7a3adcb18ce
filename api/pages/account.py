"""One's own password and second factor, and getting in again by an administrator's one-time code.

Whoever is signed in proves anew who they are before either changes; only the first second factor of
somebody who may do nothing else yet needs no second proof.
"""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request, Response
from markupsafe import Markup
from starlette.responses import RedirectResponse

from api.caller import (
    AnyoneSignedIn,
    Caller,
    TheCaller,
    address_of,
    give_cookie,
    proof_of,
)
from api.errors import Refusal, refusal_of
from api.office import Office, TheOffice
from api.pages.catalogue import Catalogue
from api.pages.refusals import mistaken
from api.pages.rendering import Renderer, TheRenderer
from records import recovery, signin
from records.database import Session
from records.errors import SignInRefused, TooManyAttempts, WeakPassword, WrongCode
from records.passwords import require_strong
from records.recovery import Enrolment
from records.signin import SignIn
from records.times import now
from records.users import User, set_password

router = APIRouter(include_in_schema=False)


@router.get("/second-factor")
def second_factor(
    request: Request, caller: AnyoneSignedIn, office: TheOffice, pages: TheRenderer
) -> Response:
    """What there is, and how to set one up or another one."""
    with office.database.read() as session:
        begun = recovery.pending_enrolment(session, caller.user.id)
    return _factor_page(request, pages, caller, begun)


@router.post("/second-factor")
def begin(
    request: Request,
    caller: AnyoneSignedIn,
    office: TheOffice,
    pages: TheRenderer,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Make a secret, and show it."""
    if caller.factor_due:
        with office.database.write() as session:
            recovery.begin_enrolment(session, caller.user.id)
        return RedirectResponse("/second-factor", 303)

    def enrol(session: Session, user: User) -> None:
        recovery.begin_enrolment(session, user.id)

    proof = proof_of(request, caller.user.name, password, code.strip() or None)
    try:
        signin.proven(office.database, proof, office.settings, enrol, action="second_factor_begun")
    except (SignInRefused, TooManyAttempts) as error:
        return _factor_page(request, pages, caller, None, refusal_of(error))
    return RedirectResponse("/second-factor", 303)


@router.post("/second-factor/confirm")
def confirm(
    request: Request,
    caller: AnyoneSignedIn,
    office: TheOffice,
    pages: TheRenderer,
    code: Annotated[str, Form()] = "",
) -> Response:
    """A code of the new secret: from now on it is asked for. All other sign-ins end."""
    given_at = now()
    try:
        with office.database.write() as session:
            recovery.finish_enrolment(session, caller.user.id, code, office.settings, given_at)
            begun = signin.begin(session, caller.user, office.settings)
    except WrongCode as error:
        with office.database.read() as session:
            pending = recovery.pending_enrolment(session, caller.user.id)
        return _factor_page(request, pages, caller, pending, refusal_of(error))
    return _entered(office, begun, "/")


def _factor_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    begun: Enrolment | None,
    refusal: Refusal | None = None,
) -> Response:
    texts = pages.catalogue(request)
    return pages.page(
        request,
        "second_factor.html",
        caller,
        here="second-factor",
        name=caller.user.name,
        has_one=caller.user.second_factor,
        due=caller.factor_due,
        secret=in_fours(begun.secret) if begun else None,
        picture=qr_code(begun.address, texts) if begun else None,
        **mistaken(texts, refusal),
    )


@router.get("/password")
def password_form(request: Request, caller: TheCaller, pages: TheRenderer) -> Response:
    return _password_page(request, pages, caller)


@router.post("/password")
def change_password(
    request: Request,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Another password, by the present one. All other sign-ins end."""
    settings = office.settings

    def change(session: Session, user: User) -> SignIn:
        set_password(session, user.id, new, settings)
        return signin.begin(session, user, settings)

    proof = proof_of(request, caller.user.name, password, code.strip() or None)
    try:
        _require_chosen(new, again, caller.user.name, office)
        begun = signin.proven(office.database, proof, settings, change, action="password_changed")
    except (SignInRefused, TooManyAttempts, WeakPassword) as error:
        return _password_page(request, pages, caller, refusal_of(error))
    return _entered(office, begun, "/")


def _password_page(
    request: Request, pages: Renderer, caller: Caller, refusal: Refusal | None = None
) -> Response:
    return pages.page(
        request,
        "password.html",
        caller,
        here="password",
        has_factor=caller.user.second_factor,
        name=caller.user.name,
        least=pages.settings.min_password_characters,
        **mistaken(pages.catalogue(request), refusal),
    )


@router.get("/recover")
def recover_form(request: Request, pages: TheRenderer) -> Response:
    return _recover_page(request, pages, "")


@router.post("/recover")
def recover(
    request: Request,
    office: TheOffice,
    pages: TheRenderer,
    username: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Choose a password by a one-time code, then sign in with it."""
    try:
        _require_chosen(new, again, username, office)
        recovery.redeem(office.database, username, code, new, office.settings, address_of(request))
    except (SignInRefused, TooManyAttempts, WeakPassword) as error:
        return _recover_page(request, pages, username[:200], refusal_of(error))
    return RedirectResponse("/sign-in", 303)


def _recover_page(
    request: Request, pages: Renderer, username: str, refusal: Refusal | None = None
) -> Response:
    return pages.page(
        request,
        "recover.html",
        None,
        username=username,
        least=pages.settings.min_password_characters,
        **mistaken(pages.catalogue(request), refusal),
    )


class PasswordsDiffer(WeakPassword):
    code = "passwords_differ"


def _require_chosen(new: str, again: str, name: str, office: Office) -> None:
    """Raises WeakPassword: before anything is counted or looked at."""
    if new != again:
        raise PasswordsDiffer("the two new passwords are not the same")
    require_strong(new, name, office.settings)


def _entered(office: Office, begun: SignIn, address: str) -> Response:
    response = RedirectResponse(address, 303)
    give_cookie(response, office, begun)
    return response


def in_fours(secret: str) -> str:
    """As people type it off."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_code(address: str, texts: Catalogue) -> Markup:
    """The address as a picture inside the page: drawn here, so that no other server learns it."""
    picture = segno.make(address, error="m", micro=False)
    title = texts.text("QR code for the authenticator")
    return Markup(picture.svg_inline(scale=5, border=4, light="#fff", title=title))  # noqa: S704
