"""Registering letters over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from records import audit, intake, petitions
from records.intake import Failure, Stage

Client = Callable[[str], httpx.Client]


def progress(client: httpx.Client, id_: str) -> dict[str, Any]:
    answer = client.get(f"/api/petitions/{id_}/progress")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_files_and_fields_become_a_letter_in_the_queue(client: Client, office: Any) -> None:
    clerk = client("clerk")
    answer = clerk.post(
        "/api/petitions",
        files=[("files", ("第一页.png", b"one")), ("files", ("../../第二页.png", b"two"))],
        data={
            "subject": "路灯不亮",
            "region": "A3区",
            "category": "城乡建设",
            "channel": "visit",
            "received_at": "2026-03-01",
            "people_count": "3",
            "name": "李秀英",
        },
    )
    assert answer.status_code == 201, answer.text
    id_ = answer.json()["id"]
    told = progress(clerk, id_)
    assert [item["name"] for item in told["items"]] == ["第一页.png", "第二页.png"]
    assert {(item["stage"], item["state"]) for item in told["items"]} == {("extract", "pending")}
    assert not told["finished"]
    with office.database.read() as session:
        record = petitions.read_one(session, id_)
    assert record.number == answer.json()["number"]
    assert (record.subject, record.region, record.category) == ("路灯不亮", "A3区", "01")
    assert (record.channel, record.people_count) == ("visit", 3)
    assert record.received_at.isoformat() == "2026-02-28T16:00:00+00:00"  # midnight in Shanghai
    assert record.persons[0].name == "李秀英"
    assert [office.originals.read(file.sha256) for file in record.files] == [b"one", b"two"]


def test_text_alone_is_findable_as_soon_as_it_is_indexed(client: Client, office: Any) -> None:
    clerk = client("clerk")
    answer = clerk.post("/api/petitions", data={"text": "门口的翡翠喷泉漏水", "region": "A7县"})
    id_ = answer.json()["id"]
    assert not progress(clerk, id_)["findable"]
    office.index()
    told = progress(clerk, id_)
    assert (told["findable"], told["finished"], told["items"]) == (True, True, [])
    found = clerk.post("/api/search", json={"q": "翡翠喷泉"}).json()
    assert [hit["id"] for hit in found["hits"]] == [id_]


def test_typed_text_tells_its_subject_and_region(client: Client, office: Any) -> None:
    text = "A7县东塘镇的路灯全坏了。\r\n晚上出行很不方便,请尽快修好。"
    id_ = client("clerk").post("/api/petitions", data={"text": text}).json()["id"]
    with office.database.read() as session:
        record = petitions.read_one(session, id_)
    assert record.subject.startswith("A7县东塘镇的路灯全坏了")
    assert record.region == "A7县"
    assert record.text == text.replace("\r\n", "\n")
    nowhere = client("clerk").post("/api/petitions", data={"text": "Z9区的路灯坏了"}).json()["id"]
    with office.database.read() as session:
        assert petitions.read_one(session, nowhere).region is None


def test_the_same_file_may_belong_to_two_letters(client: Client) -> None:
    clerk = client("clerk")
    ids = [
        clerk.post("/api/petitions", files={"files": ("a.txt", b"the same")}).json()["id"]
        for _ in range(2)
    ]
    assert len(set(ids)) == 2
    assert all(len(progress(clerk, id_)["items"]) == 1 for id_ in ids)


def test_a_failure_is_told_with_its_remedy(client: Client, office: Any) -> None:
    clerk = client("clerk")
    id_ = clerk.post("/api/petitions", files={"files": ("b.pdf", b"%PDF broken")}).json()["id"]
    with office.database.write() as session:
        wanted = intake.items_of(session, id_)[0].id
        while True:
            item = intake.claim(session, "tester", 60, [Stage.EXTRACT])
            assert item is not None
            if item.id == wanted:
                break
        intake.fail(session, item, Failure("damaged_pdf", "The PDF is cut off.", "Scan it again."))
    told = progress(clerk, id_)
    assert told["failed"]
    item = told["items"][0]
    assert (item["state"], item["error"], item["remedy"]) == (
        "failed",
        "The PDF is cut off.",
        "Scan it again.",
    )


def test_only_the_one_who_registered_it_sees_the_progress(client: Client) -> None:
    id_ = client("clerk").post("/api/petitions", data={"text": "只有登记人可见"}).json()["id"]
    refused = client("caseworker").get(f"/api/petitions/{id_}/progress")
    assert refused.status_code == 404
    assert refused.content == client("clerk").get(f"/api/petitions/{'0' * 32}/progress").content


def test_roles_without_the_right_do_not_register(client: Client) -> None:
    for name in ("root", "counter", "reviewer"):
        answer = client(name).post("/api/petitions", data={"text": "x"})
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_permitted"
        page = client(name).get("/register")
        assert page.status_code == 403


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"subject": "x"}, "nothing_given"),
        ({"text": "  "}, "nothing_given"),
        ({"text": "x", "region": "无此处"}, "unknown_region"),
        ({"text": "x", "category": "无此类"}, "unknown_category"),
        ({"text": "x", "channel": "鸽子"}, "unknown_channel"),
        ({"text": "x", "level": "top"}, "unknown_level"),
        ({"text": "x", "level": "secret"}, "level_above_yours"),
        ({"text": "x", "received_at": "昨天"}, "bad_date"),
        ({"text": "x", "people_count": "-1"}, "bad_people_count"),
        ({"text": "x", "people_count": "三"}, "bad_people_count"),
        ({"text": "x", "people_count": "9" * 5000}, "bad_people_count"),
        ({"text": "x", "surprise": "1"}, "unknown_field"),
        ({"text": "x", "received_at": "0001-01-01"}, "bad_date"),
        ({"text": "x", "received_at": "2999-01-01"}, "bad_date"),
        ({"text": "x", "name": "名" * 201}, "field_too_long"),
        ({"text": "a\x00b"}, "bad_value"),
    ],
)
def test_what_cannot_be_registered_is_told(client: Client, data: dict[str, str], code: str) -> None:
    answer = client("clerk").post("/api/petitions", data=data)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == code


def test_empty_files_and_too_many_are_told(client: Client) -> None:
    empty = client("clerk").post("/api/petitions", files={"files": ("空.png", b"")})
    assert empty.json()["code"] == "empty_file"
    assert "空.png" in empty.json()["detail"]
    many = [("files", (f"{number}.png", b"x")) for number in range(101)]
    answer = client("clerk").post("/api/petitions", files=many)
    assert answer.json()["code"] == "too_many_files"


def test_registering_stands_in_the_audit(client: Client, office: Any) -> None:
    id_ = client("clerk").post("/api/petitions", data={"text": "记入审计"}).json()["id"]
    with office.database.read() as session:
        entries = audit.entries(session, limit=100_000)
        assert audit.verify(session).intact
    assert [entry.action for entry in entries if entry.object_id == id_] == ["register"]
