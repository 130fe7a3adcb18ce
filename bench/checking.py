"""One letter checked for repeats against an archive of recombined ones: milliseconds and memory.

    python -m bench.checking [COUNT …] [--keep FOLDER]

The office is filled by `petitions import`; with `--keep` it stays, and is used again. Half of the
letters asked about are changed copies of letters of the archive (`bench.duplicates.perturb`), half
are new, made of the same sentences; half of the people are known to the archive. They are asked
with the operator's rights (every level and edition) and with those of a clerk of one district, in
turns with the baseline: plain Tantivy's question for more like this (BM25 over words, ten ids, one
index that everybody sees), with the words cut by `analyzers.segment` on both sides.

What grows with the archive is the engine's question, which is told apart. Memory is what the maps
of the process hold (PSS), those of the baseline's index left out, before the first check and after
the last.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import tantivy

from analyzers.fold import fold_text
from analyzers.segment import words
from bench.corpus import recombined
from bench.duplicates import perturb
from bench.duplicates.letters import Letter
from bench.duplicates.ours import UNLIMITED
from bench.importing import petitions
from cli.sample.chance import chance
from cli.sample.people import full_name
from cli.sample.places import REGIONS
from records.database import open_home
from records.home import Home
from records.users import NewUser, add_user
from search.access import Scope, restrict
from search.bootstrap import Archive, open_archive
from search.duplicates.answers import LetterAsked, Petitioner
from search.duplicates.finding import CANDIDATES
from search.duplicates.words import key_words
from search.engine import Sort
from search.engines.tantivy import TantivyEngine
from search.scopes import scope_of, shell_scope

COUNTS = (100_000,)
QUESTIONS = 300
WARM_UP = 30
CLERK = tuple(one.code for one in REGIONS if one.parent == "990101")
"""The regions of the clerk: a sixth of the office."""

# The stub leaves the schema out.
_more_like_this: Any = tantivy.Query.more_like_this_document_fields_query
_UNKNOWN_PEOPLE = 1 << 40
_MAP = re.compile(r"[0-9a-f]+-[0-9a-f]+ (?:\S+ ){4}\s*(.*)")


def archived(count: int) -> Iterator[dict[str, Any]]:
    """The letters of an office, as records of `petitions import`; about two of each person."""
    for at, record in enumerate(recombined(count)):
        person = _person(chance("writes", at).randrange(max(1, count // 2)))
        yield record | {"name": person.name, "phone": person.phone}


def asked(count: int, questions: int = QUESTIONS) -> list[LetterAsked]:
    """Letters to be checked against an office of so many; the same for the same count."""
    draw = Random(f"asked {count}")
    kinds = list(perturb.AGAIN.values())
    known = _some(count, {draw.randrange(count) for _ in range(questions)}, draw)
    new = islice(recombined(questions, seed=2), questions)
    made: list[LetterAsked] = []
    for at in range(questions):
        record = next(known) if at % 2 else next(new)
        letter = Letter("", "", "", str(record["subject"]), str(record["text"]))
        if at % 2:
            letter = kinds[at // 2 % len(kinds)](letter, draw)
        unknown = _UNKNOWN_PEOPLE if at % 4 < 2 else 0
        received = datetime.fromisoformat(str(record["submitted_at"]))
        person = _person(unknown + draw.randrange(max(1, count // 2)))
        made.append(LetterAsked(letter.subject, letter.text, (person,), received_at=received))
    return made


def _some(count: int, places: set[int], draw: Random) -> Iterator[dict[str, Any]]:
    found = [record for at, record in enumerate(recombined(count)) if at in places]
    while True:
        yield draw.choice(found)


def _person(number: int) -> Petitioner:
    draw = chance("person", number)
    name = full_name(draw, woman=draw.random() < 0.5)
    return Petitioner(name=name, phone=f"154{draw.randrange(10**8):08d}")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: by the clock and of the processor."""

    wall: list[float]
    cpu: list[float]

    def told(self, name: str) -> dict[str, float]:
        cuts = statistics.quantiles(self.wall, n=100)
        return {
            f"{name}_p50_ms": statistics.median(self.wall),
            f"{name}_p95_ms": cuts[94],
            f"{name}_p99_ms": cuts[98],
            f"{name}_cpu_ms": statistics.fmean(self.cpu),
            f"{name}_cpu_p95_ms": statistics.quantiles(self.cpu, n=100)[94],
        }


Ask = Callable[[LetterAsked], object]


def in_turns(asks: dict[str, Ask], letters: Sequence[LetterAsked]) -> dict[str, Times]:
    """Each letter asked of all, one after the other."""
    found = {name: Times([], []) for name in asks}
    for letter in letters:
        for name, ask in asks.items():
            wall, cpu = time.perf_counter(), time.process_time()
            ask(letter)
            found[name].cpu.append((time.process_time() - cpu) * 1000)
            found[name].wall.append((time.perf_counter() - wall) * 1000)
    return found


@contextmanager
def office(folder: Path, count: int) -> Iterator[tuple[Archive, Scope]]:
    """An office of so many letters, made where it isn't there yet; and a clerk's rights."""
    home, file = folder / f"office-{count}", folder / f"letters-{count}.jsonl"
    filled = home / "filled"
    if not filled.exists():
        with file.open("w", encoding="utf-8") as lines:
            for record in archived(count):
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        subprocess.run(petitions(home, "import", str(file)), check=True, capture_output=True)
        filled.touch()
    database = open_home(Home(home))
    with database.write() as session:
        new = NewUser(f"clerk{secrets.token_hex(4)}", "clerk", secrets.token_urlsafe(16), CLERK)
        clerk = scope_of(add_user(session, new).user)
    database.close()
    archive = open_archive(Home(home))
    try:
        yield archive, clerk
    finally:
        archive.close()


class Plain:
    """The baseline."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder / f"plain-{count}"
        self.folder.mkdir(exist_ok=True)
        filled = folder / f"plain-{count}.filled"
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("words", tokenizer_name="blanks", index_option="freq")
        self._index = tantivy.Index(builder.build(), str(self.folder))
        blanks = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("blanks", blanks)
        if not filled.exists():
            self._fill(count)
            filled.touch()
        self._index.reload()

    def _fill(self, count: int) -> None:
        writer = self._index.writer(128_000_000, 1)
        writer.delete_all_documents()
        for record in recombined(count):
            document = tantivy.Document()
            document.add_text("id", str(record["id"]))
            document.add_text("words", _words(record["subject"], record["text"]))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def __call__(self, letter: LetterAsked) -> list[str]:
        alike: tantivy.Query = _more_like_this(
            self._index.schema,
            {"words": [_words(letter.subject, letter.text)]},
            min_doc_frequency=1,
            min_term_frequency=1,
        )
        searcher = self._index.searcher()
        return [str(searcher.doc(at)["id"][0]) for _, at in searcher.search(alike, 10).hits]


def _words(subject: object, text: object) -> str:
    return " ".join(words(fold_text(f"{subject}\n{text}")))


def memory(leave_out: Path) -> tuple[float, float]:
    """Megabytes that the maps of this process hold (PSS), but for those of one folder's files: all,
    and what no file holds. The rest is of files, which the system drops when it needs room."""
    held, own, counted = 0, 0, True
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if found := _MAP.match(line):
            counted = not found[1].startswith(str(leave_out))
        elif counted and line.startswith("Pss:"):
            held += int(line.split()[1])
        elif counted and line.startswith("Anonymous:"):
            own += int(line.split()[1])
    return held / 1024, own / 1024


def run(count: int, folder: Path) -> dict[str, float]:
    """Figures of an office of so many letters."""
    plain = Plain(folder, count)
    letters = asked(count, WARM_UP + QUESTIONS)
    with office(folder, count) as (archive, clerk):
        engine = TantivyEngine(archive.home.indexes)

        def check(scope: Scope) -> Ask:
            return lambda letter: archive.library.repeats.of_new(scope, letter, UNLIMITED)

        def question(letter: LetterAsked) -> object:
            like = restrict(key_words(letter.subject, letter.text).like, shell_scope())
            return engine.search(like, limit=CANDIDATES, offset=0, sort=Sort.RELEVANCE, facets=())

        asks: dict[str, Ask] = {
            "operator": check(shell_scope()),
            "clerk": check(clerk),
            "plain": plain,
        }
        before = memory(plain.folder)
        in_turns(asks, letters[:WARM_UP])
        warm = memory(plain.folder)
        times = in_turns(asks, letters[WARM_UP:])
        after = memory(plain.folder)
        alone = in_turns({"question": question}, letters)["question"]
        engine.close()
    told = {name: one.told(name) for name, one in {**times, "question": alone}.items()}
    return {
        "letters": count,
        **{key: value for one in told.values() for key, value in one.items()},
        "operator_cpu_to_plain": told["operator"]["operator_cpu_ms"]
        / told["plain"]["plain_cpu_ms"],
        "opened_mb": before[0],
        "growth_mb": after[0] - before[0],
        "growth_after_warm_up_mb": after[0] - warm[0],
        "growth_without_files_mb": after[1] - before[1],
    }


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.checking")
    options.add_argument("counts", nargs="*", type=int, metavar="COUNT")
    options.add_argument("--keep", type=Path, metavar="FOLDER")
    given, _ = options.parse_known_args(None if __name__ == "__main__" else [])
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for count in given.counts or COUNTS:
            for key, value in run(count, folder).items():
                print(f"{key:26} {value:10.1f}")
            print(f"{'load':26} {os.getloadavg()[0]:10.1f}", flush=True)


if __name__ == "__main__":
    main()
