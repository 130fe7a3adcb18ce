"""Letters as scans: PNG, JPEG, TIFF and image-only PDF, as clean or as bad as offices have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import gmtime

from PIL import Image

from cli.sample.degrade import Fault, Level, degrade
from cli.sample.forms import TITLE, form_rows, write_form
from cli.sample.pages import DPI, PageStyle, render, render_form
from cli.sample.paper import SampleFile, parts
from cli.sample.petition import SampleLetter, in_traditional

_Faults = Level | tuple[tuple[Fault, float], ...]

_QUARTER: _Faults = ((Fault.QUARTER_TURN, 1.0), (Fault.SKEW, 0.1), (Fault.GRAIN, 0.1))
_FAX: _Faults = ((Fault.SKEW, 0.2), (Fault.FAX, 0.5))
_PHOTO: _Faults = ((Fault.PHOTO, 0.5), (Fault.GRAIN, 0.2), (Fault.JPEG, 0.3))
_STAMPED: _Faults = ((Fault.STAMP, 0.7), (Fault.SKEW, 0.15), (Fault.GRAIN, 0.2))
_SKEWED: _Faults = ((Fault.SKEW, 0.8), (Fault.GRAIN, 0.2))
_NOISY: _Faults = ((Fault.SPECKS, 0.4), (Fault.BLUR, 0.2))


@dataclass(frozen=True, slots=True)
class Scan:
    """One kind of scan. `suffix` tells the format; `form`: a filled-in form instead of a letter."""

    suffix: str
    faults: _Faults
    traditional: bool = False
    form: bool = False


KINDS = (
    Scan(".png", Level.CLEAN),
    Scan(".jpg", _STAMPED),
    Scan(".tif", Level.MODERATE),
    Scan(".pdf", _SKEWED),
    Scan(".pdf", (), form=True),
    Scan(".jpg", Level.CLEAN, form=True),
    Scan(".png", Level.CLEAN, traditional=True),
    Scan(".tif", _FAX),
    Scan(".jpg", _PHOTO),
    Scan(".pdf", _NOISY),
    Scan(".png", _QUARTER),
    Scan(".jpg", Level.MODERATE),
    Scan(".tif", _STAMPED),
    Scan(".pdf", Level.CLEAN),
    Scan(".jpg", _QUARTER),
    Scan(".png", _NOISY),
    Scan(".jpg", _STAMPED, traditional=True),
    Scan(".tif", Level.CLEAN),
    Scan(".pdf", _STAMPED),
    Scan(".jpg", Level.SEVERE),
    Scan(".png", Level.MODERATE),
    Scan(".tif", _SKEWED),
    Scan(".pdf", Level.MODERATE),
    Scan(".jpg", _SKEWED),
    Scan(".png", _STAMPED),
    Scan(".tif", Level.MODERATE, traditional=True),
    Scan(".pdf", _QUARTER),
    Scan(".jpg", Level.MODERATE, form=True),
    Scan(".tif", Level.SEVERE),
    Scan(".png", Level.CLEAN),
)
"""The scans of the demo, in their order; fewer are the first of these."""

Assigned = tuple[Scan, SampleLetter]
"""How a letter is scanned, and the letter."""

_STYLES = (
    PageStyle(),
    PageStyle(size=12, leading=1.5),
    PageStyle(size=15, leading=1.8, margin=28),
    PageStyle(size=13, leading=1.6, margin=22),
)
_MOST_ON_A_FORM = 330  # characters
_MOST_ON_A_PAGE = 480


def write_scans(assigned: Iterable[Assigned], folder: Path) -> Iterator[SampleFile]:
    """Scan letters into `folder`, one file each, told as each is written."""
    for number, (kind, letter) in enumerate(assigned, start=1):
        name = f"scan-{number:02d}{'-form' if kind.form else ''}{kind.suffix}"
        _write(letter, kind, folder / name, number)
        yield SampleFile(name, "letter", letter)


def assign(letters: Sequence[SampleLetter], count: int) -> list[Assigned]:
    """Which letter is scanned how. Raises ValueError where there are too few letters on paper."""
    left = list(letters)
    assigned = []
    for kind in KINDS[:count]:
        letter = _take(left, kind)
        assigned.append((kind, in_traditional(letter) if kind.traditional else letter))
    return assigned


def _take(left: list[SampleLetter], kind: Scan) -> SampleLetter:
    """The first that suits the kind: a form has little room, a TIFF is to have many pages."""
    wanted = [
        place
        for place, letter in enumerate(left)
        if letter.traditional <= kind.traditional
        and (kind.suffix in {".tif", ".pdf"} or len(letter.text) <= _MOST_ON_A_PAGE)
        and (not kind.form or len(letter.text) <= _MOST_ON_A_FORM)
    ]
    if not wanted:
        raise ValueError("too few letters on paper for so many scans; make more letters")
    if kind.suffix == ".tif":
        return left.pop(max(wanted[:12], key=lambda place: len(left[place].text)))
    return left.pop(wanted[0])


def _write(
    letter: SampleLetter,
    kind: Scan,
    path: Path,
    number: int,
) -> None:
    if kind.form and kind.suffix == ".pdf":
        write_form(letter, path)
        return
    style = _STYLES[number % len(_STYLES)]
    if kind.form:
        sheets = [render_form(TITLE, form_rows(letter)).image]
    else:
        sheets = [page.image for page in render(parts(letter), style)]
    pages = [degrade(sheet, kind.faults, number * 10 + place) for place, sheet in enumerate(sheets)]
    save(pages, path, fax=kind.faults == _FAX)


def save(pages: Sequence[Image.Image], path: Path, *, fax: bool = False) -> None:
    """The pages as one file of the format that the suffix names.

    Raises ValueError for more pages than a PNG or JPEG holds, which is one.
    """
    first, *others = pages
    if others and path.suffix not in {".tif", ".pdf"}:
        raise ValueError(f"{path.name} can't hold {len(pages)} pages")
    match path.suffix:
        case ".tif":
            sheets = [page.convert("1" if fax else "L") for page in pages]
            sheets[0].save(
                path,
                "TIFF",
                save_all=True,
                append_images=sheets[1:],
                compression="group4" if fax else "tiff_lzw",
                dpi=(DPI, DPI),
            )
        case ".pdf":
            moment = gmtime(0)
            first.save(
                path,
                "PDF",
                save_all=True,
                append_images=others,
                resolution=DPI,
                quality=80,
                creationDate=moment,
                modDate=moment,
            )
        case ".jpg":
            first.save(path, "JPEG", quality=85, dpi=(DPI, DPI))
        case _:
            first.save(path, "PNG", dpi=(DPI, DPI), compress_level=1)
