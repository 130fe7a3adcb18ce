"""The web pages, as a browser without JavaScript gets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx
import pytest

from records.files import add_file
from records.pages import Line, NewPage, put_pages
from records.petitions import NewPetition

Client = Callable[[str], httpx.Client]

PASSWORD = "three 湖 wide lanterns"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


def ask(browser: httpx.Client, question: str, **more: str) -> httpx.Response:
    return browser.post("/search", data={"q": question, **more}, follow_redirects=True)


def state_of(page: httpx.Response) -> str:
    return str(page.url).rpartition("/")[2]


def links(page: httpx.Response, pattern: str) -> list[str]:
    """The addresses of the links whose inner text matches."""
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    plain = [(unescape(href), re.sub(r"(<[^>]*>|\s)+", " ", text)) for href, text in found]
    return [href for href, text in plain if re.search(pattern, text)]


def total(page: httpx.Response) -> int:
    found = re.search(r'<h1 id="total"[^>]*>([\d,]*)', page.text)
    assert found, page.text
    return int(found[1].replace(",", "") or 0)


def test_words_beside_the_typed_ones_are_told(browser_of: Client) -> None:
    page = ask(browser_of("reviewer"), "路登 噪音")
    said = re.sub(r"(<[^>]*>|\s)+", " ", page.text)
    assert "“路登”或为同音的： 路灯 加引号的只查原词。" in said
    assert re.search("排序还参考： [^ ]*噪声", said)
    assert "<mark>路灯</mark>" in page.text
    alone = ask(browser_of("reviewer"), "噪音")
    (wider,) = links(alone, "同义词一并查找")
    assert 'value="噪音 OR 噪声 OR ' in browser_of("reviewer").get(wider).text
    assert "或为同音的" not in ask(browser_of("reviewer"), '"路登"').text


def test_letters_that_hold_all_words_are_parted_from_the_others(browser_of: Client) -> None:
    browser = browser_of("reviewer")
    page = ask(browser, "路灯 噪音")
    hits = re.findall(r'<li class="(parting|hit)"', page.text)
    found = re.search(r"([\d,]+) 件含全部检索词", page.text)
    holding = int(found[1]) if found else 0
    assert 0 < holding < total(page)
    everything: list[str] = hits
    while behind := links(page, "下一页"):
        page = browser.get(behind[0])
        everything += re.findall(r'<li class="(parting|hit)"', page.text)
    assert everything.index("parting") == holding
    assert everything.count("parting") == 1
    newest = browser.get(links(ask(browser, "路灯 噪音"), "最新在前")[0])
    assert "parting" not in newest.text
    assert 'class="parting"' not in ask(browser, "路灯 OR 噪音").text


def test_a_stranger_is_led_to_the_door_and_back(stranger: httpx.Client, office: Any) -> None:
    letter = f"/petitions/{office.ids['scanned']}"
    door = stranger.get(letter)
    assert (door.status_code, door.headers["location"]) == (303, f"/sign-in?next={letter}")
    page = stranger.get(door.headers["location"])
    assert f'value="{letter}"' in page.text
    form = {"username": "reviewer", "password": PASSWORD, "next": letter}
    entered = stranger.post("/sign-in", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, letter)
    assert stranger.get(letter).status_code == 200
    left = stranger.post("/sign-out")
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert left.headers["location"] == "/sign-in"
    assert stranger.get(letter).status_code == 303


def test_a_wrong_password_is_told_on_the_page(stranger: httpx.Client) -> None:
    form = {"username": "unheard-of", "password": "wrong wrong wrong"}
    page = stranger.post("/sign-in", data=form)
    assert page.status_code == 401
    assert "用户名、密码或验证码不正确" in page.text
    assert 'value="unheard-of"' in page.text
    assert "wrong wrong wrong" not in page.text
    for _ in range(4):
        page = stranger.post("/sign-in", data=form)
    assert page.status_code == 429
    assert page.headers["retry-after"]


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil", "/petitions/../x", "javascript:1"],
)
def test_nobody_is_led_to_another_site(stranger: httpx.Client, elsewhere: str) -> None:
    form = {"username": "clerk", "password": PASSWORD, "next": elsewhere}
    assert stranger.post("/sign-in", data=form).headers["location"] == "/"
    back = stranger.post("/language", data={"tag": "en", "back": elsewhere})
    assert back.headers["location"].startswith("/")
    assert not back.headers["location"].startswith(("//", "/\\"))


def test_a_question_leads_to_an_address_that_tells_nothing(browser_of: Client) -> None:
    browser = browser_of("reviewer")
    answer = browser.post("/search", data={"q": "王小明 噪音"})
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert re.fullmatch(r"/search/[\w-]+", address)
    assert browser.get(address).status_code == 200
    again = browser.post("/search", data={"q": "王小明 噪音"}).headers["location"]
    assert again != address  # not even that two questions are the same
    stolen = browser_of("clerk").get(address)
    assert (stolen.status_code, stolen.headers["location"]) == (303, "/")
    assert browser.get("/search/x").headers["location"] == "/"
    assert browser.get(address[:-4] + "AAAA").headers["location"] == "/"


def test_results_show_hits_passages_facets_and_keep_the_question(browser_of: Client) -> None:
    page = ask(browser_of("reviewer"), "噪音扰民")
    assert page.status_code == 200
    assert 'value="噪音扰民"' in page.text
    assert "<mark>噪音扰民</mark>" in page.text
    assert total(page) > 20
    assert "城乡建设" in page.text
    assert links(page, "下一页")


def test_facets_narrow_and_let_go(browser_of: Client) -> None:
    browser = browser_of("reviewer")
    everything = ask(browser, "路灯")
    narrowed = browser.get(links(everything, "办理中")[0])
    assert 'aria-current="true"' in narrowed.text
    region = browser.get(links(narrowed, "^ *B市")[0])
    assert 0 < total(region) < total(narrowed)
    kept = ask(browser, "第2条路", state=state_of(region))
    assert total(kept) <= total(region)
    assert links(kept, "B市 ×")
    released = browser.get(links(region, "B市 ×")[0])
    assert total(released) == total(narrowed)
    cleared = browser.get(links(region, "全部清除")[0])
    assert total(cleared) == total(everything)


def test_a_range_of_days_narrows(browser_of: Client) -> None:
    browser = browser_of("reviewer")
    page = ask(browser, "", since="2020-01-03", until="2020-01-05")
    assert total(page) == 3
    assert links(page, "2020-01-03 – 2020-01-05")
    assert 'value="2020-01-03"' in page.text
    odd = ask(browser, "", since="not a day", until="")
    assert total(odd) > 20


def test_pages_and_order(browser_of: Client) -> None:
    browser = browser_of("reviewer")
    first = ask(browser, "路灯")
    second = browser.get(links(first, "下一页")[0])
    assert 'start="21"' in second.text
    back = browser.get(links(second, "上一页")[0])
    shown = re.findall(r'href="(/petitions/\w+)', back.text)
    assert shown == re.findall(r'href="(/petitions/\w+)', first.text)
    oldest = browser.get(links(first, "最早在前")[0])
    days = re.findall(r"<time[^>]*>([\d-]+)</time>", oldest.text)
    assert days == sorted(days)


def test_a_mistake_is_shown_where_it_stands(browser_of: Client) -> None:
    page = ask(browser_of("clerk"), "噪音 “施工")
    assert page.status_code == 422
    assert "<mark>“施工</mark>" in page.text
    assert "引号没有成对" in page.text
    assert 'aria-invalid="true"' in page.text
    long = browser_of("clerk").post("/search", data={"q": "路" * 1500})
    assert long.status_code == 422
    assert "检索式过长" in long.text


def test_nothing_found_gives_advice(browser_of: Client) -> None:
    page = ask(browser_of("clerk"), "“绝无此事此地”")
    assert page.status_code == 200
    assert "没有找到" in page.text
    assert "检索方法" in page.text


def test_what_letters_hold_is_never_markup(browser_of: Client, office: Any) -> None:
    from records.petitions import NewPetition

    text = '<script>alert(1)</script> & "引号" <img src=x onerror=alert(2)> 独角兽'
    id_ = office.add("markup", NewPetition(subject=text, text=text, region="B市"))
    office.index()
    browser = browser_of("reviewer")
    for page in (ask(browser, "独角兽"), browser.get(f"/petitions/{id_}"), ask(browser, text)):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "&lt;script&gt;" in browser.get(f"/petitions/{id_}").text


def test_a_letter_with_its_scan_and_marks(browser_of: Client, office: Any) -> None:
    browser = browser_of("reviewer")
    results = ask(browser, "噪音扰民")
    id_ = office.ids["scanned"]
    address = next(href for href in links(results, "夜间施工") if id_ in href)
    page = browser.get(address)
    assert page.status_code == 200
    assert "<mark>噪音扰民</mark>" in page.text
    assert f'src="/api/petitions/{id_}/pages/1"' in page.text
    assert '<rect x="380.0" y="90.0" width="120.0" height="30.0"' in page.text
    assert "13812345678" in page.text
    assert "城管局" in page.text
    assert "A市 › A3区" in page.text
    assert "全部地区" not in page.text
    assert "办结" in page.text
    assert links(page, "检索结果") == [f"/search/{state_of(results)}"]
    assert f"/api/petitions/{id_}/original?number=1" in page.text
    assert browser.get(f"/petitions/{id_}?page=2").status_code == 404
    plain = browser.get(f"/petitions/{id_}")
    assert "<rect" not in plain.text
    assert "<mark>" not in plain.text


def test_a_letter_of_nobody_names_nobody(browser_of: Client, office: Any) -> None:
    page = browser_of("reviewer").get(f"/petitions/{office.ids['plain 1']}")
    assert "信访人" not in page.text
    assert "尚无答复" in page.text


def test_a_masked_letter_has_a_redacted_scan_no_numbers(browser_of: Client, office: Any) -> None:
    page = browser_of("clerk").get(f"/petitions/{office.ids['scanned']}")
    assert page.status_code == 200
    assert "13812345678" not in page.text
    assert "个人信息已为您遮蔽" in page.text
    assert "个人信息已涂黑" in page.text
    assert "/original" not in page.text
    (address,) = re.findall(r'<img src="(/api[^"]+)"', page.text)
    copy = browser_of("clerk").get(address)
    assert copy.headers["content-type"] == "image/jpeg"
    assert copy.content != browser_of("reviewer").get(address).content
    assert "个人信息已涂黑" not in browser_of("reviewer").get(page.url.path).text


def test_a_withheld_page_says_so(browser_of: Client, office: Any) -> None:
    office.add("unread", NewPetition(subject="看不清的来信", text="看不清", region="A3区"))
    unread = office.ids["unread"]
    with office.database.write() as session:
        original = office.originals.put(b"a page")
        file_id = add_file(session, unread, original, "page.png")
        line = Line("看不清", (1, 1, 90, 30), 0.3)
        read = NewPage(800, 1100, "看不清", (line,), "ocr", 0.3, image_sha256=original.sha256)
        put_pages(session, unread, file_id, [read])
    page = browser_of("clerk").get(f"/petitions/{unread}")
    assert page.status_code == 200
    assert "本页不予显示" in page.text
    assert '<img src="/api' not in page.text
    assert browser_of("clerk").get(f"/api/petitions/{unread}/pages/1").status_code == 404
    assert '<img src="/api' in browser_of("reviewer").get(f"/petitions/{unread}").text


def test_unknown_and_forbidden_letters_give_the_same_page(browser_of: Client, office: Any) -> None:
    browser = browser_of("reviewer")
    pages = [browser.get(f"/petitions/{id_}") for id_ in (office.ids["secret"], "0" * 32, "x")]
    assert {page.status_code for page in pages} == {404}
    texts = {re.sub(r'name="back" value="[^"]*"', "", page.text) for page in pages}
    assert len(texts) == 1


def test_roles_see_what_is_for_them(browser_of: Client) -> None:
    assert "您的角色无权查阅来信" in browser_of("root").get("/").text
    assert "/register" not in browser_of("root").get("/").text
    counted = ask(browser_of("counter"), "路灯")
    assert total(counted) > 0
    assert "您的权限只能查看数量" in counted.text
    assert "可检索" in browser_of("clerk").get("/").text


def test_registering_by_the_form(browser_of: Client, office: Any) -> None:
    browser = browser_of("clerk")
    form = browser.get("/register")
    assert "A3区" in form.text
    assert "城乡建设" in form.text
    wrong = browser.post("/register", data={"subject": "没有正文", "channel": "call"})
    assert wrong.status_code == 422
    assert "请上传文件，或填写正文" in wrong.text
    assert 'value="没有正文"' in wrong.text
    assert '<option value="call" selected>' in wrong.text
    made = browser.post(
        "/register",
        data={"subject": "井盖丢失", "text": "", "channel": "letter", "level": "open"},
        files=[("files", ("井盖.png", b"picture"))],
    )
    assert made.status_code == 303
    progress = browser.get(made.headers["location"])
    assert "井盖.png" in progress.text
    assert "识别文字" in progress.text
    assert 'http-equiv="refresh"' in progress.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_chosen_language(
    browser_of: Client, office: Any, language: str
) -> None:
    browser = browser_of("reviewer")
    browser.post("/language", data={"tag": language, "back": "/"})
    clerk = browser_of("clerk")
    clerk.cookies.set("language", language)
    results = ask(browser, "噪音")
    letter = browser.get(f"/petitions/{office.ids['scanned']}?s={state_of(results)}")
    pages = [
        browser.get("/"),
        results,
        letter,
        ask(browser, "“"),
        browser.get("/help"),
        browser.get("/nowhere"),
        clerk.get("/register"),
    ]
    search = {"zh-Hans": "信访检索", "zh-Hant": "陳情檢索", "en": "Petition search"}[language]
    closed = {"zh-Hans": "办结", "zh-Hant": "結案", "en": "Closed"}[language]
    for page in pages:
        assert f'<html lang="{language}">' in page.text
        assert search in page.text
    assert closed in letter.text


def test_the_pages_are_simplified_chinese_unless_asked(stranger: httpx.Client) -> None:
    headers = {"Accept-Language": "de"}
    assert '<html lang="zh-Hans">' in stranger.get("/sign-in", headers=headers).text
    stranger.cookies.set("language", "xx")
    assert '<html lang="zh-Hans">' in stranger.get("/sign-in").text


def test_what_the_pages_load_is_here_and_may_be_kept(stranger: httpx.Client) -> None:
    page = stranger.get("/sign-in")
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert {address.rpartition(".")[2] for address in loaded} == {"css", "js", "svg"}
    for address in loaded:
        answer = stranger.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", page.text)
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert not re.search(r"<script(?![^>]*src=)", page.text)
