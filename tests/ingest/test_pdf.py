"""PDF: a good text layer is taken, a bad one is read by OCR; broken and locked ones are refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.errors import Damaged, Locked, TooLarge
from ingest.form import form_fields
from ingest.pdf import DISPLAY_DPI, is_good, open_pdf, picture, text_layer
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker

LINE = "我是柳岸路的居民，小区门口的路灯不亮。"


def test_text_layer_with_boxes_on_the_picture(make: Maker, settings: Settings) -> None:
    with open_pdf(make.pdf("a.pdf", LINE), settings) as document:
        page = document[0]
        lines = text_layer(page, DISPLAY_DPI)
        shown = picture(page, DISPLAY_DPI, settings).convert("L")
        page.close()
    assert lines is not None
    assert [line.text for line in lines] == [LINE]
    left, top, right, bottom = lines[0].box
    assert shown.crop((left, top, right, bottom)).getextrema()[0] < 100  # its ink
    assert shown.crop((0, bottom + 2, *shown.size)).getextrema()[0] > 200  # and none elsewhere
    assert shown.crop((0, 0, shown.width, top - 2)).getextrema()[0] > 200


def test_a_scan_has_no_layer(make: Maker, settings: Settings) -> None:
    with open_pdf(make.scan("scan.pdf"), settings) as document:
        page = document[0]
        assert text_layer(page, DISPLAY_DPI) is None
        page.close()


@pytest.mark.parametrize(
    "layer",
    [
        "",
        "第1页",
        "\ue001\ue002\ue003\ue004" * 5,
        "囗囝囨囬図圇圊圝圞圱圴" * 2,
        "!\"#$%&'()*+,-./" * 3,
    ],
)
def test_layers_that_are_not_believed(layer: str) -> None:
    assert not is_good(layer)


def test_layers_that_are_believed() -> None:
    assert is_good(LINE)
    assert is_good("Dear Sir, the lamp is broken. 13812345678")


def test_cut_off_or_broken(make: Maker, settings: Settings) -> None:
    whole = make.pdf("whole.pdf", *[LINE] * 3).read_bytes()
    for share in (0.3, 0.6, 0.9):
        path = make("cut.pdf", whole[: int(len(whole) * share)])
        with pytest.raises(Damaged, match="cut off"), open_pdf(path, settings):
            pass
    with (
        pytest.raises(Damaged, match="broken"),
        open_pdf(make("broken.pdf", b"%PDF-1.4\nnothing\n%%EOF"), settings),
    ):
        pass


def test_locked(make: Maker, settings: Settings) -> None:
    path = make.pdf("locked.pdf", LINE, password="geheim")
    with pytest.raises(Locked, match="password"), open_pdf(path, settings):
        pass


def test_too_many_pages_names_the_limit(make: Maker) -> None:
    path = make.pdf("long.pdf", *[LINE] * 4)
    with pytest.raises(TooLarge) as refused, open_pdf(path, Settings(max_pages=3)):
        pass
    assert "PETITIONS_MAX_PAGES" in refused.value.remedy


def test_a_form_tells_its_fields(make: Maker, settings: Settings) -> None:
    path = make.form("form.pdf")
    assert form_fields(path, 1) == {
        "name": "林小满",
        "phone": "13812345678",
        "address": "B市B2区柳岸路1号",
        "received_at": "2019年3月5日",
        "subject": "路灯长期不亮",
        "number": "XD-2019-0042",
        "text": "门口的路灯不亮，请派人维修。",
    }


def test_page_of_many_pixels_is_drawn_smaller(make: Maker) -> None:
    with open_pdf(make.pdf("a.pdf", LINE), Settings()) as document:
        page = document[0]
        drawn = picture(page, 200, Settings(max_pixels=500_000))
        page.close()
    assert drawn.width * drawn.height <= 510_000


def test_path_of_nothing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_pdf(tmp_path / "none.pdf", settings):
        pass
