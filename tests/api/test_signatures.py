"""Signing in the pages, downloading an export, and verifying what somebody brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pyotp
import pytest

from records.changes import Description, set_description
from records.home import Settings
from records.petitions import NewPetition, NewReply
from records.recovery import begin_enrolment, finish_enrolment
from records.tables import replies
from records.users import set_columns, user_by_name

PASSWORD = "three 湖 wide lanterns"
Client = Callable[[str], httpx.Client]
VERIFIED, CHANGED, GENUINE = "验证通过", "签名后文字有改动", "真实有效"


@pytest.fixture
def answered(office: Any) -> str:
    """A letter with a reply, in A3区."""
    new = NewPetition(
        subject="井盖丢失",
        text="井盖丢了，请联系李秀英。",
        name="李秀英",
        region="A3区",
        replies=(NewReply("李秀英您好，井盖已补上。", body="城管局"),),
    )
    id_: str = office.add("answered", new)
    office.index()
    return id_


def sign(
    client: httpx.Client, id_: str, password: str = PASSWORD, code: str = ""
) -> httpx.Response:
    form = {"password": password, "code": code}
    return client.post(f"/petitions/{id_}/replies/1", data=form)


def test_a_reply_is_signed_and_the_letters_page_tells(browser_of: Client, answered: str) -> None:
    reviewer = browser_of("reviewer")
    page = reviewer.get(f"/petitions/{answered}/replies/1").text
    assert "尚无人签名" in page
    assert 'name="password"' in page
    signed = sign(reviewer, answered)
    assert (signed.status_code, signed.headers["location"]) == (
        303,
        f"/petitions/{answered}/replies/1",
    )
    for name in ("reviewer", "clerk"):
        page = browser_of(name).get(f"/petitions/{answered}").text
        assert VERIFIED in page
        assert "已由reviewer于" in page
    again = sign(reviewer, answered)
    assert again.status_code == 422
    assert "您已经签署过" in again.text


def test_a_changed_text_is_told(office: Any, browser_of: Client, answered: str) -> None:
    reviewer = browser_of("reviewer")
    assert sign(reviewer, answered).status_code == 303
    with office.database.write() as session:
        session.connection.execute(
            replies.update()
            .where(replies.c.petition_id == answered)
            .values(text="李秀英您好，井盖不补。")
        )
    page = reviewer.get(f"/petitions/{answered}").text
    assert CHANGED in page
    assert VERIFIED not in page


def test_the_password_is_asked_for_again(browser_of: Client, answered: str) -> None:
    refused = sign(browser_of("reviewer"), answered, "three 湖 wide lantern")
    assert refused.status_code == 401
    assert "尚无人签名" in refused.text


def test_the_second_factor_is_asked_for_too(office: Any, address: str, answered: str) -> None:
    office.user("factored", "reviewer")
    with office.database.write() as session:
        user = user_by_name(session, "factored")
        secret = begin_enrolment(session, user.id).secret
        finish_enrolment(session, user.id, pyotp.TOTP(secret).now(), Settings(code_steps=1))

    def code() -> str:
        with office.database.write() as session:
            set_columns(session, user.id, totp_step=0)
        return pyotp.TOTP(secret).now()

    with httpx.Client(base_url=address, trust_env=False) as client:
        form = {"username": "factored", "password": PASSWORD, "code": code()}
        assert client.post("/sign-in", data=form).status_code == 303
        assert 'name="code"' in client.get(f"/petitions/{answered}/replies/1").text
        assert sign(client, answered).status_code == 401
        signed = sign(client, answered, code=code())
        while signed.status_code == 429:  # the wrong one made it wait a second
            signed = sign(client, answered, code=code())
        assert signed.status_code == 303


def test_only_those_sign_who_may(browser_of: Client, answered: str) -> None:
    clerk, north = browser_of("clerk"), browser_of("north")
    assert 'name="password"' not in clerk.get(f"/petitions/{answered}/replies/1").text
    assert sign(clerk, answered).status_code == 403
    caseworker = browser_of("caseworker")  # of another's case: redacted
    assert "只有能看到全文的人才能签名" in caseworker.get(f"/petitions/{answered}/replies/1").text
    assert sign(caseworker, answered).status_code == 404
    for client in (north, browser_of("root")):
        assert client.get(f"/petitions/{answered}/replies/1").status_code == 404
    assert sign(north, answered).status_code == 404
    for number in ("0", "2", "x", "１"):
        there = browser_of("reviewer").get(f"/petitions/{answered}/replies/{number}")
        assert there.status_code == 404


def test_an_export_is_verified_by_everybody(
    client: Client, browser_of: Client, stranger: httpx.Client, answered: str
) -> None:
    assert sign(browser_of("reviewer"), answered).status_code == 303
    export = client("reviewer").get(f"/api/petitions/{answered}/export")
    assert export.headers["content-disposition"].startswith("attachment; ")
    content = export.content
    assert "李秀英".encode() in content
    pasted = content.decode().replace("\n", "\r\n").strip()
    for asker in (stranger, browser_of("clerk")):
        for given in (
            {"files": {"file": ("a.json", content)}},
            {"data": {"text": pasted}},
        ):
            page = asker.post("/verify", **given)  # type: ignore[arg-type]
            assert page.status_code == 200
            assert GENUINE in page.text
            assert VERIFIED in page.text
            assert "已由reviewer于" in page.text
    for place in range(0, len(content), 97):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        page = stranger.post("/verify", files={"file": ("a.json", changed)}).text
        assert GENUINE not in page
        assert "不可采信" in page


def test_who_reads_redacted_exports_redacted(client: Client, answered: str) -> None:
    content = client("clerk").get(f"/api/petitions/{answered}/export").content
    assert "李秀英".encode() not in content
    assert client("north").get(f"/api/petitions/{answered}/export").status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\x00\xff", b"[" * 10_000, b'{"format": "petitions export 1"}', b"<script>"],
)
def test_what_is_no_export_is_told(stranger: httpx.Client, content: bytes) -> None:
    page = stranger.post("/verify", files={"file": ("a.json", content)})
    assert page.status_code == 200
    assert "不可采信" in page.text
    assert "<script>" not in page.text.replace("<script src", "")


def test_a_letter_that_changes_keeps_its_signatures(
    office: Any, browser_of: Client, answered: str
) -> None:
    assert sign(browser_of("reviewer"), answered).status_code == 303
    with office.database.write() as session:
        set_description(session, answered, Description(text="井盖又丢了。"))
    assert VERIFIED in browser_of("reviewer").get(f"/petitions/{answered}").text
