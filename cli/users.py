"""`petitions user`: who may sign in, and what they may see."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.context import (
    WRONG_USAGE,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    stop,
)

if TYPE_CHECKING:
    from records.database import Session
    from records.users import User

app = typer.Typer(help="Users and their rights.", no_args_is_help=True, rich_markup_mode=None)

PasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")
]


@app.command("add")
def add(
    context: typer.Context,
    name: str,
    role: Annotated[
        str,
        typer.Option(
            help="clerk, caseworker, reviewer, leader, archivist, statistician, administrator, "
            "security, auditor or public; none: no rights yet."
        ),
    ],
    password_stdin: PasswordOption = False,
    region: Annotated[
        list[str] | None, typer.Option(help="Code of a region in scope, with all below it.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Code of a category in scope, with all below it.")
    ] = None,
    level: Annotated[str, typer.Option(help="open, restricted or secret.")] = "open",
    fields: Annotated[
        str | None, typer.Option(help="Field rights instead of the role's, with commas between.")
    ] = None,
    display_name: Annotated[str | None, typer.Option(help="The name that others see.")] = None,
    second_factor: Annotated[bool, typer.Option(help="Ask for a code at sign-in.")] = True,
    invite: Annotated[
        bool,
        typer.Option("--invite", help="No password: print a one-time code to choose one with."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user. Without --region: the whole office; without --category: all of them."""
    given = globals_of(context, home, as_json)
    if invite and password_stdin:
        stop("--invite lets the user choose a password: leave --password-stdin out", WRONG_USAGE)
    password = secrets.token_urlsafe(32) if invite else _password(password_stdin)
    from records import audit, recovery
    from records.users import NewUser, add_user, require_user
    from search.scopes import SHELL

    new = NewUser(
        name=name,
        role=role,
        password=password,
        regions=tuple(region or ()),
        level=level,
        fields=frozenset(_listed(fields)) if fields is not None else None,
        display_name=display_name,
        second_factor=second_factor,
        categories=tuple(category or ()),
    )
    with opened(given) as archive, archive.database.write() as session:
        settings = archive.home.settings
        added = add_user(session, new, settings)
        user, enrolment, code = added.user, added.enrolment, None
        audit.write(session, SHELL, "user.add", user.id, {"role": str(user.role)})
        if invite:
            code = recovery.reset(session, user.id, SHELL, settings)
            user, enrolment = require_user(session, user.id), None
    if given.as_json:
        answer_json({**_plain(user), "enrolment": enrolment, "code": code})
        return
    answer(f"{user.name} added as {user.role}")
    if code:
        answer(_code_told(code))
    if enrolment:
        answer(f"authenticator (shown once): {enrolment}")


@app.command("list")
def list_(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every user and their rights."""
    given = globals_of(context, home, as_json)
    from records.users import all_users

    with opened(given) as archive, archive.database.read() as session:
        users = all_users(session)
    if given.as_json:
        answer_json([_plain(user) for user in users])
        return
    for user in users:
        state = "disabled" if user.disabled else user.level
        scope = ", ".join((*sorted(user.regions), *sorted(user.categories)))
        answer(f"{user.name:20} {user.role:14} {state:10} {scope}")


@app.command("rights")
def rights(
    context: typer.Context,
    name: str,
    role: Annotated[str | None, typer.Option(help="Another role; see `user add --help`.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Regions in place of the present ones; ALL: all.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Categories in place of the present ones; ALL: all.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="open, restricted or secret.")] = None,
    fields: Annotated[
        str | None,
        typer.Option(
            help="Field rights, with commas between, in place of the present ones; "
            "ROLE: those of the role."
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a user may see; with options, change it. Holds from their next request on.

    In the pages it takes two people; whoever holds the machine does it alone, and the log says so.
    """
    given = globals_of(context, home, as_json)
    from records import administration, audit
    from search.scopes import SHELL

    with opened(given) as archive, archive.database.write() as session:
        user = _named(session, name)
        before = administration.rights_of(session, user.id)
        stated = {
            "role": role,
            "level": level,
            "regions": tuple(region) if region is not None else None,
            "categories": _all_or(category),
        }
        changed: dict[str, Any] = {key: value for key, value in stated.items() if value is not None}
        if fields is not None:
            changed["fields"] = None if fields == "ROLE" else _listed(fields)
        after = administration.sound_rights(session, replace(before, **changed))
        if changed:
            user = administration.give(session, user.id, after)
            told = {"before": asdict(before), "after": asdict(after)}
            audit.write(session, SHELL, "rights.change", user.id, told)
    if given.as_json:
        answer_json(_plain(user))
        return
    answer(f"role        {after.role}")
    answer(f"level       {after.level}")
    answer(f"regions     {', '.join(after.regions) or 'all'}")
    answer(f"categories  {', '.join(after.categories) or 'all'}")
    answer(
        f"fields      {'those of the role' if after.fields is None else ', '.join(after.fields)}"
    )


@app.command("enable")
def enable(context: typer.Context, name: str, home: HomeOption = None) -> None:
    """Let a user in again who was disabled."""
    from records import audit
    from records.users import enable_user
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        user = _named(session, name)
        enable_user(session, user.id)
        audit.write(session, SHELL, "user.enable", user.id)
    answer(f"{user.name} may sign in again")


@app.command("disable")
def disable(context: typer.Context, name: str, home: HomeOption = None) -> None:
    """Shut a user out at once; signed-in sessions end."""
    from records import audit
    from records.users import disable_user
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        user = _named(session, name)
        disable_user(session, user.id)
        audit.write(session, SHELL, "user.disable", user.id)
    answer(f"{user.name} is disabled")


@app.command("sign-out")
def sign_out(context: typer.Context, name: str, home: HomeOption = None) -> None:
    """End all sign-ins of a user at once; account, password and rights stay as they are."""
    from records import signin
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        user = _named(session, name)
        ended = signin.end_all(session, user.id, SHELL, archive.home.settings)
    answer(f"{user.name} is signed out everywhere; sign-ins ended: {ended}")


@app.command("password")
def password(
    context: typer.Context,
    name: str,
    password_stdin: PasswordOption = False,
    home: HomeOption = None,
) -> None:
    """Set another password; signed-in sessions end. For scripts: people are given `user reset`."""
    new = _password(password_stdin)
    from records import audit
    from records.users import set_password
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        user = _named(session, name)
        set_password(session, user.id, new, archive.home.settings)
        audit.write(session, SHELL, "user.password", user.id)
    answer(f"{user.name} has a new password")


@app.command("reset")
def reset(
    context: typer.Context, name: str, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Password or authenticator lost: take both away, and print a one-time code.

    With it the user chooses a password on the page /recover, and then sets up a second factor.
    """
    given = globals_of(context, home, as_json)
    from records import recovery
    from search.scopes import SHELL

    with opened(given) as archive, archive.database.write() as session:
        user = _named(session, name)
        code = recovery.reset(session, user.id, SHELL, archive.home.settings)
    if given.as_json:
        answer_json({"name": user.name, "code": code})
        return
    answer(f"{user.name} has neither password nor second factor now")
    answer(_code_told(code))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _all_or(codes: list[str] | None) -> tuple[str, ...] | None:
    """No category stands for all of them."""
    if codes is None:
        return None
    return () if codes == ["ALL"] else tuple(codes)


def _code_told(code: str) -> str:
    return f"one-time code for the page /recover (shown once; hand it over in person): {code}"


def _named(session: Session, name: str) -> User:
    from records.users import user_by_name

    user = user_by_name(session, name)
    if user is None:
        stop(f"there is no user {name!r}; 'petitions user list' shows them", WRONG_USAGE)
    return user


def _password(from_stdin: bool) -> str:
    """Never an argument: those can be seen by everyone on the machine."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        stop("give the password with --password-stdin", WRONG_USAGE)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _plain(user: User) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(user).items()
    }
