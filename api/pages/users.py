"""Accounts and rights: the administrator proposes, the security administrator confirms.

Neither sees a letter. Regions are those that are declared to all: which others letters speak of is
not for people who see no letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from api.caller import Caller, TheCaller
from api.errors import NotPermitted, refusal_of
from api.office import Office, TheOffice
from api.pages.rendering import Renderer, TheRenderer, label
from records import administration, signin
from records.administration import Proposal, Rights
from records.categories import find_categories
from records.database import Session
from records.errors import BadValue, Changed, NameTaken, UnknownCategory, UnknownRegion
from records.regions import ROOT, RegionRecord
from records.roles import FIELDS, RIGHTS, Role
from records.users import User, all_users, require_user
from search.engine import Level

router = APIRouter(include_in_schema=False)

NOTHING: Final = "—"

LONGEST: Final = 4000
"""Characters of a list of regions or categories."""

Refused = (BadValue, NameTaken, Changed)


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed into the form; shown again where something is wrong with it."""

    name: str = ""
    display_name: str = ""
    role: str = Role.CLERK
    level: str = Level.OPEN
    regions: str = ""
    categories: str = ""
    of_role: bool = True
    fields: frozenset[str] = field(default_factory=frozenset)


def given(
    name: Annotated[str, Form()] = "",
    display_name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    level: Annotated[str, Form()] = "open",
    regions: Annotated[str, Form(max_length=LONGEST)] = "",
    categories: Annotated[str, Form(max_length=LONGEST)] = "",
    fields_of: Annotated[str, Form()] = "role",
    fields: Annotated[list[str] | None, Form()] = None,
) -> Given:
    chosen = frozenset(fields or ())
    of_role = fields_of == "role"
    return Given(name[:200], display_name[:200], role, level, regions, categories, of_role, chosen)


TheGiven = Annotated[Given, Depends(given)]


@dataclass(frozen=True, slots=True)
class RightsShown:
    """Rights in words."""

    role: str
    level: str
    regions: str
    categories: str
    fields: str


@dataclass(frozen=True, slots=True)
class UserShown:
    id: str
    name: str
    display_name: str
    rights: RightsShown
    disabled: bool
    waiting: bool
    second_factor: bool


@router.get("/users")
def everyone(
    request: Request, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    """All accounts, those first that wait for the security administrator."""
    _require_manager(caller)
    words = _words(pages, request, office, caller)
    with office.database.read() as session:
        waiting, held = administration.proposals(session), administration.all_rights(session)
        shown = [
            _shown(user, words.rights(held[user.id]), waiting=user.id in waiting)
            for user in all_users(session)
        ]
    shown.sort(key=lambda one: not one.waiting)
    return pages.page(
        request,
        "users.html",
        caller,
        here="users",
        users=shown,
        adds=caller.role is Role.ADMINISTRATOR,
    )


@router.get("/users/new")
def new_form(request: Request, caller: TheCaller, pages: TheRenderer) -> Response:
    _require_administrator(caller)
    return _new_page(request, pages, caller, Given())


@router.post("/users/new")
def open_account(
    request: Request, caller: TheCaller, office: TheOffice, pages: TheRenderer, typed: TheGiven
) -> Response:
    """An account that has no rights yet, and the code that opens it, shown once."""
    _require_administrator(caller)
    try:
        rights = _rights(office, caller, typed)
        with office.database.write() as session:
            user, code = administration.open_account(
                session, caller.user, typed.name, typed.display_name, rights, office.settings
            )
    except Refused as error:
        return _new_page(request, pages, caller, typed, error)
    return _code_page(request, pages, caller, user, code)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One account, and who asks for it."""

    request: Request
    user_id: str
    caller: Caller
    office: Office
    pages: Renderer


def wanted(
    request: Request, user_id: str, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Wanted:
    return Wanted(request, user_id, caller, office, pages)


TheWanted = Annotated[Wanted, Depends(wanted)]
TheProposal = Annotated[str, Form()]
"""Which one was looked at."""


@router.get("/users/{user_id}")
def account(one: TheWanted) -> Response:
    _require_manager(one.caller)
    return _account_page(one)


@router.post("/users/{user_id}/rights")
def propose(one: TheWanted, typed: TheGiven) -> Response:
    _require_administrator(one.caller)
    try:
        rights = _rights(one.office, one.caller, typed)
        with one.office.database.write() as session:
            administration.propose(session, one.caller.user, one.user_id, rights)
    except Refused as error:
        return _account_page(one, typed, error)
    return RedirectResponse(f"/users/{one.user_id}", 303)


@router.post("/users/{user_id}/confirm")
def confirm(one: TheWanted, proposal: TheProposal = "") -> Response:
    return _done(one, partial(administration.confirm, proposal_id=proposal))


@router.post("/users/{user_id}/decline")
def decline(one: TheWanted, proposal: TheProposal = "") -> Response:
    return _done(one, partial(administration.decline, proposal_id=proposal))


@router.post("/users/{user_id}/shut")
def shut(one: TheWanted) -> Response:
    return _done(one, administration.shut)


@router.post("/users/{user_id}/sign-out")
def sign_out(one: TheWanted) -> Response:
    """The account stays open, its rights as they are."""
    return _done(one, partial(administration.sign_out, settings=one.office.settings))


@router.post("/users/{user_id}/reopen")
def reopen(one: TheWanted) -> Response:
    return _done(one, administration.reopen)


@router.post("/users/{user_id}/reset")
def reset(one: TheWanted) -> Response:
    """A one-time code, shown once."""
    _require_administrator(one.caller)
    with one.office.database.write() as session:
        code = administration.reset_account(
            session, one.caller.user, one.user_id, one.office.settings
        )
        user = require_user(session, one.user_id)
    return _code_page(one.request, one.pages, one.caller, user, code)


def _require_manager(caller: Caller) -> None:
    if not caller.manages:
        raise NotPermitted("Your role does not see accounts.")


def _require_administrator(caller: Caller) -> None:
    if caller.role is not Role.ADMINISTRATOR:
        raise NotPermitted("Your role does not make accounts or propose rights.")


def _done(one: Wanted, act: Callable[[Session, User, str], object]) -> Response:
    _require_manager(one.caller)
    try:
        with one.office.database.write() as session:
            act(session, one.caller.user, one.user_id)
    except Changed as error:
        return _account_page(one, None, error)
    return RedirectResponse(f"/users/{one.user_id}", 303)


def _rights(office: Office, caller: Caller, typed: Given) -> Rights:
    """Raises UnknownRegion, UnknownCategory; the rest is checked where they are proposed."""
    known = [one for one in office.library.regions(caller.scope) if one.code != ROOT]
    return Rights(
        typed.role,
        typed.level,
        tuple(_region(known, name) for name in _listed(typed.regions)),
        tuple(_category(name) for name in _listed(typed.categories)),
        None if typed.of_role else tuple(typed.fields),
    )


def _listed(text: str) -> list[str]:
    for sign in "，、；;\n":
        text = text.replace(sign, ",")
    return [name for part in text.split(",") if (name := part.strip())]


def _region(known: Sequence[RegionRecord], name: str) -> str:
    found = [one.code for one in known if name in (one.code, one.name, *one.aliases)]
    if name not in found and len(found) != 1:
        raise UnknownRegion(f"there is no region {name!r}, or several; give its code")
    return name if name in found else found[0]


def _category(name: str) -> str:
    found = [one.code for one in find_categories(name)]
    if name not in found and len(found) != 1:
        raise UnknownCategory(f"there is no category {name!r}, or several; give its code")
    return name if name in found else found[0]


@dataclass(frozen=True, slots=True)
class Words:
    """Names of codes in the page's language."""

    label: Callable[[str, str], str]
    regions: Mapping[str, str]
    all: str
    of_role: str
    none: str
    comma: str

    def rights(self, rights: Rights) -> RightsShown:
        """Of a role that sees no letter the role alone: the rest means nothing."""
        role = self.label("role", rights.role)
        if not RIGHTS[Role(rights.role)].reads:
            return RightsShown(role, *[NOTHING] * 4)
        fields = [self.label("field", one) for one in FIELDS if one in (rights.fields or ())]
        categories = [f"{found.code} {found.name}" for code in rights.categories
                      for found in find_categories(code)]  # fmt: skip
        return RightsShown(
            role=role,
            level=self.label("level", rights.level),
            regions=self.comma.join(self.regions.get(code, code) for code in rights.regions)
            or self.all,
            categories=self.comma.join(categories) or self.all,
            fields=self.of_role if rights.fields is None else self.comma.join(fields) or self.none,
        )


def _words(pages: Renderer, request: Request, office: Office, caller: Caller) -> Words:
    texts = pages.catalogue(request)
    return Words(
        label=lambda kind, code: label(texts, kind, code),
        regions={one.code: one.name for one in office.library.regions(caller.scope)},
        all=texts.text("all of them"),
        of_role=texts.text("those of the role"),
        none=texts.text("none"),
        comma=texts.text(", "),
    )


def _shown(user: User, rights: RightsShown, *, waiting: bool) -> UserShown:
    return UserShown(
        user.id,
        user.name,
        user.display_name,
        rights,
        user.disabled,
        waiting,
        user.second_factor,
    )


def _choices(of: Given) -> dict[str, Any]:
    return {
        "given": of,
        "roles": [role for role in Role if role is not Role.NONE],
        "levels": list(Level),
        "all_fields": FIELDS,
        "longest": LONGEST,
    }


def _mistake(pages: Renderer, request: Request, error: Exception | None) -> dict[str, Any]:
    if error is None:
        return {"mistake": None}
    refusal = refusal_of(error)
    texts = pages.catalogue(request)
    return {
        "mistake": texts.known(f"error.{refusal.code}", refusal.detail),
        "status": refusal.status,
    }


def _new_page(
    request: Request,
    pages: Renderer,
    caller: Caller,
    typed: Given,
    error: Exception | None = None,
) -> Response:
    values = _choices(typed) | _mistake(pages, request, error)
    return pages.page(request, "user_new.html", caller, here="users", **values)


def _code_page(
    request: Request, pages: Renderer, caller: Caller, user: User, code: str
) -> Response:
    hours = pages.settings.reset_code_seconds // 3600
    return pages.page(
        request, "user_code.html", caller, here="users", user=user, code=code, hours=hours
    )


def _account_page(
    one: Wanted, typed: Given | None = None, error: Exception | None = None
) -> Response:
    request, caller, pages = one.request, one.caller, one.pages
    words = _words(pages, request, one.office, caller)
    with one.office.database.read() as session:
        user = require_user(session, one.user_id)
        waiting = administration.proposal_for(session, one.user_id)
        held = administration.rights_of(session, one.user_id)
        shown = _shown(user, words.rights(held), waiting=waiting is not None)
        by = require_user(session, waiting.proposed_by).display_name if waiting else ""
        sign_ins = signin.count_running(session, one.user_id, one.office.settings)
    own = user.id == caller.user.id
    start = typed or _as_typed(waiting.rights if waiting else held)
    return pages.page(
        request,
        "user.html",
        caller,
        here="users",
        user=shown,
        proposal=_proposal_shown(waiting, words, by),
        proposes=caller.role is Role.ADMINISTRATOR and not own,
        confirms=caller.role is Role.SECURITY
        and not own
        and waiting is not None
        and waiting.proposed_by != caller.user.id,
        shuts=not own and not user.disabled,
        sign_ins=sign_ins,
        own=own,
        **_choices(start),
        **_mistake(pages, request, error),
    )


def _proposal_shown(waiting: Proposal | None, words: Words, by: str) -> dict[str, Any] | None:
    if waiting is None:
        return None
    rights = words.rights(waiting.rights)
    return {"id": waiting.id, "by": by, "at": waiting.proposed_at, "rights": rights}


def _as_typed(rights: Rights) -> Given:
    return Given(
        role=Role.CLERK if rights.role == Role.NONE else rights.role,
        level=rights.level,
        regions=", ".join(code for code in rights.regions if code != ROOT),
        categories=", ".join(rights.categories),
        of_role=rights.fields is None,
        fields=frozenset(rights.fields or ()),
    )
