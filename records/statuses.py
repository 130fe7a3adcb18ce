"""Statuses, their labels in three languages, and which may follow which.

The table is that of petition work in the mainland with the terms used in Taiwan for zh-Hant; each
status is of one of four fixed types. Channels and levels of secrecy stand here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.errors import IllegalTransition, UnknownChannel, UnknownLevel, UnknownStatus


class StatusType(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Status:
    """`to`: statuses that may follow. A merged petition also goes back to where it came from."""

    code: str
    type: StatusType
    hans: str
    hant: str
    en: str
    to: tuple[str, ...]


MERGED = "MERGED"

_TABLE = """
DRAFT        | open     | 草稿         | 草稿         | Draft                | REGISTERED VOID
REGISTERED   | open     | 已登记       | 已登記       | Registered           | DUP_CHECK
DUP_CHECK    | open     | 待判重       | 待查重       | Duplicate check      | TRIAGE MERGED
TRIAGE       | open     | 待分流       | 待分案       | Triage               | \
FORWARDED ASSIGNED ACCEPTED NOT_ACCEPTED NO_LONGER REDIRECTED NOTED
FORWARDED    | waiting  | 已转送       | 已轉送       | Forwarded            | \
ACCEPTED RETURNED NOT_ACCEPTED
ASSIGNED     | waiting  | 已交办       | 已分辦       | Assigned             | \
ACCEPTED RETURNED NOT_ACCEPTED
RETURNED     | open     | 异议退回     | 退文改分     | Returned             | \
TRIAGE FORWARDED ASSIGNED
ACCEPTED     | open     | 已受理       | 已受理       | Accepted             | HANDLING
NOT_ACCEPTED | closed   | 不予受理     | 不予處理     | Not accepted         | ARCHIVED TRIAGE
NO_LONGER    | closed   | 不再受理     | 不再處理     | No longer accepted   | ARCHIVED TRIAGE
REDIRECTED   | closed   | 导入法定途径 | 移送主管機關 | Redirected           | ARCHIVED
NOTED        | closed   | 存查         | 存查         | Noted                | ARCHIVED TRIAGE
HANDLING     | open     | 办理中       | 承辦中       | Being handled        | \
REPLY_REVIEW EXTENDED WITHDRAWN MERGED
EXTENDED     | open     | 已延期       | 已展期       | Extended             | \
REPLY_REVIEW WITHDRAWN
REPLY_REVIEW | open     | 待审核       | 陳核中       | Reply under review   | REPLIED HANDLING
REPLIED      | waiting  | 已答复       | 已回復       | Replied              | \
CLOSED REVIEWING HANDLING
REVIEWING    | open     | 复查中       | 複查中       | Under review         | REVIEWED
REVIEWED     | waiting  | 复查办结     | 複查辦結     | Reviewed             | RECHECKING CLOSED
RECHECKING   | open     | 复核中       | 複核中       | Under final review   | FINAL
FINAL        | closed   | 复核终结     | 複核終結     | Finally reviewed     | ARCHIVED
CLOSED       | closed   | 办结         | 結案         | Closed               | ARCHIVED HANDLING
MERGED       | closed   | 并案         | 併案         | Merged               |
WITHDRAWN    | closed   | 撤回         | 撤回         | Withdrawn            | ARCHIVED
VOID         | closed   | 作废         | 作廢         | Void                 | ARCHIVED
ARCHIVED     | archived | 已归档       | 已歸檔       | Archived             | DISPOSED
DISPOSED     | archived | 已销毁       | 已銷毀       | Disposed of          |
"""


def _statuses() -> dict[str, Status]:
    rows = [[cell.strip() for cell in line.split("|")] for line in _TABLE.strip().splitlines()]
    return {
        code: Status(code, StatusType(type_), hans, hant, en, tuple(to.split()))
        for code, type_, hans, hant, en, to in rows
    }


STATUSES: dict[str, Status] = _statuses()
"""All statuses, in the order of work."""


@dataclass(frozen=True, slots=True)
class Channel:
    """How a petition came in."""

    code: str
    hans: str
    hant: str
    en: str


CHANNELS: dict[str, Channel] = {
    one.code: one
    for one in (
        Channel("letter", "来信", "來信", "Letter"),
        Channel("visit", "来访", "來訪", "Visit"),
        Channel("call", "来电", "來電", "Call"),
        Channel("web", "网信", "網路", "Web"),
        Channel("forwarded", "上级转送", "上級轉送", "Forwarded from above"),
        Channel("leader", "领导批示", "首長批示", "Leader's note"),
    )
}

LEVELS: tuple[str, ...] = ("open", "restricted", "secret")
"""Levels of secrecy, rising."""


def require_status(code: str) -> Status:
    """The status of a code. Raises UnknownStatus."""
    try:
        return STATUSES[code]
    except KeyError:
        raise UnknownStatus(f"no status {code!r}; use one of {', '.join(STATUSES)}") from None


def require_channel(code: str) -> Channel:
    """The channel of a code. Raises UnknownChannel."""
    try:
        return CHANNELS[code]
    except KeyError:
        raise UnknownChannel(f"no channel {code!r}; use one of {', '.join(CHANNELS)}") from None


def require_level(code: str) -> str:
    """The level of secrecy itself. Raises UnknownLevel."""
    if code not in LEVELS:
        raise UnknownLevel(f"no level {code!r}; use one of {', '.join(LEVELS)}")
    return code


def require_transition(before: str, after: str, before_merge: str | None = None) -> None:
    """Raises IllegalTransition unless `after` may follow `before`.

    `before_merge`: where a merged petition came from, and where it may go back to.
    """
    old, new = require_status(before), require_status(after)
    allowed = old.to
    if before == MERGED and before_merge is not None:
        allowed = (*allowed, before_merge)
    if after not in allowed:
        listed = ", ".join(f"{code} ({STATUSES[code].en})" for code in allowed) or "nothing"
        raise IllegalTransition(
            f"{before} ({old.en}) can't become {after} ({new.en}); it may become {listed}"
        )
