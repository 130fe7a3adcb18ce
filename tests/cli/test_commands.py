"""Every command, its answers for people and programs, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.checks import _known_passwords, _synonyms, _virus_scanner
from cli.main import _is_ours, main
from records.errors import BadValue, ListUnreadable, ScannerDown
from records.home import Home, Settings
from tests.known_passwords import write_list
from tests.viruses import scanner_command

if TYPE_CHECKING:
    from conftest import Petitions

PASSWORD = "路灯不亮-2019-柳岸路-井盖"


def said(petitions: Petitions, *words: str) -> Any:
    result = petitions(*words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_names_every_command(petitions: Petitions) -> None:
    text = petitions("--help").output
    for command in (
        "init", "user", "import", "ingest", "work", "search", "show", "similar", "duplicates",
        "redact", "reindex", "status", "check", "backup", "restore", "audit", "serve", "demo",
    ):  # fmt: skip
        assert f"\n  {command} " in text, command


def test_init_is_idempotent(petitions: Petitions, home: Path) -> None:
    assert said(petitions, "init", "--json") == {"home": str(home)}
    key = (home / "keys" / "columns.key").read_bytes()
    assert petitions("init").exit_code == 0
    assert (home / "keys" / "columns.key").read_bytes() == key


def test_no_office_is_made_by_asking(petitions: Petitions, home: Path) -> None:
    result = petitions("search", "路灯")
    assert result.exit_code == 2
    assert "petitions init" in result.stderr
    assert not home.exists()


def test_import_then_search_show_status(petitions: Petitions, export: Path) -> None:
    report = said(petitions, "--json", "import", str(export))
    assert (report["lines"], report["created"], report["failures"]) == (3, 3, [])
    again = said(petitions, "import", str(export), "--json")
    assert (again["created"], again["unchanged"]) == (0, 3)

    found = said(petitions, "search", "路燈", "--facets", "region,status", "--json")
    assert found["total"] == 3
    assert {hit["external_id"] for hit in found["hits"]} == {"X1", "X2", "X3"}
    counts = {value["value"]: value["count"] for value in found["facets"]["region"]}
    assert (counts["B2区"], counts["C3县"]) == (2, 1)
    passage = found["hits"][0]["passages"][0]
    start, end = passage["spans"][0]
    assert passage["text"][start:end] == "路灯"

    only = said(petitions, "search", "路灯", "--region", "C3县", "--json")
    assert [hit["external_id"] for hit in only["hits"]] == ["X3"]
    days = ("--from", "2019-01-01", "--to", "2019-02-05")
    assert said(petitions, "search", "路灯", *days, "--json")["total"] == 2
    newest = said(petitions, "search", "路灯", "--sort", "newest", "--size", "1", "--json")
    assert [hit["external_id"] for hit in newest["hits"]] == ["X3"]

    assert said(petitions, "search", "路登", "--json")["total"] == 3
    assert "also looked for, beside 路登: 路灯" in petitions("search", "路登").stdout

    one = found["hits"][0]["id"]
    for name in (one, found["hits"][0]["number"], found["hits"][0]["external_id"]):
        assert said(petitions, "show", name, "--json")["id"] == one
    assert petitions("show", "f" * 32).exit_code == 1
    state = said(petitions, "status", "--json")
    assert (state["petitions"], state["to_index"]) == (3, 0)


def test_answers_for_people(petitions: Petitions, export: Path) -> None:
    petitions("import", str(export))
    text = petitions("search", "路灯", "--facets", "category").stdout
    assert "3 found" in text
    assert "【路灯】" in text
    assert "2019-03-05" in text
    assert "城乡建设 3" in text
    shown = petitions("show", "X1").stdout
    assert "已修好。" in shown
    assert "3 petitions" in petitions("status").stdout


def test_bad_lines_are_listed_and_the_exit_code_tells(petitions: Petitions, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "1", "subject": "题", "text": "文"}\n{"id": \n', "utf-8")
    result = petitions("import", str(path))
    assert result.exit_code == 1
    assert f"{path}, line 2" in result.stderr
    assert "write one JSON object a line" in result.stderr
    assert petitions("import", str(tmp_path / "none.jsonl")).exit_code == 2


def test_ingest_lists_failures_with_remedies(petitions: Petitions, tmp_path: Path) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.txt").write_text("柳岸路的路灯坏了。", "gb18030")
    (folder / "b.txt").write_bytes(b"")
    result = petitions("ingest", str(folder), "--processes", "1")
    assert result.exit_code == 1
    assert "b.txt" in result.stderr
    assert "scan or send it again" in result.stderr
    (folder / "b.txt").unlink()
    again = petitions("ingest", str(folder), "--json")
    report = json.loads(again.stdout)
    assert (report["new"], report["known"]) == (0, 1)
    assert petitions("work", "--once").exit_code == 0
    assert json.loads(petitions("search", "路灯", "--json").stdout)["total"] == 1


def test_rights_are_changed_at_the_shell(petitions: Petitions, export: Path) -> None:
    petitions("import", str(export))
    added = petitions(
        "user", "add", "lin", "--role", "clerk", "--region", "C3县", "--category", "01",
        "--category", "0203", "--password-stdin", stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    (user,) = said(petitions, "user", "list", "--json")
    assert (user["regions"], user["categories"]) == (["C3县"], ["01", "0203"])
    shown = petitions("user", "rights", "lin").output
    assert "C3县" in shown
    assert "those of the role" in shown
    changed = said(
        petitions, "user", "rights", "lin", "--role", "reviewer", "--region", "B2区", "--category",
        "ALL", "--level", "restricted", "--fields", "name, phone", "--json",
    )  # fmt: skip
    assert (changed["role"], changed["level"]) == ("reviewer", "restricted")
    assert (changed["regions"], changed["categories"]) == (["B2区"], [])
    assert changed["fields"] == ["name", "phone"]
    again = said(petitions, "user", "rights", "lin", "--fields", "ROLE", "--json")
    assert "full_text" in again["fields"]
    assert again["regions"] == ["B2区"]
    for wrong in (("--role", "emperor"), ("--region", "Z"), ("--category", "99"),
                  ("--level", "cosmic"), ("--fields", "shoe")):  # fmt: skip
        assert petitions("user", "rights", "lin", *wrong).exit_code != 0, wrong
    assert said(petitions, "user", "rights", "lin", "--json") == again
    assert petitions("user", "rights", "nobody").exit_code == 2
    assert petitions("user", "add", "he", "--role", "clerk", "--category", "99",
                     "--password-stdin", stdin=PASSWORD + "\n").exit_code != 0  # fmt: skip
    assert petitions("user", "disable", "lin").exit_code == 0
    assert petitions("user", "enable", "lin").exit_code == 0
    (user,) = said(petitions, "user", "list", "--json")
    assert user["disabled"] is False
    assert petitions("user", "enable", "nobody").exit_code == 2
    assert petitions("audit", "verify").exit_code == 0


def test_users_and_their_rights(petitions: Petitions, export: Path) -> None:
    petitions("import", str(export))
    added = petitions(
        "user", "add", "lin", "--role", "clerk", "--region", "C3县", "--password-stdin",
        "--no-second-factor", stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    assert PASSWORD not in added.output
    (user,) = said(petitions, "user", "list", "--json")
    assert (user["name"], user["regions"], user["level"]) == ("lin", ["C3县"], "open")
    found = said(petitions, "search", "路灯", "--as", "lin", "--json")
    assert [hit["external_id"] for hit in found["hits"]] == ["X3"]
    assert found["hits"][0]["edition"] == "redacted"
    assert "13812345678" not in json.dumps(found)
    assert petitions("show", "X1", "--as", "lin").exit_code == 1
    assert petitions("search", "路灯", "--as", "nobody").exit_code == 2
    assert (
        petitions("user", "password", "lin", "--password-stdin", stdin=PASSWORD + "二\n").exit_code
        == 0
    )
    out = petitions("user", "sign-out", "lin")
    assert (out.exit_code, "ended: 0" in out.output) == (0, True)
    assert petitions("user", "sign-out", "nobody").exit_code == 2
    assert petitions("user", "disable", "lin").exit_code == 0
    assert said(petitions, "search", "路灯", "--as", "lin", "--json")["total"] == 0
    assert petitions("user", "disable", "nobody").exit_code == 2


def test_who_lost_a_password_or_is_new_gets_a_one_time_code(petitions: Petitions) -> None:
    petitions("init")
    invited = said(petitions, "user", "add", "qiu", "--role", "clerk", "--invite", "--json")
    assert (invited["second_factor"], invited["factor_due"]) == (False, True)
    assert invited["enrolment"] is None
    assert len(invited["code"].replace("-", "")) == 28
    again = said(petitions, "user", "reset", "qiu", "--json")
    assert again["name"] == "qiu"
    assert again["code"] != invited["code"]
    assert "/recover" in petitions("user", "reset", "qiu").output
    assert petitions("user", "reset", "nobody").exit_code == 2
    both = petitions(
        "user", "add", "he", "--role", "clerk", "--invite", "--password-stdin", stdin=PASSWORD
    )
    assert both.exit_code == 2
    weak = petitions(
        "user", "add", "he", "--role", "clerk", "--password-stdin", stdin="password12345678\n"
    )
    assert weak.exit_code != 0
    assert said(petitions, "audit", "verify", "--json")["intact"]


def test_regions_of_letters_are_declared(petitions: Petitions, export: Path) -> None:
    petitions("import", str(export))
    learned = {one["code"] for one in said(petitions, "region", "list", "--json") if one["learned"]}
    assert "C3县" in learned
    assert petitions("region", "add", "C3县", "--name", "清河县", "--alias", "清河").exit_code == 0
    listed = {one["code"]: one for one in said(petitions, "region", "list", "--json")}
    assert (listed["C3县"]["learned"], listed["C3县"]["name"]) == (False, "清河县")
    assert "清河县" in petitions("region", "list").stdout
    assert said(petitions, "search", "region:清河", "--json")["total"] > 0
    assert petitions("region", "add", "D1", "--parent", "nowhere").exit_code == 1


def test_reindex_and_audit(petitions: Petitions, export: Path) -> None:
    petitions("import", str(export))
    petitions("search", "路灯")
    assert said(petitions, "reindex", "--json") == {"indexed": 3}
    assert petitions("reindex", "--engine", "lucene").exit_code == 2
    assert said(petitions, "search", "路灯", "--json")["total"] == 3
    report = said(petitions, "audit", "verify", "--json")
    assert report["intact"]
    assert report["entries"] >= 3
    assert "intact" in petitions("audit", "verify").stdout


def test_check_proves_the_installation(petitions: Petitions) -> None:
    checks = {one["what"]: one for one in said(petitions, "check", "--json")}
    assert checks["page reader (rapid)"]["sound"]
    assert checks["office files (Tika)"]["sound"]
    assert checks["engine and records"]["sound"]
    assert checks["virus scanner"]["found"].startswith("none is set")
    assert checks["known passwords"]["found"].startswith("no list is set")
    assert checks["limits"]["found"] == "as delivered"


def test_check_shows_the_virus_scanner_a_file(tmp_path: Path) -> None:
    sound = _virus_scanner(Home(tmp_path, Settings(virus_scanner=scanner_command(tmp_path))))
    assert "clean" in sound
    with pytest.raises(ScannerDown):
        _virus_scanner(Home(tmp_path, Settings(virus_scanner="sh -c 'exit 2'")))


def test_check_looks_into_the_list_of_known_passwords(tmp_path: Path) -> None:
    good, other = tmp_path / "good.txt", tmp_path / "other.txt"
    write_list(good, ["password", "123456"])
    write_list(other, ["123456"])
    sound = _known_passwords(Home(tmp_path, Settings(known_passwords=str(good))))
    assert "holds" in sound
    with pytest.raises(ValueError, match="password"):
        _known_passwords(Home(tmp_path, Settings(known_passwords=str(other))))
    with pytest.raises(ListUnreadable, match="PETITIONS_KNOWN_PASSWORDS"):
        _known_passwords(Home(tmp_path, Settings(known_passwords=str(tmp_path / "none"))))


def test_an_office_has_words_of_its_own(
    petitions: Petitions, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    petitions("import", str(export))
    own = tmp_path / "own.txt"
    own.write_text("路灯 亮眼睛\n", encoding="utf-8")
    monkeypatch.setenv("PETITIONS_SYNONYMS", str(own))
    assert said(petitions, "search", "亮眼睛", "--json")["total"] == 3
    (added,) = [
        one for one in said(petitions, "search", "路灯", "--json")["expansions"] if one["leads"]
    ]
    assert added["added"][0] == "亮眼睛"
    assert "2 words of your own" in _synonyms(Home(home, Settings(synonyms=str(own))))
    assert "no others" in _synonyms(Home(home))
    own.write_text("灯\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["petitions", "--home", str(home), "search", "路灯"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_mistakes_in_a_question_are_told(
    petitions: Petitions, export: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, home: Path,
) -> None:  # fmt: skip
    petitions("import", str(export))
    monkeypatch.setattr("sys.argv", ["petitions", "--home", str(home), "search", '"路灯'])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("petitions: ")
    assert _is_ours(BadValue("x"))
    assert not _is_ours(ValueError("x"))


def test_a_person_corrects_what_redaction_found(petitions: Petitions, tmp_path: Path) -> None:
    letter = {"id": "77", "subject": "水管", "text": "老槐树下第二家漏水，请联系居委会。"}
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(letter, ensure_ascii=False), "utf-8")
    said(petitions, "import", str(file), "--json")
    words = ("user", "add", "leader", "--role", "leader", "--no-second-factor", "--password-stdin")
    assert petitions(*words, stdin=PASSWORD).exit_code == 0
    correct = ("redact", "77", "--mask", "老槐树下第二家", "--reason", "tells who it is")
    assert petitions(*correct, "--as", "leader").exit_code == 1  # sees no full text
    assert petitions("redact", "77", "--mask", "老槐树下第二家").exit_code == 2  # no reason
    assert petitions("redact", "77", "--reason", "none").exit_code == 2
    wrong = petitions("redact", "77", "--mask", "新槐树", "--reason", "typed wrong")
    assert isinstance(wrong.exception, BadValue)
    assert "stand in no text" in str(wrong.exception)
    assert petitions(*correct).exit_code == 0
    seen = said(petitions, "show", "77", "--as", "leader", "--json")
    assert seen["text"] == "*******漏水，请联系居委会。"
    assert said(petitions, "search", '"槐树"', "--as", "leader", "--json")["total"] == 0
    assert petitions("redact", "77", "--unmask", "老槐树下第二家", "--reason", "no").exit_code == 0
    assert said(petitions, "search", '"槐树"', "--as", "leader", "--json")["total"] == 1
