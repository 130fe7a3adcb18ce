"""Which passwords are taken."""

from __future__ import annotations

import random
import time

import pytest

from records.errors import WeakPassword
from records.home import Settings
from records.passwords import MAX_PASSWORD, OFFICE_WORDS, require_strong


@pytest.mark.parametrize(
    "password",
    [
        "seven lanterns",  # 14 signs
        "x" * (MAX_PASSWORD + 1),
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "password12345678",
        "Passw0rd!Passw0rd!",
        "qwertyuiop12345",
        "1qaz2wsx3edc4rfv",
        "123456789012345",
        "abcdefghijklmnopqrst",
        "administrator2026",
        "zhangzhangzhang2024",
        "xinfangxinfang2024",
        "信访局信访局信访局信访局信访局",
        "信访举报投诉信访举报投诉1234",
        "办公室领导办公室领导办公室领导",
    ],
)
def test_what_is_short_or_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(password, "zhang")


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet lanterns",
        "correct horse 电池 staple",
        "路灯不亮-2019-柳岸路-井盖",
        "窗外雨滴落进旧搪瓷盆叮当响个不停",
        "kZ3#v9!qLw7^pT2x",
        " leading and trailing blanks ",
        "four words\twith a tab",
        "纸鸢🪁与石榴,还有三只刺猬在赶路",
        "".join(f"{number:x} lamp" for number in range(3000, 3012)),
    ],
)
def test_any_signs_are_taken(password: str) -> None:
    require_strong(password, "zhang")


def test_the_users_name_is_no_password() -> None:
    require_strong("grishkovets-nabokov", "zhang")
    with pytest.raises(WeakPassword):
        require_strong("grishkovets-nabokov", "grishkovets-nabokov")


def test_the_office_sets_the_least_length_and_the_message_tells_it() -> None:
    with pytest.raises(WeakPassword, match="15 to 256"):
        require_strong("short")
    with pytest.raises(WeakPassword, match="30 to 256"):
        require_strong("seven quiet lanterns", settings=Settings(min_password_characters=30))
    require_strong("kZ3#v9!qLw7^", settings=Settings(min_password_characters=8))


@pytest.mark.parametrize("word", OFFICE_WORDS)
def test_a_word_of_the_office_with_a_year_behind_it_is_no_password(word: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(word * -(-11 // len(word)) + "2026")


def test_the_longest_password_takes_no_time() -> None:
    began = time.process_time()
    signs = random.Random(5)
    require_strong("".join(signs.choice("窗灯abcdef 012") for _ in range(MAX_PASSWORD)))
    assert time.process_time() - began < 2
