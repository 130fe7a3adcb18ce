"""The log of acts, for the auditor: who did what and when; never a letter, never a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.caller import TheCaller
from api.errors import NotPermitted
from api.office import TheOffice
from api.pages.rendering import TheRenderer, label
from records import audit
from records.audit import AuditEntry, LogFilter
from records.database import Session
from records.errors import BadValue
from records.users import all_users, user_by_name

router = APIRouter(include_in_schema=False)

SIZE: Final = 100
"""Entries on a page."""

ACTIONS: Final = (
    "search", "view", "view_page", "view_page_words", "view_original", "reveal", "find_person",
    "matters", "matter",
    "register", "virus_found",
    "correct_redaction", "sign_in", "sign_in_refused", "sign_out", "password_changed",
    "password_changed_refused", "second_factor_begun", "second_factor_begun_refused",
    "user.second_factor", "recovery", "recovery_refused", "user.add", "user.disable", "user.enable",
    "user.password", "user.reset", "rights.propose", "rights.confirm", "rights.decline",
    "rights.change", "region.add", "import", "audit_read", "audit_export", "backup", "restore",
    "move_begun", "moved", "keys_renew_begun", "keys_renewed",
    "duplicates", "duplicates_of", "similar", "overlooked", "view_redaction",
    "review_redaction", "list_unreviewed", "add_note", "sign_reply", "signing_key_made", "export",
    "duplicate_check", "duplicate_decide", "duplicate_undo", "person_file", "matter_file",
    "duplicate_decisions", "urged", "clusters", "signing_proof", "signing_key_replaced",
    "signing_key_revoked", "user.sign_out", "sign_ins_ending", "sign_ins_ending_refused",
    "sign_ins_ended", "search_refused",
)  # fmt: skip
"""What can be asked for; an entry of any other action is shown by its code."""

DETAILS: Final = (
    "action", "actor", "after", "before", "by", "categories", "declined", "ended", "fact", "fields",
    "level", "number", "page", "person", "proposed", "reason", "regions", "role", "shown", "total",
    "used_up", "view",
)  # fmt: skip
"""Names of details that are shown in the page's language; others as they are."""

SHORTENED: Final = 64
"""Signs of a hash; its first twelve tell it from others."""

KEPT_BACK: Final = frozenset({"query", "query_hash"})
"""Details that are not shown: what somebody asked is encrypted, and its hash says nothing here."""


UNKNOWN: Final = "unknown"
"""Stands in the log for an actor who was asked for and isn't there."""


@dataclass(frozen=True, slots=True)
class EntryShown:
    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    details: tuple[tuple[str, str], ...]


@router.get("/audit")
def log(
    request: Request,
    caller: TheCaller,
    office: TheOffice,
    pages: TheRenderer,
    person: str = "",
    action: str = "",
    since: str = "",
    until: str = "",
    before: str = "",
) -> Response:
    """Newest first. `person`: a user name, or `shell`; days in the office's time zone; `before`:
    entries of smaller numbers. That it was read is an entry too."""
    if not caller.audits:
        raise NotPermitted("Your role does not read the log.")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    with office.database.write() as session:
        actor = _actor(session, person.strip())
        wanted = LogFilter(
            actor,
            action if action in ACTIONS else None,
            _midnight(since, pages.zone),
            _midnight(until, pages.zone, days=1),
        )
        found = audit.newest(session, wanted, number, SIZE + 1)
        names = {user.id: (user.name, user.display_name) for user in all_users(session)}
        # what was typed is kept only where the log knows such an actor: it may be anybody's name
        known = actor is None or actor in names or bool(found)
        told = {
            "actor": actor if known else UNKNOWN,
            "action": wanted.action,
            "before": number,
        }
        audit.write(session, caller.user.id, "audit_read", details=told)
    texts = pages.catalogue(request)
    asked = {"person": person[:200], "action": action, "since": since, "until": until}
    kept = {name: value for name, value in asked.items() if value}
    more = None
    if len(found) > SIZE:
        more = "/audit?" + urlencode(kept | {"before": str(found[SIZE - 1].seq)})
    return pages.page(
        request,
        "audit.html",
        caller,
        here="audit",
        entries=[_shown(entry, names, partial(label, texts)) for entry in found[:SIZE]],
        actions=[(one, label(texts, "action", one)) for one in ACTIONS],
        asked=asked,
        narrowed=any(asked.values()),
        more=more,
        newest="/audit?" + urlencode(kept) if number is not None else None,
    )


def _actor(session: Session, person: str) -> str | None:
    """The id of a user of this name; other actors are called what they are."""
    if not person:
        return None
    with suppress(BadValue):
        user = user_by_name(session, person)
        return user.id if user else person[:100]
    return person[:100]


def _midnight(day: str, zone: ZoneInfo, days: int = 0) -> datetime | None:
    """The beginning of a day, or of one so many days later; None for what is no day."""
    with suppress(ValueError, OverflowError):
        return datetime.combine(date.fromisoformat(day) + timedelta(days), time(), zone)
    return None


def _shown(
    entry: AuditEntry, names: Mapping[str, tuple[str, str]], label: Callable[[str, str], str]
) -> EntryShown:
    def named(id_: str) -> str:
        return "{1} ({0})".format(*names[id_]) if id_ in names else id_

    def plain(value: Any) -> str:
        """A detail on one line."""
        if isinstance(value, dict):
            kept = [f"{label('detail', name)} {plain(one)}" for name, one in value.items() if one]
            return "; ".join(kept)
        if isinstance(value, list):
            return ", ".join(map(plain, value))
        if isinstance(value, bool):
            return label("answer", "yes" if value else "no")
        text = named(str(value))
        return f"{text[:12]}…" if len(text) == SHORTENED else text

    return EntryShown(
        entry.seq,
        entry.at,
        named(entry.actor),
        label("action", entry.action),
        named(entry.object_id or ""),
        tuple(
            (label("detail", name), label("field", str(value)) if name == "fact" else plain(value))
            for name, value in entry.details.items()
            if name not in KEPT_BACK and value is not None
        ),
    )
