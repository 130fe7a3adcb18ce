"""Leaders' notes by program and in the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

TEXT = "请城管局本周内核实并答复。"


@pytest.fixture
def letter(own_office: Any) -> Any:
    """The office, its address, and a letter whose handler is `caseworker`."""
    office, address = own_office
    office.user("chief", "leader", level="restricted")
    return office, address, office.ids["scanned"]


@contextmanager
def client_of(address: str, name: str) -> Iterator[httpx.Client]:
    asked = {"username": name, "password": "three 湖 wide lanterns"}
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert client.post("/sign-in", data=asked).status_code == 303
        yield client


def test_a_leader_notes_and_the_caseworker_reads(letter: Any) -> None:
    _, address, id_ = letter
    with client_of(address, "chief") as chief, client_of(address, "caseworker") as handler:
        page = chief.get(f"/petitions/{id_}").text
        assert f'action="/petitions/{id_}/notes"' in page
        assert "/notes" not in handler.get(f"/petitions/{id_}").text
        sent = chief.post(f"/petitions/{id_}/notes", data={"text": TEXT, "addressed": "1"})
        assert (sent.status_code, sent.headers["location"]) == (
            303,
            f"/petitions/{id_}#notes-title",
        )
        own = chief.post(f"/api/petitions/{id_}/notes", json={"text": "内部。", "addressed": False})
        assert (own.status_code, own.content) == (204, b"")
        (seen,) = handler.get(f"/api/petitions/{id_}").json()["notes"]
        assert (seen["author"], seen["text"], seen["addressed"]) == ("chief", TEXT, True)
        assert TEXT in handler.get(f"/petitions/{id_}").text
        assert len(chief.get(f"/api/petitions/{id_}").json()["notes"]) == 2
    with client_of(address, "clerk") as clerk:
        assert clerk.get(f"/api/petitions/{id_}").json()["notes"] == []
        assert "批示" not in clerk.get(f"/petitions/{id_}").text


def test_others_get_what_everybody_gets_for_no_letter(letter: Any) -> None:
    office, address, id_ = letter
    note = {"text": TEXT}
    for name in ("caseworker", "clerk", "root"):
        with client_of(address, name) as client:
            answers = [
                client.post(f"/api/petitions/{one}/notes", json=note)
                for one in (id_, office.ids["secret"], "0" * 32, "none")
            ]
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1


def test_what_cannot_be_a_note_is_told(letter: Any) -> None:
    _, address, id_ = letter
    with client_of(address, "chief") as chief:
        for text in (" ", "字" * 2_001):
            told = chief.post(f"/api/petitions/{id_}/notes", json={"text": text})
            assert (told.status_code, told.json()["code"]) == (422, "bad_note")
            page = chief.post(f"/petitions/{id_}/notes", data={"text": text})
            assert page.status_code == 422
            assert "1 至 2000 字" in page.text
        half = b'{"text": "\\ud800"}'
        headers = {"Content-Type": "application/json"}
        told = chief.post(f"/api/petitions/{id_}/notes", content=half, headers=headers)
        assert told.status_code == 422


def test_no_entry_in_the_log_no_note(letter: Any) -> None:
    office, address, id_ = letter
    with client_of(address, "chief") as chief:
        with office.database.write() as session:
            session.connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON audit_entries "
                "BEGIN SELECT RAISE(ABORT, 'the log takes nothing'); END"
            )
        assert chief.post(f"/api/petitions/{id_}/notes", json={"text": TEXT}).status_code >= 500
        with office.database.write() as session:
            session.connection.exec_driver_sql("DROP TRIGGER full")
        assert chief.get(f"/api/petitions/{id_}").json()["notes"] == []
