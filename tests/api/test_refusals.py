"""What is refused, how it is told, and what stands on every answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.guard import HEADERS
from records import audit
from records.home import Settings
from search.errors import EngineDown
from tests.viruses import INFECTED, scanner_command

PASSWORD = "three 湖 wide lanterns"
Client = Callable[[str], httpx.Client]

QUOTED = "王小明 13812345678"
PROBLEM = "application/problem+json"


def require_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert told["code"] == code
    assert told["status"] == status
    assert {"type", "title", "detail"} <= set(told)
    return told


def test_unknown_forbidden_and_malformed_ids_get_the_same_bytes(
    client: Client, office: Any
) -> None:
    clerk = client("clerk")
    ids = (office.ids["secret"], "0" * 32, "nothing", office.ids["secret"].upper())
    for tail in ("", "/pages/1", "/pages/1/words?q=路", "/original", "/progress"):
        answers = [clerk.get(f"/api/petitions/{id_}{tail}") for id_ in ids]
        require_problem(answers[0], 404, "not_found")
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted(unvarying(answer).items())) for answer in answers}) == 1


def unvarying(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def test_a_page_of_a_letter_out_of_scope_is_refused_as_if_there_were_none(
    client: Client, office: Any
) -> None:
    scanned = office.ids["scanned"]
    assert client("reviewer").get(f"/api/petitions/{scanned}").status_code == 200
    refused = client("north").get(f"/api/petitions/{scanned}")
    assert refused.content == client("north").get(f"/api/petitions/{'1' * 32}").content
    assert client("root").get(f"/api/petitions/{scanned}").content == refused.content
    assert client("counter").get(f"/api/petitions/{scanned}").content == refused.content


def test_headers_stand_on_every_answer(stranger: httpx.Client, client: Client, office: Any) -> None:
    reviewer = client("reviewer")
    id_ = office.ids["scanned"]
    answers = [
        stranger.get("/sign-in"),
        stranger.get("/"),
        stranger.get("/nowhere"),
        stranger.get("/api/nowhere"),
        stranger.get("/api/me"),
        stranger.get("/api/health"),
        stranger.get("/api/openapi.json"),
        stranger.post("/api/health"),
        stranger.post("/api/search", content=b"x" * 3_000_000),
        stranger.post("/api/search", headers={"Sec-Fetch-Site": "cross-site"}),
        reviewer.post("/api/search", json={"q": "“"}),
        reviewer.get(f"/api/petitions/{id_}/pages/1"),
        reviewer.get(f"/api/petitions/{id_}/original"),
        reviewer.get("/api/petitions/none"),
    ]
    for answer in answers:
        for name, value in HEADERS.items():
            if name == "Content-Security-Policy":
                assert "default-src 'none'" in answer.headers[name]
                assert "unsafe" not in answer.headers[name]
            else:
                assert answer.headers[name] == value, (answer.url, name)
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_other_sites_cannot_act_for_a_signed_in_user(browser_of: Client, address: str) -> None:
    browser = browser_of("clerk")
    asked = {"q": "路灯"}
    host = address.removeprefix("http://")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": f"http://{host}0"},
    ):
        for method, path in (
            ("POST", "/api/search"),
            ("DELETE", "/api/session"),
            ("POST", "/api/petitions"),
        ):
            refused = browser.request(method, path, json=asked, headers=headers)
            require_problem(refused, 403, "cross_site")
        page = browser.post("/search", data={"q": "路灯"}, headers=headers)
        assert page.status_code == 403
        assert page.headers["content-type"].startswith("text/html")
    for headers in (
        {"Sec-Fetch-Site": "same-origin", "Origin": address},
        {"Sec-Fetch-Site": "none"},
        {"Origin": address},
        {},
    ):
        assert browser.post("/api/search", json=asked, headers=headers).status_code == 200


def test_mistakes_in_a_question_name_their_place(client: Client) -> None:
    clerk = client("clerk")
    told = require_problem(
        clerk.post("/api/search", json={"q": "噪音 “施工"}), 422, "unclosed_quote"
    )
    assert told["span"] == [3, 6]
    require_problem(clerk.post("/api/search", json={"q": "region:无此处"}), 422, "unknown_region")
    told = require_problem(clerk.post("/api/search", json={"q": "路" * 1001}), 422, "too_long")
    assert "1000" in told["detail"].replace(",", "")


@pytest.mark.parametrize(
    "body",
    [
        {"page": 0},
        {"size": 101},
        {"size": -1},
        {"facets": ["reader"]},
        {"sort": "name"},
        {"unknown": 1},
        {"filters": {"reader": ["x"]}},
        {"filters": {"received": {"from": "yesterday"}}},
        {"q": 13812345678},
        [],
    ],
)
def test_a_wrong_body_is_told_by_place_and_never_quoted(client: Client, body: Any) -> None:
    answer = client("clerk").post("/api/search", json=body)
    told = require_problem(answer, 422, "invalid_request")
    assert told["errors"]
    assert "13812345678" not in answer.text


def test_broken_json_and_forms_are_mistakes_of_the_sender(client: Client) -> None:
    clerk = client("clerk")
    headers = {"Content-Type": "application/json"}
    broken = clerk.post("/api/search", content=b"{", headers=headers)
    require_problem(broken, 400, "invalid_json")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = clerk.post("/api/petitions", content=b"not a form", headers=headers)
    assert broken.status_code == 400
    assert broken.headers["content-type"] == PROBLEM
    require_problem(clerk.post("/api/petitions", json={}), 422, "not_a_form")


@pytest.mark.parametrize(
    "body",
    [
        rb'{"q": "\ud800"}',
        rb'{"filters": {"region": ["\udfff"]}}',
        b'{"page": 99999999999999999999}',
        b'{"size": NaN}',
        b"null",
    ],
)
def test_odd_json_is_a_mistake_and_never_an_error(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client("clerk").post("/api/search", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "text", ["\x00", "路\x00灯", "\u202e\u200b", "(" * 500, "\uffff\U0010ffff"]
)
def test_odd_questions_are_answered(client: Client, text: str) -> None:
    assert client("clerk").post("/api/search", json={"q": text}).status_code in (200, 422)


@pytest.mark.parametrize("charset", ["utf-7", "punycode", '"UTF-16"'])
@pytest.mark.parametrize(
    ("path", "field"),
    [("/api/petitions", "name"), ("/register", "text"), ("/sign-in", "username"), ("/search", "q")],
)
def test_a_form_in_another_encoding_is_a_mistake_and_never_an_error(
    client: Client, path: str, field: str, charset: str
) -> None:
    headers = {"Content-Type": f"multipart/form-data; charset={charset}; boundary=x"}
    body = f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\na+2AA-b\r\n--x--\r\n'
    answer = client("clerk").post(path, content=body, headers=headers)
    assert answer.status_code == 415
    assert "UTF-8" in answer.text


def test_a_form_that_names_utf_8_is_read(client: Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=UTF-8"}
    body = '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n楼道没有灯\r\n--x--\r\n'
    answer = client("clerk").post("/api/petitions", content=body, headers=headers)
    assert answer.status_code == 201


def test_a_body_beyond_the_limit_is_cut_off_while_it_streams(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def endless() -> Any:
        for _ in range(64):
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    answer = client("clerk").post("/api/search", content=endless(), headers=headers)
    require_problem(answer, 413, "body_too_large")
    declared = client("clerk").post("/api/search", content=b" " * 2_200_000, headers=headers)
    require_problem(declared, 413, "body_too_large")
    assert caplog.text.count("refused (body_too_large): POST from 127.0.0.1") == 2


def test_a_stranger_cannot_make_the_server_read_an_upload(stranger: httpx.Client) -> None:
    read = 0

    def upload() -> Any:
        nonlocal read
        for _ in range(400):
            read += 1
            yield b"x" * 65536

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = stranger.post("/api/petitions", content=upload(), headers=headers)
        assert answer.status_code == 401
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        assert read < 400  # the server closed the connection instead of reading on


def test_a_failure_inside_tells_nothing_and_logs_no_text(
    client: Client, office: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(QUOTED)

    monkeypatch.setattr(type(office.library), "petition", fail)
    with caplog.at_level(logging.ERROR):
        answer = client("clerk").get(f"/api/petitions/{office.ids['scanned']}")
        page = client("clerk").get(f"/petitions/{office.ids['scanned']}")
    require_problem(answer, 500, "internal")
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    for text in (answer.text, page.text, caplog.text):
        assert "王小明" not in text
        assert "138123" not in text
    assert "RuntimeError" in caplog.text
    assert office.ids["scanned"] not in caplog.text


def test_an_engine_that_is_down_is_a_matter_of_now(
    client: Client, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineDown("connection to 10.1.2.3 refused")

    monkeypatch.setattr(type(office.library), "search", fail)
    answer = client("clerk").post("/api/search", json={})
    told = require_problem(answer, 503, "engine_down")
    assert "10.1.2.3" not in str(told)


def test_ready_tells_when_it_is_not(
    stranger: httpx.Client, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stranger.get("/api/health").json() == {"status": "ok"}
    assert stranger.get("/api/ready").json() == {"ready": True}
    monkeypatch.setattr(type(office.library), "ready", lambda _: False)
    answer = stranger.get("/api/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert stranger.get("/api/health").status_code == 200


def test_there_are_no_documentation_pages_and_no_folders(stranger: httpx.Client) -> None:
    for path in ("/docs", "/redoc", "/api/docs", "/static/", "/static", "/static/../app.py"):
        assert stranger.get(path).status_code == 404


def test_a_file_with_a_virus_registers_nothing(
    another_office: Callable[[Settings], tuple[Any, str]], tmp_path: Path
) -> None:
    office, address = another_office(Settings(virus_scanner=scanner_command(tmp_path)))
    office.user("clerk", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/api/session", json={"username": "clerk", "password": PASSWORD})
        files = [("files", ("信.txt", b"letter")), ("files", ("坏.txt", INFECTED))]
        told = require_problem(client.post("/api/petitions", files=files), 422, "virus_found")
        assert "坏.txt" in told["detail"]
        page = client.post("/register", files=files)
        assert page.status_code == 422
        assert "<strong>坏.txt</strong>" in page.text
        assert client.post("/api/petitions", files=files[:1]).status_code == 201
    with office.database.read() as session:
        logged = audit.newest(session, audit.LogFilter(action="virus_found"))
        assert [one.object_id for one in logged] == [None, None]


def test_a_scanner_that_cannot_tell_registers_nothing(
    another_office: Callable[[Settings], tuple[Any, str]],
) -> None:
    office, address = another_office(Settings(virus_scanner="sh -c 'exit 2'"))
    office.user("clerk", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/api/session", json={"username": "clerk", "password": PASSWORD})
        answer = client.post("/api/petitions", files={"files": ("信.txt", b"letter")})
        require_problem(answer, 503, "scanner_down")
        page = client.post("/register", files={"files": ("信.txt", b"letter")})
        assert page.status_code == 503
        assert "杀毒程序没有应答" in page.text
        assert client.post("/api/petitions", data={"text": "没有文件"}).status_code == 201


def test_limits_come_from_the_settings(
    another_office: Callable[[Settings], tuple[Any, str]],
) -> None:
    office, address = another_office(Settings(max_file_bytes=1000))
    office.user("clerk", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/api/session", json={"username": "clerk", "password": PASSWORD})
        large = client.post("/api/petitions", files={"files": ("a.txt", b"x" * 1001)})
        told = require_problem(large, 422, "file_too_large")
        assert "PETITIONS_MAX_FILE_BYTES" in told["detail"]
        huge = client.post("/api/petitions", files={"files": ("a.txt", b"x" * 1_100_000)})
        told = require_problem(huge, 413, "body_too_large")
        assert "PETITIONS_MAX_FILE_BYTES" in told["detail"]
