"""Files become letters, replies and attachments, and are found; what can't be read is told."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ingest.imports import import_file
from ingest.manifest import read_manifest
from ingest.pipeline import Pipeline
from ingest.taking import Taken, find_files, hang_files, take
from records.entries import NewPetition
from records.home import Home, Settings
from records.intake_items import State, failures, items, progress
from records.pages import page
from records.petitions import all_after, read_one
from records.registration import add
from search.answers import SearchRequest
from search.bootstrap import open_archive
from search.scopes import shell_scope
from tests.viruses import INFECTED, scanner_command

if TYPE_CHECKING:
    from conftest import Maker

    from records.record import PetitionRecord
    from search.bootstrap import Archive


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    """On both databases."""
    return Home(tmp_path / "office", Settings(database_url=database_url))


REPLY = "您好！您反映的路灯问题已收悉，现回复如下：已派人修好，费用由物业承担。\n2019年3月20日"


def work(archive: Archive) -> None:
    def catch_up() -> bool:
        archive.catch_up()
        return True

    Pipeline(archive.home, archive.database, archive.originals, catch_up, processes=1).run(
        once=True
    )


def taken_in(archive: Archive, *paths: Path, manifest: Path | None = None) -> Taken:
    settings = archive.home.settings
    stated = read_manifest(manifest, settings) if manifest else {}
    found = [one for one in find_files(paths) if one.path != manifest]
    taken = take(archive.database, archive.originals, found, settings, stated=stated)
    work(archive)
    return taken


def everything(archive: Archive) -> list[PetitionRecord]:
    with archive.database.read() as session:
        return all_after(session, "", 100)


def failed(archive: Archive) -> dict[str, tuple[str | None, str | None]]:
    with archive.database.read() as session:
        return {Path(item.path).name: (item.error_code, item.remedy) for item in failures(session)}


def found(archive: Archive, text: str) -> int:
    return archive.library.search(shell_scope(), SearchRequest(text=text)).total


def test_a_scan_is_read_and_found_with_its_page(archive: Archive, make: Maker) -> None:
    taken_in(archive, make.scan("来信.jpg", turned=90))
    (letter,) = everything(archive)
    assert letter.subject == "关于路灯不亮的来信"
    assert letter.region == "B2区"
    assert letter.text_source == "ocr"
    assert letter.text_confidence is not None
    assert letter.text_confidence > 0.9
    assert found(archive, '"柳岸路的居民"') == 1
    (summary,) = letter.pages
    with archive.database.read() as session:
        read = page(session, letter.id, 1)
    assert read is not None
    assert letter.text[summary.text_start : summary.text_end] == read.page.text
    assert summary.image_sha256 is not None
    with archive.originals.open(summary.image_sha256) as picture, Image.open(picture) as shown:
        assert shown.size == (summary.width, summary.height)
        assert shown.height > shown.width  # upright
    words = archive.library.page_words(shell_scope(), letter.id, 1, "居民")
    assert len(words.words) == 1


def test_letters_and_replies_are_joined_by_name(archive: Archive, make: Maker) -> None:
    make.docx("2019/甲.docx", "柳岸路路灯不亮", "路灯坏了。")
    make("2019/甲-回复.txt", REPLY.encode("gb18030"))
    make("2019/乙.txt", "柳岸路的井盖丢了，请补上。")
    taken_in(archive, make.folder)
    letters = {one.subject: one for one in everything(archive)}
    assert set(letters) == {"柳岸路路灯不亮", "柳岸路的井盖丢了，请补上"}
    answered = letters["柳岸路路灯不亮"]
    assert answered.status == "REPLIED"
    assert [reply.text for reply in answered.replies] == [REPLY]
    assert not answered.replies[0].transfer_only
    assert found(archive, "reply:修好") == 1


def test_a_reply_finds_its_letter_by_the_number_it_quotes(archive: Archive, make: Maker) -> None:
    with archive.database.write() as session:
        add(session, NewPetition(subject="路灯", text="灯坏了。", external_id="XD-2019-0042"))
    quoting = f"您的来信（编号：XD-2019-0042）{REPLY}"
    taken_in(archive, make("公文.txt", quoting))
    (letter,) = everything(archive)
    assert [reply.text for reply in letter.replies] == [quoting]


def test_a_reply_waits_for_its_letter(archive: Archive, make: Maker) -> None:
    manifest = make("清单.csv", "file,role,number\nf1.txt,reply,77\nf2.txt,letter,77\n")
    reply, letter = make("f1.txt", REPLY), make("f2.txt", "柳岸路的路灯坏了。")
    taken_in(archive, reply, manifest=manifest)
    assert failed(archive)["f1.txt"][0] == "waits_for_letter"
    taken_in(archive, letter, manifest=manifest)
    (petition,) = everything(archive)
    assert petition.external_id == "77"
    assert len(petition.replies) == 1
    assert failed(archive) == {}


def test_the_manifest_tells_fields(archive: Archive, make: Maker) -> None:
    manifest = make(
        "清单.csv",
        "文件,编号,标题,地区,类别,密级,姓名,收到日期\n"
        "a.txt,X1,路灯之事,C3县,交通运输,内部,林小满,2019-03-05\n",
    )
    make("a.txt", "灯坏了。电话13812345678。")
    taken_in(archive, make.folder, manifest=manifest)
    (letter,) = everything(archive)
    assert (letter.external_id, letter.subject, letter.region) == ("X1", "路灯之事", "C3县")
    assert (letter.level, letter.persons[0].name) == ("restricted", "林小满")
    assert "13812345678" not in letter.text_redacted


def test_mail_with_attachments_is_one_letter(archive: Archive, make: Maker) -> None:
    inner = make.docx("附件.docx", "附件里说的是井盖。")
    mail = make.mail("a.eml", "反映路灯", "路灯不亮，见附件。", inner)
    taken_in(archive, mail)
    (letter,) = everything(archive)
    assert (letter.subject, letter.channel) == ("反映路灯", "web")
    assert letter.persons[0].name == "林小满"
    assert sorted(file.role for file in letter.files) == ["attachment", "letter"]
    assert found(archive, "井盖") == 1
    work(archive)
    assert everything(archive)[0].text.count("井盖") == 1


def test_zip_in_zip(archive: Archive, make: Maker) -> None:
    inner = make.zip(
        "inner.zip", **{"丙.txt": "柳岸路的树倒了。".encode(), "丙-回复.txt": REPLY.encode()}
    )
    outer = make.zip(
        "outer.zip",
        **{"inner.zip": inner.read_bytes(), "甲.txt": "柳岸路的灯坏了。".encode(), "空.txt": b""},
    )
    taken_in(archive, outer)
    assert sorted(one.subject for one in everything(archive)) == [
        "柳岸路的树倒了",
        "柳岸路的灯坏了",
    ]
    assert failed(archive).keys() == {"空.txt"}
    assert found(archive, "reply:修好") == 1


def test_too_deep_an_archive_is_refused(tmp_path: Path, make: Maker) -> None:
    archive = open_archive(Home(tmp_path / "shallow", Settings(max_archive_depth=1)))
    try:
        inner = make.zip("inner.zip", x=b"hello")
        taken_in(archive, make.zip("outer.zip", **{"inner.zip": inner.read_bytes()}))
        (code, remedy) = failed(archive)["inner.zip"]
    finally:
        archive.close()
    assert code == "too_large"
    assert "PETITIONS_MAX_ARCHIVE_DEPTH" in str(remedy)


def test_bad_files_are_listed_and_the_others_go_on(archive: Archive, make: Maker) -> None:
    make("good.txt", "柳岸路的路灯坏了。")
    make("empty.txt", b"")
    make("binary.txt", bytes(range(256)) * 30)
    make("cut.pdf", make.pdf("whole.pdf", "柳岸路的路灯坏了，请修。").read_bytes()[:600])
    make.pdf("locked.pdf", "文", password="geheim")
    make.zip("bomb.zip", x=bytes(30_000_000))
    huge = make("huge.png", b"")
    Image.new("1", (20_000, 10_001)).save(huge)
    make("long.txt", "柳岸路的路灯坏了。" * 380_000)
    taken = taken_in(archive, make.folder)
    assert {name: code for name, (code, _) in failed(archive).items()} == {
        "empty.txt": "empty_file",
        "binary.txt": "unknown_kind",
        "cut.pdf": "damaged",
        "locked.pdf": "locked",
        "bomb.zip": "unsafe_archive",
        "huge.png": "too_large",
        "long.txt": "too_large",
    }
    assert all(remedy for _, remedy in failed(archive).values())
    assert (taken.new, len(taken.refused)) == (8, 1)
    assert len(everything(archive)) == 2
    for name in ("binary.txt", "cut.pdf", "long.txt"):  # nothing is lost: the original is kept
        assert archive.originals.put(make.folder / name).size > 0


def test_what_the_virus_scanner_refuses_is_told_and_the_others_go_on(
    tmp_path: Path, make: Maker
) -> None:
    make("good.txt", "柳岸路的路灯坏了。")
    make("bad.txt", INFECTED)
    told = []
    for command in ("sh -c 'exit 2'", scanner_command(tmp_path)):
        archive = open_archive(Home(tmp_path / "scanned", Settings(virus_scanner=command)))
        try:
            taken_in(archive, make.folder)
            letters = [one.text for one in everything(archive)]
            told.append((letters, {name: code for name, (code, _) in failed(archive).items()}))
        finally:
            archive.close()
    down = {"good.txt": "scanner_down", "bad.txt": "scanner_down"}
    assert told == [([], down), (["柳岸路的路灯坏了。"], {"bad.txt": "virus_found"})]
    assert (make.folder / "bad.txt").read_bytes() == INFECTED


def test_again_changes_nothing_and_mended_files_come_in(archive: Archive, make: Maker) -> None:
    make("a.txt", "柳岸路的路灯坏了。")
    bad = make("b.txt", b"")
    assert taken_in(archive, make.folder).new == 1
    again = taken_in(archive, make.folder)
    assert (again.new, again.known) == (0, 1)
    bad.write_text("柳岸路的井盖丢了。", "utf-8")
    assert taken_in(archive, make.folder).new == 1
    copy = make("elsewhere/copy.txt", "柳岸路的路灯坏了。")
    assert taken_in(archive, copy).known == 1
    assert len(everything(archive)) == 2
    assert failed(archive) == {}


def test_a_wrong_extension_is_noted_with_the_letter(archive: Archive, make: Maker) -> None:
    taken_in(archive, make("来信.pdf", make.docx("a.docx", "柳岸路的路灯坏了。").read_bytes()))
    (letter,) = everything(archive)
    assert letter.extra["intake_notes"] == ["named .pdf, but its content is docx; read as docx"]


def test_files_of_an_import_hang_on_their_petitions(archive: Archive, make: Maker) -> None:
    make("扫描/7.txt", "柳岸路的路灯坏了。")
    lines = [
        {"id": "7", "subject": "路灯", "files": ["扫描/7.txt"]},
        {"id": "8", "subject": "井盖", "text": "丢了。", "files": ["none.pdf", "../secret.txt"]},
    ]
    path = make("old.jsonl", "\n".join(json.dumps(one, ensure_ascii=False) for one in lines))
    report = import_file(archive.database, path, archive.home.settings)
    assert report.failures == []
    missing = hang_files(
        archive.database, archive.originals, report.files, path.parent, archive.home.settings
    )
    assert [(one.line, one.item) for one in missing] == [(2, "none.pdf"), (2, "../secret.txt")]
    work(archive)
    letters = {one.external_id: one for one in everything(archive)}
    assert letters["7"].text == "柳岸路的路灯坏了。"
    assert [file.name for file in letters["7"].files] == ["7.txt"]


def test_a_dead_parents_claims_are_taken_up(archive: Archive, make: Maker) -> None:
    from records.queue import claim

    taken = take(
        archive.database,
        archive.originals,
        list(find_files([make("a.txt", "柳岸路的路灯坏了。")])),
        archive.home.settings,
    )
    with archive.database.write() as session:
        assert claim(session, f"{socket.gethostname()}:999999999:1", 3600) is not None
    work(archive)
    with archive.database.read() as session:
        assert [item.state for item in items(session, taken.batch_id)] == [State.DONE]


def test_what_dead_parents_had_unpacked_is_thrown_away(archive: Archive) -> None:
    """Also when they held no claim; elsewhere only what nobody can be at work on."""
    host = socket.gethostname()
    dead, elsewhere, long_ago = (
        archive.home.work / name
        for name in (f"{host}-999999999-1", "elsewhere-1-1", "elsewhere-2-1")
    )
    for folder in (dead, elsewhere, long_ago):
        (folder / "0").mkdir(parents=True)
    os.utime(long_ago, (0, 0))
    work(archive)
    assert list(archive.home.work.iterdir()) == [elsewhere]


def test_stopping_gives_files_back(archive: Archive, make: Maker) -> None:
    found_ = list(find_files([make("a.txt", "柳岸路的路灯坏了。")]))
    take(archive.database, archive.originals, found_, archive.home.settings)
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(True)
        return len(asked) > 1

    pipeline = Pipeline(archive.home, archive.database, archive.originals, lambda: True)
    pipeline.run(once=True, stopped=stopped)
    with archive.database.read() as session:
        assert progress(session).running == 0
        assert read_one(session, "0" * 32) is None
    work(archive)
    assert len(everything(archive)) == 1


@pytest.mark.parametrize(
    "manifest", ["role\nletter\n", "file,role\na.txt,boss\n", "file\na\na\n", "file,level\na,x\n"]
)
def test_bad_manifests_are_refused_whole(make: Maker, settings: Settings, manifest: str) -> None:
    from ingest.errors import BadMapping

    with pytest.raises(BadMapping):
        read_manifest(make("m.csv", manifest), settings)
