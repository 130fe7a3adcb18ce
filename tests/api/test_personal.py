"""Looking at a masked value and looking people up, by program and in the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from records import audit
from records.home import Settings
from records.petitions import NewPetition

PASSWORD = "three 湖 wide lanterns"
PHONE = "13812345678"
REASON = "约定上门核实时间"
Client = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def people(office: Any) -> None:
    """Users of their own, so that nobody else's day is used up."""
    for name in ("archive keeper", "archive pager", "archive finder"):
        office.user(name.replace(" ", "-"), "archivist")


@pytest.fixture
def few(another_office: Callable[[Settings], tuple[Any, str]]) -> Iterator[httpx.Client]:
    """A browser of an archivist in an office that allows one look and one number a day."""
    made, address = another_office(Settings(reveals_per_day=1, finds_per_day=1))
    made.user("keeper", "archivist")
    made.add("letter", NewPetition(subject="路灯", text="坏了。", name="王小明", phone=PHONE))
    made.index()
    with httpx.Client(base_url=address, trust_env=False) as client:
        form = {"username": "keeper", "password": PASSWORD}
        assert client.post("/sign-in", data=form).status_code == 303
        client.headers["X-Letter"] = made.ids["letter"]
        yield client


def test_a_value_is_shown_with_a_reason(client: Client, office: Any) -> None:
    keeper, path = client("archive-keeper"), f"/api/petitions/{office.ids['scanned']}"
    (person,) = keeper.get(path).json()["persons"]
    assert person["number"] == 1
    assert person["phone"] == {"text": "138****5678", "shown": "masked", "can_reveal": True}
    asked = {"field": "phone", "reason": REASON}
    answer = keeper.post(f"{path}/reveal", json=asked)
    assert answer.json() == {"field": "phone", "person": 1, "value": PHONE, "left": 19}
    assert answer.headers["cache-control"] == "no-store"
    short = keeper.post(f"{path}/reveal", json={**asked, "reason": "看看"})
    assert (short.status_code, short.json()["code"]) == (422, "bad_reason")
    absent = keeper.post(f"{path}/reveal", json={**asked, "field": "id_no"})
    unknown = keeper.post(f"/api/petitions/{'0' * 32}/reveal", json=asked)
    assert absent.status_code == unknown.status_code == 404
    assert absent.content == unknown.content


@pytest.mark.parametrize("name", ["clerk", "north", "counter", "root"])
def test_who_may_not_gets_what_everybody_gets_for_no_letter(
    client: Client, office: Any, name: str
) -> None:
    asked = {"field": "phone", "reason": REASON}
    answers = [
        client(name).post(f"/api/petitions/{id_}/reveal", json=asked)
        for id_ in (office.ids["scanned"], office.ids["secret"], "0" * 32, "none")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_value_is_shown_in_the_page(browser_of: Client, office: Any) -> None:
    browser, id_ = browser_of("archive-pager"), office.ids["scanned"]
    page = browser.get(f"/petitions/{id_}").text
    assert PHONE not in page
    fields = re.findall(r'name="field" value="(\w+)"', page)
    assert fields == ["name", "phone"]
    form = {"person": "1", "field": "phone", "reason": REASON}
    shown = browser.post(f"/petitions/{id_}/reveal", data=form)
    assert shown.status_code == 200
    assert PHONE in shown.text
    again = browser.post(f"/petitions/{id_}/reveal", data={**form, "reason": "看"})
    assert again.status_code == 422
    assert PHONE not in again.text
    assert 'name="reason" value="看"' in again.text
    for wrong in ({"person": "2"}, {"person": "x"}, {"field": "shoe"}, {"field": "id_no"}):
        assert browser.post(f"/petitions/{id_}/reveal", data=form | wrong).status_code == 404
    assert "/reveal" not in browser_of("clerk").get(f"/petitions/{id_}").text


def test_a_days_looks_are_used_up(few: httpx.Client) -> None:
    id_ = few.headers["X-Letter"]
    form = {"person": "1", "field": "phone", "reason": REASON}
    assert PHONE in few.post(f"/petitions/{id_}/reveal", data=form).text
    page = few.post(f"/petitions/{id_}/reveal", data=form)
    assert page.status_code == 429
    assert PHONE not in page.text
    assert "零点以后" in page.text
    asked = {"field": "phone", "reason": REASON}
    told = few.post(f"/api/petitions/{id_}/reveal", json=asked)
    assert (told.status_code, told.json()["code"]) == (429, "used_up")
    assert 0 < int(told.headers["retry-after"]) <= 24 * 3600
    assert "PETITIONS_REVEALS_PER_DAY" in told.json()["detail"]


def test_people_are_found_by_program(client: Client, office: Any) -> None:
    finder = client("archive-finder")
    found = finder.post("/api/persons/search", json={"field": "phone", "value": "+86 138 12345678"})
    assert [hit["id"] for hit in found.json()["hits"]] == [office.ids["scanned"]]
    assert found.json()["more"] is False
    part = finder.post("/api/persons/search", json={"field": "phone", "value": PHONE[:10]})
    assert part.json()["hits"] == []
    short = finder.post("/api/persons/search", json={"field": "phone", "value": "138"})
    assert (short.status_code, short.json()["code"]) == (422, "bad_number")
    with office.database.read() as session:
        told = str([one.details for one in audit.newest(session, audit.LogFilter())])
    assert PHONE not in told


@pytest.mark.parametrize("name", ["counter", "root"])
def test_who_may_not_find_people_is_told_so(client: Client, browser_of: Client, name: str) -> None:
    asked = {"field": "phone", "value": PHONE}
    refused = client(name).post("/api/persons/search", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    browser = browser_of(name)
    assert browser.get("/persons").status_code == 403
    assert browser.post("/persons", data=asked).status_code == 403
    assert "/persons" not in browser.get("/").text


def test_people_are_found_in_the_page(browser_of: Client, office: Any) -> None:
    browser = browser_of("archive-finder")
    assert 'href="/persons"' in browser.get("/").text
    answer = browser.post("/persons", data={"field": "phone", "value": PHONE})
    assert answer.status_code == 303
    assert PHONE not in answer.headers["location"]
    page = browser.get(answer.headers["location"])
    assert f"/petitions/{office.ids['scanned']}" in page.text
    none = browser.post("/persons", data={"field": "phone", "value": "13800000000"})
    assert "/petitions/" not in browser.get(none.headers["location"]).text
    part = browser.post("/persons", data={"field": "id_no", "value": "123"})
    assert browser.get(part.headers["location"]).status_code == 422
    other = browser_of("clerk").get(answer.headers["location"])
    assert (other.status_code, other.headers["location"]) == (303, "/persons")
    odd = browser.post("/persons", data={"field": "shoe", "value": PHONE})
    assert odd.status_code == 303


def test_a_days_numbers_are_used_up(few: httpx.Client) -> None:
    first = few.post("/persons", data={"field": "phone", "value": PHONE}).headers["location"]
    assert few.get(first).status_code == 200
    page = few.get(first)
    assert page.status_code == 429
    assert "/petitions/" not in page.text
