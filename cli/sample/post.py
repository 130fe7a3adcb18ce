"""What the invented office has in its hands: an older system's export, and a folder of post."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.sample.files import LETTERS_IN_A_ROUND, write_files, write_reply
from cli.sample.letters import letters
from cli.sample.paper import MANIFEST_COLUMNS, SampleFile, manifest_row
from cli.sample.petition import SampleLetter, import_record
from cli.sample.scans import KINDS, Assigned, assign, write_scans

MANIFEST = "manifest.csv"
EXPORT = "letters.jsonl"
POST = "post"
_ON_PAPER = {"letter", "visit", "forwarded"}
_CHOICE = 12  # more letters than scans, so that every kind of scan finds one that suits it
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class SampleOffice:
    """`exported`: letters of the older system. `scanned` and `filed`: those that are on paper or
    on disk; `filed` has LETTERS_IN_A_ROUND."""

    exported: tuple[SampleLetter, ...]
    scanned: tuple[Assigned, ...]
    filed: tuple[SampleLetter, ...]


def sample_office(count: int, scans: int = len(KINDS), seed: int = 1) -> SampleOffice:
    """An office of at least `count` letters, as many of them scanned as asked for.

    Post and files come first: with few letters there are more than `count`. Raises ValueError for
    more scans than there are kinds of.
    """
    if scans > len(KINDS):
        raise ValueError(f"{scans} scans: there are {len(KINDS)} kinds; ask for at most so many")
    wanted = scans + LETTERS_IN_A_ROUND + _CHOICE
    paper: list[SampleLetter] = []
    others: list[SampleLetter] = []
    for letter in letters(_MOST, seed):
        if len(paper) == wanted and len(paper) + len(others) >= count:
            break
        if len(paper) < wanted and on_paper([letter]):
            paper.append(letter)
        else:
            others.append(letter)
    filed = tuple(one for one in paper if one.level == "open" and not one.sealed)
    filed = filed[-LETTERS_IN_A_ROUND:]
    taken = {one.number for one in filed}
    rest = [one for one in paper if one.number not in taken]
    scanned = tuple(assign(rest, scans))
    taken |= {letter.number for _, letter in scanned}
    room = max(count - len(taken), 0)
    spare = [one for one in (*others, *rest) if one.number not in taken]
    spare.sort(key=lambda one: one.number[-6:])
    return SampleOffice(tuple(spare[:room]), scanned, filed)


def on_paper(some: Iterable[SampleLetter]) -> list[SampleLetter]:
    """Those that could have come by post and repeat nothing."""
    return [one for one in some if one.channel in _ON_PAPER and one.repeat_of is None]


def write_export(office: SampleOffice, path: Path) -> None:
    """The export of the older system, one JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for letter in office.exported:
            file.write(json.dumps(import_record(letter), ensure_ascii=False) + "\n")


def write_post(office: SampleOffice, folder: Path) -> Iterator[SampleFile]:
    """Write scans, a round of files, the replies to them and at last the manifest.

    Told as each is written. Letters in the zip aren't in the manifest: an archive's members are
    told by what they say.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[SampleFile] = []
    for file in write_scans(office.scanned, folder):
        written.append(file)
        yield file
    for file in write_files(office.filed, folder):
        written.append(file)
        yield file
    listed = [file for file in written if "/" not in file.name]
    replies = [write_reply(file.letter, file, folder) for file in listed if file.letter.reply]
    yield from replies
    _write_manifest([*listed, *replies], folder / MANIFEST)


def _write_manifest(files: Sequence[SampleFile], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as manifest:
        writer = csv.DictWriter(manifest, MANIFEST_COLUMNS)
        writer.writeheader()
        writer.writerows(manifest_row(file) for file in files)
