"""Every engine gives the reference's answers, bit for bit, on a whole office of letters.

All published petitions (`../shared/data` beside the checkout), else invented ones. Questions are
made from the letters as people type them, and at random; askers have different rights.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from analyzers.fold import fold_text
from analyzers.segment import words
from cli.sample.letters import letters as invented
from cli.sample.petition import import_record
from search.access import FieldRight, Scope
from search.engine import Document, Engine, Level, Sort
from search.engines.memory import MemoryEngine
from search.parse import parse
from search.query import And, Attribute, Is, Not, Or, Phrase, Query, Received

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("elasticsearch")]

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = ("petitions.jsonl", "petitions_with_replies.jsonl", "petitions_labelled.jsonl")
GENERATED, REAL = 2_000, 500
FACETS = ("region", "category", "status", "channel", "level", "year")
FULL = frozenset({FieldRight.FULL_TEXT})
HOUSING = frozenset({"0103"})
SCOPES = (
    Scope("li", frozenset({"ALL"}), Level.SECRET, FULL, FULL, reads=True),
    Scope("li", frozenset({"A"}), Level.RESTRICTED, reads=True),
    Scope("li", frozenset({"A1", "B"}), Level.OPEN, frozenset(), FULL, reads=True),
    Scope("wang", frozenset(), Level.SECRET, frozenset(), FULL, reads=True),
    Scope("wang", frozenset({"B"}), Level.SECRET, FULL, reads=True),
    Scope("nobody", frozenset({"ALL"}), Level.SECRET, FULL, FULL, reads=False),
    Scope("li", frozenset({"ALL"}), Level.SECRET, FULL, FULL, reads=True, categories=HOUSING),
    Scope("wang", frozenset({"A"}), own_fields=FULL, reads=True, categories=HOUSING),
)
REGIONS = (("ALL", "A"), ("ALL", "A", "A1"), ("ALL", "B"), ("ALL", "B", "B2"), ("ALL",))


def rows() -> list[dict[str, Any]]:
    found = [
        json.loads(line)
        for name in FILES
        if (DATA / name).exists()
        for line in (DATA / name).read_text(encoding="utf-8").splitlines()
    ]
    return found or [dict(import_record(letter)) for letter in invented(400)]


@pytest.fixture(scope="module")
def corpus(bench: Any) -> list[Document]:
    """Texts as they are; regions, levels, readers and statuses drawn, so that rights matter."""
    dice = random.Random(5)
    made = []
    for number, row in enumerate(rows()):
        region = dice.choice(REGIONS)
        sealed = dice.random() < 0.05
        readers = () if sealed else tuple(f"region:{code}" for code in region)
        named = (f"user:{dice.choice(('li', 'wang', 'zhao'))}",) if dice.random() < 0.2 else ()
        made.append(
            bench.letter(
                number,
                row["subject"],
                row["text"],
                row.get("reply", ""),
                order=dice.randrange(4_000),  # many ties
                received=1_500_000_000 + 86_400 * dice.randrange(900),
                year=str(dice.choice((2017, 2018, 2019))),
                regions=region,
                categories=dice.choice((("01",), ("01", "0103"), ("02",), ())),
                status=dice.choice(("REGISTERED", "HANDLING", "CLOSED")),
                channel=dice.choice(("web", "letter")),
                level=dice.choices(list(Level), (8, 2, 1))[0],
                readers=readers + named,
            )
        )
    return made


@pytest.fixture(scope="module")
def reference(corpus: list[Document], bench: Any) -> MemoryEngine:
    engine: MemoryEngine = bench.reference(corpus)
    return engine


@pytest.fixture(scope="module", params=["tantivy", "elasticsearch-1", "elasticsearch-3"])
def filled(
    request: pytest.FixtureRequest,
    corpus: list[Document],
    bench: Any,
    make_engine: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(make_engine(request.param, tmp_path_factory.mktemp("office"))) as engine,
    ):
        patch.setattr("search.engines.tantivy.turns.WORTH", 1)  # however few letters
        bench.put_together(engine, corpus)
        assert engine.commit() == {}
        yield engine


def typed(corpus: Sequence[Document], dice: random.Random) -> Query:
    """As people ask: words of a letter, its subject, one word, one character, a quoted part."""
    text = ""
    while len(text) < 40:
        letter = dice.choice(corpus)
        text = letter.text.characters
    found = [word for word in words(text) if len(word) > 1] or [text[:2]]
    start = dice.randrange(len(text) - 20)
    quoted = text[start : start + dice.randint(1, 20)].replace('"', "") or "路"
    return parse(
        dice.choice(
            (
                " ".join(dice.choices(found, k=dice.randint(2, 4))),
                letter.subject.characters.replace('"', "") or "路",
                dice.choice(found),
                f'"{quoted}"',
                f"{dice.choice(found)} -{dice.choice(found)}",
                " ".join(dice.choices(found, k=2)) + " after:2018-01",
            )
        )
    )


def drawn(corpus: Sequence[Document], dice: random.Random, depth: int = 2) -> Query:
    """Any tree."""
    kind = dice.random()
    if depth and kind < 0.45:
        parts = tuple(drawn(corpus, dice, depth - 1) for _ in range(dice.randint(1, 3)))
        return And(parts) if kind < 0.25 else Or(parts)
    if depth and kind < 0.55:
        return Not(drawn(corpus, dice, depth - 1))
    if kind < 0.62:
        return Is(Attribute.REGION, frozenset(dice.sample(["A", "A1", "B", "B2"], 2)))
    if kind < 0.66:
        return Is(dice.choice((Attribute.YEAR, Attribute.STATUS)), frozenset({"2018", "CLOSED"}))
    if kind < 0.7:
        return Received(None, dice.choice((None, *[_day(dice)] * 3)))
    if kind < 0.85:
        text = dice.choice(corpus).text.characters or "路"
        start = dice.randrange(len(text))
        return Phrase(text[start : start + dice.randint(1, 6)])
    return typed(corpus, dice)


def _day(dice: random.Random) -> Any:
    from datetime import date

    return date(dice.choice((2017, 2018, 2019)), dice.randint(1, 12), dice.randint(1, 28))


@pytest.mark.parametrize(("make", "count"), [(drawn, GENERATED), (typed, REAL)])
def test_every_answer_is_that_of_the_reference(
    make: Any,
    count: int,
    corpus: list[Document],
    reference: MemoryEngine,
    filled: Engine,
    bench: Any,
    answers: dict[Any, Any],
) -> None:
    dice = random.Random(count)
    differing = []
    for number in range(count):
        query, scope = make(corpus, dice), SCOPES[number % len(SCOPES)]
        asked = {
            "limit": dice.choice((0, 3, 10)),
            "offset": dice.choice((0, 0, 7)),
            "sort": dice.choice((Sort.RELEVANCE, Sort.RELEVANCE, Sort.NEWEST, Sort.OLDEST)),
            "facets": FACETS,
        }
        key = (make, number)
        if key not in answers:
            answers[key] = bench.ask(reference, query, scope, **asked)
        if bench.ask(filled, query, scope, **asked) != answers[key]:
            differing.append((query, scope, asked))
    assert differing == []
    totals = [found.total for (kind, _), found in answers.items() if kind is make]
    assert sum(total > 0 for total in totals) > count / 3


@pytest.fixture(scope="module")
def answers() -> dict[Any, Any]:
    """What the reference said, asked once for all engines."""
    return {}


def test_passages_rest_on_folded_text_alone() -> None:
    """Highlights are found in the records by one piece of code, whatever the engine."""
    import search.passages

    source = Path(search.passages.__file__).read_text(encoding="utf-8")
    assert "engine" not in source
    assert fold_text("拆遷") == "拆迁"
