"""Mapping files: how an older system calls our fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ingest.errors import BadMapping
from ingest.plain_text import decode
from ingest.stated import FIELDS

if TYPE_CHECKING:
    from pathlib import Path

_DROP = "-"


def read_mapping(path: Path) -> dict[str, str]:
    """Old name -> our field; `-` as our field leaves the old one out.

    The file is a JSON object or a CSV of two columns (a heading `from,to` or `old,new` is allowed).
    Raises BadMapping, naming the entry.
    """
    try:
        decoded = decode(path.read_bytes())
    except OSError as error:
        raise BadMapping(f"{path}: {error.strerror}", "give the path of a mapping file") from error
    if decoded is None:
        raise BadMapping(f"{path} is no text", "write it as UTF-8 JSON or CSV")
    text = decoded[0]
    pairs = _json(text, path) if text.lstrip().startswith("{") else _csv(text, path)
    targets: dict[str, str] = {}
    for old, new in pairs.items():
        if new != _DROP and new not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise BadMapping(f"{path}: {old} -> {new}: there is no field {new!r}", f"use {known}")
        if new in targets and new != _DROP:
            raise BadMapping(
                f"{path}: both {targets[new]} and {old} become {new}", "map one of them only"
            )
        targets[new] = old
    return pairs


def mapped(values: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """The values under our names. A field that is mapped wins over one that has the name by chance;
    that one is kept under its own name with an underscore."""
    if not mapping:
        return dict(values)
    taken = {mapping[name] for name in values if name in mapping}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in mapping:
            if mapping[name] != _DROP:
                found[mapping[name]] = value
        else:
            found[f"{name}_" if name in taken else name] = value
    return found


def _json(text: str, path: Path) -> dict[str, str]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise BadMapping(f"{path} is no JSON: {error}", 'write {"old name": "field"}') from error
    if not isinstance(read, dict) or not all(isinstance(new, str) for new in read.values()):
        raise BadMapping(f"{path} maps to something else than names", 'write {"old name": "field"}')
    return read


def _csv(text: str, path: Path) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and tuple(cells) in {("from", "to"), ("old", "new")}):
            continue
        if len(cells) != 2 or not all(cells):
            raise BadMapping(f"{path}, line {number}: {row}", "write old name,field")
        pairs[cells[0]] = cells[1]
    return pairs
