"""The invented city 汀澜市 in the invented province 云川省, with all that letters speak of.

Region codes are shaped like those of GB/T 2260 but begin with 99, which names no province.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cli.sample.people import full_name
from cli.sample.words import words

PROVINCE, CITY = "云川省", "汀澜市"


@dataclass(frozen=True, slots=True)
class SampleRegion:
    """One place of the region tree; `parent` is empty for the province alone."""

    code: str
    name: str
    parent: str


_STREETS = words("streets")
DISTRICTS = tuple(_STREETS)


def _tree() -> tuple[SampleRegion, ...]:
    found = [SampleRegion("990000", PROVINCE, ""), SampleRegion("990100", CITY, "990000")]
    for place, (district, streets) in enumerate(_STREETS.items(), start=1):
        code = f"9901{place:02d}"
        found.append(SampleRegion(code, district, "990100"))
        found += [
            SampleRegion(f"{code}{number:03d}", street, code)
            for number, street in enumerate(streets, start=1)
        ]
    return tuple(found)


REGIONS = _tree()
"""Parents stand before their children."""
_CODES = {(region.parent, region.name): region.code for region in REGIONS}

_WORDS = words("places")

Scene = Mapping[str, str]
"""What a matter's templates name: slot -> words. The same matter keeps the same scene."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a matter plays: its scene and its region (street, or else district)."""

    scene: Scene
    region: str
    district: str


def _money(draw: Random) -> str:
    if draw.random() < 0.5:
        return f"{draw.randint(12, 980) / 10:g}万元"
    return (
        f"{draw.randint(20, 990) * 1000:,}元"
        if draw.random() < 0.5
        else f"{draw.randint(3, 90)}万元"
    )


def _pay(draw: Random) -> str:
    value = draw.randint(8, 96) * 100 + draw.choice((0, 0, 20, 50, 80))
    return f"{value:,}元" if draw.random() < 0.3 else f"{value}元"


def day(when: date) -> str:
    """A date as letters write it."""
    return f"{when.year}年{when.month}月{when.day}日"


def address(draw: Random) -> str:
    """A home in the invented city, down to the room or the village group."""
    district = draw.choice(DISTRICTS)
    street = draw.choice(_STREETS[district])
    if street.endswith("街道"):
        room = f"{draw.randint(1, 4)}单元{draw.randint(2, 33)}0{draw.randint(1, 6)}室"
        home = f"{_estate(draw)}{draw.randint(1, 28)}栋{room}"
        if draw.random() < 0.4:
            home = (
                f"{_road(draw)}{draw.randint(1, 398)}号{draw.randint(2, 8)}0{draw.randint(1, 4)}室"
            )
    else:
        home = f"{_village(draw)}{draw.randint(1, 14)}组{draw.randint(1, 96)}号"
    return f"{CITY}{district}{street}{home}"


def _estate(draw: Random) -> str:
    return draw.choice(_WORDS["estate_heads"]) + draw.choice(_WORDS["estate_tails"])


def _road(draw: Random) -> str:
    return draw.choice(_WORDS["road_heads"]) + draw.choice(_WORDS["road_tails"])


def _village(draw: Random) -> str:
    return draw.choice(_WORDS["village_heads"]) + draw.choice(_WORDS["village_tails"])


def setting(draw: Random, received: date, *, rural: bool) -> Setting:
    """A new scene for a matter that was reported on `received`."""
    district = draw.choice(DISTRICTS[4:] if rural else DISTRICTS)
    parent = _CODES["990100", district]
    street = draw.choice(_STREETS[district])
    earlier = received - timedelta(days=draw.randint(40, 420))
    later = received - timedelta(days=draw.randint(3, 38))
    brand, other_brand = draw.sample(_WORDS["brands"], 2)
    road, other_road = _road(draw), _road(draw)
    scene = {
        "province": PROVINCE,
        "city": CITY,
        "district": district,
        "street": street,
        "estate": _estate(draw),
        "road": road,
        "road2": other_road if other_road != road else "环城南路",
        "village": _village(draw),
        "group": f"{draw.randint(1, 14)}组",
        "building": f"{draw.randint(1, 32)}栋",
        "firm": f"{brand}{draw.choice(_WORDS['trades'])}有限公司",
        "factory": brand + draw.choice(_WORDS["works"]),
        "property_firm": f"{other_brand}物业服务有限公司",
        "developer": f"{other_brand}置业有限公司",
        "school": street.removesuffix("街道").rstrip("镇乡") + draw.choice(_WORDS["schools"]),
        "hospital": district + draw.choice(_WORDS["hospitals"]),
        "market": road[:2] + draw.choice(("农贸市场", "菜市场", "批发市场")),
        "other": full_name(draw, woman=draw.random() < 0.3),
        "count": str(draw.randint(110, 860)),
        "people": str(draw.randint(5, 48)),
        "days": str(draw.choice((7, 10, 15, 20, 30, 45))),
        "months": str(draw.randint(4, 28)),
        "year": str(received.year - draw.randint(1, 7)),
        "date": day(earlier),
        "date2": day(later),
        "money": _money(draw),
        "pay": _pay(draw),
        "fee": f"{draw.randint(110, 980) / 100:.2f}元",
    }
    region = _CODES[parent, street] if draw.random() < 0.6 else parent
    return Setting(scene, region, parent)
