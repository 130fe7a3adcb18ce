"""Reading pages: errors, CPU seconds and memory, against RapidOCR as it comes and Tesseract.

    python -m bench.ocr [PAGES_A_LEVEL]

Pages are letters set in every font that this machine has (one in six Traditional), degraded by
`cli.sample.degrade`; letters are the shared ones where they lie, else generated. The error is edit
distance over the length of what was printed, white space left out; "folded" counts full-width and
half-width forms of a sign as the same. Each reader runs in a process of its own, on one thread.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import opencc
from PIL import Image

from bench.corpus import source_letters
from cli.sample.degrade import Level, degrade
from cli.sample.pages import LetterText, PageStyle, fonts, render
from ingest.ocr import EngineMissing, PageImage, open_ocr

PAGES = 4
READERS = ("rapid", "tesseract", "rapidocr as it comes")
# Simplified only.
_NO_TRADITIONAL = frozenset(("song",))


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of characters wrong; CPU seconds a page; peak memory of the process in MiB."""

    error: float
    folded: float
    seconds: float
    memory: float


def main(pages: int = PAGES) -> None:
    figures = run(pages)
    ours = {level: figures["rapid", level] for level in Level}
    print(f"{pages} pages a level; ratio = that reader's / ours")
    for (reader, level), found in figures.items():
        mine = ours[level]
        print(
            f"{reader:22}{level:10} error {found.error:7.2%} (folded {found.folded:.2%},"
            f" ratio {found.error / max(mine.error, 1e-4):5.1f})  {found.seconds:5.2f} CPU s a page"
            f" (ratio {found.seconds / mine.seconds:.2f})  {found.memory:4.0f} MiB"
        )


def run(pages: int) -> dict[tuple[str, Level], Figures]:
    """Figures of each reader that is installed, by level."""
    found: dict[tuple[str, Level], Figures] = {}
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        # Pages are made here, so that the readers' memory is their own.
        printed = {level: _print(Path(folder), level, pages) for level in Level}
        for reader in READERS:
            with context.Pool(1) as pool:
                try:
                    results = pool.apply(_measure, (reader, printed))
                except EngineMissing as error:
                    print(f"{reader}: {error}; {error.remedy}", file=sys.stderr)
                    continue
            found.update({(reader, level): figures for level, figures in results.items()})
    return found


def distance(printed: str, read: str) -> int:
    """Edit distance, by Hyyrö's bit vectors (2003): one step a character of `read`."""
    if not printed:
        return len(read)
    places: dict[str, int] = {}
    for number, character in enumerate(printed):
        places[character] = places.get(character, 0) | 1 << number
    full, last = (1 << len(printed)) - 1, 1 << (len(printed) - 1)
    plus, minus, score = full, 0, len(printed)
    for character in read:
        equal = places.get(character, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        rise, fall = minus | (~(horizontal | plus) & full), plus & horizontal
        score += bool(rise & last) - bool(fall & last)
        rise, fall = (rise << 1 | 1) & full, (fall << 1) & full
        plus, minus = fall | (~(vertical | rise) & full), rise & vertical
    return score


def _measure(
    reader: str, printed: Mapping[Level, Sequence[tuple[str, Path]]]
) -> dict[Level, Figures]:
    read = _rapidocr() if reader == READERS[2] else _ours(reader)
    found: dict[Level, Figures] = {}
    for level, pages in printed.items():
        errors, folded, seconds = [], [], []
        for text, path in pages:
            picture = Image.open(path).convert("RGB")
            before = _cpu()
            answer = _plain(read(picture))
            seconds.append(_cpu() - before)
            errors.append(distance(_plain(text), answer) / len(_plain(text)))
            whole = _plain(unicodedata.normalize("NFKC", text))
            folded.append(distance(whole, unicodedata.normalize("NFKC", answer)) / len(whole))
        memory = max(resource.getrusage(who).ru_maxrss for who in _WHO) / 1024
        error, other, spent = (float(np.mean(each)) for each in (errors, folded, seconds))
        found[level] = Figures(error, other, spent, memory)
    return found


def _print(folder: Path, level: Level, count: int) -> list[tuple[str, Path]]:
    """Pages as PNG files, each with the text that stands on it."""
    made: list[tuple[str, Path]] = []
    letters = [row for row in source_letters() if 150 < len(str(row["text"])) < 900]
    traditional = opencc.OpenCC("s2t").convert
    for number in range(count):
        draw = Random(f"{level} {number}")
        row = draw.choice(letters)
        families = fonts()
        turn: Callable[[str], str] = str
        if number % 6 == 5:
            turn = traditional
            families = tuple(family for family in families if family not in _NO_TRADITIONAL)
        letter = LetterText(
            turn(str(row["subject"]).strip()),
            turn("尊敬的领导："),
            tuple(turn(part.strip()) for part in str(row["text"]).split("\n") if part.strip()),
            (f"电话：13{draw.randrange(10**9):09d}", f"2019年{draw.randint(1, 12)}月3日"),
        )
        size, leading = draw.choice((10.5, 12, 14, 16)), draw.choice((1.5, 1.7, 2.0))
        page = render(letter, PageStyle(families[number % len(families)], size, leading))[0]
        path = folder / f"{level}-{number}.png"
        degrade(page.image, level, number * 31 + 5).save(path, compress_level=1)
        made.append((page.text, path))
    return made


def _ours(name: str) -> Callable[[Image.Image], str]:
    engine = open_ocr(name)

    def read(picture: Image.Image) -> str:
        return "".join(line.text for line in engine.read(PageImage(np.asarray(picture))).lines)

    return read


def _rapidocr() -> Callable[[Image.Image], str]:
    from rapidocr import RapidOCR

    engine: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(picture: Image.Image) -> str:
        with io.BytesIO() as file:
            picture.save(file, "PNG")
            return "".join(engine(file.getvalue()).txts or ())

    return read


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _plain(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
