"""Files that arrive together: which are letters, which are replies, and to which letters.

By the manifest where it says so, else by name: `X.pdf` and beside it `X-回复.docx`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from records.intake import Arrival, receive

if TYPE_CHECKING:
    from records.database import Session
    from records.intake import Received
    from records.intake_items import Item
    from records.originals import Original

# Names under which the queue keeps what we know of a file, beside what a manifest says of it.
LETTER_ITEM = "_letter"
DEPTH = "_depth"
BY_RULE = "_role_by_rule"

_REPLY = re.compile(
    r"^(?P<letter>.+?)[\s\-_—－.·]*[(（\[【]?"
    r"(?:回复|答复|回函|复函|办理结果|处理意见|回復|答覆|回覆|複函|reply)"
    r"(?:意见|意見)?[书書函稿]?[)）\]】]?$",
    re.I,
)
_CLUTTER = re.compile(r"^(?:\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)", re.I)


@dataclass(frozen=True, slots=True)
class Planned:
    """One file of several: its place among them, its role, and the place of its letter.

    `given`: what goes with it into the queue.
    """

    place: int
    role: str
    letter: int | None = None
    given: Mapping[str, Any] = field(default_factory=dict)


def plan(names: Sequence[str], stated: Mapping[str, Mapping[str, Any]]) -> tuple[Planned, ...]:
    """Letters first, then replies. `names` have `/` between folders; `stated` is by name."""
    letters: dict[tuple[str, str], int] = {}
    answered: dict[int, tuple[str, str]] = {}
    roles: list[str] = []
    for place, name in enumerate(names):
        path = PurePosixPath(name)
        found = _REPLY.match(path.stem)
        role = stated.get(name, {}).get("role") or ("reply" if found else "letter")
        roles.append(role)
        if role == "letter":
            letters.setdefault((str(path.parent), path.stem), place)
        elif role == "reply" and found:
            answered[place] = (str(path.parent), found["letter"])
    planned = []
    for place, name in enumerate(names):
        row = stated.get(name, {})
        given = {field: value for field, value in row.items() if field != "role"}
        if "role" not in row and roles[place] == "letter":
            given[BY_RULE] = True
        letter = letters.get(answered[place]) if place in answered and "id" not in row else None
        planned.append(Planned(place, roles[place], letter, given))
    return tuple(sorted(planned, key=lambda one: (one.role != "letter", one.place)))


def arrive(
    session: Session,
    batch_id: str,
    planned: Planned,
    original: Original,
    path: str,
    letter_item: str | None,
    parent: Item | None = None,
) -> Received:
    """Put one file into the queue. `path` tells people where it came from; `parent`: the mail or
    archive that it was in. What comes in a petition's archive hangs on that petition."""
    given = dict(planned.given)
    role, within, petition_id = planned.role, "", None
    if parent is not None:
        given[DEPTH] = int(parent.given.get(DEPTH, 0)) + 1
        petition_id = parent.petition_id
    if petition_id is not None:
        role, within = "attachment", petition_id
    elif role == "reply":
        within = letter_item or _short(str(given["id"]) if "id" in given else "")
        if letter_item:
            given[LETTER_ITEM] = letter_item
    return receive(
        session,
        batch_id,
        Arrival(
            original,
            path,
            PurePosixPath(path.replace("!/", "/")).name,
            role=role,
            parent_id=parent.id if parent else None,
            within=within,
            petition_id=petition_id,
            given=given,
        ),
    )


def is_clutter(name: str) -> bool:
    """Hidden, or left behind by a program, or in such a folder."""
    return any(_CLUTTER.match(part) for part in PurePosixPath(name).parts if part not in "./..")


def _short(number: str) -> str:
    return blake2b(number.encode(), digest_size=16).hexdigest() if number else ""
