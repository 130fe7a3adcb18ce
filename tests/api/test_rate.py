"""How fast one user may search, and what is told of one too early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from api.rate import MINUTE, Rate, TooEarly
from records import audit
from records.home import Settings
from records.petitions import NewPetition
from tests.proof.asking import counted

PASSWORD = "three 湖 wide lanterns"
SECOND = 10**9


class Clock:
    def __init__(self) -> None:
        self.moment = 0

    def __call__(self) -> int:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("most", [1, 7, 120, 1200])
def test_a_minutes_worth_at_once_and_then_one_by_one(clock: Clock, most: int) -> None:
    rate = Rate(most, clock)
    clock.moment = 5 * SECOND
    assert [rate.count("ann") for _ in range(most)] == [None] * most
    each = MINUTE // most
    wait = -(-each // SECOND)
    assert rate.count("ann") == TooEarly(wait, first=True)
    clock.moment += each - most
    assert rate.count("ann") == TooEarly(1, first=False)
    clock.moment += most
    assert rate.count("ann") is None
    assert rate.count("ann") is not None
    clock.moment += wait * SECOND  # whoever waits as long as they are told is let through
    assert rate.count("ann") is None


@pytest.mark.parametrize("most", [1, 7, 120])
def test_no_minute_holds_more_than_twice_as_many_nor_an_hour_sixty_times(
    clock: Clock, most: int
) -> None:
    rate = Rate(most, clock)
    passed = []
    while clock.moment < 60 * MINUTE:
        clock.moment += MINUTE // (3 * most) + 1
        if rate.count("ann") is None:
            passed.append(clock.moment)
    assert most * 60 <= len(passed) <= most * 61
    for start in passed[:: max(1, most // 3)]:
        assert sum(start <= moment < start + MINUTE for moment in passed) <= 2 * most


def test_users_do_not_count_for_each_other(clock: Clock) -> None:
    rate = Rate(2, clock)
    for _ in range(10):
        rate.count("ann")
    assert rate.count("bob") is None
    assert rate.count("bob") is None
    assert rate.count("bob") == TooEarly(30, first=True)


def test_a_refusal_is_told_apart_once_a_minute(clock: Clock) -> None:
    rate = Rate(1, clock)
    rate.count("ann")
    firsts = []
    for _ in range(100):
        clock.moment += MINUTE // 50  # two minutes
        early = rate.count("ann")
        firsts.append(early is not None and early.first)
    assert sum(firsts) == 2


def test_none_is_any_number(clock: Clock) -> None:
    rate = Rate(0, clock)
    assert {rate.count("ann") for _ in range(10_000)} == {None}


def test_asking_in_parallel_gains_nothing() -> None:
    rate = Rate(50, Clock())
    passed: list[int] = []

    def ask() -> None:
        passed.append(sum(rate.count("ann") is None for _ in range(100)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 50


Few = tuple[Any, Callable[[str], httpx.Client]]


@pytest.fixture
def few(another_office: Callable[[Settings], tuple[Any, str]]) -> Iterator[Few]:
    """An office with three searches a minute, and clients of its users."""
    office, address = another_office(Settings(searches_per_minute=3))
    office.user("ann", "reviewer")
    office.user("bob", "reviewer")
    office.user("eve", "auditor")
    office.add("letter", NewPetition(subject="路灯不亮", text="第一条路的路灯坏了。"))
    office.add("secret", NewPetition(subject="举报", text="紫藤巷", level="secret"))
    office.index()
    with ExitStack() as stack:

        def client(name: str) -> httpx.Client:
            one = stack.enter_context(httpx.Client(base_url=address, trust_env=False))
            asked = {"username": name, "password": PASSWORD}
            assert one.post("/api/session", json=asked).status_code == 200
            return one

        yield office, client


def search(client: httpx.Client, text: str = "路灯") -> httpx.Response:
    return client.post("/api/search", json={"q": text})


def entries(office: Any, action: str) -> list[Any]:
    with office.database.read() as session:
        return list(audit.newest(session, audit.LogFilter(action=action)))


def test_one_too_early_is_told_when_and_how_to_be_allowed_more(few: Few) -> None:
    office, client = few
    ann, bob = client("ann"), client("bob")
    assert [search(ann).status_code for _ in range(3)] == [200] * 3
    refused = search(ann)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (429, "too_fast")
    assert refused.headers["content-type"] == "application/problem+json"
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 20
    assert f"wait {wait} seconds" in told["detail"]
    assert "3 searches a minute" in told["detail"]
    assert "PETITIONS_SEARCHES_PER_MINUTE" in told["detail"]
    assert search(bob).status_code == 200
    id_ = office.ids["letter"]
    for path in ("/api/me", f"/api/petitions/{id_}", f"/petitions/{id_}", "/help"):
        assert ann.get(path).status_code == 200, path  # what names a letter is no search
    page = ann.get("/")
    assert page.status_code == 429
    assert page.headers["content-type"].startswith("text/html")
    assert 1 <= int(page.headers["retry-after"]) <= 20
    assert "检索过于频繁" in page.text
    assert "PETITIONS_SEARCHES_PER_MINUTE" in page.text
    assert ann.post("/sign-out").status_code == 303


def test_a_refused_search_is_no_search_and_stands_once_in_the_log(few: Few) -> None:
    office, client = few
    ann, eve = client("ann"), client("eve")
    for _ in range(3):
        search(ann)
    for _ in range(20):
        assert search(ann).status_code == 429
    assert len(entries(office, "search")) == 3
    (entry,) = entries(office, "search_refused")
    assert entry.details.keys() == {"wait"}
    assert "检索过于频繁被拒" in eve.get("/audit").text


def test_what_is_refused_tells_nothing_of_letters(few: Few) -> None:
    """The same bytes for what may be seen, what may not, what is not there, and for nonsense."""
    office, client = few
    ann = client("ann")
    for _ in range(3):
        search(ann)
    ids = (office.ids["letter"], office.ids["secret"], "0" * 32, "none")
    asked: list[list[tuple[str, str, Any]]] = [
        [("POST", "/api/search", {"q": q}) for q in ("路灯", "紫藤巷", "无此词", "“", "region:无")],
        [
            ("POST", "/api/duplicates", {"text": text})
            for text in ("第一条路的路灯坏了。", "紫藤巷")
        ],
        *(
            [("GET", f"/api/petitions/{id_}/{end}", None) for id_ in ids]
            for end in ("similar", "duplicates", "export")
        ),
    ]
    for alike in asked:
        answers = [ann.request(method, path, json=given) for method, path, given in alike]
        assert {answer.status_code for answer in answers} == {429}
        told = {answer.content.replace(str(wait_of(answer)).encode(), b"") for answer in answers}
        assert len(told) == 1, alike
    assert entries(office, "export") == entries(office, "similar") == []


def wait_of(answer: httpx.Response) -> int:
    return int(answer.headers["retry-after"])


def test_every_refusal_that_may_come_is_described(office: Any, stranger: httpx.Client) -> None:
    described = stranger.get("/api/openapi.json").json()["paths"]
    found = {(method, path) for method, path in counted(office.app()) if path in described}
    assert ("POST", "/api/search") in found
    for method, path in found:
        assert "429" in described[path][method.lower()]["responses"], (method, path)
