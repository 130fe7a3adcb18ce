"""What a letter says about itself, by rule: subject, people, date, whether it is a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingest.plain_text import tidy
from ingest.replies import is_reply, quoted_numbers, transfer_only

if TYPE_CHECKING:
    from ingest.extraction import Extraction

VERSION = "describe 2"

_LONGEST_SUBJECT = 60
_ABOUT = re.compile(
    r"^.{0,12}?(关于[^\n。！？]{2,56}?(?:信|函|反映|投诉|请求|请示|建议|举报|申请|咨询|问题|报告|诉求|情况|書|陳情|書函))"
    r"\s*$",
    re.M,
)
_SALUTATION = re.compile(
    r"^(?:尊敬的|敬爱的|亲爱的|尊敬|各位)|(?:领导|局长|市长|县长|区长|书记|主任|先生|女士|同志|您好|你好|長官|首長)"
    r"[们們]?(?:[：:，,！!您你好]*)$"
)
_FORM_TITLE = re.compile(r"(?:登记表|登記表|申请表|信访件|来信登记|群众来信|人民来信|信访事项)$")
_NAME = re.compile(
    r"(?:我叫|我是|本人姓名|姓名|来信人|信访人|投诉人|反映人|举报人|申请人|联系人|陳情人|落款|署名|此致人)"
    r"\s*[：:是叫]?\s*([\u4e00-\u9fff](?:[\u4e00-\u9fff]|·){1,3})(?=[\s，,。；;、（(]|$|电话|联系|身份证|男|女|住)",
    re.M,
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d{9}|0\d{2,3}-?[2-9]\d{6,7})(?!\d)")
_NOT_NAMES = (
    "居民",
    "业主",
    "村民",
    "市民",
    "学生",
    "员工",
    "家长",
    "职工",
    "一名",
    "全体",
    "我们",
    "群众",
    "网友",
)
_BREAKS_OFF = re.compile(r"[的与與和及对對在将將被、]$")
_LONGEST_REST = 20  # characters of a heading's second line
_SIGNATURE = 160  # characters at the end in which the date of writing stands


@dataclass(frozen=True, slots=True)
class Description:
    """What was found; None or empty where nothing was.

    `quoted`: numbers of petitions that the document names. `is_reply`: it answers one.
    """

    subject: str
    name: str | None = None
    phone: str | None = None
    id_no: str | None = None
    address: str | None = None
    bank_card: str | None = None
    number: str | None = None
    people_count: int | None = None
    place: str | None = None
    written_on: date | None = None
    is_reply: bool = False
    transfer_only: bool = False
    quoted: tuple[str, ...] = ()


def describe(extraction: Extraction, file_name: str, today: date) -> Description:
    """Read the text of one file. `today`: no letter was written later."""
    text, fields = extraction.text, extraction.fields
    answers = is_reply(text)
    return Description(
        subject=subject_of(text, fields, file_name),
        name=_cell(fields, "name", 30) or _name(text),
        phone=_cell(fields, "phone", 40) or _phone(text),
        id_no=_cell(fields, "id_no", 30),
        address=_cell(fields, "address", 200),
        bank_card=_cell(fields, "bank_card", 40),
        number=_cell(fields, "number", 60),
        people_count=_people(fields),
        place=_cell(fields, "place", 60),
        written_on=_written_on(text, fields, today),
        is_reply=answers,
        transfer_only=transfer_only(text),
        quoted=quoted_numbers(text[:4000]),
    )


def subject_of(text: str, fields: Mapping[str, str], file_name: str = "") -> str:
    """The subject: what a form or mail names so; the line 关于…; a heading; the first sentence."""
    if given := _cell(fields, "subject", 200):
        return given
    body = fields.get("text") or text
    if about := _ABOUT.search(text[:600]):
        return about.group(1)
    if heading := _heading(text):
        return heading
    title = tidy(fields.get("title", "")).strip()
    if title and not re.search(r"^(?:untitled|microsoft word|无标题|新建)|\.\w{3,4}$", title, re.I):
        return title[:_LONGEST_SUBJECT]
    for line in map(str.strip, body.split("\n")):
        if len(line) < 4 or _SALUTATION.search(line) or _FORM_TITLE.search(line):
            continue
        sentence = re.split(r"(?<=[。！？!?；;])", line)[0].rstrip("。；;")
        return _shortened(sentence)
    return _shortened(file_name.rpartition("/")[2].rpartition(".")[0] or file_name)


def _heading(text: str) -> str | None:
    """A short first line that is no sentence, salutation, form title or number.

    With the line behind it where it breaks off (关于某小区的 / 问题).
    """
    lines = [line.strip() for line in text[:400].split("\n") if line.strip()]
    first = lines[0] if lines else ""
    broken = bool(_BREAKS_OFF.search(first)) and len(lines) > 1
    if not 4 <= len(first) <= 40 or re.search(r"[。；;，,：:]$", first):
        return None
    if (
        _SALUTATION.search(first)
        or _FORM_TITLE.search(first)
        or not re.search(r"[^\W\d_]{3}", first)
    ):
        return None
    if broken and len(lines[1]) <= _LONGEST_REST and not _SALUTATION.search(lines[1]):
        return first + lines[1] if len(lines) > 2 else None
    return first if len(lines) > 1 else None


def _shortened(sentence: str) -> str:
    if len(sentence) <= _LONGEST_SUBJECT:
        return sentence
    clause = re.split(r"[，,、：:]", sentence[:_LONGEST_SUBJECT])
    kept = "，".join(clause[:-1]) if len(clause) > 1 else sentence[: _LONGEST_SUBJECT - 1]
    return kept + "…"


def _cell(fields: Mapping[str, str], name: str, longest: int) -> str | None:
    value = tidy(fields.get(name, "")).replace("\n", " ").strip()
    return value if 0 < len(value) <= longest else None


def _name(text: str) -> str | None:
    for found in _NAME.finditer(text):
        name = found.group(1)
        if not any(word in name for word in _NOT_NAMES):
            return name
    return None


def _phone(text: str) -> str | None:
    found = _PHONE.search(text)
    return found.group(1) if found else None


def _people(fields: Mapping[str, str]) -> int | None:
    found = re.match(r"\s*(\d{1,6})", fields.get("people_count", ""))
    return int(found.group(1)) if found else None


def _written_on(text: str, fields: Mapping[str, str], today: date) -> date | None:
    """The form's or mail's date, else the last full date in the signature."""
    from analyzers.dates import find_dates

    for place in (fields.get("received_at", ""), text[-_SIGNATURE:]):
        found = [
            one.date
            for one in find_dates(place, today)
            if one.precision == "day" and one.date <= today + timedelta(days=1)
        ]
        if found:
            return found[-1]
    return None
