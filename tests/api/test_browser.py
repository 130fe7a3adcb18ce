"""The pages in a real browser: keys, marks on the scan, narrow screens, contrast, no outside calls.

Chromium and its driver come from Debian (packages chromium, chromium-driver); without them these
tests fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from records import recovery
from records.home import Settings
from records.petitions import NewPetition, read_one
from records.users import set_columns, user_by_name

pytestmark = pytest.mark.xdist_group("browser")

PASSWORD = "three 湖 wide lanterns"
NEW_PASSWORD = "eleven loud tambourines"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--force-prefers-reduced-motion",  # a click does not wait for a page that glides
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
)
WIDE, NARROW = (1440, 900), (390, 844)

CONTRAST = """
const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const faults = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
  let behind = element, ground = [255, 255, 255];
  for (; behind; behind = behind.parentElement) {
    const colour = parse(getComputedStyle(behind).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) { ground = colour; break; }
  }
  const pair = [light(parse(getComputedStyle(element).color)), light(ground)].sort((a, b) => b - a);
  const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
  if (ratio < 4.5) faults.push([walker.currentNode.data.trim().slice(0, 20), ratio.toFixed(2)]);
}
return faults;
"""
UNLABELLED = """
return [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
  .filter((one) => !(one.labels && one.labels.length) && !one.getAttribute("aria-label")
    && !one.textContent.trim())
  .map((one) => one.outerHTML);
"""


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Chrome, address: str) -> Iterator[Chrome]:
    """A browser that nobody has signed in to; it must not complain of anything on the pages."""
    chromium.get(f"{address}/sign-in")
    chromium.delete_all_cookies()
    chromium.get_log("browser")
    resize(chromium, WIDE)
    yield chromium
    complaints = [
        entry["message"]
        for entry in chromium.get_log("browser")
        if "Failed to load resource" not in entry["message"]  # a refusal that a test asked for
        and "Cleared data types" not in entry["message"]  # told of every sign-out
    ]
    assert complaints == []


def resize(browser: Chrome, size: tuple[int, int]) -> None:
    """The size of the page itself; a window has a least width."""
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait(browser: Chrome, met: Callable[[Chrome], Any]) -> Any:
    return WebDriverWait(browser, 20).until(met)


def one(browser: Chrome, selector: str) -> WebElement:
    return wait(browser, lambda driver: driver.find_element(By.CSS_SELECTOR, selector))


def press(browser: Chrome, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def require_focus(browser: Chrome, id_: str) -> None:
    """A browser focuses what asks for it a moment after the page is there."""
    wait(browser, lambda driver: driver.switch_to.active_element.get_attribute("id") == id_)


def arrive(browser: Chrome, part: str, act: Callable[[], object]) -> None:
    """Do what leads to another page, and wait for that page."""
    before = browser.find_element(By.TAG_NAME, "html")
    act()
    wait(browser, lambda driver: driver.find_element(By.TAG_NAME, "html") != before)
    wait(browser, lambda driver: part in driver.current_url)
    wait(browser, lambda driver: driver.execute_script("return document.readyState") == "complete")


def sign_in(browser: Chrome, address: str, name: str) -> None:
    browser.get(f"{address}/")
    require_focus(browser, "username")
    press(browser, name)
    one(browser, "#password").send_keys(PASSWORD)
    arrive(browser, address, lambda: press(browser, Keys.ENTER))


def ask(browser: Chrome, question: str) -> None:
    box = one(browser, "#q")
    box.clear()
    box.send_keys(question)
    arrive(browser, "/search/", lambda: box.send_keys(Keys.ENTER))


def total(browser: Chrome) -> int:
    return int("".join(c for c in one(browser, "#total").text if c.isdecimal()) or 0)


def test_from_the_door_to_the_word_on_the_scan_by_keyboard(
    browser: Chrome, address: str, office: Any
) -> None:
    sign_in(browser, address, "reviewer")
    require_focus(browser, "q")
    ask(browser, "噪音扰民")
    assert total(browser) >= 1
    press(browser, "/")
    box = browser.switch_to.active_element
    assert box.get_attribute("id") == "q"
    press(browser, Keys.ESCAPE, "j", "j", "k")
    hit = browser.switch_to.active_element
    assert hit == browser.find_elements(By.CSS_SELECTOR, "[data-hit] h2 a")[0]
    assert hit.text.startswith("夜间施工噪音扰民")
    arrive(browser, "/petitions/", lambda: press(browser, Keys.ENTER))
    assert office.ids["scanned"] in browser.current_url

    image = one(browser, ".page img")
    wait(browser, lambda driver: driver.execute_script("return arguments[0].complete", image))
    assert browser.execute_script("return arguments[0].naturalWidth", image) == 800
    sheet = image.rect
    scale = sheet["width"] / 800
    assert sheet["height"] == pytest.approx(1100 * scale, abs=1)
    boxes = [mark.rect for mark in browser.find_elements(By.CSS_SELECTOR, ".page rect")]
    expected = [(380, 90, 120, 30)]  # 噪音扰民 is the 7th to 10th sign of the line, 30 wide each
    assert len(boxes) >= len(expected)
    for left, top, width, height in expected:
        assert any(
            box["x"] == pytest.approx(sheet["x"] + left * scale, abs=2)
            and box["y"] == pytest.approx(sheet["y"] + top * scale, abs=2)
            and box["width"] == pytest.approx(width * scale, abs=3)
            and box["height"] == pytest.approx(height * scale, abs=3)
            for box in boxes
        ), boxes
    reading = one(browser, ".reading").rect
    assert reading["x"] > sheet["x"] + sheet["width"]  # the text stands beside the scan
    arrive(browser, "/search/", lambda: press(browser, "u"))
    assert total(browser) >= 1


def test_back_leads_to_the_results_without_asking(browser: Chrome, address: str) -> None:
    sign_in(browser, address, "reviewer")
    ask(browser, "路灯")
    found = total(browser)
    arrive(browser, "/petitions/", one(browser, "[data-hit] h2 a").click)
    arrive(browser, "/search/", browser.back)
    assert total(browser) == found
    assert one(browser, "#q").get_attribute("value") == "路灯"


def test_facets_pages_and_days(browser: Chrome, address: str) -> None:
    sign_in(browser, address, "reviewer")
    ask(browser, "路灯")
    everything = total(browser)
    press(browser, "]")
    wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".hits[start='21']"))
    press(browser, "[")
    wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".hits[start='1']"))
    facet = browser.find_element(By.CSS_SELECTOR, "[aria-labelledby=facet-region]")
    city = next(one for one in facet.find_elements(By.TAG_NAME, "a") if "B市" in one.text)
    arrive(browser, "/search/", city.click)
    assert 0 < total(browser) < everything
    chip = one(browser, ".chips a")
    assert "B市" in chip.text
    since = one(browser, "#since")
    browser.execute_script("arguments[0].value = '2020-01-10'", since)
    before = total(browser)
    arrive(browser, "/search/", one(browser, ".dates button").click)
    assert 0 < total(browser) < before
    arrive(browser, "/search/", one(browser, ".chips .plain").click)
    assert total(browser) == everything


def test_help_opens_and_closes_by_key(browser: Chrome, address: str) -> None:
    sign_in(browser, address, "clerk")
    require_focus(browser, "q")
    press(browser, Keys.ESCAPE, "?")
    help_ = one(browser, "#help")
    wait(browser, lambda _: help_.is_displayed())
    assert "检索方法" in help_.text
    press(browser, Keys.ESCAPE)
    wait(browser, lambda _: not help_.is_displayed())
    press(browser, "/")
    press(browser, "?jk")
    assert one(browser, "#q").get_attribute("value") == "?jk"  # in the box they are letters
    assert not help_.is_displayed()


def test_registering_a_file_by_the_form(browser: Chrome, address: str, tmp_path: Path) -> None:
    picture = tmp_path / "来信 第一页.png"
    picture.write_bytes(b"a picture of one page")
    sign_in(browser, address, "clerk")
    arrive(browser, "/register", browser.find_element(By.LINK_TEXT, "登记").click)
    arrive(browser, "/register", one(browser, ".form .button").click)  # nothing given
    assert "请上传文件" in one(browser, ".mistake").text
    one(browser, "#files").send_keys(str(picture))
    one(browser, "#subject").send_keys("沿河路井盖丢失")
    arrive(browser, "/progress", one(browser, ".form .button").click)
    assert "来信 第一页.png" in one(browser, ".stages").text
    arrive(browser, "/petitions/", one(browser, ".sheet .button").click)
    assert "沿河路井盖丢失" in one(browser, "h1").text


def test_too_large_files_are_told_before_they_are_sent(
    browser: Chrome,
    another_office: Callable[[Settings], tuple[Any, str]],
    tmp_path: Path,
) -> None:
    office, address = another_office(Settings(max_file_bytes=1000))
    office.user("desk", "clerk")
    large = tmp_path / "large.png"
    large.write_bytes(b"x" * 1001)
    sign_in(browser, address, "desk")
    browser.get(f"{address}/register")
    files = one(browser, "#files")
    files.send_keys(str(large))
    assert "超过上限" in files.get_property("validationMessage")
    one(browser, "#text").send_keys("正文")
    one(browser, ".form .button").click()
    assert browser.current_url.endswith("/register")
    files.clear()
    large.write_bytes(b"x" * 1000)
    files.send_keys(str(large))
    assert files.get_property("validationMessage") == ""


def test_language_and_signing_out_by_the_menu(browser: Chrome, address: str) -> None:
    sign_in(browser, address, "clerk")
    one(browser, ".fold summary").click()
    arrive(browser, address, one(browser, "button[value=zh-Hant]").click)
    assert one(browser, "html").get_attribute("lang") == "zh-Hant"
    assert "陳情檢索" in browser.title
    one(browser, ".fold summary").click()
    arrive(browser, "/sign-in", one(browser, ".leave").click)
    browser.get(f"{address}/")
    assert "/sign-in" in browser.current_url


def test_a_letter_prints_without_the_page_around_it(
    browser: Chrome, address: str, office: Any
) -> None:
    sign_in(browser, address, "reviewer")
    browser.get(f"{address}/petitions/{office.ids['scanned']}")
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert not one(browser, ".bar").is_displayed()
        assert not one(browser, ".files").is_displayed()
        assert one(browser, ".reading .text").is_displayed()
        assert one(browser, ".page img").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_account_pages_fit_read_and_work(
    browser: Chrome, address: str, office: Any, size: tuple[int, int]
) -> None:
    """From a lost password to a second factor, in a browser."""
    name = f"visitor{size[0]}"
    office.user(name, "clerk")
    with office.database.write() as session:
        user = user_by_name(session, name)
        recovery.begin_enrolment(session, user.id)
        set_columns(session, user.id, factor_due_at=user.created_at)  # as one who had a factor
        code = recovery.reset(session, user.id, "test")
    resize(browser, size)

    def looks_right() -> None:
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0], browser.current_url
        assert browser.execute_script(CONTRAST) == [], browser.current_url
        assert browser.execute_script(UNLABELLED) == [], browser.current_url

    browser.get(f"{address}/sign-in")
    arrive(browser, "/recover", browser.find_element(By.CSS_SELECTOR, "a[href='/recover']").click)
    looks_right()
    require_focus(browser, "username")
    fields = {"username": name, "code": code, "new": NEW_PASSWORD, "again": NEW_PASSWORD + "x"}
    for field, text in fields.items():
        one(browser, f"#{field}").send_keys(text)
    arrive(browser, "/recover", lambda: press(browser, Keys.ENTER))
    assert "不一致" in one(browser, ".mistake").text
    looks_right()
    for field, text in (fields | {"again": NEW_PASSWORD}).items():
        box = one(browser, f"#{field}")
        box.clear()
        box.send_keys(text)
    arrive(browser, "/sign-in", lambda: press(browser, Keys.ENTER))
    one(browser, "#username").send_keys(name)
    one(browser, "#password").send_keys(NEW_PASSWORD)
    arrive(browser, "/second-factor", lambda: press(browser, Keys.ENTER))
    looks_right()
    arrive(browser, "/second-factor", one(browser, ".door .button").click)
    looks_right()
    assert one(browser, ".qr svg").rect["width"] >= 150
    secret = one(browser, ".secret").text.replace(" ", "")
    one(browser, "#code").send_keys(pyotp.TOTP(secret).now())
    arrive(browser, address, lambda: press(browser, Keys.ENTER))
    require_focus(browser, "q")
    for path in ("/second-factor", "/password"):
        one(browser, ".fold summary").click()
        link = browser.find_element(By.CSS_SELECTOR, f".folded a[href='{path}']")
        assert link.is_displayed()
        arrive(browser, path, link.click)
        looks_right()


def test_words_are_picked_by_mouse_and_keys_to_be_masked(
    browser: Chrome, address: str, office: Any
) -> None:
    """What is selected in the full text goes into the form; nothing else that is pressed does."""
    sign_in(browser, address, "reviewer")
    path = f"/petitions/{office.ids['scanned']}/redaction"
    browser.get(address + path)
    select = """
      const walker = document.createTreeWalker(document.querySelector(arguments[0]), 4);
      while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf(arguments[1]);
        if (at < 0) continue;
        getSelection().setBaseAndExtent(
          walker.currentNode, at, walker.currentNode, at + arguments[1].length);
        return true;
      }
      return false;"""
    assert browser.execute_script(select, "[data-source]", "小区北侧")
    browser.find_element(By.TAG_NAME, "body").send_keys("m")
    assert browser.execute_script(select, "[data-source]", "噪音很大")
    one(browser, "[data-pick=show]").click()
    browser.find_element(By.TAG_NAME, "body").send_keys("m")
    assert browser.execute_script(select, "h1", "脱敏")
    browser.find_element(By.TAG_NAME, "body").send_keys("m")
    mask, show = (one(browser, f"#{name}").get_attribute("value") for name in ("mask", "show"))
    assert (mask, show) == ("小区北侧\n噪音很大\n", "噪音很大\n")
    field = one(browser, "#show")
    field.clear()
    field.send_keys("ms")  # in a field these are letters
    assert one(browser, "#mask").get_attribute("value") == mask
    field.clear()
    arrive(browser, path, lambda: one(browser, "#reason").send_keys("脱敏遗漏", Keys.ENTER))
    marked = [mark.text for mark in browser.find_elements(By.CSS_SELECTOR, "[data-source] mark")]
    assert "小区北侧" in marked
    assert "噪音很大" in marked
    assert one(browser, "[role=status]").text == "这是预览，尚未保存。"
    assert browser.execute_script(CONTRAST) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_fits_reads_and_stays_at_home(
    browser: Chrome, address: str, office: Any, size: tuple[int, int]
) -> None:
    resize(browser, size)
    browser.get(f"{address}/sign-in")
    assert browser.execute_script(CONTRAST) == []
    assert browser.execute_script(UNLABELLED) == []
    sign_in(browser, address, "reviewer")
    ask(browser, "噪音扰民")
    results = browser.current_url.removeprefix(address)
    sealed = results.rpartition("/")[2]
    addresses = [
        "/",
        results,
        f"/petitions/{office.ids['scanned']}?s={sealed}",
        f"/petitions/{office.ids['scanned']}/replies/1",
        f"/petitions/{office.ids['scanned']}/redaction",
        "/redaction",
        "/verify",
        "/sign-ins",
        "/help",
        "/nowhere",
    ]
    for path in addresses:
        browser.get(address + path)
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0], path
        assert browser.execute_script(CONTRAST) == [], path
        assert browser.execute_script(UNLABELLED) == [], path
        assert len(browser.find_elements(By.CSS_SELECTOR, "main")) == 1
        assert len(browser.find_elements(By.CSS_SELECTOR, "main h1, .help h1, main h2")) >= 1
        loaded = browser.execute_script(
            "return performance.getEntriesByType('resource').map((entry) => entry.name)"
        )
        assert all(name.startswith(address) for name in loaded), loaded
    browser.get(address + results)
    side = one(browser, ".side")
    wait(browser, lambda _: (side.get_attribute("open") is not None) is (size == WIDE))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_of_persons_users_and_the_log_fit_and_read(
    browser: Chrome, address: str, office: Any, size: tuple[int, int]
) -> None:
    resize(browser, size)
    names = {role: f"{role}-{size[0]}" for role in ("archivist", "administrator", "auditor")}
    ids = {role: office.user(name, role) for role, name in names.items()}

    def looks_right() -> None:
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0], browser.current_url
        assert browser.execute_script(CONTRAST) == [], browser.current_url
        assert browser.execute_script(UNLABELLED) == [], browser.current_url

    sign_in(browser, address, names["archivist"])
    browser.get(f"{address}/persons")
    require_focus(browser, "value")
    press(browser, "13812345678", Keys.ENTER)
    one(browser, ".hit")
    looks_right()
    browser.get(f"{address}/petitions/{office.ids['scanned']}")
    browser.find_elements(By.CSS_SELECTOR, ".reveal summary")[1].click()
    looks_right()
    reveal = browser.find_elements(By.CSS_SELECTOR, ".reveal")[1]
    reveal.find_element(By.NAME, "reason").send_keys("约定上门核实时间", Keys.ENTER)
    assert one(browser, ".revealed").text == "13812345678"
    looks_right()
    for role, paths in (
        ("administrator", ("/users", "/users/new", f"/users/{ids['auditor']}")),
        ("auditor", ("/audit",)),
    ):
        browser.delete_all_cookies()
        sign_in(browser, address, names[role])
        for path in paths:
            browser.get(address + path)
            one(browser, "main h1")
            browser.execute_script(
                "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
            )
            looks_right()


SHUTTER = (
    "我住红枫里小区，地下车库的卷帘门每天清晨嘎吱作响，楼板跟着震，夜班回来的人没法补觉。"
    "请主管部门督促物业更换轨道，给卷帘门上油。"
)
WRITER = {"name": "孙望舒", "phone": "13711113333"}


@pytest.fixture(scope="module")
def shutter(office: Any) -> str:
    """A letter that is written again."""
    id_ = office.add(
        "shutter", NewPetition(subject="卷帘门清晨扰民", text=SHUTTER, region="A3区", **WRITER)
    )
    office.index()
    return str(id_)


def state(office: Any, id_: str) -> str:
    with office.database.read() as session:
        found = read_one(session, id_)
    assert found is not None
    return str(found.status)


def looks_right(browser: Chrome, size: tuple[int, int]) -> None:
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0], browser.current_url
    assert browser.execute_script(CONTRAST) == [], browser.current_url
    assert browser.execute_script(UNLABELLED) == [], browser.current_url


def test_register_check_confirm_and_take_back_by_keyboard(
    browser: Chrome,
    address: str,
    office: Any,
    shutter: str,
) -> None:
    sign_in(browser, address, "clerk")
    browser.get(f"{address}/register")
    form = one(browser, "main .form")
    for name, text in {"subject": "卷帘门第三次反映", "text": SHUTTER, **WRITER}.items():
        form.find_element(By.ID, name).send_keys(text)
    arrive(browser, "/progress", form.find_element(By.CSS_SELECTOR, ".button:not(.quiet)").click)
    id_ = browser.current_url.split("/")[-2]
    office.index()
    assert state(office, id_) == "DUP_CHECK"
    arrive(browser, "/duplicates", one(browser, ".sheet a.button").click)
    looks_right(browser, WIDE)

    links = browser.find_elements(By.CSS_SELECTOR, ".candidates [data-key]")
    key = next(
        link.get_attribute("data-key") for link in links if shutter in link.get_attribute("href")
    )
    arrive(browser, f"other={shutter}", lambda: press(browser, key))
    assert "✓" in one(browser, ".compare .match").text
    press(browser, "g")  # 关联 needs a reason: the browser says so, nothing is decided
    assert one(browser, "#reason").get_property("validationMessage")
    assert state(office, id_) == "DUP_CHECK"
    press(browser, Keys.ESCAPE, "r")
    press(browser, "同一卷帘门")
    press(browser, Keys.ESCAPE)
    arrive(browser, f"other={shutter}", lambda: press(browser, "d"))
    office.index()
    assert state(office, id_) == "TRIAGE"
    decided = one(browser, ".decisions").text
    assert "确认重复" in decided
    assert "同一卷帘门" in decided
    looks_right(browser, WIDE)
    resize(browser, NARROW)
    looks_right(browser, NARROW)
    resize(browser, WIDE)

    one(browser, ".undo summary").click()
    one(browser, ".undo input[name=reason]").send_keys("两件并非同一事项")
    arrive(browser, "/duplicates", one(browser, ".undo button").click)
    office.index()
    assert state(office, id_) == "DUP_CHECK"
    assert "两件并非同一事项" in one(browser, ".decisions").text
    assert not browser.find_elements(By.CSS_SELECTOR, ".undo")


def test_check_before_registering_opens_beside_the_form(
    browser: Chrome, address: str, shutter: str, tmp_path: Path
) -> None:
    """With a file chosen, too: a browser sends its name among the typed fields."""
    chosen = tmp_path / "扫描件.txt"
    chosen.write_text(SHUTTER, "utf-8")
    sign_in(browser, address, "clerk")
    browser.get(f"{address}/register")
    form = one(browser, "main .form")
    form.find_element(By.ID, "text").send_keys(SHUTTER)
    form.find_element(By.ID, "files").send_keys(str(chosen))
    here = browser.current_window_handle
    form.find_element(By.CSS_SELECTOR, ".button.quiet").click()
    wait(browser, lambda driver: len(driver.window_handles) == 2)
    (beside,) = set(browser.window_handles) - {here}
    browser.switch_to.window(beside)
    try:
        assert shutter in one(browser, ".hits a").get_attribute("href")
        looks_right(browser, WIDE)
    finally:
        browser.close()
        browser.switch_to.window(here)
    assert one(browser, "#text").get_property("value") == SHUTTER


def test_an_office_is_urged_by_key_and_the_check_prints(
    browser: Chrome, address: str, office: Any, shutter: str
) -> None:
    handled = office.add(
        "shutter handled", NewPetition(subject="卷帘门太吵", text=SHUTTER, status="HANDLING")
    )
    again = office.add(
        "shutter urged",
        NewPetition(subject="卷帘门还吵", text=SHUTTER + "请尽快。", status="DUP_CHECK", **WRITER),
    )
    office.index()
    sign_in(browser, address, "clerk")
    browser.get(f"{address}/petitions/{again}/duplicates?other={handled}")
    press(browser, "r")
    press(browser, "请在期限内答复", Keys.ESCAPE)
    arrive(browser, handled, lambda: press(browser, "c"))
    office.index()
    assert state(office, again) == "TRIAGE"
    assert "请在期限内答复" in one(browser, ".compare .reminders").text
    looks_right(browser, WIDE)

    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = {
            selector: browser.find_element(By.CSS_SELECTOR, selector).is_displayed()
            for selector in (".bar", ".verdicts", ".undo", ".candidates", ".decisions", ".compare",
                             ".pair", ".print-only")
        }  # fmt: skip
        one_side, other = (
            part.rect for part in browser.find_elements(By.CSS_SELECTOR, ".pair > *")
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert {selector for selector, is_ in shown.items() if is_} == {
        ".decisions", ".compare", ".pair", ".print-only",
    }  # fmt: skip
    assert one_side["y"] == other["y"]
    assert one_side["x"] + one_side["width"] < other["x"]

    browser.get(f"{address}/petitions/{handled}/matter")
    one(browser, ".urge summary").click()
    one(browser, ".urge input[name=reason]").send_keys("期限将至，请抓紧")
    arrive(browser, "/matter", one(browser, ".urge button").click)
    assert "期限将至，请抓紧" in one(browser, ".hit .reminders").text
    looks_right(browser, WIDE)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_new_pages_fit_and_read(
    browser: Chrome,
    address: str,
    shutter: str,
    size: tuple[int, int],
) -> None:
    resize(browser, size)
    sign_in(browser, address, "clerk")
    for path in (
        "/duplicates",
        "/duplicates/overlooked",
        "/duplicates/urged",
        f"/petitions/{shutter}",
        f"/petitions/{shutter}/matter",
        f"/petitions/{shutter}/persons/1",
        "/categories",
        "/categories/01",
        "/register",
    ):
        browser.get(address + path)
        looks_right(browser, size)
