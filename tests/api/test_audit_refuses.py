"""No entry in the log, no act: when the log takes no more entries, nothing is shown or done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from records import petitions
from records.database import Session
from records.petitions import NewPetition
from records.signin import begin, count_sessions, end, handle
from records.users import all_users, user_by_name
from search.duplicates.linking import bring_links_up_to_date

if TYPE_CHECKING:
    from conftest import TestOffice

    Closed = tuple[TestOffice, httpx.Client]

PASSWORD = "three 湖 wide lanterns"
PHONE = "13812345678"
ID_NO = "11010519491231002X"
SUBJECT = "夜间施工噪音扰民"


@pytest.fixture
def closed(own_office: tuple[TestOffice, str]) -> Iterator[Closed]:
    """An office whose database refuses every new entry of the log, and a caseworker's client."""
    office, address = own_office
    with office.database.read() as session:
        handler = user_by_name(session, "caseworker")
    assert handler is not None
    named = NewPetition(
        subject="水管", text="水管漏水。", name="李秀英", id_no=ID_NO, handler=handler.id
    )
    office.add("named", named)
    with office.database.read() as session:
        scanned = petitions.read_one(session, office.ids["scanned"])
    assert scanned is not None
    office.add("again", NewPetition(subject=scanned.subject, text=scanned.text, region="A3区"))
    bring_links_up_to_date(office.database)
    office.index()
    asked = {"username": "caseworker", "password": PASSWORD}
    begun = httpx.post(f"{address}/api/session", json=asked, trust_env=False)
    headers = {"Authorization": f"Bearer {begun.json()['token']}"}
    with httpx.Client(
        base_url=address, headers=headers, cookies=begun.cookies, trust_env=False
    ) as client:
        for method, path, given in reads(office):
            assert client.request(method, path, **given).status_code == 200, path
        with office.database.write() as session:
            session.connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON audit_entries "
                "BEGIN SELECT RAISE(ABORT, 'the log takes nothing'); END"
            )
        yield office, client


def reads(office: TestOffice) -> list[tuple[str, str, dict[str, Any]]]:
    """Every route by which something of a letter is had, and the pages beside them."""
    one = f"petitions/{office.ids['scanned']}"
    return [
        ("POST", "/api/search", {"json": {"q": "噪音", "facets": ["region"]}}),
        ("GET", f"/api/{one}", {}),
        ("GET", f"/api/{one}/pages/1", {}),
        ("GET", f"/api/{one}/pages/1/words?q=噪音", {}),
        ("GET", f"/api/{one}/original", {}),
        ("GET", f"/api/{one}/similar", {}),
        ("GET", f"/api/{one}/duplicates", {}),
        ("GET", f"/api/{one}/decisions", {}),
        ("GET", f"/api/{one}/matter", {}),
        ("GET", "/api/duplicates/urged", {}),
        (
            "POST",
            f"/api/{one}/decisions",
            {"json": {"kind": "same_person", "other": office.ids["named"], "status": "CLOSED"}},
        ),
        ("GET", f"/api/{one}/export", {}),
        (
            "POST",
            f"/api/petitions/{office.ids['named']}/reveal",
            {"json": {"field": "id_no", "reason": "约定上门核实"}},
        ),
        ("GET", f"/api/matters/{office.ids['scanned']}", {}),
        ("POST", "/api/duplicates", {"json": {"text": "小区北侧的工地每天夜间仍在施工,"}}),
    ]


def test_nothing_of_a_letter_is_had(closed: Closed) -> None:
    office, client = closed
    for method, path, given in reads(office):
        answer = client.request(method, path, **given)
        assert answer.status_code >= 500, path
        assert answer.headers["content-type"] == "application/problem+json"
        for held in (SUBJECT, PHONE, ID_NO, office.ids["scanned"], "total", "PNG"):
            assert held.encode() not in answer.content, (path, held)


def test_no_route_of_a_letter_is_forgotten(closed: Closed) -> None:
    office, client = closed
    id_ = office.ids["scanned"]
    tried = {
        (method, path.partition("?")[0].replace(office.ids["named"], id_))
        for method, path, _ in reads(office)
    }
    described = client.get("/api/openapi.json").json()["paths"]
    known = {
        (method.upper(), path.replace("{petition_id}", id_).replace("{number}", "1"))
        for path, operations in described.items()
        for method in operations
        # The first tells states of files alone, the others nothing.
        if "{petition_id}" in path and not path.endswith(("/progress", "/notes", "/undo"))
    }
    assert known
    assert known <= tried


def test_the_pages_show_nothing_either(closed: Closed) -> None:
    office, client = closed
    with httpx.Client(base_url=client.base_url, cookies=client.cookies, trust_env=False) as browser:
        answer = browser.get(f"/petitions/{office.ids['scanned']}")
        assert answer.status_code >= 500
        assert SUBJECT not in answer.text


@pytest.mark.parametrize("files", [None, {"files": ("a.txt", "东塘路的路灯坏了。".encode())}])
def test_nothing_is_registered(closed: Closed, files: Any) -> None:
    office, client = closed

    def held() -> tuple[int, int]:
        with office.database.read() as session:
            return petitions.count(session), rows(session, "intake_items")

    before = held()
    answer = client.post("/api/petitions", data={"text": "东塘路的路灯坏了。"}, files=files)
    assert answer.status_code >= 500
    assert "id" not in answer.json()
    assert held() == before


def test_nobody_is_signed_in_or_out(closed: Closed) -> None:
    office, client = closed
    with office.database.read() as session:
        (user,) = [one for one in all_users(session) if one.name == "caseworker"]
        before = count_sessions(session, user.id)
    asked = {"username": "caseworker", "password": PASSWORD}
    begun = httpx.post(f"{client.base_url}/api/session", json=asked, trust_env=False)
    assert begun.status_code >= 500
    assert "set-cookie" not in begun.headers
    assert client.delete("/api/session").status_code >= 500
    with office.database.write() as session:
        other = begin(session, user).token
    for which in (handle(other), "others"):
        form = {"which": which, "password": PASSWORD}
        assert client.post("/sign-ins/end", data=form).status_code >= 500
    with office.database.write() as session:
        end(session, other)
    with office.database.read() as session:
        assert count_sessions(session, user.id) == before
    assert client.get("/api/me").status_code == 200


def rows(session: Session, table: str) -> int:
    found = session.connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
    return int(found.scalar_one())
