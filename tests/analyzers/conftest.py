"""Letters to try the analyzers on: the published ones where they are at hand, else made-up ones.

Nothing here writes: every fixture may be shared by a whole session.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parents[3] / "shared" / "data"

_OPENINGS = ("尊敬的领导：", "各位领導您好!", "A市信访局：", "胡书记：\n　　您好！")
_PLACES = ("A3区东风路", "A7县星沙街道", "K8县", "锦绣花园小区3栋2单元", "地铁4号线WIFI站口", "A市")
_MATTERS = (
    "夜间施工噪音扰民，整晚都睡不着觉",
    "物业费每月涨到2.5元/平米，业委会却一直没有成立",
    "開發商延期交房，不動產權證遲遲辦不下來",
    "公交车路线调整后，老人小孩出行不便……",
    "拖欠农民工工资共计12,800元,已经三个月了",
    "污水直排，臭气熏天，居民苦不堪言咚咚咚作响",
    "孩子上学的学区划分不合理&没有公示(详见http://a.b-c.cn/x_1?y=50%)",
    "住房公积金贷款被拒、Ｃ＋＋培训机构跑路，退费困难",
)
_CLOSINGS = ("望有关部门尽快处理。", "请回复，谢谢！！", "此致\r\n敬礼", "盼复 2019.5.6", "")


def _invented(count: int) -> list[str]:
    chance = random.Random(20190506)
    return [
        chance.choice(_OPENINGS)
        + "".join(
            f"{chance.choice(_PLACES)}{chance.choice(_MATTERS)}{chance.choice('。！；,')}"
            for _ in range(chance.randint(1, 6))
        )
        + chance.choice(_CLOSINGS)
        for _ in range(count)
    ]


def _published() -> list[str]:
    texts: list[str] = []
    for name in ("petitions", "petitions_with_replies", "petitions_labelled"):
        with (PUBLISHED / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                texts.append("\n".join((row["subject"], row["text"], row.get("reply", ""))))
    return texts


@pytest.fixture(scope="session")
def letters() -> list[str]:
    """Whole letters: every published one, or 300 invented ones."""
    return _published() if (PUBLISHED / "petitions.jsonl").is_file() else _invented(300)


@pytest.fixture(scope="session")
def invented() -> list[str]:
    """300 invented letters: quick, and with what the published ones lack."""
    return _invented(300)
