"""A letter as paper: its parts for the page, and what a clerk notes beside it."""

from __future__ import annotations

from dataclasses import dataclass

from cli.sample.pages import LetterText
from cli.sample.petition import SampleLetter

_SIGNED_BY = ("反映人：", "信访人：", "代表人：", "老百姓：", "信訪人：")


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file of the invented office: `name` in its folder, `role` letter or reply, whose it is."""

    name: str
    role: str
    letter: SampleLetter


def parts(letter: SampleLetter) -> LetterText:
    """Title, salutation, paragraphs and signature of the letter."""
    lines = letter.text.split("\n")
    start = 1 if len(lines) > 1 and lines[0].endswith(("：", "！", "，")) else 0
    signed = (place for place, line in enumerate(lines) if line.startswith(_SIGNED_BY))
    end = next(signed, len(lines))
    return LetterText(
        title=letter.subject,
        salutation=lines[0] if start else "",
        paragraphs=tuple(lines[start:end]),
        closing=tuple(lines[end:]),
    )


def reply_parts(letter: SampleLetter) -> LetterText:
    """The office's answer as a document. Raises ValueError for a letter without one."""
    if letter.reply is None or letter.replied_at is None:
        raise ValueError(f"letter {letter.number} has no reply")
    when = letter.replied_at
    return LetterText(
        title="信访事项答复意见书",
        salutation=f"编号：{letter.number}",
        paragraphs=tuple(letter.reply.split("\n")),
        closing=(f"{when.year}年{when.month}月{when.day}日",),
    )


def manifest_row(file: SampleFile) -> dict[str, str]:
    """What the clerk wrote on the envelope; the subject is left for the program to read."""
    letter = file.letter
    if file.role == "reply":
        assert letter.replied_at is not None
        return {
            "file": file.name,
            "role": "reply",
            "number": letter.number,
            "replied_at": letter.replied_at.isoformat(),
        }
    row = {
        "file": file.name,
        "role": "letter",
        "number": letter.number,
        "region": letter.region,
        "category": letter.category,
        "status": letter.status,
        "channel": letter.channel,
        "level": letter.level,
        "received_at": letter.received_at.isoformat(),
        "name": letter.person.name,
        "phone": letter.person.phone,
        "id_no": letter.person.id_no,
        "address": letter.person.address,
        "people_count": str(letter.people_count),
    }
    if letter.sealed:
        row["sealed"] = "true"
    if letter.published:
        row["published"] = "true"
    if letter.handler:
        row["handler"] = letter.handler
    return row


MANIFEST_COLUMNS = (
    "file",
    "role",
    "number",
    "region",
    "category",
    "status",
    "channel",
    "level",
    "received_at",
    "replied_at",
    "name",
    "phone",
    "id_no",
    "address",
    "people_count",
    "sealed",
    "published",
    "handler",
)
