"""Lines of an export that are JSON, but that nothing could keep or show again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ingest.imports import import_file
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker

    from search.bootstrap import Archive

HALF = "灯\ud800"


@pytest.mark.parametrize(
    ("odd", "cause"),
    [
        *(
            (json.dumps({"id": "9", "text": "路灯"} | {field: HALF}), "half of a character")
            for field in ("id", "region", "name", "petitioner", "unheard_of")
        ),
        ('{"id": "9", "text": "灯", "odd": ' + "[" * 300 + "]" * 300 + "}", "deep in each other"),
    ],
    ids=("id", "region", "name", "petitioner", "unknown field", "deep"),
)
def test_they_are_named_and_the_others_go_on(
    archive: Archive, make: Maker, odd: str, cause: str
) -> None:
    lines = [json.dumps({"id": id_, "text": "路灯不亮"}) for id_ in ("1", "2")]
    path = make("old.jsonl", "\n".join([lines[0], odd, lines[1]]))
    report = import_file(archive.database, path, Settings())
    assert report.created == 2
    (failure,) = report.failures
    assert (failure.line, failure.code) == (2, "bad_line")
    assert cause in failure.cause
    assert failure.item == ("灯?" if '"id": "\\u706f' in odd else "9")


@pytest.mark.parametrize(
    "spelled",
    [
        b'{"id": "9", "text": "\\uD83D"}',
        '{"id": "9", "text": "\ud83d"}'.encode(errors="surrogatepass"),
        '{"id": "9", "text": "\\ud83d"}'.encode("utf-16-be"),
        '{"id": "9", "text": "路灯\\ud83d"}'.encode("gb18030"),
    ],
    ids=("escaped", "as it is", "in UTF-16", "in GB18030"),
)
def test_half_of_a_character_is_found_however_it_is_spelled(
    archive: Archive, make: Maker, spelled: bytes
) -> None:
    path = make("old.jsonl", spelled)
    (failure,) = import_file(archive.database, path, Settings()).failures
    assert "half of a character" in failure.cause
