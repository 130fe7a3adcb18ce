"""The whole office on the embedded engine, over the published petitions where they are at hand
(`../shared/data` beside the checkout), else over invented ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from analyzers.fold import fold_text
from records.home import Home
from records.petitions import NewPetition, NewReply, add_many, all_after, set_level
from search.access import Scope
from search.answers import FACETS, Filters, SearchRequest
from search.bootstrap import Archive, open_archive, open_library
from search.query import OFFICE_ZONE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("published")]

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "petitions.jsonl"
COUNTS = {"路": 1662, "A3区": 524}
"""How many letters of the published file hold these, subject and text taken together."""


@dataclass(frozen=True)
class Letter:
    id: str
    number: str
    texts: tuple[str, ...]  # folded

    def holds(self, word: str) -> bool:
        return any(fold_text(word) in text for text in self.texts)


@dataclass(frozen=True)
class Shelf:
    archive: Archive
    letters: tuple[Letter, ...]


def published() -> list[NewPetition]:
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    return [
        NewPetition(
            subject=row["subject"],
            text=row["text"],
            external_id=row["id"],
            source="published",
            received_at=datetime.fromisoformat(row["submitted_at"]).replace(tzinfo=OFFICE_ZONE),
        )
        for row in rows
    ]


@pytest.fixture(scope="module")
def shelf(
    tmp_path_factory: pytest.TempPathFactory, made_letters: Callable[..., list[NewPetition]]
) -> Iterator[Shelf]:
    from records.regions import add_region

    entries = published() if DATA.exists() else made_letters(400)
    archive = open_archive(Home(tmp_path_factory.mktemp("published")))
    with archive.database.write() as session:
        for code in sorted({entry.region for entry in entries if entry.region}):
            add_region(session, code, code)
        add_many(session, entries)
    assert archive.catch_up() == len(entries)
    with archive.database.read() as session:
        letters = tuple(
            Letter(
                one.id,
                one.external_id or "",
                tuple(
                    fold_text(text)
                    for text in (one.subject, one.text, *(reply.text for reply in one.replies))
                ),
            )
            for one in all_after(session, "", 10_000)
        )
    yield Shelf(archive, letters)
    archive.close()


def total(shelf: Shelf, scope: Scope, text: str) -> int:
    return shelf.archive.library.search(scope, SearchRequest(text, size=0)).total


@pytest.mark.parametrize("word", ["路", "A3区", "拆遷", "１２元", "施工", "，请", "房產證"])
def test_every_letter_that_holds_a_word_is_found(
    shelf: Shelf, everything: Scope, word: str
) -> None:
    expected = sum(letter.holds(word) for letter in shelf.letters)
    assert expected
    assert total(shelf, everything, f'"{word}"') == expected
    if DATA.exists() and word in COUNTS:
        assert expected == COUNTS[word]
        assert total(shelf, everything, word) == expected


def test_scripts_and_widths_are_one(shelf: Shelf, everything: Scope) -> None:
    for typed, same in (("拆遷", "拆迁"), ("１２元", "12元"), ("ａ３区", "A3区")):
        assert total(shelf, everything, typed) == total(shelf, everything, same) > 0


def test_operators_agree_with_brute_force(shelf: Shelf, everything: Scope) -> None:
    words = ("噪音", "施工", "路", "A3区", "补偿")
    for a in words:
        for b in words:
            if a == b:
                continue
            has = [(letter.holds(a), letter.holds(b)) for letter in shelf.letters]
            for typed, expected in (
                (f"{a} AND {b}", sum(x and y for x, y in has)),
                (f"{a} OR {b}", sum(x or y for x, y in has)),
                (f"{a} -{b}", sum(x and not y for x, y in has)),
                (f"-{a} －{b}", sum(not (x or y) for x, y in has)),
            ):
                assert total(shelf, everything, typed) == expected, typed


def test_any_part_of_a_letter_finds_it(shelf: Shelf, everything: Scope) -> None:
    dice = random.Random(11)
    for letter in dice.sample(shelf.letters, 150):
        text = dice.choice([text for text in letter.texts if text])
        start = dice.randrange(len(text))
        part = text[start : start + dice.randint(1, 20)].strip()
        if not part or set(part) & set('"“”「」『』'):
            continue
        assert total(shelf, everything, f'"{part}" no:{letter.number}') == 1, part


def test_an_answer_has_facets_and_passages(shelf: Shelf, everything: Scope) -> None:
    answer = shelf.archive.library.search(everything, SearchRequest("施工 噪音", facets=FACETS))
    assert len(answer.hits) == 10
    assert all(hit.subject_spans or any(p.spans for p in hit.passages) for hit in answer.hits)
    assert sum(value.count for value in answer.facets["year"]) == answer.total
    (level,) = answer.facets["level"]
    assert (level.value, level.label, level.count) == ("open", "公开", answer.total)
    assert 0 < answer.holding_all <= answer.total


def test_a_page_of_many_is_exact(shelf: Shelf, everything: Scope) -> None:
    year = shelf.archive.library.search(everything, SearchRequest(facets=("year",), size=0))
    for value in year.facets["year"]:
        request = SearchRequest(filters=Filters(year=(value.value,)), size=0)
        assert shelf.archive.library.search(everything, request).total == value.count


def test_an_office_is_opened_again_and_rebuilt(
    tmp_path: Path, everything: Scope, made_letters: Callable[..., list[NewPetition]]
) -> None:
    home = Home(tmp_path)
    archive = open_archive(home)
    with archive.database.write() as session:
        entries = [NewPetition(subject="路灯", text=f"第{n}盏") for n in range(30)]
        added = add_many(session, entries)
    told: list[tuple[int, int]] = []
    assert archive.catch_up(lambda done, of: told.append((done, of)), batch=20) == 30
    assert told == [(20, 30), (30, 30)]
    assert archive.library.search(everything, SearchRequest("路灯")).total == 30
    with archive.database.write() as session:
        set_level(session, added[0].id, "secret")
    assert archive.rebuild() == 30
    answer = archive.library.search(everything, SearchRequest("路灯", facets=("level",)))
    assert [(v.value, v.count) for v in answer.facets["level"]] == [("open", 29), ("secret", 1)]
    assert archive.library.ready()
    archive.close()
    again = open_library(home)
    assert again.search(everything, SearchRequest('"第7盏"')).total == 1
    again.close()


def test_indexes_of_other_rules_are_rebuilt(tmp_path: Path, everything: Scope) -> None:
    home = Home(tmp_path)
    archive = open_archive(home)
    with archive.database.write() as session:
        add_many(session, [NewPetition(subject="路灯", text="坏了", replies=(NewReply("已修"),))])
    archive.catch_up()
    archive.close()
    (made_by,) = home.indexes.glob("*/made_by.json")
    made_by.write_text('{"analyzers": "older"}', encoding="utf-8")
    archive = open_archive(home)
    assert not archive.library.ready()
    assert archive.catch_up() == 1
    assert archive.library.ready()
    assert archive.library.search(everything, SearchRequest('"路"')).total == 1
    archive.close()
