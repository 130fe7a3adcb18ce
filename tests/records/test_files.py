from __future__ import annotations

import pytest

from records import petitions
from records.database import Database
from records.errors import BadValue, NotFound
from records.files import add_file, file_of
from records.originals import Original
from records.pages import Line, NewPage, page, page_lines, put_pages

ONE, TWO = Original("1" * 64, 10), Original("2" * 64, 20)


def new_page(text: str, **fields: object) -> NewPage:
    values = {"source": "ocr", "confidence": 0.9, "engine": "reader 1.0", **fields}
    return NewPage(100, 200, text, (Line(text, (1, 2.5, 30, 40), 0.9),), **values)  # type: ignore[arg-type]


@pytest.fixture
def known(database: Database, petition) -> str:
    with database.write() as session:
        return petitions.add(session, petition()).id


def test_files_hang_on_a_petition_in_order_and_once(database: Database, known: str) -> None:
    with database.write() as session:
        letter = add_file(session, known, ONE, "来信.pdf", media_type="application/pdf")
        add_file(session, known, TWO, "附件.png", role="attachment")
        assert add_file(session, known, ONE, "again.pdf") == letter
        add_file(session, known, ONE, "答复.pdf", role="reply")
        assert file_of(session, known, ONE.sha256) == letter
        found = petitions.read_one(session, known)
        hung = [(one.name, one.sha256, one.size, one.media_type, one.role) for one in found.files]
        assert hung == [
            ("来信.pdf", ONE.sha256, 10, "application/pdf", "letter"),
            ("附件.png", TWO.sha256, 20, None, "attachment"),
            ("答复.pdf", ONE.sha256, 10, None, "reply"),
        ]
        assert found.revision == 4
        with pytest.raises(BadValue, match="photo"):
            add_file(session, known, TWO, "x", role="photo")
        with pytest.raises(NotFound):
            file_of(session, known, TWO.sha256)


def test_the_media_type_is_told_once_the_file_was_read(database: Database, known: str) -> None:
    with database.write() as session:
        add_file(session, known, ONE, "来信.png")
        add_file(session, known, ONE, "来信.png", media_type="image/png")
        add_file(session, known, ONE, "来信.png", media_type="text/plain")
        add_file(session, known, ONE, "来信.png")
        (file,) = petitions.read_one(session, known).files
    assert file.media_type == "image/png"


def test_pages_are_read_as_they_were_written(database: Database, known: str) -> None:
    written = new_page(
        "第一页", rotation=90, skew=-1.5, image_sha256="f" * 64, text_start=0, text_end=3
    )
    with database.write() as session:
        file_id = add_file(session, known, ONE, "来信.pdf")
        put_pages(session, known, file_id, [written, new_page("第二页", source="text-layer")])
        first = page(session, known, 1)
        summary = petitions.read_one(session, known).pages
        assert page(session, known, 3) is None
        assert page_lines(session, known, 1) == written.lines
        assert page_lines(session, known, 3) == ()
    assert first.page == written
    assert (first.file_id, first.role, first.number, first.number_in_file) == (
        file_id,
        "letter",
        1,
        1,
    )
    assert [(one.number, one.source, one.role) for one in summary] == [
        (1, "ocr", "letter"),
        (2, "text-layer", "letter"),
    ]
    assert (summary[0].image_sha256, summary[0].text_start, summary[0].text_end) == ("f" * 64, 0, 3)


def test_pages_count_over_all_files_and_keep_their_place(database: Database, known: str) -> None:
    def texts() -> list[str]:
        record = petitions.read_one(session, known)
        return [page(session, known, one.number).page.text for one in record.pages]

    with database.write() as session:
        one = add_file(session, known, ONE, "a")
        two = add_file(session, known, TWO, "b", role="reply")
        put_pages(session, known, one, [new_page("a1"), new_page("a2")])
        put_pages(session, known, two, [new_page("b1")])
        assert texts() == ["a1", "a2", "b1"]
        put_pages(session, known, one, [new_page("A1"), new_page("A2")])
        assert texts() == ["A1", "A2", "b1"]
        put_pages(session, known, one, [new_page("X")])
        assert texts() == ["b1", "X"]
        put_pages(session, known, one, [])
        assert texts() == ["b1"]
        with pytest.raises(BadValue, match="guess"):
            put_pages(session, known, one, [new_page("x", source="guess")])
