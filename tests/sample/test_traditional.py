"""Sample letters in Traditional characters."""

from __future__ import annotations

import pytest

from cli.sample.letters import letters
from cli.sample.traditional import traditional


@pytest.mark.parametrize(
    ("simplified", "written"),
    [
        ("她是我们街道的好干部", "她是我們街道的好幹部"),
        ("乡镇干部签了字", "鄉鎮幹部簽了字"),
        ("井水干了，他在搬运队一干就是12年", "井水乾了，他在搬運隊一幹就是12年"),
        ("帮扶资金发放，剪头发", "幫扶資金發放，剪頭髮"),
        ("楼道里堆放杂物，三公里", "樓道裡堆放雜物，三公里"),
        ("公示名单只贴了一天，几只灭火器", "公示名單只貼了一天，幾隻滅火器"),
        ("范思琪、于新民、余金斗反映李家冲村范围", "范思琪、于新民、余金斗反映李家沖村範圍"),
    ],
)
def test_words_are_written_as_in_taiwan(simplified: str, written: str) -> None:
    assert traditional(simplified) == written


def test_letters_keep_their_length_and_have_no_wrong_official() -> None:
    for letter in letters(300):
        if not letter.traditional:
            written = traditional(letter.text)
            assert len(written) == len(letter.text)
            assert written.count("幹部") == letter.text.count("干部")
