"""`petitions search` and `petitions show`: questions from the shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli.context import (
    SOME_FAILED,
    WRONG_USAGE,
    Globals,
    HomeOption,
    JsonOption,
    answer,
    answer_json,
    globals_of,
    opened,
    stop,
)

if TYPE_CHECKING:
    from search.access import Scope
    from search.answers import Answer, Hit, Passage, VisiblePetition
    from search.bootstrap import Archive

Values = Annotated[list[str] | None, typer.Option(help="A code or name; may be given again.")]
From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Received on or after.")
]
Until = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Received on or before.")
]
OnePetition = Annotated[str, typer.Argument(metavar="ID", help="Our id or number, or the older.")]
AsUser = Annotated[str | None, typer.Option("--as", help="Ask with the rights of this user.")]


def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The question; see docs for its language.")] = "",
    category: Values = None,
    region: Values = None,
    status: Values = None,
    channel: Values = None,
    level: Values = None,
    since: From = None,
    until: Until = None,
    size: Annotated[int, typer.Option(min=0, max=100, help="Hits on a page.")] = 10,
    page: Annotated[int, typer.Option(min=1)] = 1,
    sort: Annotated[str | None, typer.Option(help="relevance, newest or oldest.")] = None,
    facets: Annotated[
        str, typer.Option(help="With commas: category,region,status,channel,level,year.")
    ] = "",
    as_user: AsUser = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a question. Without --as: with the operator's rights, and logged as such."""
    given = globals_of(context, home, as_json)
    from search.answers import Filters, SearchRequest
    from search.engine import Sort

    if sort is not None and sort not in list(Sort):
        stop(f"--sort {sort}: use {', '.join(Sort)}", WRONG_USAGE)
    request = SearchRequest(
        text=text,
        filters=Filters(
            category=tuple(category or ()),
            region=tuple(region or ()),
            status=tuple(status or ()),
            channel=tuple(channel or ()),
            level=tuple(level or ()),
            since=_day(since),
            until=_day(until),
        ),
        facets=tuple(name.strip() for name in facets.split(",") if name.strip()),
        sort=Sort(sort) if sort else None,
        page=page,
        size=size,
    )
    with opened(given) as archive:
        found = archive.library.search(scope_as(archive, as_user), request)
    if given.as_json:
        from api.wire import search_answer

        answer_json(search_answer(found).model_dump(mode="json"))
    else:
        _print_answer(found, zone_of(archive))


def show(
    context: typer.Context,
    petition: OnePetition,
    as_user: AsUser = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """One petition, as this user may see it."""
    given = globals_of(context, home, as_json)
    with opened_at(given, petition, as_user) as (archive, scope, id_):
        seen = archive.library.petition(scope, id_)
    if given.as_json:
        from api.wire import petition_seen

        answer_json(petition_seen(seen).model_dump(mode="json"))
    else:
        _print_petition(seen, zone_of(archive))


@contextmanager
def opened_at(
    given: Globals, petition: str, as_user: str | None, wanted: str = "that may be seen"
) -> Iterator[tuple[Archive, Scope, str]]:
    """The office, the rights of the asker and the id of one petition, for the time of a command,
    which ends where these rights see none with this id or number."""
    from search.errors import NotFound

    with opened(given) as archive:
        scope = scope_as(archive, as_user)
        try:
            yield archive, scope, _id_of(archive, scope, petition)
        except NotFound:
            stop(f"there is no petition {petition!r} {wanted}", SOME_FAILED)


def zone_of(archive: Archive) -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(archive.home.settings.time_zone)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def scope_as(archive: Archive, name: str | None) -> Scope:
    """The rights of a user, or the operator's; an unknown user ends the command."""
    from records.users import user_by_name
    from search.scopes import scope_of, shell_scope

    if name is None:
        return shell_scope()
    with archive.database.read() as session:
        user = user_by_name(session, name)
    if user is None:
        stop(f"there is no user {name!r}; 'petitions user list' shows them", WRONG_USAGE)
    return scope_of(user)


def _id_of(archive: Archive, scope: Scope, given: str) -> str:
    """An id as it is; a number is looked up by a search, within the same rights."""
    from records.ids import is_id
    from search.answers import SearchRequest

    if is_id(given):
        return given

    quoted = given.replace('"', "")
    found = archive.library.search(scope, SearchRequest(text=f'no:"{quoted}"', size=1))
    return found.hits[0].id if found.hits else given


def numbers_of(one: Hit | VisiblePetition) -> str:
    """Ours and the older system's."""
    return " ".join(number for number in (one.number, one.external_id) if number)


def _print_answer(found: Answer, zone: ZoneInfo) -> None:
    more = f", {found.holding_all} hold all words" if found.holding_all < found.total else ""
    answer(f"{found.total} found{more} ({found.took_ms:.0f} ms): {found.query}")
    for one in found.expansions:
        if one.leads:
            answer(f"also looked for, beside {one.typed}: {', '.join(one.added)}")
    if found.relaxed:
        answer("nothing was found as typed; these are near it")
    for place, hit in enumerate(found.hits, (found.page - 1) * found.size + 1):
        _print_hit(place, hit, zone)
    for name, values in found.facets.items():
        answer(f"\n{name}")
        for value in values[:30]:
            answer(f"  {'  ' * value.depth}{value.label} {value.count}")


def _print_hit(place: int, hit: Hit, zone: ZoneInfo) -> None:
    labels = [one.label for one in (hit.category, hit.region, hit.status) if one]
    answer(f"\n{place}. {_marked(hit.subject, hit.subject_spans)}")
    day = f"{hit.received_at.astimezone(zone):%Y-%m-%d}"
    answer(f"   {numbers_of(hit)}  {day}  {' · '.join(labels)}  [{hit.edition}]")
    for passage in hit.passages:
        answer(f"   {_where(passage)}{_marked(passage.text, passage.spans)}".replace("\n", " "))


def _where(passage: Passage) -> str:
    page = f"p. {passage.page}: " if passage.page else ""
    return ("答复: " if passage.source == "reply" else "") + page


def _marked(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], "【", text[start:end], "】"]
        last = end
    return "".join([*parts, text[last:]])


def _print_petition(seen: VisiblePetition, zone: ZoneInfo) -> None:
    answer(f"{seen.subject}\n")
    received = f"{seen.received_at.astimezone(zone):%Y-%m-%d %H:%M}"
    answer(f"{numbers_of(seen)}  {received}  {seen.level}  [{seen.edition}]")
    for labelled in (seen.category, seen.region):
        if labelled:
            answer(" / ".join(one.label for one in labelled))
    answer(f"{seen.status.label}  {seen.channel.label}")
    for person in seen.persons:
        answer("  ".join(fact.text for fact in person.facts if fact.text))
    answer(f"\n{seen.text}")
    for reply in seen.replies:
        when = f" {reply.replied_at.astimezone(zone):%Y-%m-%d}" if reply.replied_at else ""
        answer(f"\n— 答复{when} {reply.body or ''}\n{reply.text}")
    for note in seen.notes:
        answer(f"\n— 批示 {note.at.astimezone(zone):%Y-%m-%d} {note.author}\n{note.text}")
    for step in seen.timeline:
        at = f"{step.at.astimezone(zone):%Y-%m-%d %H:%M}"
        answer(f"{at}  {step.status.label}  {step.reason or ''}".rstrip())
    for file in seen.files:
        answer(f"file {file.number}: {file.name} ({file.media_type}, {file.size:,} bytes)")
