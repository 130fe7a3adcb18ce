"""A thousand questions to a whole office of letters, before and after 500 hidden ones arrive."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analyzers.segment import words
from cli.sample.letters import letters as invented
from cli.sample.petition import import_record
from records.entries import NewPetition
from records.registration import add_many
from tests.proof.asking import Asked, answer, know
from tests.proof.conftest import MakeGround
from tests.proof.offices import CHANCE, NOW, Office, offices
from tests.proof.worlds import USERS, letter, sees

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "petitions.jsonl"
QUESTIONS, HIDDEN = 1_000, 500
CLERK = next(user for user in USERS if user.role == "clerk")


def texts() -> list[tuple[str, str]]:
    """Subjects and texts of the published letters, else of invented ones."""
    if DATA.exists():
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    else:
        rows = [dict(import_record(one)) for one in invented(400)]
    return [(row["subject"], row["text"]) for row in rows]


def fill(office: Office, given: list[tuple[str, str]], dice: random.Random) -> None:
    CHANCE.begin("many")
    with office.database.write() as session:
        entries = [
            NewPetition(
                subject=subject,
                text=text,
                source="many",
                external_id=f"m{number}",
                region=dice.choice(("A市", "A3区", "A7县")),
                category=dice.choice(("01", "0103", "12")),
                received_at=NOW,
            )
            for number, (subject, text) in enumerate(given)
        ]
        add_many(session, entries)
    office.index()


def questions(given: list[tuple[str, str]], dice: random.Random) -> list[Asked]:
    made: list[dict[str, Any]] = []
    while len(made) < QUESTIONS:
        subject, text = dice.choice(given)
        found = [word for word in words(text) if len(word) > 1]
        if not found:
            continue
        some = " ".join(dice.choices(found, k=dice.randint(1, 3)))
        asked = dice.choice((some, subject, f'"{dice.choice(found)}"'))
        made.append({"q": asked.replace("#", " "), "facets": ["region", "category", "year"]})
    return [Asked("POST", "/api/search", body) for body in made]


@pytest.mark.slow
def test_five_hundred_hidden_letters_change_nothing(ground: MakeGround) -> None:
    made = ground("tantivy", "sqlite")
    know(made.template)
    dice = random.Random(3)
    given = texts()
    with offices(made, "many") as (office, _):
        fill(office, given, dice)
        asked = questions(given, dice)

        def answers() -> list[bytes]:
            return [answer(office, CLERK, one, number) for number, one in enumerate(asked)]

        before = answers()
        hidden = []
        key = 10_000
        while len(hidden) < HIDDEN:
            key += 1
            subject, text = dice.choice(given)
            drawn = replace(letter(dice, key), subject=subject, body=text)
            if not sees(CLERK, drawn):
                hidden.append(drawn)
        office.take_in_all(hidden)
        after = answers()
    assert all(one.startswith(b"200") for one in before)
    assert sum(b'"total":0,' not in one for one in before) > QUESTIONS / 2
    differing = [one for one, old, new in zip(asked, before, after, strict=True) if old != new]
    assert differing == []
