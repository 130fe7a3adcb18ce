"""Who wrote this before, and letters like one, over JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from api.routes.duplicates import USED_UP

if TYPE_CHECKING:
    from tests.api.conftest import Client, TestOffice

AGAIN = {
    "subject": "夜間施工噪音擾民",
    "text": "關於夜間施工噪音擾民的投訴\n小區北側的工地每天夜間仍在施工，噪音很大，孩子無法入睡。",
}


def test_a_letter_again_is_told_with_reasons(client: Client, office: TestOffice) -> None:
    told = client("reviewer").post("/api/duplicates", json=AGAIN)
    assert told.status_code == 200
    assert told.headers[USED_UP] == "yes"
    first = told.json()[0]
    assert first["id"] == office.ids["scanned"]
    assert (first["verdict"], first["band"], first["score"]) == ("exact", "very_likely", 1.0)
    assert "正文完全相同" in first["reasons"]
    assert first["replied"]
    assert not first["transfer_only"]


def test_the_person_is_known_by_a_whole_number_to_who_may_ask(
    client: Client, office: TestOffice
) -> None:
    asked = AGAIN | {"person": {"phone": "138 1234 5678"}}
    to_clerk = client("clerk").post("/api/duplicates", json=asked).json()[0]
    assert (to_clerk["id"], to_clerk["evidence"]) == (office.ids["scanned"], "phone")
    assert to_clerk["edition"] == "redacted"
    part = AGAIN | {"person": {"phone": "1381234"}}
    assert client("clerk").post("/api/duplicates", json=part).json()[0]["evidence"] is None


def test_who_sees_other_regions_is_told_nothing(client: Client) -> None:
    asked = AGAIN | {"person": {"phone": "13812345678"}}
    assert client("north").post("/api/duplicates", json=asked).json() == []
    assert client("counter").post("/api/duplicates", json=asked).json() == []
    assert client("root").post("/api/duplicates", json=asked).json() == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"subject": "没有正文"}, "invalid_request"),
        (AGAIN | {"region": "C9区"}, "unknown_region"),
        (AGAIN | {"size": 51}, "invalid_request"),
        (AGAIN | {"person": {"nickname": "王"}}, "invalid_request"),
    ],
)
def test_mistakes_are_problems(client: Client, asked: dict[str, object], code: str) -> None:
    told = client("reviewer").post("/api/duplicates", json=asked)
    assert told.status_code == 422
    assert told.json()["code"] == code


def test_letters_like_one_tell_how_they_were_answered(client: Client, office: TestOffice) -> None:
    path = f"/api/petitions/{office.ids['scanned']}/similar"
    told = client("reviewer").get(path, params={"size": 3})
    assert told.status_code == 200
    for one in told.json():
        assert one["id"] != office.ids["scanned"]
        assert one["why"] == one["reasons"]
        assert isinstance(one["replies"], list)
    assert client("north").get(path).status_code == 404


def test_what_others_could_not_be_told_is_for_those_who_check(client: Client) -> None:
    assert client("clerk").get("/api/duplicates/overlooked").status_code == 200
    assert client("counter").get("/api/duplicates/overlooked").status_code == 403


def test_a_stranger_asks_nothing(stranger: httpx.Client) -> None:
    assert stranger.post("/api/duplicates", json=AGAIN).status_code == 401
