"""Writing and reading records: letters a second of CPU time, milliseconds for a page of hits.

    python -m bench.registers [COUNT]

Letters are recombined (`bench.corpus`); each has a person with identity number, phone and address,
about half have a reply.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.corpus import recombined
from records import audit, petitions
from records.database import Database, open_home
from records.home import Home
from records.petitions import NewPetition, NewReply
from records.redaction import redacted

COUNT = 4_000
BATCH = 500
HITS = 10


def run(count: int = COUNT) -> dict[str, float]:
    """Rates per CPU second and CPU milliseconds, on SQLite in a new home."""
    entries = [_entry(record) for record in recombined(count)]
    start = time.process_time()
    entries = [redacted(entry) for entry in entries]
    figures = {"redacted_per_second": count / (time.process_time() - start)}
    with tempfile.TemporaryDirectory() as folder:
        database = open_home(Home(Path(folder)))
        try:
            return figures | _figures(database, entries)
        finally:
            database.close()


def _figures(database: Database, entries: list[NewPetition]) -> dict[str, float]:
    ids: list[str] = []
    start = time.process_time()
    for begin in range(0, len(entries), BATCH):
        with database.write() as session:
            added = petitions.add_many(session, entries[begin : begin + BATCH])
        ids += [one.id for one in added]
    written = time.process_time() - start
    start = time.process_time()
    with database.write() as session:
        petitions.add_many(session, entries)
    known = time.process_time() - start
    start = time.process_time()
    with database.read() as session:
        petitions.pending(session, len(ids))
    pending = time.process_time() - start
    pages = [ids[begin : begin + HITS] for begin in range(0, 200 * HITS, HITS)]
    start = time.process_time()
    with database.read() as session:
        for page in pages:
            petitions.read(session, page)
    page_ms = (time.process_time() - start) * 1000 / len(pages)
    start = time.process_time()
    for _ in range(100):
        with database.write(lasting=False) as session:
            audit.write(session, "bench", "search", details={"total": 1}, query="夜间施工")
    return {
        "written_per_second": len(entries) / written,
        "known_again_per_second": len(entries) / known,
        "read_pending_per_second": len(entries) / pending,
        "read_ten_hits_ms": page_ms,
        "audit_entry_ms": (time.process_time() - start) * 1000 / 100,
    }


def _entry(record: dict[str, Any]) -> NewPetition:
    number = int(record["id"][1:])
    reply = record.get("reply")
    return NewPetition(
        subject=record["subject"],
        text=record["text"],
        external_id=record["id"],
        source="bench",
        petitioner=record["petitioner"],
        name="张某某",
        id_no=f"1101011990{number:08d}",
        phone=f"138{number:08d}",
        address=f"某路{number}号",
        submitted_at=datetime.fromisoformat(record["submitted_at"]),
        category=record["category"],
        channel=record["channel"],
        level=record["level"],
        replies=(NewReply(reply),) if reply else (),
    )


def main() -> None:
    for name, figure in run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT).items():
        print(f"{name:26}{figure:12.2f}")


if __name__ == "__main__":
    main()
