"""What happens to a page on its way into an archive: faults of printing, faxing and scanning.

Every fault takes an RGB page and gives an RGB page, and is the same again for the same seed.
Strengths were chosen to be what offices complain of; `bench/ocr.py` reports the reader on them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cli.sample.pages import font

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INK = (198, 32, 40)


class Fault(StrEnum):
    SKEW = "skew"
    SPECKS = "specks"
    GRAIN = "grain"
    BLUR = "blur"
    JPEG = "jpeg"
    FAX = "fax"
    PHOTO = "photo"
    STAMP = "stamp"
    SHOW_THROUGH = "show-through"
    FOLDS = "folds"
    QUARTER_TURN = "quarter turn"


class Level(StrEnum):
    CLEAN = "clean"
    MODERATE = "moderate"
    SEVERE = "severe"


# (fault, strength 0.0 to 1.0). A level is one of its mixtures, drawn by the seed.
_MIXTURES: Mapping[Level, tuple[tuple[tuple[Fault, float], ...], ...]] = {
    Level.CLEAN: (
        ((Fault.GRAIN, 0.1),),
        ((Fault.SKEW, 0.05), (Fault.BLUR, 0.15), (Fault.GRAIN, 0.1)),
    ),
    Level.MODERATE: (
        ((Fault.SKEW, 0.3), (Fault.BLUR, 0.4), (Fault.GRAIN, 0.35), (Fault.JPEG, 0.3)),
        ((Fault.STAMP, 0.5), (Fault.SKEW, 0.2), (Fault.GRAIN, 0.3), (Fault.JPEG, 0.3)),
        ((Fault.SHOW_THROUGH, 0.4), (Fault.FOLDS, 0.4), (Fault.BLUR, 0.3), (Fault.SPECKS, 0.05)),
        ((Fault.PHOTO, 0.3), (Fault.GRAIN, 0.2)),
        ((Fault.SKEW, 0.2), (Fault.FAX, 0.2)),
    ),
    Level.SEVERE: (
        ((Fault.SKEW, 0.7), (Fault.BLUR, 0.4), (Fault.SPECKS, 0.7)),
        ((Fault.STAMP, 1.0), (Fault.SKEW, 0.6), (Fault.BLUR, 0.4), (Fault.SPECKS, 0.4)),
        ((Fault.SKEW, 0.5), (Fault.FAX, 0.9)),
        ((Fault.STAMP, 0.8), (Fault.PHOTO, 0.9), (Fault.GRAIN, 0.5), (Fault.JPEG, 0.7)),
        ((Fault.SHOW_THROUGH, 0.9), (Fault.FOLDS, 0.9), (Fault.SKEW, 0.5), (Fault.GRAIN, 0.9)),
        ((Fault.SKEW, 0.5), (Fault.BLUR, 0.8), (Fault.GRAIN, 0.8), (Fault.JPEG, 0.9)),
    ),
}


def mixture(level: Level, seed: int) -> tuple[tuple[Fault, float], ...]:
    """The faults, with their strengths, that `degrade` applies for this level and seed."""
    choices = _MIXTURES[level]
    return choices[int(np.random.default_rng((seed, 7)).integers(len(choices)))]


def degrade(
    image: Image.Image, what: Level | Iterable[tuple[Fault, float]], seed: int
) -> Image.Image:
    """The page with the faults of a level, or with those given, in their order.

    Size changes with skew, photo and quarter turn, as on a scanner.
    """
    faults = mixture(what, seed) if isinstance(what, Level) else tuple(what)
    page = image.convert("RGB")
    for number, (fault, strength) in enumerate(faults):
        page = _FAULTS[fault](page, strength, np.random.default_rng((seed, number)))
    return page


def _skew(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Up to 8 degrees either way, on white."""
    angle = 8 * strength * float(chance.uniform(0.6, 1.0)) * float(chance.choice((-1, 1)))
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def _specks(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Salt and pepper, up to 6 % of the points."""
    pixels = np.array(page)
    draw = chance.random(pixels.shape[:2])
    share = 0.06 * strength
    pixels[draw < share / 2] = 0
    pixels[draw > 1 - share / 2] = 255
    return Image.fromarray(pixels)


def _grain(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Noise of the sensor: Gaussian, standard deviation up to 40 of 255."""
    pixels = np.asarray(page, np.float32)
    noise = chance.normal(0, 40 * strength, pixels.shape[:2]).astype(np.float32)
    return _image(pixels + noise[:, :, None])


def _blur(page: Image.Image, strength: float, _: np.random.Generator) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(2.2 * strength))


def _jpeg(page: Image.Image, strength: float, _: np.random.Generator) -> Image.Image:
    """Quality 75 down to 15."""
    with io.BytesIO() as file:
        page.save(file, "JPEG", quality=round(75 - 60 * strength))
        return Image.open(file).convert("RGB")


def _fax(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Fewer points across, black or white, rows lost and rows black, a few specks."""
    small = page.convert("L").resize(
        (round(page.width * (1 - 0.25 * strength)), round(page.height * (1 - 0.25 * strength))),
        Image.Resampling.BILINEAR,
    )
    pixels = np.array(small)
    threshold = 128 + int(chance.integers(-30, 31))
    ink = pixels < threshold
    ink ^= chance.random(ink.shape) < 0.008 * strength
    for row in chance.integers(0, ink.shape[0], int(12 * strength)):
        ink[row, :] = bool(chance.random() < 0.5)
    fax = Image.fromarray(np.where(ink, 0, 255).astype(np.uint8))
    return fax.resize(page.size, Image.Resampling.NEAREST).convert("RGB")


def _photo(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Taken by hand: a slant seen from the side, a dark table, light from one corner."""
    reach = 0.06 * strength
    width, height = page.width * 1.06, page.height * 1.06
    rim = 0.03
    corners = [
        (width * (x + (rim + chance.uniform(0, reach)) * (1 - 2 * x)),
         height * (y + (rim + chance.uniform(0, reach)) * (1 - 2 * y)))
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]  # fmt: skip
    size = (round(width), round(height))
    sheet = [(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)]
    coefficients = _perspective(corners, sheet)
    table = (92, 74, 58)
    seen = page.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=table
    )
    across = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    turn = float(chance.uniform(0, 2 * np.pi))
    slope = across * np.cos(turn) + down * np.sin(turn)
    light = 0.85 - 0.3 * strength * slope - 0.1 * strength * (across**2 + down**2)
    tint = np.array((1.0, 0.97, 0.9), np.float32)
    return _image(np.asarray(seen, np.float32) * light[:, :, None] * tint)


def _stamp(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """A round red seal over text: near the signature, and from half strength on in the middle."""
    places = [(0.68, 0.72)] if strength < 0.75 else [(0.68, 0.72), (0.45, 0.4)]
    for x, y in places:
        seal = _seal(round(page.width * 0.24), float(chance.uniform(-20, 20)), chance)
        ink = Image.new("RGB", page.size, "white")
        at = (
            round(page.width * (x + chance.uniform(-0.05, 0.05)) - seal.width / 2),
            round(page.height * (y + chance.uniform(-0.08, 0.08)) - seal.height / 2),
        )
        ink.paste(_INK, at, seal.point([round(v * (0.55 + 0.4 * strength)) for v in range(256)]))
        page = ImageChops.multiply(page, ink)
    return page


def _seal(size: int, angle: float, chance: np.random.Generator) -> Image.Image:
    """The seal's ink as an L mask: ring, star, name along the ring, unevenly pressed."""
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((4, 4, size - 5, size - 5), outline=255, width=max(4, size // 40))
    middle, reach = size / 2, size * 0.17
    points = [
        (
            middle + (reach if n % 2 == 0 else reach * 0.4) * np.sin(n * np.pi / 5),
            middle - (reach if n % 2 == 0 else reach * 0.4) * np.cos(n * np.pi / 5),
        )
        for n in range(10)
    ]
    draw.polygon([(float(x), float(y)) for x, y in points], fill=255)
    name = "青山市信访工作联席会议办公室"
    face = font("sans", size // 10)
    for number, character in enumerate(name):
        turn = -120 + 240 * number / (len(name) - 1)
        glyph = Image.new("L", (size, size), 0)
        ImageDraw.Draw(glyph).text((middle, size * 0.075), character, 255, face, "ma")
        mask = ImageChops.lighter(mask, glyph.rotate(-turn, Image.Resampling.BICUBIC))
    mask = mask.rotate(angle, Image.Resampling.BICUBIC)
    coarse = chance.uniform(0.65, 1.0, (12, 12)) * 255
    pressed = Image.fromarray(coarse.astype(np.uint8)).resize(
        (size, size), Image.Resampling.BICUBIC
    )
    return ImageChops.multiply(mask, pressed)


def _show_through(page: Image.Image, strength: float, _: np.random.Generator) -> Image.Image:
    """The other side's print, mirrored, as grey as 90 of 255."""
    other = page.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    other = ImageChops.offset(other, 23, 37).filter(ImageFilter.GaussianBlur(1.5))
    faint = other.point([round(255 - (255 - v) * 0.35 * strength) for v in range(256)])
    return ImageChops.multiply(page, faint.convert("RGB"))


def _folds(page: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Creases across the sheet at the thirds: a dark line with a soft shade beside it."""
    pixels = np.asarray(page, np.float32)
    rows = np.arange(pixels.shape[0], dtype=np.float32)
    shade = np.ones(pixels.shape[0], np.float32)
    for part in (1 / 3, 2 / 3):
        at = pixels.shape[0] * (part + float(chance.uniform(-0.02, 0.02)))
        shade -= 0.45 * strength * np.exp(-(((rows - at) / 2) ** 2))
        shade -= 0.18 * strength * np.exp(-(((rows - at) / 40) ** 2)) * (rows > at)
    return _image(pixels * shade[:, None, None])


def _quarter_turn(page: Image.Image, _: float, chance: np.random.Generator) -> Image.Image:
    ways = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    return page.transpose(ways[int(chance.integers(3))])


def _perspective(
    seen: list[tuple[float, float]], sheet: list[tuple[int, int]]
) -> tuple[float, ...]:
    """Pillow's eight coefficients: where on the sheet each seen point comes from."""
    rows: list[list[float]] = []
    wanted: list[float] = []
    for (x, y), (u, v) in zip(seen, sheet, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        wanted.extend((u, v))
    return tuple(float(c) for c in np.linalg.solve(np.array(rows), np.array(wanted)))


def _image(pixels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


_FAULTS: Mapping[Fault, Callable[[Image.Image, float, np.random.Generator], Image.Image]] = {
    Fault.SKEW: _skew,
    Fault.SPECKS: _specks,
    Fault.GRAIN: _grain,
    Fault.BLUR: _blur,
    Fault.JPEG: _jpeg,
    Fault.FAX: _fax,
    Fault.PHOTO: _photo,
    Fault.STAMP: _stamp,
    Fault.SHOW_THROUGH: _show_through,
    Fault.FOLDS: _folds,
    Fault.QUARTER_TURN: _quarter_turn,
}
