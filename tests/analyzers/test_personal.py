"""Personal data is found and masked; places, roads, offices and ordinary words are left alone."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzers.personal import (
    PersonalKind,
    aligned,
    find_personal,
    mask_value,
    redact,
)

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def citizen(chance: random.Random) -> str:
    first = f"43010{chance.randint(1, 9)}{chance.randint(1930, 2015)}{chance.randint(1, 12):02}"
    first += f"{chance.randint(1, 28):02}{chance.randint(0, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(map(int.__mul__, map(int, first), weights)) % 11]


def mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{chance.randrange(10**9):09}"


def bank_card(chance: random.Random) -> str:
    first = "622848" + f"{chance.randrange(10**12):012}"
    total = 0
    for at, digit in enumerate(reversed(first)):
        value = int(digit) * (2 - at % 2)
        total += value - 9 if value > 9 else value
    return first + str(-total % 10)


def kinds(text: str, *names: str) -> list[tuple[PersonalKind, str, bool]]:
    return [
        (span.kind, text[span.start : span.end], span.certain)
        for span in find_personal(text, names)
    ]


@pytest.mark.parametrize(
    ("text", "kind", "value", "certain"),
    [
        ("身份证号11010519491231002X。", PersonalKind.ID_CARD, "11010519491231002X", True),
        ("身份证号110105194912310021", PersonalKind.ID_CARD, "110105194912310021", False),
        ("证号11010519491231002x", PersonalKind.ID_CARD, "11010519491231002x", True),
        ("残疾人证11010519491231002X43", PersonalKind.ID_CARD, "11010519491231002X43", True),
        ("1１０１０５ 1949 1231 002X", PersonalKind.ID_CARD, "1１０１０５ 1949 1231 002X", True),
        ("学籍号G11010519491231002X", PersonalKind.ID_CARD, "11010519491231002X", True),
        ("身份证110105491231002", PersonalKind.ID_CARD_15, "110105491231002", False),
        ("證號A123456789。", PersonalKind.TAIWAN_ID, "A123456789", True),
        ("香港身份證A123456(3)", PersonalKind.HONG_KONG_ID, "A123456(3)", True),
        ("护照号E12345678", PersonalKind.PASSPORT, "E12345678", False),
        ("电话13800138000", PersonalKind.MOBILE, "13800138000", True),
        ("电话+8613800138000，", PersonalKind.MOBILE, "8613800138000", True),
        ("电话138-0013-8000", PersonalKind.MOBILE, "138-0013-8000", True),
        ("電話0912345678", PersonalKind.MOBILE, "0912345678", False),
        ("手机号码一三八零零一三八零零零", PersonalKind.MOBILE, "一三八零零一三八零零零", False),
        ("手机138OO138OOO", PersonalKind.MOBILE, "138OO138OOO", True),
        ("手机l38001380O0", PersonalKind.MOBILE, "l38001380O0", True),
        ("家里电话0731-85551234", PersonalKind.LANDLINE, "0731-85551234", False),
        ("卡号4532015112830366", PersonalKind.BANK_CARD, "4532015112830366", True),
        ("车牌湘A12345", PersonalKind.PLATE, "湘A12345", True),
        ("车牌湘A·D12345", PersonalKind.PLATE, "湘A·D12345", True),
        ("邮箱zhang.san@example.com", PersonalKind.EMAIL, "zhang.san@example.com", True),
        ("微信号：abc_12345", PersonalKind.ACCOUNT, "abc_12345", False),
        ("加QQ 123456789", PersonalKind.ACCOUNT, "123456789", False),
        ("锦绣小区3栋2单元501室", PersonalKind.ADDRESS, "3栋2单元501室", False),
        ("我叫张三丰，", PersonalKind.NAME, "张三丰", False),
        ("聯繫人：歐陽娜娜 電話", PersonalKind.NAME, "歐陽娜娜", False),
        ("望处理\n此致\n敬礼\n李小红\n", PersonalKind.NAME, "李小红", False),
    ],
)
def test_found(text: str, kind: PersonalKind, value: str, certain: bool) -> None:
    assert (kind, value, certain) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "A3区东风路312号线公交车停在芙蓉中路二段",
        "A7县星沙街道锦绣花园小区业主反映物业乱收费",
        "地铁4号线、12路公交、第3号文件、2019年5月6日",
        "拨打12345、12315、110、120、10086都没有用，400-123-4567也不通",
        "服务热线：0731-85551234",
        "如有疑问请致电区住建局电话0731-85551234",
        "联系电话0731-85551234咨询",
        "查本人成绩，联系人：张主任，",
        "住在小区里面，离马路有四栋房子",
        "每平米12800元，共计1234567元，占地120000平方米",
        "本人于去年购房，本人多次反映，本人是业主",
        "业主代表与开发商协商，联系人员一直不接电话",
        "先生女士们，您好；老师和同志们辛苦了",
        "订单编号20190506123456789012",
        "0000-00000000",
        "A9栋的电梯坏了",
        "工号123456，准考证号2019050612",
        "网址 http://www.example.com/a?id=13",
    ],
)
def test_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_names_of_the_record_are_found_wherever_they_stand() -> None:
    text = "歐陽娜娜说，欧阳娜娜和王五"
    assert kinds(text, "欧阳娜娜") == [
        (PersonalKind.NAME, "歐陽娜娜", True),
        (PersonalKind.NAME, "欧阳娜娜", True),
    ]


def test_a_name_once_announced_is_found_wherever_it_stands() -> None:
    found = kinds("我叫张三丰，张三丰家的房子。欧阳先生和欧阳同志")
    assert [value for _, value, _ in found][:2] == ["张三丰", "张三丰"]


@pytest.mark.parametrize("make", [citizen, mobile, bank_card])
def test_every_generated_number_is_found_whole_and_certain(make: object) -> None:
    assert callable(make)
    chance = random.Random(7)
    for _ in range(300):
        number = make(chance)
        for spelled in (number, number.translate(WIDE), f"{number[:4]} {number[4:]}"):
            text = f"我的号码是{spelled}，请联系。"
            assert [(value, certain) for _, value, certain in kinds(text)] == [(spelled, True)]


def test_spoken_phones_are_found() -> None:
    chance = random.Random(8)
    for _ in range(200):
        spelled = mobile(chance).translate(SPOKEN)
        assert (PersonalKind.MOBILE, spelled, False) in kinds(f"电话{spelled}。")


@given(st.integers(0, 10**6), st.integers(0, 16), st.integers(1, 9))
def test_one_digit_changed_is_not_certain(seed: int, at: int, by: int) -> None:
    number = citizen(random.Random(seed))
    changed = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    found = kinds(f"身份证：{changed}。")
    assert (PersonalKind.ID_CARD, changed, True) not in found


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("11010519491231002X", "110***********002X"),
        ("电话13800138000", "电话138****8000"),
        ("卡号4532015112830366", "卡号************0366"),
        ("车牌湘A12345", "车牌湘A***45"),
        ("我叫张三丰，", "我叫张**，"),
        ("联系人：欧阳娜娜", "联系人：欧阳**"),
        ("锦绣小区3栋2单元501室，", "锦绣小区*******，"),
        ("zhang.san@example.com", "zh***.***@example.com"),
        ("138-0013-8000", "138-****-8000"),
    ],
)
def test_masks_keep_what_may_be_read(text: str, masked: str) -> None:
    result = redact(text, find_personal(text))
    assert len(result) == len(text)
    if "小区" in text:
        assert not set(result) & set("325")
        assert result.startswith("锦绣小区")
    else:
        assert result == masked


def test_masked_values_of_fields() -> None:
    assert mask_value(PersonalKind.NAME, "张三") == "张*"
    assert mask_value(PersonalKind.TAIWAN_ID, "A123456789") == "A1*****789"
    assert mask_value(PersonalKind.HONG_KONG_ID, "A123456(3)") == "A12****(*)"
    assert mask_value(PersonalKind.MOBILE, "1380") == "****"
    assert mask_value(PersonalKind.NAME, "") == ""


@given(ANY, st.lists(ANY, max_size=2))
@example("我叫㈱张三丰", [" "])
def test_any_text_keeps_its_length_and_spans_their_order(text: str, names: list[str]) -> None:
    spans = find_personal(text, names)
    ends = [0, *(span.end for span in spans)]
    assert all(
        end <= span.start < span.end <= len(text) for end, span in zip(ends, spans, strict=False)
    )
    masked = redact(text, spans)
    assert len(masked) == len(text)
    inside = {at for span in spans for at in range(span.start, span.end)}
    assert all(a == b or at in inside for at, (a, b) in enumerate(zip(text, masked, strict=True)))


@given(ANY)
def test_alignment_keeps_positions(text: str) -> None:
    assert len(aligned(text)) == len(text)


@given(st.sampled_from(list(PersonalKind)), ANY)
def test_a_mask_is_as_long_as_its_value(kind: PersonalKind, value: str) -> None:
    assert len(mask_value(kind, value)) == len(value)


def test_redacting_twice_finds_nothing_new(letters: list[str]) -> None:
    for letter in letters[:400]:
        once = redact(letter, find_personal(letter))
        certain = [span for span in find_personal(once) if span.certain]
        assert certain == []


def test_letters_without_personal_data_are_read_at_once() -> None:
    letter = "尊敬的领导：我是A3区锦绣花园小区的业主，物业公司长期不作为，多次反映没有结果。" * 9
    find_personal(letter)
    start = time.process_time()
    for _ in range(200):
        find_personal(letter)
    assert (time.process_time() - start) / 200 < 0.002  # measured: 0.00008
