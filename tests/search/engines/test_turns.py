"""Who asks alone is helped, who asks beside others waits for a turn; nothing else changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from search.engines.tantivy.turns import WORTH, Turns

LETTERS = {"small": 3, "large": WORTH, "middle": 7}


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_parts_stand_in_order_and_the_largest_is_for_the_helper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    threads: dict[str, int] = {}

    def ask(index: str) -> str:
        threads[index] = threading.get_ident()
        return f"of {index}"

    assert Turns().each(ask, LETTERS) == ["of small", "of large", "of middle"]
    assert threads["small"] == threads["middle"] == threading.get_ident() != threads["large"]


@pytest.mark.parametrize(
    ("processors", "letters"),
    [(1, LETTERS), (2, {"small": 3, "large": WORTH - 1}), (2, {"large": WORTH}), (2, {})],
)
def test_nobody_helps_where_it_is_not_worth_it(
    processors: int, letters: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    asked = Turns().each(lambda _: threading.get_ident(), letters)
    assert asked == [threading.get_ident()] * len(letters)


def test_who_asks_beside_another_does_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    turns, inside = Turns(), []

    def ask(index: str) -> int:
        if index == "small":  # while this question is still asked, another one comes
            inside.extend(turns.each(lambda _: threading.get_ident(), LETTERS))
        return threading.get_ident()

    outside = turns.each(ask, LETTERS)
    assert set(inside) == {threading.get_ident()}
    assert len({*outside}) == 2
    assert len({*turns.each(lambda _: threading.get_ident(), LETTERS)}) == 2  # alone again


@pytest.mark.parametrize("broken", sorted(LETTERS))
def test_what_goes_wrong_is_told_and_the_next_question_is_helped(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    turns = Turns()

    class Panic(BaseException):
        """As the driver's: no subclass of Exception."""

    def ask(index: str) -> int:
        if index == broken:
            raise Panic(index)
        return threading.get_ident()

    with pytest.raises(Panic, match=broken):
        turns.each(ask, LETTERS)
    assert len({*turns.each(lambda _: threading.get_ident(), LETTERS)}) == 2


def test_who_came_first_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    turns, order, through = Turns(), [], threading.Event()

    def first(_: str) -> None:
        through.wait(timeout=30)

    def last(_: str) -> None:  # ends when all others have
        ended.wait(timeout=30)

    ended = threading.Event()
    kept = threading.Thread(target=turns.each, args=(last, {"large": 1}))
    kept.start()
    waiting = [threading.Thread(target=turns.each, args=(first, {"large": 1}))]
    waiting[0].start()
    for number in range(5):
        wait_for(lambda number=number: len(turns._waiting) == number and not turns._free)
        ask = partial(order.append, number)
        waiting.append(
            threading.Thread(target=turns.each, args=(lambda _, ask=ask: ask(), {"": 1}))
        )
        waiting[-1].start()
    wait_for(lambda: len(turns._waiting) == 5)
    through.set()
    for one in waiting:
        one.join(timeout=30)
    ended.set()
    kept.join(timeout=30)
    assert order == [0, 1, 2, 3, 4]
    assert turns.each(lambda _: "free again", {"": 1}) == ["free again"]


def test_no_more_at_once_than_processors_and_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    turns, lock, now, most = Turns(), threading.Lock(), [0], [0]

    def ask(_: str) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.002)
        with lock:
            now[0] -= 1

    threads = [
        threading.Thread(target=lambda: [turns.each(ask, {"": 1}) for _ in range(20)])
        for _ in range(12)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert most == [4]
