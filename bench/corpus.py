"""Letters by the hundred thousand for measurements, recombined from sentences of given letters.

Sentence lengths, words and their frequencies stay those of the source; what is measured on them
(speed, size, memory) carries over, what is judged (ranking, duplicates) does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from cli.sample.chance import chance
from cli.sample.letters import letters
from cli.sample.petition import NOW, import_record
from cli.sample.places import REGIONS
from records.categories import all_categories

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real petitions lie here on machines that have them; they are never part of this project."""

_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?\n]?")
_GENERATED = 1500
_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Sentences:
    """What a source is made of: opening and other sentences, subjects, sentences per letter."""

    openings: tuple[str, ...]
    others: tuple[str, ...]
    subjects: tuple[str, ...]
    lengths: tuple[int, ...]
    replies: tuple[str, ...]


def source_letters(folder: Path = SHARED) -> list[dict[str, Any]]:
    """The shared letters where this machine has them, else generated ones."""
    found = [
        json.loads(line)
        for name in ("petitions.jsonl", "petitions_with_replies.jsonl")
        if (folder / name).exists()
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    return found or [dict(import_record(letter)) for letter in letters(_GENERATED)]


def sentences(source: Sequence[Mapping[str, Any]]) -> Sentences:
    """Take letters apart. Raises ValueError where there is no text."""
    openings: list[str] = []
    others: list[str] = []
    lengths: list[int] = []
    for letter in source:
        parts = _SENTENCE.findall(str(letter["text"]).strip())
        if parts:
            openings.append(parts[0])
            others += parts[1:]
            lengths.append(len(parts))
    if not others:
        raise ValueError("the source letters have no text to recombine")
    return Sentences(
        tuple(openings),
        tuple(others),
        tuple(str(letter["subject"]) for letter in source if letter.get("subject")),
        tuple(lengths),
        tuple(str(letter["reply"]) for letter in source if letter.get("reply")),
    )


def recombined(
    count: int, seed: int = 1, source: Sequence[Mapping[str, Any]] | None = None
) -> Iterator[dict[str, Any]]:
    """`count` letters as records of `petitions import`; the same for the same seed and source.

    A larger count begins with the same letters. About half have a reply.
    """
    parts = sentences(source_letters() if source is None else source)
    categories = [one.code for one in all_categories() if one.level == 3]
    regions = [region.code for region in REGIONS if len(region.code) == 9]
    for index in range(count):
        yield _recombine(chance("recombined", seed, index), index, parts, categories, regions)


def _recombine(
    draw: Random,
    index: int,
    parts: Sentences,
    categories: Sequence[str],
    regions: Sequence[str],
) -> dict[str, Any]:
    length = draw.choice(parts.lengths)
    body = draw.choices(parts.others, k=length - 1)
    received = NOW - timedelta(minutes=draw.randrange(_DAYS * 1440))
    record: dict[str, Any] = {
        "id": f"R{index:08d}",
        "petitioner": f"P{draw.randrange(1_000_000):06d}",
        "subject": draw.choice(parts.subjects),
        "text": draw.choice(parts.openings) + "".join(body),
        "submitted_at": received.isoformat(timespec="seconds"),
        "category": draw.choice(categories),
        "region": draw.choice(regions),
        "channel": draw.choices(("web", "letter", "call", "visit"), (5, 3, 1, 1))[0],
        "level": draw.choices(("open", "restricted", "secret"), (90, 8, 2))[0],
        "status": "HANDLING",
    }
    if parts.replies and draw.random() < 0.5:
        record |= _answer(draw, parts, received)
    return record


def _answer(draw: Random, parts: Sentences, received: datetime) -> dict[str, Any]:
    """A reply that mixes two, so that it's as long as replies are and none is there twice."""
    one, other = draw.choice(parts.replies), draw.choice(parts.replies)
    replied = received + timedelta(days=draw.randint(2, 60))
    return {
        "reply": one[: len(one) // 2] + other[len(other) // 2 :],
        "replied_at": replied.isoformat(timespec="seconds"),
        "status": "CLOSED",
    }
