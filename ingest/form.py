"""Registration forms (信访事项登记表): what stands in the cell beside or below a label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.plain_text import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ingest.extraction import PageLine

# What forms call the fields of a petition. Labels are compared without blanks, colons and notes
# in brackets.
LABELS = {
    field: tuple(labels.split())
    for field, labels in {
        "number": "编号 信访编号 登记编号 信访件编号 受理编号 收件编号 收件號 收件編號",
        "name": "姓名 信访人 信访人姓名 来信人 来访人 投诉人 申请人 陳情人 陳情人姓名",
        "id_no": "身份证号 身份证号码 证件号码 公民身份号码 身分證字號 身分證號",
        "phone": "电话 联系电话 手机 手机号码 联系方式 聯絡電話 電話",
        "address": "住址 地址 家庭住址 联系地址 通讯地址 现住址 户籍地址 聯絡地址",
        "bank_card": "银行卡号 银行账号 银行卡 收款账号 開戶帳號 銀行帳號",
        "subject": "标题 主题 事由 信访事由 投诉主题 信访标题 主旨 案由",
        "text": "信访内容 主要内容 反映内容 反映问题 信访事项 主要诉求 内容摘要 陳情內容 内容",
        "received_at": "日期 登记日期 来信日期 来访日期 收到日期 登记时间 收文日期 登記日期",
        "people_count": "人数 信访人数 来访人数 涉及人数",
        "place": "问题属地 事发地点 地点 所在地区 地點",
    }.items()
}
_FIELD = {label: field for field, labels in LABELS.items() for label in labels}
_NOISE = re.compile(r"[\s:：*]|[（(].*?[)）]")
_LEAST_LABELS = 3


def looks_like_form(text: str) -> bool:
    """Whether it is worth looking for tables: several labels stand in the text."""
    solid = "".join(text.split())
    return (
        sum(any(label in solid for label in labels) for labels in LABELS.values()) >= _LEAST_LABELS
    )


def form_fields(path: Path, page: int) -> dict[str, str]:
    """The fields of the tables on a page (from 1) of a PDF with a text layer."""
    import pdfplumber

    with pdfplumber.open(path, pages=[page]) as document:
        tables = [table for found in document.pages for table in found.extract_tables()]
    return cell_fields(row for table in tables for row in table)


def scanned_fields(lines: Sequence[PageLine]) -> dict[str, str]:
    """The fields of a form that was read by OCR: its rows are told by where the lines stand."""
    rows: list[list[PageLine]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        middle = (line.box[1] + line.box[3]) / 2
        if rows and rows[-1][0].box[1] < middle < rows[-1][0].box[3]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return cell_fields(
        [line.text for line in sorted(row, key=lambda line: line.box[0])] for row in rows
    )


def cell_fields(rows: Iterable[Sequence[str | None]]) -> dict[str, str]:
    """Label cells and the cells beside them; a label alone in its row labels the row below."""
    found: dict[str, str] = {}
    above: str | None = None
    for row in rows:
        cells = [tidy(cell or "").strip() for cell in row]
        filled = [cell for cell in cells if cell]
        if above and filled and field_of(filled[0]) is None:
            found.setdefault(above, "\n".join(filled))
        above = field_of(filled[0]) if len(filled) == 1 else None
        label: str | None = None
        for cell in filled:
            field = field_of(cell)
            if field is None and label:
                found.setdefault(label, cell)
            label = field
    return {
        field: value.replace("\n", "") if field != "text" else value
        for field, value in found.items()
    }


def field_of(label: str) -> str | None:
    """The field that a cell is the label of, or None for a value."""
    return _FIELD.get(_NOISE.sub("", label))
