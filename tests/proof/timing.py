"""Does time tell of hidden letters? Measured in pairs, in random order inside each pair.

    python -m tests.proof.timing [PAIRS [ROUTE …]]

Two offices show the same to a clerk; one holds 500 hidden letters besides, which the questions
would meet. Each request is asked of both, one right after the other. Told is the median of the
ratio of the two times with its 95 % interval by bootstrap (10,000 resamples): it must lie within
1 %. `the known bad case` filters after finding, as one index with a filter does, and must be seen;
`itself` compares an office with itself, so that the noise of the machine is known.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
import pytest

from records import petitions
from records.home import Settings
from search.access import Scope, restrict
from search.engine import INDEXES, Sort
from search.engines.tantivy import TantivyEngine
from search.library import Library
from search.query import Phrase
from search.scopes import shell_scope
from tests.proof.asking import Asked, answer, know
from tests.proof.offices import (
    Client,
    Ground,
    Office,
    letter_id,
    make_template,
    offices,
    stand_still,
)
from tests.proof.worlds import USERS, Letter, letter, sees

PAIRS = 4_000
VISIBLE, HIDDEN = 500, 500
LIMIT = 0.01
CLERK = next(user for user in USERS if user.role == "clerk")

Make = Callable[[random.Random], Asked]


def drawn(dice: random.Random, first: int, count: int, *, seen: bool) -> list[Letter]:
    found: list[Letter] = []
    key = first
    while len(found) < count:
        key += 1
        one = letter(dice, key)
        if sees(CLERK, one) is seen:
            found.append(one)
    return found


def requests(seen: list[Letter], unseen: list[Letter]) -> dict[str, Make]:
    """Of each kind of route that reads letters. A refusal asks one office for a letter that it
    hides and the other for the same id, which it doesn't know."""

    def search(dice: random.Random) -> Asked:
        words = " ".join(dice.choices(("路灯", "噪音", "施工", "湘妃竹"), k=2))
        return Asked("POST", "/api/search", {"q": words, "facets": ["region", "category"]})

    def checked(dice: random.Random) -> Asked:
        one = dice.choice(seen)
        return Asked("POST", "/api/duplicates", {"subject": one.subject, "text": one.text})

    def of_one(path: str, *, page: bool = False) -> Make:
        return lambda dice: Asked("GET", path.format(letter_id(dice.choice(seen))), page=page)

    return {
        "search": search,
        "a letter": of_one("/api/petitions/{}"),
        "its page": of_one("/petitions/{}", page=True),
        "refused": lambda dice: Asked("GET", f"/api/petitions/{letter_id(dice.choice(unseen))}"),
        "refused, original": lambda dice: Asked(
            "GET", f"/api/petitions/{letter_id(dice.choice(unseen))}/original"
        ),
        "start": lambda _: Asked("GET", "/", page=True),
        "register": lambda _: Asked("GET", "/register", page=True),
        "checked": checked,
        "letters like one": of_one("/api/petitions/{}/similar"),
        "checking it": of_one("/petitions/{}/duplicates", page=True),
        "waiting for that": lambda _: Asked("GET", "/duplicates", page=True),
        "its matter": of_one("/petitions/{}/matter", page=True),
        "a person": of_one("/petitions/{}/persons/1", page=True),
        "a category": lambda _: Asked("GET", "/categories/0103", page=True),
        "hot matters": lambda _: Asked("GET", "/matters", page=True),
        "a hot matter": of_one("/matters/{}", page=True),
    }


def timed(office: Office, asked: Asked) -> tuple[float, bytes]:
    """Seconds, and the answer."""
    began = perf_counter_ns()
    told = answer(office, CLERK, asked, 0)
    return (perf_counter_ns() - began) / 1e9, told


def paired(
    pair: tuple[Office, Office], make: Make, pairs: int, dice: random.Random
) -> tuple[float, float, float]:
    """The median ratio of the second's time to the first's, less 1, and its 95 % interval."""
    ratios = np.empty(pairs)
    for number in range(-50, pairs):  # the first ones warm up
        asked = make(dice)
        order = [0, 1]
        dice.shuffle(order)
        took, told = [0.0, 0.0], [b"", b""]
        for place in order:
            took[place], told[place] = timed(pair[place], asked)
        if told[0] != told[1] or told[0].startswith(b"5"):
            raise AssertionError(f"{asked}: {told[0][:3]!r} and {told[1][:3]!r}, or other words")
        if number >= 0:
            ratios[number] = np.log(took[1] / took[0])
    draws = np.random.default_rng(1).integers(0, pairs, (10_000, pairs), dtype=np.int32)
    medians = np.median(ratios[draws], axis=1)
    low, middle, high = np.percentile(medians, (2.5, 50, 97.5))
    return float(np.expm1(middle)), float(np.expm1(low)), float(np.expm1(high))


def filter_afterwards(patch: pytest.MonkeyPatch) -> None:
    """The known bad case: all that matches is read before the rights are looked at."""
    honest = Library._shown

    def shown(self: Library, scope: Scope, *given: Any) -> Any:
        everything = restrict(Phrase("路灯"), shell_scope())
        found = self._door.engine.search(
            everything, limit=1_000, offset=0, sort=Sort.NEWEST, facets=()
        )
        with self._door.database.read() as session:
            petitions.read(session, [match.id for match in found.page])
        return honest(self, scope, *given)

    patch.setattr(Library, "_shown", shown)


def measure(pairs: int, only: Sequence[str] = ()) -> bool:
    """Print a line a route, or those named; whether all hold."""
    dice = random.Random(7)
    seen, unseen = drawn(dice, 0, VISIBLE, seen=True), drawn(dice, 50_000, HIDDEN, seen=False)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        stand_still(patch)
        template = make_template(folder / "template", Settings())
        know(template)
        engines, clients = [], []
        for name in ("one", "other"):
            engine = stack.enter_context(closing(TantivyEngine(folder / name)))
            engine.remove(INDEXES[0], ())
            engines.append(engine)
            clients.append(stack.enter_context(closing(Client())))
        ground = Ground(
            template, folder, Settings, (engines[0], engines[1]), (clients[0], clients[1])
        )
        both = stack.enter_context(offices(ground, "pair"))
        both[0].take_in_all(seen)
        both[1].take_in_all(sorted([*seen, *unseen], key=lambda one: one.key % 97))
        gc.freeze()
        holds = True
        kinds = requests(seen, unseen)
        asked = {name: kinds[name] for name in only or kinds}
        print(f"{'':22} {'median':>8} {'95 % interval':>18}")
        for name, make in asked.items():
            holds &= _told(name, paired(both, make, pairs, dice), within=True)
        holds &= _told(
            "itself", paired((both[0], both[0]), kinds["search"], pairs, dice), within=True
        )
        filter_afterwards(patch)
        holds &= _told(
            "the known bad case", paired(both, kinds["search"], pairs // 4, dice), within=False
        )
    return holds


def _told(name: str, found: tuple[float, float, float], *, within: bool) -> bool:
    middle, low, high = found
    right = (low > -LIMIT and high < LIMIT) if within else low > LIMIT
    verdict = ("holds" if right else "NOT SHOWN") if within else ("seen" if right else "NOT SEEN")
    print(f"{name:22} {middle:8.2%} {low:8.2%} to {high:7.2%}  {verdict}", flush=True)
    return right


if __name__ == "__main__":
    pairs, *only = sys.argv[1:] or [str(PAIRS)]
    sys.exit(0 if measure(int(pairs), only) else 1)
