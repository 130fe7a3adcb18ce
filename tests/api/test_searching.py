"""Searching and reading letters over JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Client = Callable[[str], httpx.Client]

PHONE = "13812345678"


def ask(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/search", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_question_finds_letters_with_passages_and_facets(client: Client, office: Any) -> None:
    told = ask(client("reviewer"), q="噪音扰民", facets=["category", "region", "status"])
    hit = next(hit for hit in told["hits"] if hit["id"] == office.ids["scanned"])
    assert hit["external_id"] == "2574"
    assert (hit["region"], hit["category"], hit["status"]) == ("A3区", "01", "CLOSED")
    assert hit["labels"]["category"] == "城乡建设"
    assert hit["edition"] == "full"
    assert hit["has_scan"]
    assert hit["replied"]
    letter = next(one for one in hit["passages"] if one["source"] == "letter")
    assert [letter["text"][start:end] for start, end in letter["spans"]]
    marked = {letter["text"][start:end] for start, end in letter["spans"]}
    assert any("噪音" in text for text in marked)
    assert set(told["facets"]) == {"category", "region", "status"}
    assert sum(value["count"] for value in told["facets"]["status"]) == told["total"]
    assert told["took_ms"] > 0


def test_words_beside_the_typed_ones_are_told(client: Client) -> None:
    told = ask(client("reviewer"), q="路登 噪音")
    sound = [one for one in told["expansions"] if one["why"] == "sound"]
    assert sound == [{"typed": "路登", "added": ["路灯"], "why": "sound", "leads": True}]
    alone = ask(client("reviewer"), q="路登")
    assert alone["total"] == ask(client("reviewer"), q='"路灯"')["total"]
    assert not alone["relaxed"]
    assert any(not one["leads"] and "噪声" in one["added"] for one in told["expansions"])
    assert ask(client("reviewer"), q='"路登"')["expansions"] == []


def test_filters_pages_and_sorting(client: Client) -> None:
    clerk = client("clerk")
    days = {"from": "2020-01-01", "to": "2020-01-10"}
    told = ask(clerk, q="", filters={"received": days}, sort="oldest", size=4)
    assert told["total"] == 10
    times = [hit["received_at"] for hit in told["hits"]]
    assert times == sorted(times)
    second = ask(clerk, q="", filters={"received": days}, sort="oldest", size=4, page=2)
    assert not {hit["id"] for hit in told["hits"]} & {hit["id"] for hit in second["hits"]}
    both = ask(clerk, q="路灯", filters={"region": ["B市", "A7县"], "category": ["01"]})
    assert {hit["category"] for hit in both["hits"]} == {"01"}
    assert {hit["region"] for hit in both["hits"]} == {"B市", "A7县"}
    assert ask(clerk, q="路灯", size=0)["hits"] == []


def test_what_may_not_be_seen_is_not_counted(client: Client) -> None:
    told = ask(client("reviewer"), q="紫藤巷", facets=["level"])
    assert (told["total"], told["hits"], told["facets"]["level"]) == (0, [], [])
    assert ask(client("root"), q="路灯")["total"] == 0
    counted = ask(client("counter"), q="路灯", facets=["status"])
    assert counted["total"] > 0
    assert counted["hits"] == []
    assert {hit["region"] for hit in ask(client("north"), q="路灯", size=50)["hits"]} == {"B市"}


def test_a_letter_shows_what_its_reader_may_see(client: Client, office: Any) -> None:
    path = f"/api/petitions/{office.ids['scanned']}"
    full = client("reviewer").get(path).json()
    assert full["edition"] == "full"
    assert full["persons"][0]["phone"] == {
        "text": PHONE,
        "shown": "full",
        "can_reveal": False,
    }
    assert full["region_path"][-1] == {"value": "A3区", "label": "A3区"}
    assert full["labels"]["status"]
    assert full["replies"][0]["body"] == "城管局"
    assert len(full["pages"]) == 1
    assert full["files"][0]["name"] == "扫描件 一.png"
    answer = client("clerk").get(path)
    masked = answer.json()
    assert masked["edition"] == "redacted"
    assert PHONE not in answer.text
    assert masked["persons"][0]["phone"]["shown"] == "masked"
    assert masked["files"] == []
    assert [page["view"] for page in masked["pages"]] == ["redacted"]
    assert [page["view"] for page in full["pages"]] == ["original"]
    copy, scan = (client(who).get(f"{path}/pages/1") for who in ("clerk", "reviewer"))
    assert (copy.status_code, copy.headers["content-type"]) == (200, "image/jpeg")
    assert copy.content != scan.content
    assert client("clerk").get(f"{path}/original").status_code == 404
    assert client("caseworker").get(path).json()["edition"] == "full"  # an own case


def test_the_scan_its_words_and_the_original(client: Client, office: Any) -> None:
    reviewer = client("reviewer")
    path = f"/api/petitions/{office.ids['scanned']}"
    image = reviewer.get(f"{path}/pages/1")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    words = reviewer.get(f"{path}/pages/1/words", params={"q": "噪音"}).json()
    assert (words["width"], words["height"]) == (800, 1100)
    boxes = [[round(edge) for edge in word["box"]] for word in words["words"]]
    assert [100, 250, 160, 280] in boxes
    assert len(boxes) == 2
    original = reviewer.get(f"{path}/original")
    assert original.content == image.content
    told = original.headers["content-disposition"]
    assert told.startswith("attachment;")
    assert "filename*=UTF-8''%E6%89%AB" in told
    assert "sandbox" in original.headers["content-security-policy"]
    for missing in (
        "/pages/2",
        "/pages/0",
        "/pages/-1",
        "/pages/2/words?q=x",
        "/original?number=9",
    ):
        assert reviewer.get(path + missing).status_code == 404
    assert reviewer.get(f"{path}/pages/one").status_code == 422
