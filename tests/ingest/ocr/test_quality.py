"""The default engine on bad pages: bounds are the issue's, with each fault by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cli.sample.degrade import Fault, Level, degrade
from ingest.paragraphs import page_text

SEVERE = 0.05


@pytest.mark.parametrize(
    ("faults", "bound"),
    [
        ([(Fault.SKEW, 0.3), (Fault.BLUR, 0.4), (Fault.GRAIN, 0.35), (Fault.JPEG, 0.3)], 0.01),
        ([(Fault.SKEW, 0.5), (Fault.SPECKS, 1.0)], SEVERE),
        ([(Fault.SKEW, 0.5), (Fault.FAX, 0.9)], SEVERE),
        ([(Fault.STAMP, 0.8), (Fault.PHOTO, 0.9), (Fault.GRAIN, 0.5), (Fault.JPEG, 0.7)], SEVERE),
        ([(Fault.SHOW_THROUGH, 0.9), (Fault.FOLDS, 0.9), (Fault.GRAIN, 0.9)], SEVERE),
    ],
    ids=["moderate", "specks", "fax", "stamped photo", "show-through"],
)
def test_bad_pages_are_read(rapid, letter, scan, character_error, faults, bound):
    page = rapid.read(scan(degrade(letter.image, faults, seed=11)))
    assert character_error(letter.text, page_text(page.lines).text) <= bound


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_severe_pages_on_their_side_stand_upright(rapid, letter, scan, character_error, seed):
    turned = degrade(letter.image, Level.SEVERE, seed).rotate(90 * seed, expand=True)
    page = rapid.read(scan(turned))
    assert page.rotation == 90 * seed
    assert character_error(letter.text, page_text(page.lines).text) <= SEVERE


def test_paragraphs_come_back(rapid, letter, scan):
    text = page_text(rapid.read(scan(letter.image)).lines).text
    assert text.split("\n")[0] == "关于夜间施工噪音的投诉"
    assert "每晚23点以后仍在施工，噪音很大" in text
    assert text.endswith("\n反映人：张建国\n2019年5月6日")


def test_no_connection_is_tried():
    """Reading works, and nothing asks for a socket, from a fresh start on."""
    program = """
import socket, sys
def refuse(*_, **__):
    print("asked for a connection"); sys.exit(3)
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import numpy
from cli.sample.pages import LetterText, render
from ingest.ocr import PageImage, open_ocr
page = render(LetterText("信访事项", "", ()))[0]
print(open_ocr("rapid").read(PageImage(numpy.asarray(page.image))).lines[0].text)
"""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "信访事项", "")
