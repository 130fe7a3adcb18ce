from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ingest.errors import Damaged, EmptyFile, TooLarge, UnknownKind
from ingest.page_images import page_image, page_images
from records.home import Settings


@pytest.fixture
def corner() -> Image.Image:
    """White, 60 x 40, black in the top left corner."""
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste("black", (0, 0, 15, 10))
    return picture


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("1", "tif"), ("1", "png"), ("L", "png"), ("P", "gif"), ("CMYK", "jpg"), ("CMYK", "tif"),
        ("RGBA", "png"), ("LA", "png"), ("I;16", "png"), ("I;16", "tif"), ("RGB", "webp"),
        ("RGB", "bmp"), ("YCbCr", "jpg"), ("LAB", "tif"),
    ],
)  # fmt: skip
def test_every_colour_mode_becomes_rgb(corner, tmp_path, mode, suffix):
    path = tmp_path / f"page.{suffix}"
    if mode == "I;16":
        deep = np.asarray(corner.convert("L")).astype(np.uint16) * 257
        Image.fromarray(deep).save(path)
    elif mode == "LAB":
        from PIL import ImageCms

        lab = ImageCms.createProfile("LAB")
        profile = ImageCms.createProfile("sRGB")
        to_lab = ImageCms.buildTransform(profile, lab, "RGB", "LAB")
        ImageCms.applyTransform(corner, to_lab).save(path)
    else:
        corner.convert(mode).save(path)
    (page,) = page_images(path, Settings())
    assert page.pixels.shape == (40, 60, 3)
    assert page.pixels.dtype == np.uint8
    assert page.pixels[3:7, 3:12].max() < 60
    assert page.pixels[20:, 30:].min() > 225


def test_transparent_paper_is_white(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    (page,) = page_images(tmp_path / "clear.png", Settings())
    assert page.pixels.min() == 255


def test_exif_orientation_is_obeyed(corner, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to show
    corner.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    (page,) = page_images(tmp_path / "phone.jpg", Settings())
    assert page.pixels.shape == (60, 40, 3)
    assert page.pixels[2:12, 32:38].max() < 60


def test_tiff_has_many_pages_and_a_limit(corner, tmp_path):
    path = tmp_path / "pages.tif"
    others = [Image.new("1", (60, 40), 1), corner.rotate(180)]
    corner.save(path, save_all=True, append_images=others)
    pages = list(page_images(path, Settings()))
    assert [page.number for page in pages] == [1, 2, 3]
    assert pages[1].pixels.min() == 255
    assert pages[2].pixels[-5:, -5:].max() < 60
    with pytest.raises(TooLarge, match="3 pages") as refusal:
        list(page_images(path, replace(Settings(), max_pages=2)))
    assert "PETITIONS_MAX_PAGES" in refusal.value.remedy


def _huge_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_two_hundred_megapixels_are_refused_before_decoding(tmp_path):
    (tmp_path / "huge.png").write_bytes(_huge_png())
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(TooLarge, match="20000 x 10000") as refusal:
        list(page_images(tmp_path / "huge.png", Settings()))
    assert "PETITIONS_MAX_PIXELS" in refusal.value.remedy
    assert before == Image.MAX_IMAGE_PIXELS


def test_broken_files_are_named_for_what_they_are(corner, tmp_path):
    empty, text, cut = tmp_path / "empty.png", tmp_path / "text.png", tmp_path / "cut.png"
    empty.write_bytes(b"")
    text.write_text("不是图片", encoding="utf-8")
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(cut)
    cut.write_bytes(cut.read_bytes()[:20_000])
    for path, fault in ((empty, EmptyFile), (text, UnknownKind), (cut, Damaged)):
        with pytest.raises(fault) as error:
            list(page_images(path, Settings()))
        assert error.value.remedy


def test_a_decoded_picture_becomes_a_page(corner):
    page = page_image(corner.convert("L"), number=4)
    assert (page.number, page.width, page.height) == (4, 60, 40)


@pytest.mark.parametrize("mode", ["1", "P", "I;16", "RGB"])
def test_pages_beyond_600_dpi_are_kept_smaller(mode):
    picture = Image.new(mode, (6400, 6000))
    assert page_image(picture).pixels.shape == (3000, 3200, 3)
