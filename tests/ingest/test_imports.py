"""Exports of older systems become records; every refusal names its line; again makes no doubles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.sample.letters import letters
from ingest.errors import BadMapping
from ingest.imports import ImportReport, import_file
from ingest.mapping import read_mapping
from records.home import Settings
from records.petitions import by_external_id, count
from records.regions import require_region
from search.answers import SearchRequest
from search.scopes import shell_scope

if TYPE_CHECKING:
    from conftest import Maker

    from records.record import PetitionRecord
    from search.bootstrap import Archive


def line(id_: str | int = "1", **fields: Any) -> dict[str, Any]:
    given = {
        "id": id_,
        "petitioner": "P1",
        "subject": "路灯不亮",
        "text": "B2区柳岸路的路灯不亮了。",
    }
    return given | {"submitted_at": "2019-02-28T11:25:05"} | fields


def export(make: Maker, *lines: dict[str, Any] | str, name: str = "old.jsonl") -> Path:
    written = [
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines
    ]
    return make(name, "\n".join(written))


def run(archive: Archive, path: Path, **options: Any) -> ImportReport:
    return import_file(archive.database, path, options.pop("settings", Settings()), **options)


def stored(archive: Archive, id_: str) -> PetitionRecord:
    with archive.database.read() as session:
        (found,) = by_external_id(session, id_)
    return found


def test_every_field(archive: Archive, make: Maker) -> None:
    given = line(
        188006, reply="您好！已转B2区城管局处理。", replied_at="2019/3/5 9:00", category="交通运输",
        region="B2区", channel="网信", level="内部", name="林小满", phone="13812345678",
        people_count="12人", likes=3, status="办理中",
    )  # fmt: skip
    report = run(archive, export(make, given))
    assert (report.created, report.failures) == (1, [])
    assert report.unknown == {"likes": 1}
    found = stored(archive, "188006")
    assert found.submitted_at == datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)
    assert (found.region, found.region_path[-2:]) == ("B2区", ("B市", "B2区"))
    assert (found.channel, found.level, found.status) == ("web", "restricted", "HANDLING")
    assert (found.people_count, found.extra) == (12, {"likes": 3})
    assert (found.persons[0].name, found.persons[0].phone) == ("林小满", "13812345678")
    assert found.category_source == "import"
    assert found.replies[0].replied_at == datetime(2019, 3, 5, 1, tzinfo=UTC)
    assert found.replies[0].transfer_only


@pytest.mark.parametrize("given", [20190228, "2019-02-28", 1551283200, 1551283200000])
def test_a_date_may_be_a_number(archive: Archive, make: Maker, given: object) -> None:
    assert run(archive, export(make, line(submitted_at=given))).failures == []
    assert stored(archive, "1").submitted_at == datetime(2019, 2, 27, 16, tzinfo=UTC)


def test_a_number_that_is_no_day_is_no_date(archive: Archive, make: Maker) -> None:
    (failure,) = run(archive, export(make, line(submitted_at=20190230))).failures
    assert "submitted_at" in failure.cause


def test_again_makes_no_doubles_and_takes_over_changes(archive: Archive, make: Maker) -> None:
    path = export(make, line("1"), line("2"))
    assert run(archive, path).created == 2
    again = run(archive, path)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    newer = run(archive, export(make, line("1"), line("2", text="修好了。"), name="newer.jsonl"))
    assert (newer.created, newer.changed, newer.unchanged) == (0, 1, 1)
    assert stored(archive, "2").text == "修好了。"
    with archive.database.read() as session:
        assert count(session) == 2


@pytest.mark.parametrize(
    ("bad", "code", "said"),
    [
        ('{"id": "9", ', "bad_line", "no JSON"),
        ("[1, 2]", "bad_line", "no JSON object"),
        (json.dumps({"subject": "题", "text": "文"}), "bad_line", "no id"),
        (json.dumps(line("9", text=["文"])), "bad_line", "text is a list"),
        (json.dumps(line("9", submitted_at="昨天")), "bad_line", "no date"),
        (json.dumps(line("9", level="甲级")), "bad_line", "level"),
        (json.dumps(line("9", people_count="很多")), "bad_line", "people_count"),
        (json.dumps(line("9", subject="", text="")), "bad_line", "neither subject nor text"),
        (
            json.dumps(line("9", text="灯" * 3_400_000), ensure_ascii=False),
            "too_large",
            "3,400,000 characters",
        ),
        (json.dumps(line("1", text="别的。")), "double_id", "line 1 has the same id"),
        ("[" * 100_000, "bad_line", "no JSON"),
    ],
)
def test_bad_lines_are_named_and_the_others_go_on(
    archive: Archive, make: Maker, bad: str, code: str, said: str
) -> None:
    report = run(archive, export(make, line("1"), bad, line("3")))
    assert (report.lines, report.created) == (3, 2)
    (failure,) = report.failures
    assert (failure.line, failure.code) == (2, code)
    assert said in failure.cause
    assert failure.remedy


def test_a_long_letter_tells_which_limit_to_raise(archive: Archive, make: Maker) -> None:
    path = export(make, line("1", text="灯" * 2_000))
    (failure,) = run(archive, path, settings=Settings(max_text_characters=1_000)).failures
    assert "PETITIONS_MAX_TEXT_CHARACTERS" in failure.remedy
    assert run(archive, path, settings=Settings(max_text_characters=2_000)).created == 1


def test_a_line_without_end_costs_no_memory(archive: Archive, make: Maker) -> None:
    settings = Settings(max_text_characters=1000)
    path = export(make, line("1"), '{"id": "2", "text": "' + "x" * 3_000_000 + '"}', line("3"))
    report = run(archive, path, settings=settings)
    assert [failure.code for failure in report.failures] == ["too_large"]
    assert report.created == 2


def test_unknown_values_are_kept_and_noted(archive: Archive, make: Maker) -> None:
    given = line(
        "1", region="月牙镇", category="占卜", status="神游", channel="飞鸽", handler="nobody"
    )
    report = run(archive, export(make, given))
    assert report.created == 1
    assert len(report.notes) == 5
    found = stored(archive, "1")
    assert found.extra == {
        "category": "占卜",
        "status": "神游",
        "channel": "飞鸽",
        "handler": "nobody",
    }
    with archive.database.read() as session:
        assert require_region(session, "月牙镇").parent == "ALL"


def test_what_is_not_stated_is_told_by_the_text(archive: Archive, make: Maker) -> None:
    run(archive, export(make, line("1", subject="")))
    found = stored(archive, "1")
    assert found.subject == "B2区柳岸路的路灯不亮了"
    assert found.region == "B2区"
    assert found.category_source in {"auto", None}


def test_other_encodings_blank_lines_and_equal_lines(archive: Archive, make: Maker) -> None:
    one = json.dumps(line("1"), ensure_ascii=False)
    path = make("old.jsonl", f"\n{one}\n\n{one}\n".encode("gb18030"))
    report = run(archive, path)
    assert (report.lines, report.created, report.unchanged, report.failures) == (2, 1, 1, [])
    assert stored(archive, "1").subject == "路灯不亮"


def test_mapping(archive: Archive, make: Maker) -> None:
    old = {
        "bh": 7,
        "bt": "路灯不亮",
        "nr": "灯坏了。",
        "rq": "2019年3月5日",
        "text": "别的",
        "mm": "-",
    }
    for mapping in (
        make(
            "map.json",
            json.dumps({"bh": "id", "bt": "subject", "nr": "text", "rq": "received_at", "mm": "-"}),
        ),
        make("map.csv", "old,new\nbh,id\nbt,subject\nnr,text\nrq,received_at\nmm,-\n"),
    ):
        run(archive, export(make, old), mapping=read_mapping(mapping))
        found = stored(archive, "7")
        assert (found.subject, found.text) == ("路灯不亮", "灯坏了。")
        assert found.received_at == datetime(2019, 3, 4, 16, tzinfo=UTC)
        assert found.extra == {"text_": "别的"}


@pytest.mark.parametrize("content", ['{"a": "nowhere"}', "a,id\nb,id\n", "{", "a;id\n", '{"a": 1}'])
def test_bad_mappings(make: Maker, content: str) -> None:
    with pytest.raises(BadMapping) as refused:
        read_mapping(make("map", content))
    assert refused.value.remedy


def test_a_long_export_through_the_other_process(archive: Archive, make: Maker) -> None:
    many = [
        line(
            one.number,
            subject=one.subject,
            text=one.text * 8,
            region=one.region,
            category=one.category,
        )
        for one in letters(700, seed=5)
    ]
    path = export(make, *many[:350], "{broken", *many[350:])
    assert path.stat().st_size > 2_000_000
    told: list[tuple[int, int]] = []
    report = run(archive, path, progress=lambda done, total: told.append((done, total)))
    assert (report.created, [one.line for one in report.failures]) == (700, [351])
    assert told[-1][0] <= told[-1][1]
    archive.catch_up()
    found = archive.library.search(shell_scope(), SearchRequest(text=f'no:"{many[-1]["id"]}"'))
    assert found.total == 1
