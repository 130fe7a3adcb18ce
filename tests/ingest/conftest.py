"""Files as people send them, made on the fly, and an office to take them in."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from docx import Document
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

from cli.sample.pages import LetterText, render
from records.home import Home, Settings
from search.bootstrap import Archive, open_archive

ROOT = Path(__file__).parents[2]
LETTER = "我是B2区柳岸路的居民，小区门口的路灯从去年十月起就不亮了，老人晚上出门很危险。"


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "office")


@pytest.fixture
def archive(home: Home) -> Iterator[Archive]:
    opened = open_archive(home)
    yield opened
    opened.close()


class Maker:
    """Makes files of every kind in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def __call__(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def docx(self, name: str, *paragraphs: str) -> Path:
        document = Document()
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        path = self(name, b"")
        document.save(str(path))
        return path

    def pdf(self, name: str, *pages: str, password: str | None = None) -> Path:
        """A PDF with a text layer, a line of text a page."""
        _chinese_font()
        path = self(name, b"")
        locked = StandardEncryption(password) if password else None
        canvas = Canvas(str(path), encrypt=locked)
        for page in pages:
            canvas.setFont("STSong-Light", 14)
            for line, start in enumerate(range(0, len(page), 28)):
                canvas.drawString(72, 740 - 24 * line, page[start : start + 28])
            canvas.showPage()
        canvas.save()
        return path

    def form(self, name: str) -> Path:
        _chinese_font()
        path = self(name, b"")
        rows = [
            ["信访事项登记表", "", "", ""],
            ["姓名", "林小满", "联系电话", "13812345678"],
            ["住址", "B市B2区柳岸路1号", "登记日期", "2019年3月5日"],
            ["信访事由", "路灯长期不亮", "编号", "XD-2019-0042"],
            ["信访内容", "门口的路灯不亮，请派人维修。", "", ""],
        ]
        style = [("GRID", (0, 0), (-1, -1), 1, "black"), ("FONT", (0, 0), (-1, -1), "STSong-Light")]
        SimpleDocTemplate(str(path)).build([Table(rows, style=style)])
        return path

    def scan(self, name: str, text: str = LETTER, *, turned: int = 0) -> Path:
        page = render(
            LetterText(title="关于路灯不亮的来信", salutation="尊敬的领导：", paragraphs=(text,))
        )[0]
        path = self(name, b"")
        page.image.rotate(-turned, expand=True).save(path, resolution=200)
        return path

    def mail(self, name: str, subject: str, text: str, *attached: Path) -> Path:
        message = EmailMessage()
        message["Subject"], message["From"] = subject, "林小满 <lin@example.org>"
        message["Date"] = "Tue, 05 Mar 2019 09:30:00 +0800"
        message.set_content(text)
        for file in attached:
            message.add_attachment(
                file.read_bytes(),
                maintype="application",
                subtype="octet-stream",
                filename=file.name,
            )
        return self(name, bytes(message))

    def zip(self, name: str, **files: bytes) -> Path:
        path = self(name, b"")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, content in files.items():
                archive.writestr(inner, content)
        return path


def _chinese_font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "sent")


@pytest.fixture(scope="session")
def tika_url() -> Iterator[str]:
    """A real Tika server. `make servers` fetches it."""
    jar = ROOT / ".cache" / "tika-server.jar"
    java = shutil.which("java")
    assert java, "install Java 17, e.g. openjdk-17-jre-headless"
    assert jar.exists(), "run 'make servers' to fetch the Tika server"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [java, "-Xmx300m", "-jar", str(jar), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(lambda: httpx.get(f"{url}/version", trust_env=False).status_code == 200)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _await(ready: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if ready():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError("the server did not come up")
