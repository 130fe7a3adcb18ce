"""Reading pages: errors, CPU seconds and memory, against RapidOCR as it comes and Tesseract.

    python -m bench.ocr [PAGES_A_LEVEL] [PAGES_A_LENGTH]

Pages are letters set in every font that this machine has (one in six Traditional), degraded by
`cli.sample.degrade`; letters are the shared ones where they lie, else generated. Then, for us and
RapidOCR as it comes, how CPU seconds grow with the characters of a page. They also change with what
else the machine and its host do: what a core multiplies in a second is told with them. The error is
edit distance over the length of what was printed, white space left out; "folded" counts full-width
and half-width forms of a sign as the same. Each reader runs in a process of its own, on one thread.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
import opencc
from PIL import Image

from bench.corpus import source_letters
from cli.sample.degrade import Level, degrade
from cli.sample.pages import LetterText, PageStyle, fonts, render
from ingest.ocr import EngineMissing, PageImage, open_ocr

PAGES = 4
PAGES_A_LENGTH = 2
LENGTHS = (250, 500, 750, 1000, 1250)
READERS = ("rapid", "tesseract", "rapidocr as it comes")
GROWING = (READERS[0], READERS[2])
Group: TypeAlias = tuple[Level, int | None]
"""Pages of one level; about so many characters on each, or whatever a letter has."""
# Simplified only.
_NO_TRADITIONAL = frozenset(("song",))


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of characters wrong; CPU seconds a page, in the mean and at worst; peak memory of the
    process in MiB."""

    error: float
    folded: float
    seconds: float
    worst: float
    memory: float


def main(pages: int = PAGES, pages_a_length: int = PAGES_A_LENGTH) -> None:
    _tell_speed()
    figures = run({(level, None): pages for level in Level}, READERS)
    print(f"{pages} pages a level; ratio = that reader's / ours")
    for (reader, (level, _)), found in figures.items():
        mine = figures["rapid", (level, None)]
        print(
            f"{reader:22}{level:10} error {found.error:7.2%} (folded {found.folded:.2%},"
            f" ratio {found.error / max(mine.error, 1e-4):5.1f})  {found.seconds:5.2f} CPU s a page"
            f" (ratio {found.seconds / mine.seconds:.2f})  {found.memory:4.0f} MiB"
        )
    tell_growth(pages_a_length)
    _tell_speed()


def tell_growth(pages_a_length: int) -> None:
    """How CPU seconds grow with the characters of a page."""
    grown = run({(level, length): pages_a_length for length in LENGTHS for level in Level}, GROWING)
    print(f"\n{pages_a_length} pages a length and level; ratio = RapidOCR as it comes / ours")
    for length in LENGTHS:
        print(f"{length:5} characters", end="")
        for level in Level:
            mine, other = (grown[reader, (level, length)] for reader in GROWING)
            print(
                f" | {level} {mine.seconds:.2f} CPU s (worst {mine.worst:.2f},"
                f" ratio {other.seconds / mine.seconds:.2f}), error {mine.error:.2%}",
                end="",
            )
        print()


def run(groups: Mapping[Group, int], readers: Sequence[str]) -> dict[tuple[str, Group], Figures]:
    """Figures of each reader that is installed, by group; so many pages of each."""
    found: dict[tuple[str, Group], Figures] = {}
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        # Pages are made here, so that the readers' memory is their own.
        printed = {group: _print(Path(folder), group, count) for group, count in groups.items()}
        for reader in readers:
            with context.Pool(1) as pool:
                try:
                    results = pool.apply(_measure, (reader, printed))
                except EngineMissing as error:
                    print(f"{reader}: {error}; {error.remedy}", file=sys.stderr)
                    continue
            found.update({(reader, group): figures for group, figures in results.items()})
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
    reader: str, printed: Mapping[Group, Sequence[tuple[str, Path]]]
) -> dict[Group, Figures]:
    read = _rapidocr() if reader == READERS[2] else _ours(reader)
    found: dict[Group, Figures] = {}
    for group, pages in printed.items():
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
        found[group] = Figures(error, other, spent, max(seconds), memory)
    return found


def _print(folder: Path, group: Group, count: int) -> list[tuple[str, Path]]:
    """Pages as PNG files, each with the text that stands on it."""
    level, length = group
    made: list[tuple[str, Path]] = []
    letters = [row for row in source_letters() if 150 < len(str(row["text"])) < 900]
    traditional = opencc.OpenCC("s2t").convert
    for number in range(count):
        draw = Random(f"{level} {number}" if length is None else f"{level} {length} {number}")
        row = draw.choice(letters)
        families = fonts()
        turn: Callable[[str], str] = str
        if number % 6 == 5:
            turn = traditional
            families = tuple(family for family in families if family not in _NO_TRADITIONAL)
        paragraphs = [part.strip() for part in str(row["text"]).split("\n") if part.strip()]
        if length is not None:
            paragraphs = _paragraphs(draw, letters, length)
        letter = LetterText(
            turn(str(row["subject"]).strip()),
            turn("尊敬的领导："),
            tuple(turn(part) for part in paragraphs),
            (f"电话：13{draw.randrange(10**9):09d}", f"2019年{draw.randint(1, 12)}月3日"),
        )
        size, leading = draw.choice((10.5, 12, 14, 16)), draw.choice((1.5, 1.7, 2.0))
        if length is not None:
            # What fits on one page.
            size, leading = (draw.choice((10.5, 12)), 1.5)
        page = render(letter, PageStyle(families[number % len(families)], size, leading))[0]
        path = folder / f"{level}-{length}-{number}.png"
        degrade(page.image, level, number * 31 + 5 + (length or 0)).save(path, compress_level=1)
        made.append((page.text, path))
    return made


def _paragraphs(draw: Random, letters: Sequence[Mapping[str, Any]], length: int) -> list[str]:
    """Paragraphs of so many letters that they have `length` characters."""
    taken: list[str] = []
    while length > 0:
        for part in str(draw.choice(letters)["text"]).split("\n"):
            if part.strip() and length > 0:
                taken.append(part.strip()[:length])
                length -= len(taken[-1])
    return taken


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


def _tell_speed() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(f"a core multiplies {pool.apply(_speed):.0f} GFLOPS")


def _speed() -> float:
    """10^9 operations of a product of matrices in a CPU second: what reading is made of."""
    side = 1000
    factor = np.random.default_rng(0).random((side, side), np.float32)
    factor @ factor
    before = _cpu()
    for _ in range(20):
        factor @ factor
    return 20 * 2 * side**3 / (_cpu() - before) / 1e9


def _plain(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
