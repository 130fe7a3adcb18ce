"""Letters and forms set as A4 pages, as a typist or a print shop would have made them.

Pages are made at 200 dpi, what offices scan at. Nothing here is random: the same letter in the same
style gives the same pixels on machines with the same fonts. Faults of scanning: cli.sample.degrade.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DPI = 200
A4 = (1654, 2339)

# Where Debian's packages put Chinese fonts: family name -> (path, face in the collection).
# All but "sans", which comes with our requirements, are used only where they are installed.
_SYSTEM_FONTS: Mapping[str, tuple[str, int]] = {
    "serif": ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    "serif bold": ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc", 2),
    "kai": ("/usr/share/fonts/truetype/arphic/ukai.ttc", 0),
    "ming": ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    "song": ("/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf", 0),
    "hei": ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
}
# Signs that may not begin a line (GB/T 15834: they hang on the line before).
_NOT_FIRST = frozenset("，。、；：？！）》」』”’…—％,.;:?!)%")


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's parts; empty ones are left out. `closing` is set at the right, a line each."""

    title: str
    salutation: str
    paragraphs: tuple[str, ...]
    closing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageStyle:
    """`size` in points; `leading` is line distance over size; `margin` in millimetres."""

    font: str = "sans"
    size: float = 14.0
    leading: float = 1.7
    margin: float = 25.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what is printed on it, a printed line each."""

    image: Image.Image
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Setting:
    text: str
    size: int
    place: str  # "left" | "indent" | "centre" | "right"


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """Font families that this machine has; "sans" first."""
    return ("sans", *(name for name, (path, _) in _SYSTEM_FONTS.items() if Path(path).exists()))


@lru_cache(maxsize=32)
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """A font face at a size in pixels. Raises ValueError for a family that isn't installed."""
    if name == "sans":
        path, face = str(_packaged_font()), 0
    elif name in fonts():
        path, face = _SYSTEM_FONTS[name]
    else:
        raise ValueError(f"no font family {name!r} here; installed: {', '.join(fonts())}")
    return ImageFont.truetype(path, pixels, index=face, layout_engine=ImageFont.Layout.BASIC)


def render(letter: LetterText, style: PageStyle | None = None) -> tuple[Page, ...]:
    """The letter on as many A4 pages as it takes; RGB on white."""
    style = style or PageStyle()
    margin = round(style.margin / 25.4 * DPI)
    size = round(style.size / 72 * DPI)
    step = round(size * style.leading)
    pages: list[Page] = []
    image, lines, top = Image.new("RGB", A4, "white"), list[str](), margin
    for setting in _settings(letter, style, size, A4[0] - 2 * margin):
        advance = round(step * setting.size / size)
        if top + advance > A4[1] - margin and lines:
            pages.append(Page(image, tuple(lines)))
            image, lines, top = Image.new("RGB", A4, "white"), [], margin
        face = font(style.font, setting.size)
        ImageDraw.Draw(image).text((_left(setting, face, margin), top), setting.text, "black", face)
        lines.append(setting.text)
        top += advance
    pages.append(Page(image, tuple(lines)))
    return tuple(pages)


def render_form(
    title: str, rows: Sequence[tuple[str, str]], style: PageStyle | None = None
) -> Page:
    """A registration form: a ruled table of labels and entries under a title, on one A4 page.

    Raises ValueError when the entries don't fit on the page.
    """
    style = style or PageStyle(size=12)
    margin = round(style.margin / 25.4 * DPI)
    size = round(style.size / 72 * DPI)
    step, pad = round(size * style.leading), round(size * 0.6)
    image = Image.new("RGB", A4, "white")
    draw = ImageDraw.Draw(image)
    face = font(style.font, size)
    heading = font(style.font, round(size * 1.5))
    draw.text(((A4[0] - heading.getlength(title)) / 2, margin), title, "black", heading)
    lines, top = [title], margin + 2 * step
    label_width = max(round(face.getlength(label)) for label, _ in rows) + 2 * pad
    right = A4[0] - margin
    for label, entry in rows:
        wrapped = list(_wrap(entry, face, right - margin - label_width - 2 * pad, 0)) or [""]
        bottom = top + len(wrapped) * step + pad
        if bottom > A4[1] - margin:
            raise ValueError(f"the form's row {label!r} does not fit on the page")
        draw.rectangle((margin, top, right, bottom), outline="black", width=2)
        draw.line((margin + label_width, top, margin + label_width, bottom), fill="black", width=2)
        draw.text((margin + pad, top + pad), label, "black", face)
        for number, line in enumerate(wrapped):
            at = (margin + label_width + pad, top + pad + number * step)
            draw.text(at, line, "black", face)
        lines.extend((label + wrapped[0], *wrapped[1:]))
        top = bottom
    return Page(image, tuple(lines))


def _settings(letter: LetterText, style: PageStyle, size: int, width: int) -> Iterator[_Setting]:
    face = font(style.font, size)
    large = round(size * 1.4)
    for line in _wrap(letter.title, font(style.font, large), width, 0):
        yield _Setting(line, large, "centre")
    for line in _wrap(letter.salutation, face, width, 0):
        yield _Setting(line, size, "left")
    for paragraph in letter.paragraphs:
        for number, line in enumerate(_wrap(paragraph, face, width, 2 * size)):
            yield _Setting(line, size, "left" if number else "indent")
    for closing in letter.closing:
        for line in _wrap(closing, face, width, 0):
            yield _Setting(line, size, "right")


def _left(setting: _Setting, face: ImageFont.FreeTypeFont, margin: int) -> int:
    if setting.place == "centre":
        return round((A4[0] - face.getlength(setting.text)) / 2)
    if setting.place == "right":
        return round(A4[0] - margin - face.getlength(setting.text))
    return margin + (2 * setting.size if setting.place == "indent" else 0)


def _wrap(text: str, face: ImageFont.FreeTypeFont, width: int, indent: int) -> Iterator[str]:
    """Break into lines of at most `width` pixels, the first shorter by `indent`."""
    line, used = "", float(indent)
    for character in " ".join(text.split()):
        advance = face.getlength(character)
        if line and used + advance > width and character not in _NOT_FIRST:
            yield line.rstrip()
            line, used = "", 0.0
            if character == " ":
                continue
        line += character
        used += advance
    if line.strip():
        yield line.rstrip()


def _packaged_font() -> Path:
    spec = importlib.util.find_spec("cvttf_NotoSansCJK_Regular")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("install cvttf-NotoSansCJK-Regular (requirements.txt)")
    return Path(spec.origin).with_name("NotoSansCJKtc-Regular.otf")
