"""Tokens that stand nowhere by chance, and every form in which a file could hold them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(number: int) -> str:
    """One with a right check digit."""
    body = f"11010519491{number:03}873"[:17]
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


@dataclass(frozen=True)
class Person:
    """Facts that are given as fields, never in a text."""

    name: str
    id_no: str
    phone: str
    address: str
    bank_card: str

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(self.fields.values())

    @property
    def fields(self) -> dict[str, str]:
        return {
            "name": self.name,
            "id_no": self.id_no,
            "phone": self.phone,
            "address": self.address,
            "bank_card": self.bank_card,
        }


def person(number: int) -> Person:
    name = "尉迟" + "璆玥瑢珩琮玠"[number] + "瓛"
    return Person(
        name,
        id_number(number),
        f"1398765{number}{number}21",
        f"琭璩巷{number}7号3栋",
        f"62284804{number}917364{number}",
    )


def forms(token: str) -> dict[str, bytes]:
    """By the name of the form."""
    plain = token.encode()
    found = {
        "utf-8": plain,
        "utf-16-le": token.encode("utf-16-le"),
        "utf-16-be": token.encode("utf-16-be"),
        "gb18030": token.encode("gb18030"),
        "in an address": quote(token).encode(),
        "in JSON": json.dumps(token)[1:-1].encode(),
        "in hexadecimal": plain.hex().encode(),
        "backwards": token[::-1].encode(),
    }
    for shift in range(3):  # base64, wherever it begins; its ends depend on what stands beside it
        coded = base64.b64encode(b"\0" * shift + plain)
        found[f"base64, {shift} bytes on"] = coded[(0, 2, 3)[shift] : len(coded) - 4]
    return {name: form.lower() for name, form in found.items() if len(form) > 3}


def found_in(content: bytes, tokens: Iterable[str]) -> Iterator[str]:
    """Which tokens stand in it, and how."""
    lowered = content.lower()
    for token in tokens:
        for name, form in forms(token).items():
            if form in lowered:
                yield f"{token} ({name})"


def found_below(folder: Path, tokens: Iterable[str]) -> Mapping[str, list[str]]:
    """By file, names of files and folders included: what stands in it."""
    wanted = list(tokens)
    found: dict[str, list[str]] = {}
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(above, name)
            content = path.read_bytes() if path.is_file() else b""
            where = str(path.relative_to(folder))
            if held := [*found_in(content, wanted), *found_in(where.encode(), wanted)]:
                found[where] = held
    return found
