"""The pages of checking for repeats and the three files, as a browser without JavaScript gets
them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx
import pytest

from records.petitions import NewPetition, NewReply, read_one

Client = Callable[[str], httpx.Client]

LETTER = (
    "我是青竹园小区的业主，小区东侧的水泵房每天夜里嗡嗡作响，振动很大，老人孩子都睡不着。"
    "多次拨打物业电话没有结果，请领导尽快派人检修水泵，还我们一个安静的夜晚。"
)
AGAIN = LETTER.replace("嗡嗡作响", "轰轰作响").replace("多次拨打物业电话没有结果，", "")
WRITER = {"name": "赵青山", "phone": "13711112222", "id_no": "11010519491231002X"}
HIDDEN = "鸑鷟"


@pytest.fixture(scope="module")
def pumps(office: Any) -> dict[str, str]:
    """An earlier letter with a reply, a new one, one that the clerk may not see."""
    first = NewPetition(
        subject="水泵房夜间噪声",
        text=LETTER,
        region="A3区",
        category="0103",
        status="HANDLING",
        replies=(NewReply("已转街道办处理。", body="市信访局", transfer_only=True),),
        **WRITER,
    )
    made = {
        "first": office.add("first pump", first),
        "again": office.add(
            "second pump",
            NewPetition(
                subject="水泵房还是很吵",
                text=AGAIN,
                region="A3区",
                category="0103",
                status="DUP_CHECK",
                **WRITER,
            ),
        ),
        "hidden": office.add(
            "hidden pump", NewPetition(subject=HIDDEN, text=LETTER + HIDDEN, level="secret")
        ),
    }
    office.index()
    return made


def state(office: Any, id_: str) -> str:
    with office.database.read() as session:
        found = read_one(session, id_)
    assert found is not None
    return str(found.status)


def decision_of(page: httpx.Response) -> str:
    found = re.search(r'name="decision" value="([0-9a-f]{32})"', page.text)
    assert found, page.text
    return found[1]


def test_from_the_list_to_a_decision_and_back(
    browser_of: Client, office: Any, pumps: dict[str, str]
) -> None:
    clerk = browser_of("clerk")
    listed = clerk.get("/duplicates")
    assert f"/petitions/{pumps['again']}/duplicates" in listed.text
    assert "剩余 15 天" in listed.text

    address = f"/petitions/{pumps['again']}/duplicates"
    page = clerk.get(address)
    text = unescape(page.text)
    assert page.status_code == 200
    for told in ("近似重复", "证件号码相同", "仅转办", "市信访局", "A3区", "✓", "137****2222"):
        assert told in text
    assert "<mark>轰轰" in text
    assert HIDDEN not in text
    assert WRITER["phone"] not in text

    form = {"kind": "merge", "other": pumps["first"], "status": "DUP_CHECK", "reason": ""}
    done = clerk.post(f"/petitions/{pumps['again']}/decisions", data=form)
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"{address}?other={pumps['first']}",
    )
    assert state(office, pumps["again"]) == "MERGED"
    page = clerk.get(done.headers["location"])
    assert "并案" in page.text
    matter = clerk.get(f"/petitions/{pumps['first']}/matter").text
    assert all(number in matter for number in ("水泵房夜间噪声", "水泵房还是很吵"))

    refused = clerk.post(f"/petitions/{pumps['again']}/decisions", data=form | {"kind": "new"})
    assert refused.status_code == 409
    assert "已有变化" in refused.text

    undo = {"decision": decision_of(page), "other": pumps["first"], "reason": "啊"}
    short = clerk.post(f"/petitions/{pumps['again']}/decisions/undo", data=undo)
    assert short.status_code == 422
    undo["reason"] = "两件并非同一事项"
    back = clerk.post(f"/petitions/{pumps['again']}/decisions/undo", data=undo)
    assert back.status_code == 303
    office.index()
    assert state(office, pumps["again"]) == "DUP_CHECK"
    page = clerk.get(back.headers["location"])
    assert "两件并非同一事项" in page.text
    assert pumps["again"] in clerk.get("/duplicates").text


def test_the_office_is_urged_where_the_person_writes_again(
    browser_of: Client, office: Any, pumps: dict[str, str]
) -> None:
    clerk, first, again = browser_of("clerk"), pumps["first"], pumps["again"]
    address = f"/petitions/{again}/duplicates"
    assert 'value="urge" data-key="c"' in clerk.get(f"{address}?other={first}").text
    form = {"kind": "urge", "other": first, "status": "DUP_CHECK", "reason": "请尽快答复信访人"}
    assert clerk.post(f"/petitions/{again}/decisions", data=form).status_code == 303
    page = unescape(clerk.get(f"{address}?other={first}").text)
    assert page.count("请尽快答复信访人") >= 2  # decided, and a reminder of the other
    assert "请尽快答复信访人" in clerk.get(f"/petitions/{first}").text
    assert "请尽快答复信访人" not in clerk.get(f"/petitions/{again}").text.split("办理过程")[0]
    assert "请尽快答复信访人" in clerk.get("/duplicates/urged").text
    assert "/duplicates/urged" in clerk.get("/").text
    assert "/duplicates/urged" not in browser_of("north").get("/").text
    matter = clerk.get(f"/petitions/{first}/matter").text
    assert "已催办 1 次" in matter

    asked = {"status": "HANDLING", "reason": "啊"}
    short = clerk.post(f"/petitions/{first}/reminders", data=asked)
    assert short.status_code == 422
    assert 'value="啊"' in short.text
    asked["reason"] = "期限将至，请抓紧"
    done = clerk.post(f"/petitions/{first}/reminders", data=asked)
    assert (done.status_code, done.headers["location"]) == (303, f"/petitions/{first}/matter")
    assert "已催办 2 次" in clerk.get(done.headers["location"]).text
    refused = clerk.post(f"/petitions/{again}/reminders", data=asked | {"status": "TRIAGE"})
    assert refused.status_code == 422

    undo = {"decision": decision_of(clerk.get(address)), "reason": "两件并非同一事项"}
    assert clerk.post(f"/petitions/{again}/decisions/undo", data=undo).status_code == 303
    office.index()
    assert state(office, again) == "DUP_CHECK"
    assert "请尽快答复信访人" not in clerk.get("/duplicates/urged").text


def test_each_letter_leads_to_its_own_scan(browser_of: Client, office: Any) -> None:
    scanned = office.ids["scanned"]
    page = unescape(browser_of("clerk").get(f"/petitions/{scanned}/duplicates").text)
    assert f'<a href="/petitions/{scanned}#scan">1 页</a>' in page


def test_a_reason_of_law_is_asked_for_and_what_was_typed_stays(
    browser_of: Client, pumps: dict[str, str]
) -> None:
    form = {
        "kind": "not_accepted",
        "other": pumps["first"],
        "status": "DUP_CHECK",
        "reason": "在办",
    }
    page = browser_of("clerk").post(f"/petitions/{pumps['again']}/decisions", data=form)
    assert page.status_code == 422
    assert "五到五百个字" in page.text
    assert 'value="在办"' in page.text
    assert "第十九条" in page.text


def test_hidden_and_unknown_letters_are_one_refusal(
    browser_of: Client, pumps: dict[str, str]
) -> None:
    clerk = browser_of("clerk")
    pages = set()
    for id_ in (pumps["hidden"], "0" * 32, "none"):
        for answer in (
            clerk.get(f"/petitions/{id_}/duplicates"),
            clerk.get(f"/petitions/{pumps['again']}/duplicates?other={id_}"),
            clerk.get(f"/petitions/{id_}/matter"),
            clerk.post(f"/petitions/{id_}/reminders", data={"reason": "期限将至，请抓紧"}),
            clerk.get(f"/petitions/{id_}/persons/1"),
            clerk.post(
                f"/petitions/{pumps['again']}/decisions",
                data={"kind": "repeat", "other": id_, "status": "DUP_CHECK"},
            ),
        ):
            assert answer.status_code == 404
            pages.add(re.sub(r'name="back" value="[^"]*"', "", answer.text))
    assert len(pages) == 1


@pytest.mark.parametrize("name", ["counter", "root"])
def test_who_does_not_decide_is_told_so(
    browser_of: Client, pumps: dict[str, str], name: str
) -> None:
    browser = browser_of(name)
    for answer in (
        browser.get("/duplicates"),
        browser.get(f"/petitions/{pumps['again']}/duplicates"),
        browser.post(f"/petitions/{pumps['again']}/decisions", data={"kind": "new"}),
        browser.post(f"/petitions/{pumps['again']}/reminders"),
        browser.get("/duplicates/urged"),
    ):
        assert answer.status_code == 403
    assert "/duplicates" not in browser.get("/help").text


def test_the_three_files_hold_the_same_letter(browser_of: Client, pumps: dict[str, str]) -> None:
    clerk = browser_of("clerk")
    letter = clerk.get(f"/petitions/{pumps['first']}").text
    for address in (
        f"/petitions/{pumps['first']}/persons/1",
        f"/petitions/{pumps['first']}/matter",
        "/categories/0103",
    ):
        assert f'href="{address}"' in letter
        page = clerk.get(address)
        assert page.status_code == 200
        assert f"/petitions/{pumps['first']}" in page.text
        assert HIDDEN not in page.text
        assert WRITER["name"] not in page.text
    person = clerk.get(f"/petitions/{pumps['first']}/persons/1").text
    assert pumps["again"] in person


def test_categories_count_what_is_open_and_what_is_closed(browser_of: Client, office: Any) -> None:
    for number, status in enumerate(("CLOSED", "HANDLING", "TRIAGE")):
        office.add(
            f"counted {number}",
            NewPetition(subject="草场", text="草场退化。", category="0301", status=status),
        )
    office.add("counted hidden", NewPetition(text="草场", category="0301", level="secret"))
    office.index()
    page = unescape(browser_of("clerk").get("/categories/03").text)
    assert re.search(r"草原草场</a></td><td>3</td><td>2</td><td>1</td>", page)
    assert "未结 2，已结 1" in page
    counted = unescape(browser_of("counter").get("/categories").text)
    assert re.search(r"农村农业</a></td><td>3</td><td>2</td><td>1</td>", counted)
    assert browser_of("clerk").get("/categories/98").status_code == 404
    assert browser_of("root").get("/categories").status_code == 404


def test_the_check_before_registering_registers_nothing(
    browser_of: Client, office: Any, pumps: dict[str, str]
) -> None:
    clerk = browser_of("clerk")
    before = clerk.get("/duplicates").text.count("data-hit")
    form = {"subject": "水泵房噪声", "text": AGAIN, "region": "", **WRITER}
    for chosen in ({}, {"files": ""}, {"files": "扫描件.pdf"}):  # as browsers name files in a form
        page = clerk.post("/register/check", data=form | chosen)
        assert page.status_code == 200, page.text
    assert f"/petitions/{pumps['first']}" in page.text
    assert "证件号码相同" in page.text
    office.index()
    assert clerk.get("/duplicates").text.count("data-hit") == before
    named = clerk.post("/register", data={"text": AGAIN, "files": "扫描件.pdf"})
    assert named.status_code == 422  # the file itself did not come
    empty = clerk.post("/register/check", data={"subject": "", "text": " "})
    assert empty.status_code == 422
    assert "请先填写标题或正文" in empty.text
    assert browser_of("counter").post("/register/check", data=form).status_code == 403
