"""`petitions demo`: an invented office from nothing to the search page. Again: goes on, or opens.

Everything goes the way that a real office's letters go: the export of an older system through
`import`, scans and files through `ingest`. Only the letters, the people and the post are invented.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.context import DONE, SOME_FAILED, WRONG_USAGE, Globals, failures_told, home_of, say, stop
from cli.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from records.home import Home
    from search.bootstrap import Archive

PASSPHRASE = "tinglan-demo-2026"  # noqa: S105 - of invented users, and printed for all to see
SOURCE = "tinglan"
_BATCH = "demo"
_PLAN = "demo.json"
"""In the home: what this demo consists of, and whether all of it was taken in."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user of the demo; no `regions`: the whole office."""

    name: str
    display_name: str
    level: str
    sees: str
    regions: tuple[str, ...] = ()


USERS = (
    DemoUser("caseworker", "承办人 乔维康", "restricted", "栖梧、望岚、青棠区；自己经办的看全文",
             ("990101", "990102", "990103")),
    DemoUser("clerk", "登记员 史采薇", "restricted", "全市，脱敏"),
    DemoUser("reviewer", "审核人 常正谊", "restricted", "全市，全文"),
    DemoUser("leader", "领导 安若兰", "secret", "全市各密级，脱敏"),
    DemoUser("archivist", "档案员 易德厚", "secret", "全市各密级，脱敏"),
    DemoUser("statistician", "统计员 汤佳慧", "restricted", "只看数字"),
    DemoUser("administrator", "系统管理员 龙一鸣", "open", "用户与系统，看不到信件"),
    DemoUser("security", "安全管理员 卫守正", "open", "确认权限，看不到信件"),
    DemoUser("auditor", "安全审计员 白青禾", "open", "日志，看不到信件"),
    DemoUser("public", "公众", "open", "已公开的，脱敏"),
)  # fmt: skip
"""One of each role; the name is the role."""


def run_demo(given: Globals, letters: int, scans: int, *, host: str, port: int, serve: bool) -> int:
    """Make the office where it is missing, take in what isn't yet there, and open the page.

    The exit code: 1 where a file could not be taken in, 2 where the home holds something else.
    """
    began = time.monotonic()
    home = home_of(given)
    finished = _plan(home, letters, scans)
    if not finished:
        say(f"making an invented office of {letters} letters in {home.path}")
        _make_material(home, letters, scans)
    from cli.context import opened

    with opened(given, make=True) as archive:
        _make_office(archive)
        failed = [] if finished else _take_in(archive)
        if not finished and not failed:
            _remember(home, letters, scans, finished=True)
            say(f"ready after {time.monotonic() - began:.0f} s")
        failures_told(failed)
        if serve:
            port = _free_port(host, port)
        _tell(archive, host, port, serve=serve)
        if serve:
            from cli.serving import serve_archive

            serve_archive(archive, host, port)
    return SOME_FAILED if failed else DONE


def _free_port(host: str, port: int) -> int:
    """The port, or where it is taken the next free one of twenty. Stops where none is."""
    for one in range(port, port + 20):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                tried.bind((host, one))
                return one
    return stop(
        f"ports {port} to {port + 19} of {host} are taken; give another --port", WRONG_USAGE
    )


def _plan(home: Home, letters: int, scans: int) -> bool:
    """Whether all was taken in before. Stops where the home holds another office."""
    path = home.path / _PLAN
    if path.exists():
        plan = json.loads(path.read_text(encoding="utf-8"))
        if (plan["letters"], plan["scans"]) != (letters, scans):
            stop(
                f"{home.path} holds a demo of {plan['letters']} letters and {plan['scans']} scans; "
                f"remove that folder, or give another --home",
                WRONG_USAGE,
            )
        return bool(plan["finished"])
    if (home.path / "petitions.db").exists():
        stop(f"{home.path} holds an office that is no demo; give another --home", WRONG_USAGE)
    home.make()
    _remember(home, letters, scans, finished=False)
    return False


def _remember(home: Home, letters: int, scans: int, *, finished: bool) -> None:
    plan = {"letters": letters, "scans": scans, "finished": finished}
    (home.path / _PLAN).write_text(json.dumps(plan), encoding="utf-8")


def _material(home: Home) -> Path:
    return home.path / "material"


def _make_material(home: Home, letters: int, scans: int) -> None:
    """The export and the post; what was written before stays. The manifest is written last."""
    from cli.sample.post import EXPORT, MANIFEST, POST, sample_office, write_export, write_post

    folder = _material(home)
    if (folder / POST / MANIFEST).exists():
        return
    try:
        office = sample_office(letters, scans)
    except ValueError as error:
        stop(str(error), WRONG_USAGE)
    folder.mkdir(parents=True, exist_ok=True)
    write_export(office, folder / EXPORT)
    pieces = len(office.scanned) + len(office.filed)
    with Progress("scan", "pages and files") as told:
        for done, _ in enumerate(write_post(office, folder / POST), start=1):
            told(min(done, pieces), pieces)


def _make_office(archive: Archive) -> None:
    """Regions and users, those that are missing."""
    from cli.sample.places import REGIONS
    from records import audit
    from records.regions import add_region, region
    from records.users import NewUser, add_user, user_by_name
    from search.scopes import SHELL

    with archive.database.write() as session:
        for place in REGIONS:
            if region(session, place.code) is None:
                add_region(session, place.code, place.name, place.parent or None)
        for user in USERS:
            if user_by_name(session, user.name) is not None:
                continue
            new = NewUser(
                name=user.name,
                role=user.name,
                password=PASSPHRASE,
                regions=user.regions,
                level=user.level,
                display_name=user.display_name,
                second_factor=False,
            )
            added = add_user(session, new, archive.home.settings)
            audit.write(session, SHELL, "user.add", added.user.id, {"role": str(added.user.role)})


def _take_in(archive: Archive) -> list[tuple[str, str, str]]:
    """Import, ingest and index; what failed: item, cause, remedy."""
    from cli.indexing import index
    from cli.sample.post import EXPORT, MANIFEST, POST
    from cli.taking_in import run_queue, stopping
    from ingest.imports import import_file
    from ingest.manifest import read_manifest
    from ingest.taking import find_files, take
    from records.intake_items import failures

    settings, folder = archive.home.settings, _material(archive.home)
    with Progress("import", "bytes") as told:
        report = import_file(
            archive.database, folder / EXPORT, settings, source=SOURCE, progress=told
        )
    failed = [(f"line {one.line}", one.cause, one.remedy) for one in report.failures]
    index(archive)
    manifest = folder / POST / MANIFEST
    found = [one for one in find_files([folder / POST]) if one.path != manifest]
    taken = take(
        archive.database,
        archive.originals,
        found,
        settings,
        stated=read_manifest(manifest, settings),
        batch_name=_BATCH,
    )
    with stopping() as stopped:
        run_queue(archive, None, once=True, stopped=stopped)
        if stopped():
            stop("stopped; the same command goes on where it stopped", SOME_FAILED)
    with archive.database.read() as session:
        failed += [
            (item.path, item.error_message or "", item.remedy or "")
            for item in failures(session, taken.batch_id)
        ]
    return failed


def _tell(archive: Archive, host: str, port: int, *, serve: bool) -> None:
    from records.petitions import count

    with archive.database.read() as session:
        number = count(session)
    say(f"\n汀澜市信访局（虚构）：{number} 件信访件")
    say('试着搜索 / try: 物业费  拖欠工资  "夜里施工"  拆遷  学区 -幼儿园\n')
    say(f"{'用户名 user':16}{'能看到什么 what they see'}")
    for user in USERS:
        say(f"{user.name:16}{user.sees}")
    say(f"\n密码 password（人人相同 the same for all）: {PASSPHRASE}\n")
    if serve:
        say("Ctrl-C 结束 ends; 打开 open:")
    else:
        say(f"打开 open: petitions --home {archive.home.path} serve --host {host} --port {port}")
