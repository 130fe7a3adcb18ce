"""What a line of an export, a row of a manifest or a form says, read into a `NewPetition`.

One reading for all three: the same names of fields, the same spellings of dates and codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ingest.errors import BadLine, over_limit
from ingest.plain_text import tidy
from ingest.replies import transfer_only
from records.entries import PERSON_ROLES, NewPerson, NewPetition, NewReply
from records.home import Settings
from records.persons import NORMAL
from records.statuses import CHANNELS, LEVELS, STATUSES

FACTS = tuple(NORMAL)
TEXTS = ("subject", "text", "reply", "petitioner", *FACTS)
CODED = ("region", "category", "status", "channel", "level")
TIMES = ("submitted_at", "received_at", "replied_at")
FIELDS = frozenset(
    (
        *("id", "people_count", "others", "sealed", "published", "handler", "files", "body"),
        *TEXTS,
        *CODED,
        *TIMES,
    )
)
"""Every field that an import knows; all others are kept beside the petition."""

_LEVEL_NAMES = {
    name: level
    for level, names in {
        "open": "公开 公開 普通",
        "restricted": "内部 內部 受限 限制",
        "secret": "秘密 机密 機密 绝密 極機密 絕對機密",
    }.items()
    for name in names.split()
}
_CHANNEL_NAMES = {
    "来电": "call",
    "电话": "call",
    "网上": "web",
    "网上投诉": "web",
    "信件": "letter",
}
_YES = {"1", "true", "yes", "y", "是", "√"}
_NO = {"0", "false", "no", "n", "否", ""}


@dataclass(frozen=True, slots=True)
class Stated:
    """`entry` lacks its region and category: `region` and `category` are the values as given.

    `unknown`: names of fields that were kept as they are; `notes`: values that were kept so.
    `handler`: the name of the user who handles it; `place`: the region that the text suggests;
    `files`: paths as given.
    """

    entry: NewPetition
    region: str | None
    category: str | None
    handler: str | None
    place: str | None = None
    files: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_stated(
    values: Mapping[str, Any], settings: Settings, *, source: str, id_needed: bool = True
) -> Stated:
    """Raises BadLine, or TooLarge for a text over `max_text_characters`, naming the field."""
    plain = {name: value for name, value in values.items() if value is not None and value != ""}
    external_id = _id(plain.get("id"), needed=id_needed)
    texts = {name: _text(plain, name, settings) for name in TEXTS}
    times = {name: _time(plain, name, settings.time_zone) for name in TIMES}
    extra = {name: value for name, value in plain.items() if name not in FIELDS}
    unknown = tuple(extra)
    notes: list[str] = []
    coded: dict[str, str | None] = {}
    for name in ("status", "channel"):
        coded[name] = _code(plain, name)
        if coded[name] is None and name in plain:
            extra[name] = plain[name]
            notes.append(f"{name} {str(plain[name])[:40]!r} is unknown: kept beside the petition")
    reply = texts["reply"]
    replies: tuple[NewReply, ...] = ()
    if reply:
        body = _short(plain, "body")
        replies = (
            NewReply(reply, times["replied_at"], body=body, transfer_only=transfer_only(reply)),
        )
        coded["status"] = coded["status"] or "REPLIED"
    entry = NewPetition(
        subject=tidy(texts["subject"] or "").replace("\n", " "),
        text=texts["text"] or "",
        external_id=external_id,
        source=source,
        petitioner=texts["petitioner"],
        name=texts["name"],
        id_no=texts["id_no"],
        phone=texts["phone"],
        address=texts["address"],
        bank_card=texts["bank_card"],
        people_count=_count(plain),
        received_at=times["received_at"],
        submitted_at=times["submitted_at"],
        status=coded["status"],
        channel=coded["channel"],
        level=_level(plain),
        others=_others(plain),
        sealed=_flag(plain, "sealed"),
        published=_flag(plain, "published"),
        replies=replies,
        extra=extra,
    )
    return Stated(
        entry,
        _short(plain, "region"),
        _short(plain, "category"),
        _short(plain, "handler"),
        files=_files(plain),
        unknown=unknown,
        notes=tuple(notes),
    )


def with_extra(stated: Stated, name: str, value: str, note: str) -> Stated:
    """The same with a value kept beside the petition that no field can take."""
    entry = replace(stated.entry, extra={**stated.entry.extra, name: value})
    return replace(stated, entry=entry, notes=(*stated.notes, note))


def read_time(value: object, name: str, time_zone: str) -> datetime:
    """A moment as exports write it; without a zone it is in the office's. Raises BadLine."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise BadLine(f"{name} is {_kind(value)}", f"write {name} as 2019-02-28T11:25:05")
    moment = _moment(value)
    if moment is None or not 1900 <= moment.year <= 2200:
        raise BadLine(
            f"{name} is {str(value)[:40]!r}, no date", f"write {name} as 2019-02-28T11:25:05"
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone(time_zone))


def _moment(value: str | int | float | date) -> datetime | None:
    if isinstance(value, int) and _DAYS[0] <= value <= _DAYS[1]:
        value = str(value)  # 20190228: a day, not some seconds of 1970
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 100_000_000_000 else value
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 7_000_000_000 else None
    if not isinstance(value, str):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 (its zone comes after)
    text = value.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if found := _LOOSE.match(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError:
            return None
    from analyzers.dates import find_dates

    dates = find_dates(text, None)
    return _moment(dates[0].date) if len(dates) == 1 else None


_DAYS = 19000101, 22001231  # whole numbers that are days

_LOOSE = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?)?)?$"
)


@lru_cache(maxsize=4)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _time(values: Mapping[str, Any], name: str, time_zone: str) -> datetime | None:
    return read_time(values[name], name, time_zone) if name in values else None


def _id(value: object, *, needed: bool) -> str | None:
    if value is None:
        if needed:
            raise BadLine("it has no id", "give each petition the id that it had before")
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadLine(f"id is {_kind(value)}", "write the id as text or a whole number")
    text = str(value).strip()
    if not 0 < len(text) <= 200:
        raise BadLine(f"id has {len(text)} characters", "an id has 1 to 200 characters")
    return text


def _text(values: Mapping[str, Any], name: str, settings: Settings) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and name != "text":
        value = str(value)
    if not isinstance(value, str):
        raise BadLine(f"{name} is {_kind(value)}", f"write {name} as text")
    if len(value) > settings.max_text_characters:
        raise over_limit(f"{name} has {len(value):,} characters", settings, "max_text_characters")
    return value.replace("\x00", "")


def _short(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadLine(f"{name} is {_kind(value)}", f"write {name} as a code or a name")
    return str(value).strip() or None


def _code(values: Mapping[str, Any], name: str) -> str | None:
    value = _short(values, name)
    if value is None:
        return None
    return _names(name).get(value.lower())


@lru_cache(maxsize=2)
def _names(name: str) -> dict[str, str]:
    """Codes and labels in every language, to codes."""
    codes = STATUSES if name == "status" else CHANNELS
    found = {} if name == "status" else dict(_CHANNEL_NAMES)
    for code, one in codes.items():
        for label in (code, one.hans, one.hant, one.en):
            found.setdefault(label.lower(), code)
    return found


def _level(values: Mapping[str, Any]) -> str | None:
    """Never guessed: a letter of unknown secrecy isn't opened to all."""
    value = _short(values, "level")
    if value is None:
        return None
    level = value.lower() if value.lower() in LEVELS else _LEVEL_NAMES.get(value)
    if level is None:
        raise BadLine(f"level is {value[:40]!r}", f"use one of {', '.join(LEVELS)}")
    return level


def _count(values: Mapping[str, Any]) -> int | None:
    value = values.get("people_count")
    if value is None:
        return None
    digits = re.fullmatch(r"\s*(\d{1,7})\s*人?\s*", str(value))
    if isinstance(value, bool) or digits is None:
        raise BadLine(f"people_count is {str(value)[:40]!r}", "write it as a whole number")
    return int(digits.group(1))


def _flag(values: Mapping[str, Any], name: str) -> bool | None:
    value = values.get(name)
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _YES | _NO:
        raise BadLine(f"{name} is {str(value)[:40]!r}", f"write {name} as true or false")
    return text in _YES


def _others(values: Mapping[str, Any]) -> tuple[NewPerson, ...]:
    """Those who signed or came along: a list of objects with `FACTS` and a role."""
    listed = values.get("others", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadLine(f"others is {_kind(listed)}", "write others as a list of objects")
    facts = (*FACTS, "role")
    people = []
    for one in listed:
        given = {fact: value for fact in facts if (value := _short(one, fact))}
        if given.get("role", "main") not in PERSON_ROLES:
            raise BadLine(f"role is {given['role']!r}", f"use one of {', '.join(PERSON_ROLES)}")
        people.append(NewPerson(**({"role": "joint"} | given)))
    return tuple(people)


def _files(values: Mapping[str, Any]) -> tuple[str, ...]:
    value = values.get("files", [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise BadLine(f"files is {_kind(value)}", "write files as a list of paths")
    return tuple(listed)


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "of another type")
