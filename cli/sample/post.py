"""The post of the invented office: a folder of scans and files, with the clerk's manifest."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cli.sample.files import LETTERS_IN_A_ROUND, write_files, write_reply
from cli.sample.paper import MANIFEST_COLUMNS, SampleFile, manifest_row
from cli.sample.petition import SampleLetter
from cli.sample.scans import KINDS, write_scans

MANIFEST = "manifest.csv"
_ON_PAPER = {"letter", "visit", "forwarded"}


def on_paper(letters: Iterable[SampleLetter]) -> list[SampleLetter]:
    """Those that could have come by post and repeat nothing."""
    return [one for one in letters if one.channel in _ON_PAPER and one.repeat_of is None]


def write_post(
    letters: Sequence[SampleLetter], folder: Path, *, scans: int = len(KINDS)
) -> Iterator[SampleFile]:
    """Write scans, a round of files, the replies to them and the manifest; told as written.

    Letters in the zip aren't in the manifest: an archive's members are told by what they say.
    Raises ValueError where the letters are too few.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = [one for one in letters if one.level == "open" and not one.sealed]
    if len(plain) < LETTERS_IN_A_ROUND:
        raise ValueError("too few letters on paper for a round of files; make more letters")
    rest = plain[-LETTERS_IN_A_ROUND:]
    taken = {one.number for one in rest}
    written: list[SampleFile] = []
    for file in write_scans([one for one in letters if one.number not in taken], folder, scans):
        written.append(file)
        yield file
    for file in write_files(rest, folder):
        written.append(file)
        yield file
    listed = [file for file in written if "/" not in file.name]
    replies = [write_reply(file.letter, file, folder) for file in listed if file.letter.reply]
    yield from replies
    with (folder / MANIFEST).open("w", encoding="utf-8-sig", newline="") as manifest:
        writer = csv.DictWriter(manifest, MANIFEST_COLUMNS)
        writer.writeheader()
        writer.writerows(manifest_row(file) for file in (*listed, *replies))
