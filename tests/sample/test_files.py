"""Files of the invented office are of the kind that they say, and can be read again."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from cli.sample.files import BINARY_WORD_SUBJECT, LETTERS_IN_A_ROUND, write_files, write_reply
from cli.sample.forms import form_rows, write_form
from cli.sample.letters import letters
from cli.sample.paper import SampleFile, manifest_row, parts, reply_parts
from cli.sample.petition import SampleLetter
from cli.sample.post import on_paper, sample_office, write_export, write_post
from cli.sample.scans import KINDS, assign, write_scans
from ingest.form import form_fields
from ingest.kinds import Kind, kind_of
from ingest.mail import read_mail
from ingest.manifest import read_manifest
from ingest.office import EmbeddedTika
from ingest.plain_text import decode
from records.home import Settings

Office = tuple[SampleLetter, ...]


@pytest.fixture(scope="module")
def paper() -> list[SampleLetter]:
    return on_paper(letters(320))


@pytest.fixture(scope="module")
def scans(
    paper: list[SampleLetter], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[SampleFile]]:
    folder = tmp_path_factory.mktemp("scans")
    return folder, list(write_scans(assign(paper, 5), folder))


@pytest.fixture(scope="module")
def round_of_files(
    paper: list[SampleLetter], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[SampleFile]]:
    folder = tmp_path_factory.mktemp("files")
    return folder, list(write_files(paper[:LETTERS_IN_A_ROUND], folder))


def test_office_files_hold_their_letters(
    round_of_files: tuple[Path, list[SampleFile]],
) -> None:
    folder, files = round_of_files
    tika = EmbeddedTika(1_000_000)
    kinds = {}
    for file in files:
        name = file.name.partition("/")[0]
        kind = kind_of(folder / name)
        kinds[name.rpartition(".")[2]] = kind.kind
        assert kind.note is None
        if kind.kind is Kind.OFFICE:
            read = tika.read(folder / name, kind.media_type).text
            assert file.letter.subject in read
            assert "".join(parts(file.letter).paragraphs[0].split()) in "".join(read.split())
    assert kinds == {
        "docx": Kind.OFFICE,
        "doc": Kind.OFFICE,
        "html": Kind.OFFICE,
        "eml": Kind.MAIL,
        "txt": Kind.TEXT,
        "zip": Kind.ARCHIVE,
    }


def test_the_binary_word_file_is_one(round_of_files: tuple[Path, list[SampleFile]]) -> None:
    folder, files = round_of_files
    word = next(file for file in files if file.name.endswith(".doc"))
    assert (folder / word.name).read_bytes().startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert word.letter.subject == BINARY_WORD_SUBJECT


def test_text_files_in_old_encodings(round_of_files: tuple[Path, list[SampleFile]]) -> None:
    folder, files = round_of_files
    texts = [file for file in files if file.name.endswith(".txt")]
    read = {}
    for file in texts:
        content = (folder / file.name).read_bytes()
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
        decoded = decode(content)
        assert decoded is not None
        read[file.name] = (decoded[0], file.letter)
    assert len(read) == 2
    for text, letter in read.values():
        assert letter.subject in text


def test_mail_has_its_attachment(round_of_files: tuple[Path, list[SampleFile]]) -> None:
    folder, files = round_of_files
    file = next(one for one in files if one.name.endswith(".eml"))
    message = read_mail(folder / file.name, Settings())
    assert message.subject == file.letter.subject
    assert message.sender == file.letter.person.name
    assert message.sent_at == file.letter.received_at.replace(microsecond=0)
    assert [one.name for one in message.files] == ["证据材料目录.docx"]


def test_the_same_letters_give_the_same_bytes(
    paper: list[SampleLetter],
    scans: tuple[Path, list[SampleFile]],
    round_of_files: tuple[Path, list[SampleFile]],
    tmp_path: Path,
) -> None:
    again = [
        *write_scans(assign(paper, 2), tmp_path),
        *write_files(paper[:LETTERS_IN_A_ROUND], tmp_path),
    ]
    names = {file.name.partition("/")[0] for file in again}
    assert len(names) == 12
    for name in names:
        before = (scans[0] if name.startswith("scan") else round_of_files[0]) / name
        assert (tmp_path / name).read_bytes() == before.read_bytes(), name


def test_the_form_can_be_read_as_a_form(paper: list[SampleLetter], tmp_path: Path) -> None:
    letter = min(paper, key=lambda one: len(one.text))
    path = tmp_path / "form.pdf"
    write_form(letter, path)
    fields = form_fields(path, 1)
    assert fields["number"] == letter.number
    assert fields["name"] == letter.person.name
    assert fields["id_no"] == letter.person.id_no
    assert fields["phone"] == letter.person.phone
    assert fields["address"] == letter.person.address
    assert fields["subject"] == letter.subject
    assert "".join(fields["text"].split()) == "".join(form_rows(letter)[-1][1].split())


def test_the_form_is_seen_without_any_font(paper: list[SampleLetter], tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    write_form(paper[0], path)
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == 1
        shown = document[0].render(scale=1).to_pil().convert("L")
    ink = sum(shown.histogram()[:128]) / (shown.width * shown.height)
    assert 0.01 < ink < 0.2


def test_scans_of_every_format(scans: tuple[Path, list[SampleFile]]) -> None:
    folder, files = scans
    assert len({file.letter.number for file in files}) == 5
    pages = 0
    for file in files:
        path = folder / file.name
        kind = kind_of(path)
        assert kind.note is None
        if path.suffix == ".pdf":
            assert kind.kind is Kind.PDF
            continue
        assert kind.kind is Kind.IMAGE
        with Image.open(path) as image:
            pages = max(pages, getattr(image, "n_frames", 1))
            assert image.width * image.height > 3_000_000
    assert pages > 1
    assert {Path(file.name).suffix for file in files} == {".png", ".jpg", ".tif", ".pdf"}


def test_an_image_pdf_has_no_text(scans: tuple[Path, list[SampleFile]]) -> None:
    folder, files = scans
    pdf = next(file for file in files if file.name.endswith("04.pdf"))
    with pypdfium2.PdfDocument(folder / pdf.name) as document:
        assert document[0].get_textpage().count_chars() == 0


def test_the_kinds_of_scans_are_what_offices_have() -> None:
    assert len(KINDS) == 30
    assert {kind.suffix for kind in KINDS} == {".png", ".jpg", ".tif", ".pdf"}
    assert sum(kind.traditional for kind in KINDS) >= 3
    assert sum(kind.form for kind in KINDS) >= 3


def test_too_few_letters_for_the_scans(paper: list[SampleLetter]) -> None:
    with pytest.raises(ValueError, match="too few letters on paper"):
        assign(paper[:1], 3)


def test_a_letter_in_parts_keeps_every_line(office: Office) -> None:
    for letter in office:
        told = parts(letter)
        lines = (told.salutation, *told.paragraphs, *told.closing)
        assert [line for line in lines if line] == letter.text.split("\n")
        assert told.paragraphs
        if letter.person.name in letter.text and re.search("人：", letter.text):
            assert told.closing or letter.traditional


def test_a_reply_as_a_document(office: Office, tmp_path: Path) -> None:
    answered = next(one for one in office if one.reply)
    file = write_reply(answered, SampleFile("scan-01.png", "letter", answered), tmp_path)
    assert file.name == "scan-01-回复.docx"
    assert kind_of(tmp_path / file.name).extension == ".docx"
    with pytest.raises(ValueError, match="has no reply"):
        reply_parts(next(one for one in office if one.reply is None))


def test_the_post_has_a_manifest_that_ingest_takes(tmp_path: Path) -> None:
    written = list(write_post(sample_office(20, 2), tmp_path))
    rows = read_manifest(tmp_path / "manifest.csv", Settings())
    listed = {file.name: file for file in written if "/" not in file.name}
    assert set(rows) == set(listed)
    for name, row in rows.items():
        assert (tmp_path / name).is_file()
        assert row["role"] == listed[name].role
        assert row["id"] == listed[name].letter.number
    with (tmp_path / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert {key: value for key, value in first.items() if value} == manifest_row(written[0])


@pytest.mark.parametrize(("count", "scans"), [(20, 2), (240, 30)])
def test_no_letter_of_the_office_comes_twice(count: int, scans: int) -> None:
    office = sample_office(count, scans)
    scanned = [letter for _, letter in office.scanned]
    numbers = [letter.number for letter in (*office.exported, *scanned, *office.filed)]
    assert len(scanned) == scans
    assert len(office.filed) == LETTERS_IN_A_ROUND
    assert len(numbers) == len(set(numbers)) == count
    assert not any(letter.sealed or letter.level != "open" for letter in office.filed)


def test_the_demo_has_two_hundred_letters_with_replies() -> None:
    office = sample_office(240, 30)
    letters_ = (*office.exported, *(letter for _, letter in office.scanned), *office.filed)
    assert sum(letter.reply is not None for letter in letters_) >= 200


def test_more_scans_than_kinds() -> None:
    with pytest.raises(ValueError, match="there are 30 kinds"):
        sample_office(240, 31)


def test_the_export_is_one_object_a_line(tmp_path: Path) -> None:
    office = sample_office(30, 0)
    write_export(office, tmp_path / "letters.jsonl")
    lines = (tmp_path / "letters.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [one.number for one in office.exported]
