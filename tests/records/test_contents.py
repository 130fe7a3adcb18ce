"""Contents of letters and the links between them, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import event

from records import contents
from records.contents import ContentLink, NewContent, Redacted
from records.database import Database
from records.petitions import add


def test_two_at_once_make_links_new_for_everybody(database: Database, petition) -> None:
    """The row that tells it is written by both, before there was one and after."""
    with database.write() as session:
        letters = [Redacted(add(session, petition(text)).id, 1, text, text) for text in "一二三"]
        held = [(letter, f"{at:032}") for at, letter in enumerate(letters)]
        made = [NewContent(digest, b"1", b"2") for _, digest in held]
        contents.put(session, made, "1", held)
    started = Barrier(2)

    def linked(other: int) -> None:
        started.wait()
        with database.write() as session:
            contents.link(session, [1, other], [ContentLink(1, other, 0.5)])

    def version() -> str | None:
        with database.read() as session:
            return contents.version_of_links(session)

    versions = [version()]
    for _ in range(2):
        with ThreadPoolExecutor(2) as two:
            list(two.map(linked, (2, 3)))
        versions.append(version())
    assert versions[0] is None
    assert len(set(versions)) == 3
    with database.read() as session:
        assert contents.counts(session) == (3, 2)


def test_letters_are_written_in_the_order_in_which_the_indexer_locks_them(
    database: Database, petition
) -> None:
    """Else the two wait for each other: they write the same letters after an import."""
    written: list[str] = []

    def listen(*given: Any) -> None:
        if given[2].startswith("UPDATE petitions"):
            rows = given[3] if given[5] else [given[3]]
            written.extend(id_ for row in rows for id_ in _values(row) if id_ in ids)

    with database.write() as session:
        ids = sorted(add(session, petition(text)).id for text in "一二三四五")
        held = [(Redacted(id_, 1, "", ""), "0" * 32) for id_ in reversed(ids)]
        event.listen(session.connection, "before_cursor_execute", listen)
        contents.put(session, [NewContent("0" * 32, b"1", b"2")], "1", held)
        event.remove(session.connection, "before_cursor_execute", listen)
    assert written == ids


def _values(row: Any) -> list[Any]:
    return list(row.values() if isinstance(row, dict) else row)
