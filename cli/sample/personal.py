"""Letters and replies with personal data whose places are known, to measure redaction on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from string import ascii_lowercase, ascii_uppercase

from analyzers.personal import PersonalKind
from cli.sample.chance import chance, worded
from cli.sample.matters import Matter, all_matters
from cli.sample.people import full_name, luhn_check, person
from cli.sample.petition import NOW
from cli.sample.places import day, setting
from cli.sample.traditional import traditional

PHRASINGS = ("practice", "held_out")
"""Sets of phrases: the rules may be tuned on the first, the second is only measured on."""

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_KINDS = {
    "id_card": PersonalKind.ID_CARD,
    "id_card_15": PersonalKind.ID_CARD_15,
    "taiwan_id": PersonalKind.TAIWAN_ID,
    "hong_kong_id": PersonalKind.HONG_KONG_ID,
    "macau_id": PersonalKind.MACAU_ID,
    "passport": PersonalKind.PASSPORT,
    "permit": PersonalKind.PASSPORT,
    "taiwan_permit": PersonalKind.PASSPORT,
    "mobile": PersonalKind.MOBILE,
    "mobile_spoken": PersonalKind.MOBILE,
    "taiwan_mobile": PersonalKind.MOBILE,
    "landline": PersonalKind.LANDLINE,
    "local": PersonalKind.LANDLINE,
    "bank_card": PersonalKind.BANK_CARD,
    "plate": PersonalKind.PLATE,
    "email": PersonalKind.EMAIL,
    "wechat": PersonalKind.ACCOUNT,
    "qq": PersonalKind.ACCOUNT,
    "name": PersonalKind.NAME,
    "field_name": PersonalKind.NAME,
    "home": PersonalKind.ADDRESS,
    "door": PersonalKind.ADDRESS,
    "plot": PersonalKind.ADDRESS,
}
_WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789X"}
_MISREAD = {"0": "Oo", "1": "lI"}
_SPOKEN = ("零一二三四五六七八九", "〇幺二三四五六七八九", "零幺二三四五六七八九")
_HAN_DIGITS = "一二三四五六七八九"
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_AT_THE_END = "name_signed"
_TRADITIONAL = 0.12


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """Half-open span in the text; `what` names the kind and the way in which it is told."""

    what: str
    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A letter or a reply; `names` are those in the fields of its record."""

    text: str
    spans: tuple[MarkedSpan, ...]
    names: tuple[str, ...]


def marked_texts(count: int, phrasing: str, seed: int = 1) -> Iterator[MarkedText]:
    """So many letters and replies in the phrases of one set (`PHRASINGS`); one in five is a reply.

    Between the phrases stand sentences without personal data. Raises KeyError for an unknown set.
    """
    phrases = _phrases()[phrasing]
    for index in range(count):
        draw = chance("personal", phrasing, seed, index)
        yield _reply(draw, phrases) if index % 5 == 4 else _letter(draw, phrases, index)


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    file = Path(__file__).with_name("personal.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _letter(draw: Random, phrases: dict[str, list[str]], index: int) -> MarkedText:
    ways = [way for way in phrases if way not in {_AT_THE_END, "reply_person"}]
    # every way of telling comes round equally often
    told = [ways[(index * 3 + place) % len(ways)] for place in range(3)]
    writing = _Writing(draw)
    for way in told:
        writing.plain(writing.filler())
        writing.phrase(draw.choice(phrases[way]), way)
        if draw.random() < 0.25:
            writing.plain("\n")
    writing.office(draw.choice(_phrases()["office"]["letter"]))
    if draw.random() < 0.5:
        writing.phrase(draw.choice(phrases[_AT_THE_END]), _AT_THE_END)
    made = writing.done()
    if draw.random() < _TRADITIONAL and len(other := traditional(made.text)) == len(made.text):
        return replace(made, text=other)
    return made


def _reply(draw: Random, phrases: dict[str, list[str]]) -> MarkedText:
    writing = _Writing(draw)
    writing.phrase(draw.choice(phrases["reply_person"]), "reply_person")
    writing.plain(writing.filler(finding=True))
    if draw.random() < 0.5:
        writing.phrase(draw.choice(phrases["reply_person"]), "reply_person")
        writing.plain(writing.filler(finding=True))
    writing.office(draw.choice(_phrases()["office"]["reply"]))
    return writing.done()


class _Writing:
    """A text that grows, and where the personal data stands in it."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._scene = dict(setting(draw, NOW.date(), rural=False).scene)
        self._field_name = full_name(draw, woman=draw.random() < 0.5)
        self._parts: list[str] = []
        self._length = 0
        self._spans: list[MarkedSpan] = []

    def filler(self, *, finding: bool = False) -> str:
        """A sentence that names nobody."""
        matter = self._draw.choice(_nameless())
        sentence = self._draw.choice(matter.findings if finding else matter.facts)
        return worded(self._draw, sentence).format_map(self._scene | {"office": matter.office})

    def plain(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def phrase(self, template: str, way: str) -> None:
        """Fill a phrase in; what its slots hold is personal."""
        self._fill(template, way)
        self._end()

    def office(self, template: str) -> None:
        """Fill a phrase in that holds nothing personal."""
        self._fill(template, None)
        self._end()

    def _end(self) -> None:
        if self._parts[-1][-1:].isalnum() or not self._parts[-1]:
            self.plain("\n")

    def done(self) -> MarkedText:
        fields = any(span.what == "name field" for span in self._spans)
        names = (self._field_name,) if fields else ()
        return MarkedText("".join(self._parts), tuple(self._spans), names)

    def _fill(self, template: str, way: str | None) -> None:
        done = 0
        for slot in _SLOT.finditer(template):
            self.plain(template[done : slot.start()])
            done = slot.end()
            value = self._value(slot[1])
            kind = _KINDS.get(slot[1])
            if way is not None and kind is not None:
                what = _what(slot[1], way)
                self._spans.append(MarkedSpan(what, kind, self._length, self._length + len(value)))
            self.plain(value)
        self.plain(template[done:])

    def _value(self, slot: str) -> str:
        if slot == "field_name":
            return self._field_name
        return (
            self._scene[slot] if slot in self._scene and slot != "date" else _made(self._draw, slot)
        )


def _what(slot: str, way: str) -> str:
    if slot in {"name", "field_name"}:
        return f"name {way.removeprefix('name_').removesuffix('_person')}"
    return "address" if slot in {"home", "door", "plot"} else slot


@cache
def _nameless() -> tuple[Matter, ...]:
    """Kinds of matter whose sentences have no place for somebody's name."""
    named = ("{other", "姓{", "电话")
    return tuple(
        matter
        for matter in all_matters()
        if not any(one in part for part in (*matter.facts, *matter.findings) for one in named)
    )


def _made(draw: Random, slot: str) -> str:
    """A value that belongs to nobody; numbers with check digits have the right ones."""

    def digits(count: int, first: str = "0123456789") -> str:
        return draw.choice(first) + "".join(draw.choices("0123456789", k=count - 1))

    match slot:
        case "id_card":
            return _written(draw, person(draw, "").id_no, (6, 8, 4))
        case "id_card_15":
            number = person(draw, "").id_no
            return _written(draw, number[:6] + number[8:17], (6, 6, 3), misread=False)
        case "taiwan_id":
            return _taiwan(draw, digits(7))
        case "hong_kong_id":
            return _hong_kong(draw, digits(6))
        case "macau_id":
            return f"{draw.choice('157')}{digits(6)}({digits(1)})"
        case "passport":
            letter = draw.choice(("E", "G", "D", "EA", "EJ"))
            return letter + digits(9 - len(letter))
        case "permit":
            return draw.choice("HMC") + digits(8)
        case "taiwan_permit":
            return digits(8)
        case "mobile":
            country = "+86 " if draw.random() < 0.06 else ""
            return country + _written(draw, _mobile(draw), draw.choice(((3, 4, 4), (3, 8), (4, 7))))
        case "mobile_spoken":
            return _mobile(draw).translate(str.maketrans("0123456789", draw.choice(_SPOKEN)))
        case "taiwan_mobile":
            return _written(draw, "09" + digits(8), (4, 3, 3), misread=False)
        case "landline":
            area = draw.choice(("010", "021", "0325", "0731", "0898"))
            return f"{area}{draw.choice(('-', '', ' ', '－'))}{digits(8, '2345678')}"
        case "local":
            return digits(draw.choice((7, 8)), "2345678")
        case "bank_card":
            return _written(draw, _card(draw), (4, 4, 4, 4, 3))
        case "plate":
            return _plate(draw)
        case "email":
            name = "".join(draw.choices(ascii_lowercase, k=draw.randint(4, 8)))
            host = draw.choice(("example.com", "mail.example.cn"))
            return f"{name}{digits(draw.randint(1, 4))}@{host}"
        case "wechat":
            return (
                "".join(draw.choices(ascii_lowercase, k=6))
                + draw.choice(("_", "-", ""))
                + digits(3)
            )
        case "qq":
            return digits(draw.randint(6, 10), "123456789")
        case "name":
            return full_name(draw, woman=draw.random() < 0.5)
        case "home":
            return _home(draw)
        case "door":
            room = f"{draw.randint(2, 8)}0{draw.randint(1, 4)}室"
            return f"{draw.randint(1, 398)}号{draw.choice(('', room))}"
        case "plot":
            group = draw.choice((str(draw.randint(1, 14)), draw.choice(_HAN_DIGITS)))
            return f"{group}组{draw.randint(1, 96)}号"
        case "date":
            return day((NOW - timedelta(days=draw.randrange(900))).date())
        case "date8":
            return f"{(NOW - timedelta(days=draw.randrange(900))).date():%Y%m%d}"
        case "year":
            return str(NOW.year - draw.randint(0, 6))
        case "born":
            return str(draw.randint(1941, 2003))
        case _:
            return digits({"two": 2, "four": 4, "five": 5, "six": 6}[slot], "123456789")


def _written(draw: Random, number: str, groups: Sequence[int], *, misread: bool = True) -> str:
    """As people write a number, or a reader of pages misreads it."""
    way = draw.choices(("plain", "wide", "spaced", "hyphens", "misread"), (10, 2, 3, 2, 3))[0]
    match way:
        case "wide":
            return number.translate(_WIDE)
        case "spaced" | "hyphens":
            parts, start = [], 0
            for length in groups:
                parts.append(number[start : start + length])
                start += length
            parts.append(number[start:])
            return ("-" if way == "hyphens" else " ").join(part for part in parts if part)
        case "misread" if misread:
            return "".join(
                draw.choice(_MISREAD[sign]) if sign in _MISREAD and draw.random() < 0.5 else sign
                for sign in number
            )
        case _:
            return number


def _mobile(draw: Random) -> str:
    return "1" + draw.choice("3456789") + "".join(draw.choices("0123456789", k=9))


def _card(draw: Random) -> str:
    length = draw.choice((16, 19, 19))
    first = "62990" + "".join(draw.choices("0123456789", k=length - 6))
    return first + luhn_check(first)


def _plate(draw: Random) -> str:
    signs = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    tail = "".join(draw.choices("0123456789", k=4)) + draw.choice(signs)
    if draw.random() < 0.3:
        tail = draw.choice("DF") + "".join(draw.choices("0123456789", k=5))
    return draw.choice("湘粤云桂鄂京川") + draw.choice(signs) + draw.choice(("", "", "·")) + tail


def _taiwan(draw: Random, middle: str) -> str:
    letter, sex = draw.choice(_TAIWAN_LETTERS), draw.choice("1289")
    number = _TAIWAN_LETTERS.index(letter) + 10
    values = (number // 10, number % 10, *map(int, sex + middle))
    total = sum(
        value * weight
        for value, weight in zip(values, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=False)
    )
    return letter + sex + middle + str(-total % 10)


def _hong_kong(draw: Random, six: str) -> str:
    letter = draw.choice(ascii_uppercase)
    values = (36, ord(letter) - 55, *map(int, six))
    check = -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    return f"{letter}{six}({'A' if check == 10 else check})"


def _home(draw: Random) -> str:
    building, unit = draw.randint(1, 28), draw.randint(1, 4)
    room = f"{draw.randint(2, 33)}0{draw.randint(1, 6)}"
    return draw.choice(
        (
            f"{building}栋{unit}单元{room}室",
            f"{building}栋{unit}单元{room}",
            f"{building}幢{room}室",
            f"{building}号楼{unit}单元{room}",
            f"{building}栋{room}房",
            f"{draw.choice('ABCD')}座{room}",
            f"{building}-{unit}-{room}",
            f"{draw.choice(_HAN_DIGITS)}栋{draw.choice('一二三')}单元{draw.choice(_HAN_DIGITS)}楼",
            f"{building}栋{unit}单元{room}号",
        )
    )
