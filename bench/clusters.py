"""Hot matters: how well letters of one matter are grouped, and how long that takes.

    python -m bench clusters

Grouping is measured on the published letters against the judged matters, beside what the words'
tf-idf joins above a fixed likeness; speed on recombined letters in a real office's database: a
first run over all, a run after 100 letters more, and the first and second look at the page.
`PETITIONS_BENCH_LETTERS`: how many letters, with commas (10000 unless told).
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.corpus import recombined
from bench.duplicates.baselines import WordVectors
from bench.duplicates.figures import Averages, b_cubed
from bench.duplicates.figures import clusters as joined
from bench.duplicates.letters import letters, matters
from records.database import Database, open_home
from records.home import Home
from records.petitions import NewPetition, add_many
from records.times import now
from search.duplicates.clusters import Link, Node, clusters
from search.duplicates.contents import Keys, Rest, content_of
from search.duplicates.groups import Groups
from search.duplicates.hot import hot_matters
from search.duplicates.linking import bring_links_up_to_date
from search.duplicates.links import candidates, linked
from search.scopes import shell_scope

PROCESSES = 2
MORE = 100
_FIXED = 0.3  # likeness from which the baseline joins two letters


def main() -> None:
    """All figures."""
    _grouping()
    for count in os.environ.get("PETITIONS_BENCH_LETTERS", "10000").split(","):
        _speed(int(count))


def _grouping() -> None:
    try:
        archive = letters()
    except FileNotFoundError:
        print("the published letters are not on this machine: no judged matters to group")
        return
    true = {id_: name for name, ids in matters().items() for id_ in ids}
    ids = sorted(archive, key=lambda id_: (archive[id_].day, id_))
    began = time.process_time()
    made = [content_of(archive[id_].subject, archive[id_].text) for id_ in ids]
    keys, rest = Keys.of([one.keys for one in made]), Rest.of([one.rest for one in made])
    links = []
    for _, pairs in candidates(keys, np.arange(len(ids))):
        kept, odds = linked(rest, pairs)
        links += [
            Link(*one)
            for one in zip(kept.one.tolist(), kept.other.tolist(), odds.tolist(), strict=True)
        ]
    days = [datetime.fromisoformat(archive[id_].day).toordinal() for id_ in ids]
    given = {id_: -1 - at for at, id_ in enumerate(ids)}
    for number, group in enumerate(clusters([Node(1, day, day) for day in days], links)):
        given |= {ids[node]: number for node in group.nodes}
    _told(f"clusters, {time.process_time() - began:.1f} CPU s", b_cubed(given, true))
    teller = WordVectors(archive.values())
    pairs_told = [
        (id_, other)
        for id_ in true
        for other, _, likeness in teller(archive[id_])
        if likeness >= _FIXED
    ]
    _told(f"tf-idf joined from {_FIXED}", b_cubed(joined(set(archive), pairs_told), true))


def _told(name: str, found: Averages) -> None:
    print(f"{name:32}B³ P {found.precision:.3f}  R {found.recall:.3f}  F1 {found.f1:.3f}")


def _speed(count: int) -> None:
    with TemporaryDirectory() as folder:
        database = open_home(Home(Path(folder)))
        entries = (_entry(one) for one in recombined(count + MORE))
        _fill(database, entries, count)
        _run(database, f"{count:,} letters, first run")
        _fill(database, entries, MORE)
        _run(database, f"{MORE} more")
        groups, scope = Groups(), shell_scope()
        for name in ("first look", "second look"):
            began = time.perf_counter()
            with database.read() as session:
                found = hot_matters(session, scope, groups, now())
            print(f"{name:32}{time.perf_counter() - began:.2f} s, {len(found):,} matters")
        database.close()
        size = (Path(folder) / "petitions.db").stat().st_size
        print(f"database {size / 2**20:,.0f} MiB, peak memory {_peak():,.0f} MiB")


def _run(database: Database, name: str) -> None:
    began, used = time.perf_counter(), _cpu()
    report = bring_links_up_to_date(database, processes=PROCESSES)
    print(
        f"{name:32}{time.perf_counter() - began:.1f} s, {_cpu() - used:.1f} CPU s, "
        f"{report.links:,} links, peak memory {_peak():,.0f} MiB",
        flush=True,
    )


def _cpu() -> float:
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _entry(record: dict[str, object]) -> NewPetition:
    return NewPetition(
        subject=str(record["subject"]),
        text=str(record["text"]),
        source="bench",
        external_id=str(record["id"]),
        petitioner=str(record["petitioner"]),
        received_at=datetime.fromisoformat(str(record["submitted_at"])),
    )


def _fill(database: Database, entries: Iterator[NewPetition], count: int) -> None:
    waiting = islice(entries, count)
    while part := list(islice(waiting, 1000)):
        with database.write() as session:
            add_many(session, part)
