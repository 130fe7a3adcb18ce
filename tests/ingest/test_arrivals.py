"""Which files are replies, and to which letters."""

from __future__ import annotations

import pytest

from ingest.arrivals import is_clutter, plan


@pytest.mark.parametrize(
    "reply",
    [
        "甲-回复.docx",
        "甲_答复.pdf",
        "甲（回复）.txt",
        "甲.reply.html",
        "甲 答复意见书.doc",
        "甲-回復.txt",
        "甲答复函.pdf",
    ],
)
def test_a_reply_stands_beside_its_letter(reply: str) -> None:
    planned = plan([f"2019/{reply}", "2019/甲.pdf", "2020/甲.pdf"], {})
    assert [one.place for one in planned] == [1, 2, 0]
    assert planned[-1].role == "reply"
    assert planned[-1].letter == 1


def test_a_reply_without_a_letter() -> None:
    (planned,) = plan(["乙-回复.pdf"], {})
    assert (planned.role, planned.letter) == ("reply", None)


def test_the_manifest_wins() -> None:
    stated = {
        "甲-回复.pdf": {"role": "letter", "subject": "题"},
        "乙.pdf": {"role": "reply", "id": "7"},
    }
    by_place = {one.place: one for one in plan(["甲-回复.pdf", "乙.pdf"], stated)}
    assert by_place[0].role == "letter"
    assert by_place[0].given == {"subject": "题"}
    assert by_place[1].role == "reply"
    assert by_place[1].given == {"id": "7"}


def test_clutter() -> None:
    assert all(
        is_clutter(name) for name in (".x", "a/.git/b", "Thumbs.db", "~$来信.docx", "__MACOSX/a")
    )
    assert not any(is_clutter(name) for name in ("来信.pdf", "a/b.c", "2019.01/信.txt"))
