"""The registration form 信访事项登记表 as an office prints it: a PDF with a text layer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from cli.sample.pages import A4, DPI, font
from cli.sample.paper import parts
from cli.sample.petition import SampleLetter
from cli.sample.places import day

TITLE = "信访事项登记表"
_POINTS = 72
_SIZE = 12
_LEFT, _TOP, _WIDTH, _LABEL = 60, 60, 475, 90
_STEP, _PAD = 20, 8
_FONT = "STSong-Light"
_NEVER_FIRST = "，。、；：？！）》」』”’"


def form_rows(letter: SampleLetter) -> tuple[tuple[str, str], ...]:
    """Labels and entries of the form."""
    person, told = letter.person, parts(letter)
    return (
        ("登记编号", letter.number),
        ("信访人姓名", person.name),
        ("身份证号码", person.id_no),
        ("联系电话", person.phone),
        ("家庭住址", person.address),
        ("登记日期", day(letter.received_at.date())),
        ("信访人数", f"{letter.people_count}人"),
        ("信访事由", letter.subject),
        ("信访内容", "".join((told.salutation, *told.paragraphs))),
    )


def write_form(letter: SampleLetter, path: Path) -> None:
    """A PDF of one page: what is seen is a picture, under it lie the text and the ruled table.

    So it looks the same where no Chinese fonts are installed, and needs none embedded.
    """
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    width, height = A4[0] * _POINTS / DPI, A4[1] * _POINTS / DPI
    canvas = Canvas(str(path), pagesize=(width, height), invariant=1)
    seen = Image.new("L", A4, 255)
    draw = ImageDraw.Draw(seen)
    face = font("sans", round(_SIZE * DPI / _POINTS))
    words = list(_words(letter))
    for left, top, text in words:
        draw.text((left * DPI / _POINTS, top * DPI / _POINTS), text, 0, face)
    with io.BytesIO() as picture:
        seen.save(picture, "PNG")
        canvas.drawImage(ImageReader(picture), 0, 0, width, height)
    hidden = canvas.beginText()
    hidden.setTextRenderMode(3)
    hidden.setFont(_FONT, _SIZE)
    for left, top, text in words:
        hidden.setTextOrigin(left, height - top - _SIZE)
        hidden.textOut(text)
    canvas.drawText(hidden)
    canvas.setLineWidth(0.8)
    for top, rows in _boxes(letter):
        canvas.rect(_LEFT, height - top - rows, _LABEL, rows)
        canvas.rect(_LEFT + _LABEL, height - top - rows, _WIDTH - _LABEL, rows)
    canvas.save()


def _wrapped(entry: str) -> list[str]:
    """Lines that fit the right column; a Han character is as wide as high, others half of it."""
    lines, used = [""], 0.0
    for character in entry:
        wide = _SIZE if ord(character) > 0x2E7F else _SIZE * 0.62
        if used + wide > _WIDTH - _LABEL - 2 * _PAD and character not in _NEVER_FIRST:
            lines.append("")
            used = 0.0
        lines[-1] += character
        used += wide
    return lines


def _boxes(letter: SampleLetter) -> Iterator[tuple[int, int]]:
    """Top and height of each row, in points from the top of the page."""
    top = _TOP + 2 * _STEP
    for _, entry in form_rows(letter):
        high = len(_wrapped(entry)) * _STEP + _PAD
        yield top, high
        top += high


def _words(letter: SampleLetter) -> Iterator[tuple[int, int, str]]:
    """Left, top and text of every printed line."""
    yield _LEFT + _WIDTH // 2 - len(TITLE) * _SIZE // 2, _TOP, TITLE
    for (label, entry), (top, _) in zip(form_rows(letter), _boxes(letter), strict=True):
        yield _LEFT + _PAD, top + _PAD, label
        for place, line in enumerate(_wrapped(entry)):
            yield _LEFT + _LABEL + _PAD, top + _PAD + place * _STEP, line
