"""Signing in, what the token is good for, and that it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pyotp

from api.caller import COOKIE, SECURE_COOKIE
from records.home import Settings
from records.users import NewUser, add_user, disable_user, set_rights, user_by_name

PASSWORD = "three 湖 wide lanterns"
Client = Callable[[str], httpx.Client]


def sign_in(client: httpx.Client, name: str, **more: str) -> httpx.Response:
    return client.post("/api/session", json={"username": name, "password": PASSWORD, **more})


def test_signing_in_gives_a_token_and_a_cookie(stranger: httpx.Client) -> None:
    answer = sign_in(stranger, "clerk")
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expires_at"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert stranger.get("/api/me").json()["username"] == "clerk"
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    stranger.cookies.clear()
    assert stranger.get("/api/me", headers=bearer).json()["role"] == "clerk"


def test_no_answer_shows_what_the_cookie_holds(stranger: httpx.Client) -> None:
    """And neither is good in the other's place."""
    answer = sign_in(stranger, "clerk")
    token, cookie = answer.json()["token"], stranger.cookies[COOKIE]
    for path in ("/", "/sign-ins", "/api/me"):
        shown = stranger.get(path)
        assert shown.status_code == 200
        assert cookie not in shown.text
    assert cookie not in answer.text
    stranger.cookies.clear()
    for headers in ({"Cookie": f"{COOKIE}={token}"}, {"Authorization": f"Bearer {cookie}"}):
        assert stranger.get("/api/me", headers=headers).status_code == 401


def test_signing_out_ends_the_token_everywhere(stranger: httpx.Client) -> None:
    token = sign_in(stranger, "clerk").json()["token"]
    assert stranger.delete("/api/session").status_code == 204
    assert COOKIE not in stranger.cookies
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/me", headers=bearer).status_code == 401


def test_signing_in_again_ends_the_sign_in_that_the_cookie_held(stranger: httpx.Client) -> None:
    first = sign_in(stranger, "clerk").json()["token"]
    sign_in(stranger, "clerk")
    stranger.cookies.clear()
    bearer = {"Authorization": f"Bearer {first}"}
    assert stranger.get("/api/me", headers=bearer).status_code == 401


def test_wrong_name_password_and_code_are_refused_alike(stranger: httpx.Client) -> None:
    wrong = {"username": "clerk", "password": "not this one at all"}
    unknown = {"username": "nobody-here", "password": PASSWORD}
    answers = [stranger.post("/api/session", json=body) for body in (wrong, unknown)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    sign_in(stranger, "clerk")  # so that the wrong one is forgotten


def test_too_many_wrong_attempts_must_wait(stranger: httpx.Client) -> None:
    wrong = {"username": "guessed", "password": "not this one at all"}
    answers = [stranger.post("/api/session", json=wrong) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["code"] == "too_many_attempts"


def test_the_second_factor_is_asked_for_and_used_once(stranger: httpx.Client, office: Any) -> None:
    with office.database.write() as session:
        added = add_user(session, NewUser("two-factors", "leader", PASSWORD))
    code = pyotp.parse_uri(added.enrolment).now()
    assert sign_in(stranger, "two-factors").status_code == 401
    assert sign_in(stranger, "two-factors", code=code).status_code == 200
    assert sign_in(stranger, "two-factors", code=code).status_code == 401


def test_rights_are_read_anew_for_each_request(stranger: httpx.Client, office: Any) -> None:
    office.user("changing", "clerk", level="restricted")
    sign_in(stranger, "changing")
    assert stranger.get("/api/me").json()["level"] == "restricted"
    with office.database.write() as session:
        user = user_by_name(session, "changing")
        set_rights(session, user.id, role="administrator", level="open")
    told = stranger.get("/api/me").json()
    assert (told["role"], told["level"], told["reads"]) == ("administrator", "open", False)
    assert stranger.post("/api/search", json={}).json()["total"] == 0
    with office.database.write() as session:
        disable_user(session, user.id)
    assert stranger.get("/api/me").status_code == 401


def test_me_tells_the_rights(client: Client) -> None:
    told = client("caseworker").get("/api/me").json()
    assert told["regions"] == ["A市"]
    assert "full_text" in told["own_fields"]
    assert told["fields"] == []
    assert told["registers"]


def test_behind_tls_the_cookie_is_bound_to_the_host(
    another_office: Callable[[Settings], tuple[Any, str]],
) -> None:
    office, address = another_office(Settings(secure_cookies=True))
    office.user("clerk", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        answer = sign_in(client, "clerk")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{SECURE_COOKIE}=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_token_of_any_form_is_refused_and_never_an_error(stranger: httpx.Client) -> None:
    for token in ("x", "é", "a" * 5000, "Bearer x", "null"):
        answer = stranger.get("/api/me", headers={b"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401
