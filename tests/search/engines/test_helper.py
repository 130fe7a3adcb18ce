"""A second thread gives the same parts, errors included, and stands back where several ask."""

from __future__ import annotations

import os
import threading

import pytest

from search.engines.tantivy.helper import WORTH, Helper

LETTERS = {"small": 3, "large": WORTH, "middle": 7}


def test_parts_stand_in_order_and_the_largest_is_for_the_helper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    threads: dict[str, int] = {}

    def ask(index: str) -> str:
        threads[index] = threading.get_ident()
        return f"of {index}"

    assert Helper().each(ask, LETTERS) == ["of small", "of large", "of middle"]
    assert threads["small"] == threads["middle"] == threading.get_ident() != threads["large"]


@pytest.mark.parametrize(
    ("processors", "letters"),
    [(1, LETTERS), (2, {"small": 3, "large": WORTH - 1}), (2, {"large": WORTH}), (2, {})],
)
def test_nobody_helps_where_it_is_not_worth_it(
    processors: int, letters: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    asked = Helper().each(lambda _: threading.get_ident(), letters)
    assert asked == [threading.get_ident()] * len(letters)


def test_who_asks_beside_another_does_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    helper, inside = Helper(), []

    def ask(index: str) -> int:
        if index == "small":  # while this question is still asked, another one comes
            inside.extend(helper.each(lambda _: threading.get_ident(), LETTERS))
        return threading.get_ident()

    outside = helper.each(ask, LETTERS)
    assert set(inside) == {threading.get_ident()}
    assert len({*outside}) == 2
    assert len({*helper.each(lambda _: threading.get_ident(), LETTERS)}) == 2  # alone again


@pytest.mark.parametrize("broken", sorted(LETTERS))
def test_what_goes_wrong_is_told_and_the_next_question_is_helped(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    helper = Helper()

    class Panic(BaseException):
        """As the driver's: no subclass of Exception."""

    def ask(index: str) -> int:
        if index == broken:
            raise Panic(index)
        return threading.get_ident()

    with pytest.raises(Panic, match=broken):
        helper.each(ask, LETTERS)
    assert len({*helper.each(lambda _: threading.get_ident(), LETTERS)}) == 2
