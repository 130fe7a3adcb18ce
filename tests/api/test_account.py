"""One's own password and second factor in the pages, and getting in again by a one-time code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from api.caller import COOKIE
from api.pages.sign_ins import MOST, OTHERS
from records import audit, recovery, signin
from records.errors import BadValue, UnknownRole
from records.home import Settings
from records.users import NewUser, add_user, disable_user, user_by_name
from tests.known_passwords import write_list

PASSWORD = "three 湖 wide lanterns"
OTHER = "eleven loud tambourines"
Made = Callable[[Settings], tuple[Any, str]]


@pytest.fixture
def visitor(address: str) -> Iterator[Callable[[], httpx.Client]]:
    opened: list[httpx.Client] = []

    def open_client() -> httpx.Client:
        opened.append(httpx.Client(base_url=address, trust_env=False))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


def enter(client: httpx.Client, name: str, password: str = PASSWORD, code: str = "") -> int:
    form = {"username": name, "password": password, "code": code}
    return client.post("/sign-in", data=form).status_code


def secret_on(page: str) -> str:
    (secret,) = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    return str(secret).replace(" ", "")


def reset(office: Any, name: str) -> str:
    with office.database.write() as session:
        user = user_by_name(session, name)
        code: str = recovery.reset(session, user.id, "test", Settings())
    return code


def next_code(office: Any, name: str, totp: pyotp.TOTP) -> str:
    """A code that wasn't used; the step is set back instead of waiting half a minute."""
    from records.users import set_columns

    with office.database.write() as session:
        user = user_by_name(session, name)
        set_columns(session, user.id, totp_step=0)
    return totp.now()


def test_a_second_factor_is_set_up_in_the_page_and_asked_for_from_then_on(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    office.user("enroller", "clerk")
    client, elsewhere = visitor(), visitor()
    assert enter(client, "enroller") == enter(elsewhere, "enroller") == 303
    before = client.cookies[COOKIE]
    assert client.post("/second-factor", data={"password": "wrong"}).status_code == 401
    assert "secret" not in client.get("/second-factor").text
    answer = client.post("/second-factor", data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor")
    page = client.get("/second-factor")
    assert "<svg" in page.text
    totp = pyotp.TOTP(secret_on(page.text))
    wrong = client.post("/second-factor/confirm", data={"code": "000000"})
    assert wrong.status_code == 422
    assert secret_on(wrong.text) == totp.secret
    code = totp.now()
    assert client.post("/second-factor/confirm", data={"code": code}).status_code == 303
    assert client.cookies[COOKIE] != before  # a new sign-in; all the old ones ended
    assert client.get("/password").status_code == 200
    assert elsewhere.get("/password").headers["location"].startswith("/sign-in")
    assert "secret" not in client.get("/second-factor").text
    fresh = visitor()
    assert enter(fresh, "enroller") == 401
    assert enter(fresh, "enroller", code=code) == 401  # it was used to confirm
    assert enter(fresh, "enroller", code=next_code(office, "enroller", totp)) == 303


def test_the_qr_code_holds_the_address_of_the_secret(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    import cv2
    import numpy as np

    office.user("scanner", "clerk")
    client = visitor()
    enter(client, "scanner")
    client.post("/second-factor", data={"password": PASSWORD})
    page = client.get("/second-factor").text
    path = re.search(r'<path[^>]*class="qrline"[^>]*d="([^"]+)"', page)
    assert path
    size = int(re.findall(r'<svg width="(\d+)"', page)[0]) // 5
    image = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    for kind, first, _, second in re.findall(r"([Mmh])(-?[\d.]+)( (-?[\d.]+))?", path[1]):
        if kind == "M":
            x, y = float(first), float(second)
        elif kind == "m":
            x, y = x + float(first), y + float(second or 0)
        else:
            image[int(y), int(x) : int(x) + int(first)] = 0
            x += float(first)
    large = cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    read, *_ = cv2.QRCodeDetector().detectAndDecode(large)
    assert pyotp.parse_uri(read).secret == secret_on(page)


def test_replacing_a_factor_needs_the_password_and_a_code(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    with office.database.write() as session:
        added = add_user(session, NewUser("replacer", "clerk", PASSWORD))
    totp = pyotp.parse_uri(added.enrolment)
    client = visitor()
    assert enter(client, "replacer", code=totp.now()) == 303
    assert client.post("/second-factor", data={"password": PASSWORD}).status_code == 401
    replay = {"password": PASSWORD, "code": totp.now()}
    assert client.post("/second-factor", data=replay).status_code == 401
    right = {"password": PASSWORD, "code": next_code(office, "replacer", totp)}
    assert client.post("/second-factor", data=right).status_code == 303


def test_an_office_says_which_roles_must_have_one(another_office: Made) -> None:
    office, address = another_office(Settings(second_factor_for="reviewer, 领导", code_steps=1))
    office.user("bound", "reviewer")
    office.user("free", "clerk")
    office.index()
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert enter(client, "free") == 303
        assert client.get("/").status_code == 200
        client.cookies.clear()
        assert enter(client, "bound") == 303
        for method, path in (
            ("GET", "/api/me"),
            ("POST", "/api/search"),
            ("POST", "/api/petitions"),
            ("GET", f"/api/petitions/{'0' * 32}"),
        ):
            refused = client.request(method, path, json={})
            assert refused.status_code == 403
            assert refused.json()["code"] == "second_factor_due"
        for path in ("/", "/help", "/register", "/password", f"/petitions/{'0' * 32}"):
            assert client.get(path).headers["location"] == "/second-factor"
        assert client.post("/search", data={"q": "路"}).headers["location"] == "/second-factor"
        assert client.post("/second-factor").status_code == 303
        totp = pyotp.TOTP(secret_on(client.get("/second-factor").text))
        confirmed = client.post("/second-factor/confirm", data={"code": totp.now()})
        assert confirmed.headers["location"] == "/"
        assert client.get("/").status_code == 200
        assert client.get("/api/me").status_code == 200


def test_who_owes_a_factor_may_leave(another_office: Made) -> None:
    office, address = another_office(Settings(second_factor_for="all"))
    office.user("bound", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert enter(client, "bound") == 303
        assert client.post("/sign-out").status_code == 303
        assert enter(client, "bound") == 303
        assert client.delete("/api/session").status_code == 204
        assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize("code_steps", [0, 1])
def test_a_code_lasts_thirty_seconds_unless_the_office_says_otherwise(
    another_office: Made, code_steps: int
) -> None:
    office, address = another_office(Settings(code_steps=code_steps))
    office.user("typist", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert enter(client, "typist") == 303
        assert client.post("/second-factor", data={"password": PASSWORD}).status_code == 303
        totp = pyotp.TOTP(secret_on(client.get("/second-factor").text))

        def confirm(late: int) -> int:
            _early_in_a_step()
            code = totp.at(time.time() - 30 * late)
            return client.post("/second-factor/confirm", data={"code": code}).status_code

        def signed_in(late: int) -> int:
            next_code(office, "typist", totp)
            _early_in_a_step()
            return enter(client, "typist", code=totp.at(time.time() - 30 * late))

        assert confirm(late=code_steps + 1) == 422
        assert confirm(late=code_steps) == 303
        client.cookies.clear()
        assert signed_in(late=code_steps + 1) == 401
        assert signed_in(late=code_steps) == 303


def _early_in_a_step() -> None:
    while time.time() % 30 > 25:
        time.sleep(0.1)


def test_more_steps_than_one_stop_the_server(office: Any) -> None:
    from api.app import create_app

    with pytest.raises(BadValue, match="PETITIONS_CODE_STEPS is 2; write 0 or 1"):
        create_app(office.library, office.database, office.originals, Settings(code_steps=2))


def test_a_role_that_is_none_stops_the_server(office: Any) -> None:
    from api.app import create_app

    with pytest.raises(UnknownRole, match="king"):
        create_app(
            office.library, office.database, office.originals, Settings(second_factor_for="king")
        )


def test_a_password_that_became_known_is_not_taken(another_office: Made, tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    write_list(file, [OTHER])
    office, address = another_office(Settings(known_passwords=str(file)))
    office.user("changer", "clerk")
    form = {"password": PASSWORD, "new": OTHER, "again": OTHER}
    with httpx.Client(base_url=address, trust_env=False) as client:
        enter(client, "changer")
        refused = client.post("/password", data=form)
        assert refused.status_code == 422
        assert "已泄露密码的名单" in refused.text
        file.unlink()
        away = client.post("/password", data=form)
        assert away.status_code == 503
        assert "无法读取已泄露密码的名单" in away.text
        write_list(file, ["123456"])
        assert client.post("/password", data=form).status_code == 303


def test_a_password_is_changed_by_the_present_one_and_ends_other_sign_ins(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    office.user("changer", "clerk")
    client, elsewhere = visitor(), visitor()
    enter(client, "changer")
    enter(elsewhere, "changer")
    before = client.cookies[COOKIE]

    def change(present: str, new: str, again: str | None = None) -> int:
        form = {"password": present, "new": new, "again": new if again is None else again}
        return client.post("/password", data=form).status_code

    assert change("wrong", OTHER) == 401
    assert change(PASSWORD, "short") == 422
    assert change(PASSWORD, OTHER, OTHER + "x") == 422
    assert change(PASSWORD, "changerchanger2026") == 422
    assert client.get("/").status_code == 200
    assert change(PASSWORD, OTHER) == 303
    assert client.cookies[COOKIE] != before
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").headers["location"] == "/sign-in"
    assert elsewhere.get("/api/me").status_code == 401
    fresh = visitor()
    assert enter(fresh, "changer") == 401
    assert enter(fresh, "changer", OTHER) == 303


def test_a_one_time_code_leads_back_in(visitor: Callable[[], httpx.Client], office: Any) -> None:
    with office.database.write() as session:
        added = add_user(session, NewUser("loser", "clerk", PASSWORD))
    client = visitor()
    assert enter(client, "loser", code=pyotp.parse_uri(added.enrolment).now()) == 303
    code = reset(office, "loser")
    assert client.get("/api/me").status_code == 401  # signed out at once
    fresh = visitor()
    assert fresh.get("/recover").status_code == 200

    def recover(given: str, new: str = OTHER) -> httpx.Response:
        form = {"username": "loser", "code": given, "new": new, "again": new}
        return fresh.post("/recover", data=form)

    weak = recover(code, "short")
    assert weak.status_code == 422
    assert code not in weak.text
    assert recover("AAAA-BBBB").status_code == 401
    assert recover(code).headers["location"] == "/sign-in"
    assert recover(code).status_code == 401
    assert COOKIE not in fresh.cookies  # a code alone signs nobody in
    assert enter(fresh, "loser", OTHER) == 303
    assert fresh.get("/").headers["location"] == "/second-factor"


def test_what_ends_a_sign_in(visitor: Callable[[], httpx.Client], office: Any) -> None:
    office.user("leaver", "clerk")
    client = visitor()
    enter(client, "leaver")
    cookie = client.cookies[COOKIE]
    token = signin.token_in(cookie)
    for headers in ({"Cookie": f"{COOKIE}={cookie}"}, {"Authorization": f"Bearer {token}"}):
        assert visitor().get("/api/me", headers=headers).status_code == 200
    assert client.post("/sign-out").status_code == 303
    for headers in ({"Cookie": f"{COOKIE}={cookie}"}, {"Authorization": f"Bearer {token}"}):
        assert visitor().get("/api/me", headers=headers).status_code == 401
    enter(client, "leaver")
    with office.database.write() as session:
        disable_user(session, user_by_name(session, "leaver").id)
    assert client.get("/api/me").status_code == 401


def test_a_sign_in_that_a_stranger_planted_is_not_taken_over(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    """The token after signing in is a new one, whatever the browser held before."""
    office.user("planted", "clerk")
    thief = visitor()
    enter(thief, "planted")
    planted = thief.cookies[COOKIE]
    victim = visitor()
    victim.cookies.set(COOKIE, planted)
    enter(victim, "planted")
    held = [cookie.value for cookie in victim.cookies.jar if cookie.value != planted]
    assert len(held) == 1
    assert len(held[0]) == 43  # 256 bits
    assert thief.get("/api/me").status_code == 401


def handles_on(page: str) -> list[str]:
    return re.findall(r'name="which" value="([0-9a-f]{16})"', page)


def handle_of(client: httpx.Client) -> str:
    return signin.handle(signin.token_in(client.cookies[COOKIE]))


def test_own_sign_ins_are_seen_and_ended(visitor: Callable[[], httpx.Client], office: Any) -> None:
    office.user("holder", "clerk")
    office.user("neighbour", "clerk")
    first, second, third, other = (visitor() for _ in range(4))
    for client in (first, second, third):
        assert enter(client, "holder") == 303
    assert enter(other, "neighbour") == 303
    page = third.get("/sign-ins").text
    held = [handle_of(client) for client in (first, second, third)]
    assert sorted(handles_on(page)) == sorted(held)  # and none of the neighbour's
    assert handles_on(page)[0] == held[2]  # the newest first
    (present,) = re.findall(r"<tr>(?:(?!</tr>).)*当前登录.*?</tr>", page, re.S)
    assert handles_on(present) == [held[2]]
    for client in (first, second, third):
        assert client.cookies[COOKIE] not in page
        assert signin.token_hash(signin.token_in(client.cookies[COOKIE])) not in page
    assert handles_on(other.get("/sign-ins").text) == [handle_of(other)]

    for missing in ({}, {"password": "wrong words here"}):
        refused = third.post("/sign-ins/end", data={"which": OTHERS, **missing})
        assert refused.status_code == 401
        assert 'class="mistake"' in refused.text
        assert sorted(handles_on(refused.text)) == sorted(held)
    assert first.get("/api/me").status_code == second.get("/api/me").status_code == 200

    stolen = {"which": held[0], "password": PASSWORD}
    assert other.post("/sign-ins/end", data=stolen).status_code == 303  # not theirs: nothing
    assert first.get("/api/me").status_code == 200
    ended = third.post("/sign-ins/end", data=stolen)
    assert (ended.status_code, ended.headers["location"]) == (303, "/sign-ins")
    assert first.get("/api/me").status_code == 401  # at the very next request
    assert first.get("/password").headers["location"].startswith("/sign-in")
    assert second.get("/api/me").status_code == third.get("/api/me").status_code == 200
    assert third.post("/sign-ins/end", data=stolen).status_code == 303  # again: nothing more

    assert third.post("/sign-ins/end", data={**stolen, "which": OTHERS}).status_code == 303
    assert second.get("/api/me").status_code == 401
    assert other.get("/api/me").status_code == 200
    page = third.get("/sign-ins").text
    assert handles_on(page) == [held[2]]
    assert 'name="password"' not in page  # nothing that would ask for it
    left = third.post("/sign-ins/end", data={"which": held[2]})  # the one that asks: signed out
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert COOKIE not in third.cookies
    assert third.get("/sign-ins").headers["location"].startswith("/sign-in")
    with office.database.read() as session:
        holder = user_by_name(session, "holder")
        log = audit.newest(session, audit.LogFilter(actor=holder.id))
    ends = [one.action for one in log if one.action != "sign_in"]
    one = ["sign_ins_ended", "sign_ins_ending"]
    assert ends == ["sign_out", *one, "sign_ins_ending", *one]
    counts = [dict(one.details)["ended"] for one in log if one.action == "sign_ins_ended"]
    assert counts == [1, 1]


def test_many_sign_ins_are_not_listed_one_by_one(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    office.user("machine", "clerk")
    client = visitor()
    enter(client, "machine")
    with office.database.write() as session:
        user = user_by_name(session, "machine")
        for _ in range(MOST + 4):
            signin.begin(session, user)
    page = client.get("/sign-ins").text
    assert len(handles_on(page)) == MOST
    assert "另有 5 个" in page
    client.post("/sign-ins/end", data={"which": OTHERS, "password": PASSWORD})
    assert len(handles_on(client.get("/sign-ins").text)) == 1


def test_who_has_a_second_factor_ends_sign_ins_by_both(
    visitor: Callable[[], httpx.Client], office: Any
) -> None:
    office.user("doubly", "clerk")
    client, other = visitor(), visitor()
    assert enter(client, "doubly") == 303
    client.post("/second-factor", data={"password": PASSWORD})
    totp = pyotp.TOTP(secret_on(client.get("/second-factor").text))
    assert client.post("/second-factor/confirm", data={"code": totp.now()}).status_code == 303
    assert enter(other, "doubly", code=next_code(office, "doubly", totp)) == 303
    form = {"which": OTHERS, "password": PASSWORD}
    assert client.post("/sign-ins/end", data=form).status_code == 401
    assert other.get("/api/me").status_code == 200
    form["code"] = next_code(office, "doubly", totp)
    assert client.post("/sign-ins/end", data=form).status_code == 303
    assert other.get("/api/me").status_code == 401


def test_who_owes_a_factor_sees_and_ends_no_sign_ins(another_office: Made) -> None:
    office, address = another_office(Settings(second_factor_for="all"))
    office.user("bound", "clerk")
    with (
        httpx.Client(base_url=address, trust_env=False) as client,
        httpx.Client(base_url=address, trust_env=False) as other,
    ):
        assert enter(client, "bound") == enter(other, "bound") == 303
        which = {"which": signin.handle(other.cookies[COOKIE])}
        for answer in (
            client.get("/sign-ins"),
            client.post("/sign-ins/end", data={**which, "password": PASSWORD}),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor")
        assert other.get("/second-factor").status_code == 200


def test_another_site_ends_no_sign_in(visitor: Callable[[], httpx.Client], office: Any) -> None:
    office.user("framed", "clerk")
    client, other = visitor(), visitor()
    enter(client, "framed")
    enter(other, "framed")
    headers = {"Sec-Fetch-Site": "cross-site"}
    for which in (signin.handle(other.cookies[COOKIE]), OTHERS):
        form = {"which": which, "password": PASSWORD}
        assert client.post("/sign-ins/end", data=form, headers=headers).status_code == 403
    assert other.get("/api/me").status_code == 200


def test_an_idle_and_an_old_sign_in_end(another_office: Made) -> None:
    office, address = another_office(Settings(session_idle_seconds=0))
    office.user("idle", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        assert enter(client, "idle") == 303
        assert client.get("/api/me").status_code == 401


def test_many_wrong_sign_ins_from_one_address_must_wait_and_are_logged(
    another_office: Made,
) -> None:
    office, address = another_office(Settings(free_attempts_of_address=3))
    office.user("desk", "clerk")
    with httpx.Client(base_url=address, trust_env=False) as client:
        for number in range(3):
            assert enter(client, f"guess{number}") == 401
        page = client.post("/sign-in", data={"username": "desk", "password": PASSWORD})
        assert page.status_code == 429
        assert int(page.headers["retry-after"]) >= 1
        spoofed = client.post(
            "/sign-in",
            data={"username": "desk", "password": PASSWORD},
            headers={"X-Real-IP": "10.9.9.9", "Forwarded": "for=10.9.9.9"},
        )
        assert spoofed.status_code == 429
    with office.database.read() as session:
        entries = audit.entries(session)
    assert [entry.action for entry in entries] == ["sign_in_refused"] * 5
    assert all(entry.details["wait"] >= 1 for entry in entries[3:])


@pytest.mark.parametrize(("trusted", "waits"), [("10.0.0.1", True), ("127.0.0.1", False)])
def test_only_a_trusted_proxy_says_where_somebody_comes_from(
    another_office: Made, trusted: str, waits: bool
) -> None:
    """Whoever could name another address at each attempt would never have to wait."""
    settings = Settings(free_attempts_of_address=2, trusted_proxies=trusted)
    _, address = another_office(settings)
    with httpx.Client(base_url=address, trust_env=False) as client:
        statuses = [
            client.post(
                "/sign-in",
                data={"username": f"guess{number}", "password": "wrong"},
                headers={"X-Forwarded-For": f"10.9.9.{number}"},
            ).status_code
            for number in range(3)
        ]
    assert statuses == [401, 401, 429 if waits else 401]


def test_proofs_and_enrolments_never_show_what_they_hold() -> None:
    shown = repr(signin.Proof("zhang", PASSWORD, "123456")) + repr(recovery.Enrolment("S", "A"))
    assert PASSWORD not in shown
    assert "zhang" not in shown
