"""Accounts, rights and the log in the pages: who sees them, and that no one alone gives rights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from records import administration, audit
from records.home import Settings
from records.roles import Role
from records.users import all_users, user_by_name

PASSWORD = "three 湖 wide lanterns"
OTHER = "eleven loud tambourines"
NAMES = {
    "admin": "administrator",
    "guard": "security",
    "auditor": "auditor",
    "li": "clerk",
    "reader": "reviewer",
}
Browsers = dict[str, httpx.Client]
Made = tuple[Any, Browsers]


@pytest.fixture
def made(another_office: Callable[[Settings], tuple[Any, str]]) -> Iterator[Made]:
    """An office, and a browser of each user."""
    office, address = another_office(Settings())
    browsers: Browsers = {}
    for name, role in NAMES.items():
        office.ids[name] = office.user(name, role)
        browsers[name] = entered(address, name)
    office.index()
    browsers["nobody"] = httpx.Client(base_url=address, trust_env=False)
    yield office, browsers
    for browser in browsers.values():
        browser.close()


def entered(address: Any, name: str, password: str = PASSWORD) -> httpx.Client:
    client = httpx.Client(base_url=address, trust_env=False)
    form = {"username": name, "password": password}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def code_on(page: str) -> str:
    (code,) = re.findall(r'<code class="secret">([A-Z2-7-]+)</code>', page)
    return str(code)


def proposal_on(page: str) -> str:
    return str(re.findall(r'name="proposal" value="(\w+)"', page)[0])


def user(office: Any, name: str) -> Any:
    with office.database.read() as session:
        return user_by_name(session, name)


def test_an_account_is_made_by_one_and_confirmed_by_another(made: Made) -> None:
    office, browsers = made
    admin, guard = browsers["admin"], browsers["guard"]
    form = {
        "name": "wu", "display_name": "吴一", "role": "reviewer", "level": "restricted",
        "regions": "A3区、A7县", "categories": "城乡建设", "fields_of": "user",
        "fields": ["name", "phone"],
    }  # fmt: skip
    page = admin.post("/users/new", data=form)
    assert page.status_code == 200
    code = code_on(page.text)
    new = user(office, "wu")
    assert (new.role, new.reads) == (Role.NONE, False)
    path = f"/users/{new.id}"
    chosen = {"username": "wu", "code": code, "new": OTHER, "again": OTHER}
    assert browsers["nobody"].post("/recover", data=chosen).status_code == 303
    assert code not in admin.get(path).text
    assert "/confirm" not in admin.get(path).text
    refused = admin.post(f"{path}/confirm", data={"proposal": "x"})
    assert refused.status_code == 403
    shown = guard.get(path).text
    assert "A3区" in shown
    answer = guard.post(f"{path}/confirm", data={"proposal": proposal_on(shown)})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    new = user(office, "wu")
    assert (new.role, new.level, new.regions) == (Role.REVIEWER, "restricted", {"A3区", "A7县"})
    assert (new.categories, new.fields) == ({"01"}, {"name", "phone"})
    again = guard.post(f"{path}/confirm", data={"proposal": proposal_on(shown)})
    assert again.status_code == 409
    assert user(office, "wu").role is Role.REVIEWER


def test_mistakes_are_told_and_what_was_typed_stays(made: Made) -> None:
    office, browsers = made
    admin = browsers["admin"]
    for wrong, status in (
        ({"name": "li"}, 409),
        ({"name": ""}, 422),
        ({"name": "a b"}, 422),
        ({"regions": "C市"}, 422),
        ({"categories": "编造"}, 422),
        ({"role": "emperor"}, 422),
        ({"level": "cosmic"}, 422),
        ({"fields_of": "user", "fields": "shoe"}, 422),
    ):
        form = {"name": "wu", "display_name": "吴一", "role": "clerk", "regions": "A市"} | wrong
        page = admin.post("/users/new", data=form)
        assert page.status_code == status, wrong
        assert 'role="alert"' in page.text
        assert "吴一" in page.text
    with office.database.read() as session:
        assert {one.name for one in all_users(session)} == set(NAMES)
    path = f"/users/{office.ids['li']}"
    assert admin.post(f"{path}/rights", data={"role": "emperor"}).status_code == 422
    assert admin.get(f"/users/{'0' * 32}").status_code == 404
    assert admin.post("/users/none/reset").status_code == 404
    assert browsers["guard"].post("/users/none/shut").status_code == 404


ROUTES = (
    ("GET", "/users"), ("GET", "/users/new"), ("POST", "/users/new"), ("GET", "/users/{li}"),
    ("POST", "/users/{li}/rights"), ("POST", "/users/{li}/confirm"),
    ("POST", "/users/{li}/decline"), ("POST", "/users/{li}/sign-out"),
    ("POST", "/users/{li}/shut"), ("POST", "/users/{li}/reopen"),
    ("POST", "/users/{li}/reset"), ("GET", "/audit"),
)  # fmt: skip
ALLOWED = {
    "admin": {"/users", "/users/new", "/users/{li}", "/users/{li}/rights", "/users/{li}/shut",
              "/users/{li}/sign-out", "/users/{li}/reopen", "/users/{li}/reset"},
    "guard": {"/users", "/users/{li}", "/users/{li}/confirm", "/users/{li}/decline",
              "/users/{li}/sign-out", "/users/{li}/shut"},
    "auditor": {"/audit"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*NAMES, "nobody"}))
def test_each_does_their_own_part(made: Made, name: str) -> None:
    office, browsers = made
    for method, pattern in ROUTES:
        path = pattern.format(li=office.ids["li"])
        form = {"role": "clerk", "proposal": "x"} if method == "POST" else None
        status = browsers[name].request(method, path, data=form).status_code
        if name == "nobody":
            assert status == 303  # to the sign-in
        elif pattern in ALLOWED.get(name, ()):
            assert status in (200, 303, 409, 422), (method, pattern)
        elif (name, pattern) != ("li", "/users/{li}/reset"):
            assert status == 403, (method, pattern)


def test_nobody_changes_their_own_account(made: Made) -> None:
    office, browsers = made
    own = f"/users/{office.ids['admin']}"
    page = browsers["admin"].get(own).text
    assert f"{own}/rights" not in page
    for act in ("rights", "reset", "shut", "sign-out", "reopen"):
        answer = browsers["admin"].post(f"{own}/{act}", data={"role": "reviewer"})
        assert answer.status_code == 403, act
    assert browsers["guard"].post(f"/users/{office.ids['guard']}/shut").status_code == 403
    assert user(office, "admin").role is Role.ADMINISTRATOR


def test_a_code_from_the_administrator_opens_no_letter(made: Made) -> None:
    office, browsers = made
    path = f"/users/{office.ids['reader']}"
    assert browsers["reader"].get("/").status_code == 200
    code = code_on(browsers["admin"].post(f"{path}/reset").text)
    chosen = {"username": "reader", "code": code, "new": OTHER, "again": OTHER}
    assert browsers["nobody"].post("/recover", data=chosen).status_code == 303
    with closing(entered(browsers["nobody"].base_url, "reader", OTHER)) as taken:
        answer = taken.post("/api/search", json={"q": ""})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)
    assert not user(office, "reader").reads
    shown = browsers["guard"].get(path).text
    browsers["guard"].post(f"{path}/confirm", data={"proposal": proposal_on(shown)})
    assert user(office, "reader").reads


def test_an_account_is_shut_and_opened(made: Made) -> None:
    office, browsers = made
    path = f"/users/{office.ids['li']}"
    assert browsers["guard"].post(f"{path}/shut").status_code == 303
    assert browsers["li"].get("/").headers["location"] == "/sign-in"
    assert f"{path}/reopen" in browsers["admin"].get(path).text
    assert f"{path}/reopen" not in browsers["guard"].get(path).text
    assert browsers["admin"].post(f"{path}/reopen").status_code == 303
    assert not user(office, "li").disabled
    assert user(office, "li").role is Role.NONE


@pytest.mark.parametrize("by", ["admin", "guard"])
def test_a_user_is_signed_out_everywhere_and_keeps_the_account(made: Made, by: str) -> None:
    office, browsers = made
    path = f"/users/{office.ids['reader']}"
    before = user(office, "reader")
    with closing(entered(browsers["nobody"].base_url, "reader")) as second:
        page = browsers[by].get(path).text
        assert "结束其全部登录（2）" in page
        assert f"{path}/sign-out" in page
        answer = browsers[by].post(f"{path}/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        for browser in (second, browsers["reader"]):
            assert browser.get("/").headers["location"] == "/sign-in"
            assert browser.get("/api/me").status_code == 401
    assert user(office, "reader") == before
    assert f"{path}/sign-out" not in browsers[by].get(path).text  # nothing is left to end
    assert browsers["li"].get("/").status_code == 200
    with closing(entered(browsers["nobody"].base_url, "reader")) as again:
        assert again.post("/api/search", json={"q": ""}).status_code == 200
    with office.database.read() as session:
        log = audit.newest(session, audit.LogFilter(action="user.sign_out"))
    assert [(one.actor, one.object_id, one.details) for one in log] == [
        (office.ids[by], office.ids["reader"], {"ended": 2})
    ]
    shown = rows(browsers["auditor"].get("/audit", params={"action": "user.sign_out"}).text)
    assert "结束用户的全部登录" in shown[0]


def test_what_is_declined_is_gone(made: Made) -> None:
    office, browsers = made
    path = f"/users/{office.ids['li']}"
    form = {"role": "reviewer", "level": "secret"}
    assert browsers["admin"].post(f"{path}/rights", data=form).status_code == 303
    assert "待确认" in browsers["guard"].get("/users").text
    shown = browsers["guard"].get(path).text
    browsers["guard"].post(f"{path}/decline", data={"proposal": proposal_on(shown)})
    assert "/decline" not in browsers["guard"].get(path).text
    assert user(office, "li").role is Role.CLERK


def test_regions_that_only_letters_name_are_not_for_those_who_see_no_letter(made: Made) -> None:
    from records.regions import add_region

    office, browsers = made
    with office.database.write() as session:
        add_region(session, "青石镇", "青石镇", learned=True)
    form = {"name": "wu", "role": "clerk"}
    answers = [
        browsers["admin"].post("/users/new", data=form | {"regions": name})
        for name in ("青石镇", "无此镇")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text.replace("青石镇", "无此镇") == answers[1].text


def rows(page: str) -> list[str]:
    return re.findall(r'<tr><td class="number">.*?</tr>', page, re.S)


def test_the_auditor_reads_the_log_and_that_is_logged(made: Made) -> None:
    office, browsers = made
    auditor = browsers["auditor"]
    browsers["reader"].post("/api/search", json={"q": "王小明的电话"})
    page = auditor.get("/audit").text
    assert "reader (reader)" in page
    assert "检索" in page
    assert "王小明" not in page
    assert "query" not in page
    again = rows(auditor.get("/audit").text)
    assert "查看日志" in again[0]
    searches = rows(auditor.get("/audit", params={"action": "search"}).text)
    assert len(searches) == 1
    assert rows(auditor.get("/audit", params={"person": "li", "action": "search"}).text) == []
    assert rows(auditor.get("/audit", params={"person": "reader", "action": "search"}).text)
    assert rows(auditor.get("/audit", params={"person": "no body"}).text) == []
    assert rows(auditor.get("/audit", params={"since": "2999-01-01"}).text) == []
    assert rows(auditor.get("/audit", params={"until": "1999-01-01"}).text) == []
    odd = auditor.get(
        "/audit", params={"since": "9999-12-31", "until": "9999-12-31", "before": "x"}
    )
    assert odd.status_code == 200
    with office.database.read() as session:
        assert audit.verify(session).intact


def test_the_log_is_read_page_by_page(made: Made) -> None:
    office, browsers = made
    with office.database.write() as session:
        for number in range(230):
            audit.write(session, "shell", "import", details={"number": number})
    auditor, seen = browsers["auditor"], []
    path = "/audit?person=shell&action=import"
    while path:
        page = auditor.get(path).text
        seen += re.findall(r"序号</span> (\d+)<", page)
        found = re.findall(r'rel="next" href="([^"]+)"', page)
        path = found[0].replace("&amp;", "&") if found else ""
    assert seen == [str(number) for number in range(229, -1, -1)]


def test_rights_by_the_shell_settle_what_was_proposed(made: Made) -> None:
    office, browsers = made
    path = f"/users/{office.ids['li']}"
    browsers["admin"].post(f"{path}/rights", data={"role": "reviewer"})
    with office.database.write() as session:
        administration.give(session, office.ids["li"], administration.Rights("leader"))
    assert "/confirm" not in browsers["guard"].get(path).text
