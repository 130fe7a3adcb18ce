"""Deciding about repeats by program: as the pages do it, through the same gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from records import audit
from records.decisions import Kind
from records.petitions import NewPetition, NewReply
from records.users import user_by_name

Client = Callable[[str], httpx.Client]

TEXT = (
    "我是翠屏园小区的业主，小区西门的垃圾站每天清晨作业，臭味和噪声很大，老人孩子无法休息。"
    "多次向物业反映没有结果，请领导派人查看，把垃圾站迁走或者改在白天作业。"
)
WRITER = {"name": "钱玉兰", "phone": "13722223333", "id_no": "11010519491231002X"}
REASON = "请在规定期限内答复信访人"
EARLIER = NewPetition(
    subject="垃圾站清晨扰民",
    text=TEXT,
    region="A3区",
    status="HANDLING",
    replies=(NewReply("已转城管局处理。", body="市信访局", transfer_only=True),),
    **WRITER,
)
LEAST = {"kind": "repeat", "other": "0" * 32, "status": "DUP_CHECK"}


@pytest.fixture
def letters(office: Any) -> dict[str, str]:
    """An earlier letter, a new one, and one that the clerk may not see: new ones for each test."""
    with office.database.read() as session:
        handler = user_by_name(session, "caseworker")
    assert handler is not None
    made = {
        "earlier": office.add("bins", replace(EARLIER, handler=handler.id)),
        "new": office.add(
            "bins again",
            replace(EARLIER, text=TEXT.replace("清晨", "凌晨"), status="DUP_CHECK", replies=()),
        ),
        "hidden": office.add("bins hidden", replace(EARLIER, level="secret")),
    }
    office.index()
    return made


def decided(client: httpx.Client, id_: str, other: str = "") -> Any:
    answer = client.get(f"/api/petitions/{id_}/decisions", params={"other": other})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_decision_is_made_told_and_taken_back(
    client: Client, office: Any, letters: dict[str, str]
) -> None:
    clerk, new, earlier = client("clerk"), letters["new"], letters["earlier"]
    found = clerk.get(f"/api/petitions/{new}/duplicates").json()
    assert found[0]["id"] == earlier
    assert decided(clerk, new) == {"status": "DUP_CHECK", "kinds": ["new"], "decisions": []}
    assert decided(clerk, new, earlier)["kinds"] == [*Kind]

    asked = {"kind": "merge", "other": earlier, "status": "DUP_CHECK"}
    made = clerk.post(f"/api/petitions/{new}/decisions", json=asked)
    assert made.status_code == 200
    assert made.json()["status"] == "MERGED"
    again = clerk.post(f"/api/petitions/{new}/decisions", json=asked)
    assert again.json() == made.json()
    (told,) = decided(clerk, new)["decisions"]
    assert told["id"] == made.json()["id"]
    assert (told["kind"], told["letter"]["id"], told["beside"]["id"]) == ("merge", new, earlier)
    assert (told["verdict"], told["score"]) == (found[0]["verdict"], found[0]["score"])
    assert told["undone"] is None

    matter = clerk.get(f"/api/petitions/{new}/matter").json()
    assert [one["id"] for one in matter["letters"]] == [earlier, new]
    assert [one["status"] for one in matter["letters"]] == ["HANDLING", "MERGED"]
    assert matter["letters"][0]["transfer_only"] is True
    assert matter["letters"][0]["handlers"] == ["caseworker"]
    assert matter["deadline"]["clock"] == "register"  # of the merged one: the matter keeps it
    assert matter["deadline"]["left"] == 15

    address = f"/api/petitions/{new}/decisions/{told['id']}/undo"
    assert clerk.post(address, json={"reason": "啊"}).status_code == 422
    assert clerk.post(address, json={"reason": "两件并非同一事项"}).status_code == 204
    assert clerk.post(address, json={"reason": "两件并非同一事项"}).status_code == 409
    after = decided(clerk, new)
    assert after["status"] == "DUP_CHECK"
    assert after["decisions"][0]["undone"]["reason"] == "两件并非同一事项"
    with office.database.read() as session:
        acts = [
            one.action
            for one in audit.entries(session, limit=100_000)
            if one.object_id == new and one.action.startswith("duplicate_")
        ]
    assert acts.count("duplicate_decide") == 2
    assert acts.count("duplicate_undo") == 1
    assert "duplicate_decisions" in acts


def test_who_handles_the_earlier_letter_is_urged(client: Client, letters: dict[str, str]) -> None:
    clerk, handler = client("clerk"), client("caseworker")
    new, earlier = letters["new"], letters["earlier"]
    asked = {"kind": "urge", "other": earlier, "status": "DUP_CHECK"}
    assert clerk.post(f"/api/petitions/{new}/decisions", json=asked).status_code == 422
    made = clerk.post(f"/api/petitions/{new}/decisions", json=asked | {"reason": REASON})
    assert made.json()["status"] == "TRIAGE"
    (reminder,) = handler.get(f"/api/petitions/{earlier}").json()["reminders"]
    assert (reminder["reason"], reminder["cause_id"]) == (REASON, new)
    listed = handler.get("/api/duplicates/urged").json()
    assert earlier in [one["id"] for one in listed]
    assert listed[[one["id"] for one in listed].index(earlier)]["reminders"] == [reminder]

    alone = {"kind": "urge", "status": "HANDLING", "reason": REASON}
    assert clerk.post(f"/api/petitions/{earlier}/decisions", json=alone).status_code == 200
    assert len(clerk.get(f"/api/petitions/{earlier}").json()["reminders"]) == 2
    nobody = {"kind": "urge", "status": "TRIAGE", "reason": REASON}
    refused = clerk.post(f"/api/petitions/{new}/decisions", json=nobody)
    assert (refused.status_code, refused.json()["code"]) == (422, "cannot_decide")


def test_another_status_by_now_is_refused(client: Client, letters: dict[str, str]) -> None:
    asked = {"kind": "repeat", "other": letters["earlier"], "status": "TRIAGE"}
    refused = client("clerk").post(f"/api/petitions/{letters['new']}/decisions", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")


def test_hidden_unknown_and_odd_letters_are_one_refusal(
    client: Client, letters: dict[str, str]
) -> None:
    clerk, new = client("clerk"), letters["new"]
    told = set()
    for id_ in (letters["hidden"], "0" * 32, "none"):
        for answer in (
            clerk.get(f"/api/petitions/{id_}/duplicates"),
            clerk.get(f"/api/petitions/{id_}/decisions"),
            clerk.get(f"/api/petitions/{new}/decisions?other={id_}"),
            clerk.get(f"/api/petitions/{id_}/matter"),
            clerk.post(f"/api/petitions/{id_}/decisions", json=LEAST),
            clerk.post(f"/api/petitions/{new}/decisions", json=LEAST | {"other": id_}),
            clerk.post(f"/api/petitions/{new}/decisions/{id_}/undo", json={"reason": REASON}),
        ):
            assert answer.status_code == 404
            told.add(answer.content)
    assert len(told) == 1


@pytest.mark.parametrize("name", ["counter", "root"])
def test_who_does_not_decide_is_told_so(client: Client, letters: dict[str, str], name: str) -> None:
    asker, new = client(name), letters["new"]
    for answer in (
        asker.get(f"/api/petitions/{new}/decisions"),
        asker.get("/api/duplicates/urged"),
        asker.post(f"/api/petitions/{new}/decisions", json=LEAST),
        asker.post(f"/api/petitions/{new}/decisions/{'0' * 32}/undo", json={"reason": REASON}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_the_example_is_a_valid_decision(stranger: httpx.Client, client: Client) -> None:
    document = stranger.get("/api/openapi.json").json()
    (example,) = document["components"]["schemas"]["NewDecision"]["examples"]
    answer = client("clerk").post(f"/api/petitions/{'0' * 32}/decisions", json=example)
    assert answer.status_code == 404
