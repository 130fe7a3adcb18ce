"""A manifest: a CSV that says of each file what it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ingest.errors import BadMapping, IngestError
from ingest.plain_text import decode
from ingest.stated import FIELDS, read_stated

if TYPE_CHECKING:
    from pathlib import Path

    from records.home import Settings

ROLES = ("letter", "reply", "attachment")
_NAMES = {
    "文件": "file", "文件名": "file", "path": "file", "角色": "role", "类型": "role",
    "number": "id", "external_id": "id", "编号": "id", "信访编号": "id", "no": "id",
    "标题": "subject", "主题": "subject", "地区": "region", "属地": "region", "类别": "category",
    "密级": "level", "状态": "status", "来源": "channel", "形式": "channel", "日期": "received_at",
    "收到日期": "received_at", "回复日期": "replied_at", "姓名": "name", "电话": "phone",
    "身份证号": "id_no", "住址": "address", "银行卡号": "bank_card",
    "人数": "people_count", "答复单位": "body",
}  # fmt: skip
_ROLE_NAMES = {
    "来信": "letter",
    "信件": "letter",
    "回复": "reply",
    "答复": "reply",
    "附件": "attachment",
}


def read_manifest(path: Path, settings: Settings) -> dict[str, dict[str, Any]]:
    """Fields by file, the file as written but with `/` between folders; an empty cell says nothing.

    Raises BadMapping, naming the line, for anything that would be taken in wrongly.
    """
    try:
        decoded = decode(path.read_bytes())
    except OSError as error:
        raise BadMapping(f"{path}: {error.strerror}", "give the path of a CSV file") from error
    if decoded is None:
        raise BadMapping(f"{path} is no text", "write it as UTF-8 or GB18030 CSV")
    reader = csv.DictReader(io.StringIO(decoded[0]))
    names = {name: _NAMES.get(name.strip(), name.strip()) for name in reader.fieldnames or ()}
    if "file" not in names.values():
        raise BadMapping(f"{path} has no column 'file'", "name the columns in its first line")
    rows: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(reader, 2):
        row = {names[name]: value.strip() for name, value in cells.items() if name and value}
        file = str(PurePosixPath(row.pop("file", "").replace("\\", "/")))
        if file == ".":
            continue
        if file in rows:
            raise BadMapping(f"{path}, line {number}: {file} again", "leave one of the lines out")
        rows[file] = _row(row, f"{path}, line {number} ({file})", settings)
    return rows


def _row(row: Mapping[str, str], where: str, settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {name: value for name, value in row.items() if value}
    if "role" in found:
        role = _ROLE_NAMES.get(found["role"], found["role"])
        if role not in ROLES:
            raise BadMapping(f"{where}: no role {role!r}", f"use one of {', '.join(ROLES)}")
        found["role"] = role
    try:
        read_stated({name: found[name] for name in FIELDS & found.keys()}, settings,
                    source="", id_needed=False)  # fmt: skip
    except IngestError as error:
        raise BadMapping(f"{where}: {error}", error.remedy) from error
    return found
