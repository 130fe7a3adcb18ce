"""Letters and replies as office files, mail, web pages and old text files.

The same letters give the same bytes. Word's binary .doc can't be written without Word's like: the
one here, `letter.doc`, was saved once by LibreOffice from an invented letter and comes with us.
"""

from __future__ import annotations

import html
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from cli.sample.pages import LetterText
from cli.sample.paper import SampleFile, parts, reply_parts
from cli.sample.petition import SampleLetter, in_traditional
from records.categories import find_categories

BINARY_WORD = Path(__file__).with_name("letter.doc")
BINARY_WORD_SUBJECT = "关于恢复石桥冲村班车的请求"
BINARY_WORD_TEXT = (
    "石桥冲村的班车去年冬天停开以后，村里四十多位老人看病、取养老金都要租三轮车，一趟来回六十元。"
)
_MOMENT = (2026, 1, 1, 0, 0, 0)

MAKERS = ("docx", "eml", "gb18030", "docx", "html", "big5", "doc", "eml", "docx", "zip")
"""The kinds of file in a round; every round takes eleven letters."""
LETTERS_IN_A_ROUND = 11


def write_files(letters: Sequence[SampleLetter], folder: Path) -> Iterator[SampleFile]:
    """One round of files into `folder`, told as each is written. Needs LETTERS_IN_A_ROUND letters.

    The members of the zip are told too, as `archive.zip/name`.
    """
    left = iter(letters)
    for number, maker in enumerate(MAKERS, start=1):
        letter = next(left)
        stem = f"file-{number:02d}"
        match maker:
            case "docx":
                name = f"{stem}.docx"
                (folder / name).write_bytes(docx(parts(letter)))
            case "eml":
                name = f"{stem}.eml"
                (folder / name).write_bytes(mail(letter))
            case "gb18030":
                name = f"{stem}.txt"
                (folder / name).write_bytes(plain(letter).encode("gb18030"))
            case "big5":
                letter, name = in_traditional(letter), f"{stem}-big5.txt"
                (folder / name).write_bytes(plain(letter).encode("big5hkscs", "replace"))
            case "html":
                name = f"{stem}.html"
                (folder / name).write_text(page(letter), encoding="utf-8")
            case "doc":
                name = f"{stem}.doc"
                shutil.copyfile(BINARY_WORD, folder / name)
                letter = _binary_word_letter(letter)
            case _:
                name = f"{stem}.zip"
                inside = (letter, next(left))
                members = {f"{one.number}.docx": docx(parts(one)) for one in inside}
                (folder / name).write_bytes(archive(members))
                for one in inside:
                    yield SampleFile(f"{name}/{one.number}.docx", "letter", one)
                continue
        yield SampleFile(name, "letter", letter)


def _binary_word_letter(letter: SampleLetter) -> SampleLetter:
    """The letter of `letter.doc`, under the number of another; nobody has answered it yet."""
    return replace(
        letter,
        subject=BINARY_WORD_SUBJECT,
        text=BINARY_WORD_TEXT,
        reply=None,
        replied_at=None,
        transfer_only=False,
        category=find_categories("交通运输/客货运输/旅客运输")[0].code,
        status="REGISTERED",
        history=letter.history[:1],
        level="open",
        sealed=False,
        people=(replace(letter.person, name="全春山"),),
        people_count=1,
        traditional=False,
    )


def write_reply(letter: SampleLetter, of: SampleFile, folder: Path) -> SampleFile:
    """The reply to a letter on file, as a .docx beside it."""
    stem = of.name.rpartition("/")[2].rpartition(".")[0]
    name = f"{stem}-回复.docx"
    (folder / name).write_bytes(docx(reply_parts(letter)))
    return SampleFile(name, "reply", letter)


def docx(told: LetterText) -> bytes:
    """The letter as an office document."""
    from docx import Document

    document = Document()
    document.core_properties.title = told.title
    document.core_properties.author = document.core_properties.comments = ""
    document.add_heading(told.title, level=1)
    for line in (told.salutation, *told.paragraphs, *told.closing):
        if line:
            document.add_paragraph(line)
    with io.BytesIO() as written:
        document.save(written)
        return _steady(written.getvalue())


def plain(letter: SampleLetter) -> str:
    """Subject and text, one below the other."""
    return f"{letter.subject}\n\n{letter.text}\n"


def page(letter: SampleLetter) -> str:
    """A page saved from the web form of an older system."""
    paragraphs = "".join(f"<p>{html.escape(line)}</p>\n" for line in letter.text.split("\n"))
    subject = html.escape(letter.subject)
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans"><head><meta charset="utf-8">'
        f"<title>{subject}</title></head>\n<body><h1>{subject}</h1>\n{paragraphs}</body></html>\n"
    )


def mail(letter: SampleLetter) -> bytes:
    """A message to the office with the signed letter attached."""
    message = EmailMessage()
    message["From"] = f'"{letter.person.name}" <{letter.number.lower()}@example.org>'
    message["To"] = "xinfang@example.org"
    message["Date"] = format_datetime(letter.received_at)
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.number}@example.org>"
    message.set_content(letter.text, charset="utf-8")
    evidence = LetterText(
        title="证据材料目录",
        salutation="",
        paragraphs=("一、收据复印件", "二、现场照片", "三、此前的答复短信截图"),
        closing=(letter.person.name,),
    )
    message.add_attachment(
        docx(evidence),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename="证据材料目录.docx",
    )
    message.set_boundary(f"=={letter.number}==")
    return message.as_bytes()


def archive(members: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    with io.BytesIO() as written:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in members.items():
                packed.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
        return written.getvalue()


def _steady(content: bytes) -> bytes:
    """The same zip with one moment for all members, so that equal letters give equal files."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return archive({name: packed.read(name) for name in packed.namelist()})
