"""The page on which a person corrects a redaction, as a form without scripts sends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from records.petitions import NewPetition

Client = Callable[[str], httpx.Client]
PHONE = "13898765432"
TEXT = f"清水桥的井盖坏了，老钟头摔伤了，电话{PHONE}。"


@pytest.fixture
def letter(office: Any) -> str:
    new = NewPetition(subject="井盖坏了", text=TEXT, phone=PHONE, region="A3区")
    id_: str = office.add("to redact", new)
    office.index()
    return id_


def post(client: httpx.Client, id_: str, **form: Any) -> httpx.Response:
    return client.post(f"/petitions/{id_}/redaction", data=form)


def seen(browser_of: Client, id_: str) -> str:
    return browser_of("clerk").get(f"/petitions/{id_}").text


def test_words_are_masked_after_a_preview_with_a_reason(
    office: Any, browser_of: Client, letter: str
) -> None:
    reviewer = browser_of("reviewer")
    page = reviewer.get(f"/petitions/{letter}/redaction")
    assert page.status_code == 200
    assert '<mark class="masked"' in page.text
    preview = post(reviewer, letter, mask="老钟头\r\n", act="preview")
    assert preview.status_code == 200
    assert '<mark class="newly_masked" title="本次新遮盖">老钟头</mark>' in preview.text
    assert "这是预览，尚未保存" in preview.text
    assert "老钟头" in seen(browser_of, letter)
    unreasoned = post(reviewer, letter, mask="老钟头", act="save")
    assert unreasoned.status_code == 422
    assert "请写明理由" in unreasoned.text
    assert "老钟头" in seen(browser_of, letter)
    kept = post(reviewer, letter, mask="老钟头", reason="脱敏遗漏", act="save")
    assert kept.status_code == 303
    assert "老钟头" not in seen(browser_of, letter)
    office.index()
    asked = {"q": "老钟头"}
    found = browser_of("clerk").post("/search", data=asked, follow_redirects=True).text
    assert letter not in found
    page = reviewer.get(f"/petitions/{letter}/redaction").text
    assert "已审核" in page
    assert "已保存的更正" in page


def test_ticked_words_are_shown_again(browser_of: Client, letter: str) -> None:
    reviewer = browser_of("reviewer")
    page = reviewer.get(f"/petitions/{letter}/redaction").text
    assert re.findall(r'name="ticked" value="([^"]*)"', page) == [PHONE]
    assert PHONE not in seen(browser_of, letter)
    kept = post(reviewer, letter, ticked=[PHONE], reason="单位电话", act="save")
    assert kept.status_code == 303
    assert PHONE in seen(browser_of, letter)


def test_mistakes_are_named_and_nothing_is_kept(browser_of: Client, letter: str) -> None:
    reviewer = browser_of("reviewer")
    missing = post(reviewer, letter, mask="老钟头\n没有的字", reason="脱敏遗漏", act="save")
    assert missing.status_code == 422
    assert "<b>没有的字</b>" in missing.text
    assert "老钟头\n没有的字</textarea>" in missing.text  # what was typed stays
    assert post(reviewer, letter, mask=" \n ", act="save", reason="x").status_code == 422
    many = "\n".join(f"字{number}" for number in range(101))
    assert post(reviewer, letter, mask=many, act="save", reason="x").status_code == 422
    assert "老钟头" in seen(browser_of, letter)


def test_who_reads_redacted_gets_the_answer_of_an_unknown_letter(
    browser_of: Client, letter: str
) -> None:
    for name in ("clerk", "north", "root", "counter"):
        client = browser_of(name)
        for path in (letter, "0" * 32):
            assert client.get(f"/petitions/{path}/redaction").status_code == 404
            for act in ("preview", "save", "leave"):
                refused = post(client, path, mask="老钟头", reason="x", act=act)
                assert refused.status_code == 404
    assert "脱敏审核" not in browser_of("clerk").get("/").text


def test_the_queue_leads_from_one_to_the_next(browser_of: Client, letter: str) -> None:
    reviewer = browser_of("reviewer")
    assert f"/petitions/{letter}/redaction" in reviewer.get("/redaction").text
    left = post(reviewer, letter, act="leave")
    assert (left.status_code, left.headers["location"]) == (303, "/redaction")
    assert letter not in reviewer.get("/redaction").text
