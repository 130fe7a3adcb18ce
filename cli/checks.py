"""Whether this installation can do its work: each part is used once, for real."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.home import Home

PICTURE = Path(__file__).with_name("check.png")
"""A line of print that reads `PICTURE_TEXT`."""

PICTURE_TEXT = "群众来信检索"
_LEAST_FREE = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """`needed` False: the installation works without it."""

    what: str
    sound: bool
    found: str
    needed: bool = True


def run_checks(home: Home) -> tuple[Check, ...]:
    """Every check, whatever the others find. The page reader of the settings is needed."""
    from ingest.ocr import ENGINES

    chosen = home.settings.ocr
    return (
        _checked("words", _words),
        *(
            _checked(f"page reader ({name})", partial(_picture, name), needed=name == chosen)
            for name in ENGINES
        ),
        _checked("office files (Tika)", lambda: _office_file(home)),
        _checked("virus scanner", lambda: _virus_scanner(home)),
        _checked("known passwords", lambda: _known_passwords(home)),
        _checked("synonyms", lambda: _synonyms(home)),
        _checked("engine and records", _round_trip),
        _checked("this office", lambda: _office(home)),
        _checked("keys", lambda: _keys(home)),
        _checked("checkpoints of the log", lambda: _checkpoints(home), needed=False),
        _checked("disk", lambda: _disk(home)),
        _checked("limits", lambda: _limits(home)),
    )


def _checked(what: str, look: Callable[[], str], *, needed: bool = True) -> Check:
    try:
        return Check(what, True, look(), needed)
    except Exception as error:
        remedy = getattr(error, "remedy", "")
        told = f"{error}" + (f" -> {remedy}" if remedy else "")
        return Check(what, False, told or type(error).__name__, needed)


def _expect(fits: bool, told: str) -> None:
    if not fits:
        raise ValueError(told)


def _words() -> str:
    from analyzers.fold import fold_text
    from analyzers.segment import FINGERPRINT, words

    found = words(fold_text("A7县拆遷補償"))
    _expect("a7县" in found and "拆迁" in found, f"cut wrongly: {found}")
    return f"dictionary {FINGERPRINT[:12]}"


def _picture(engine: str) -> str:
    from ingest.ocr import open_ocr
    from ingest.page_images import page_images
    from records.home import Settings

    reader = open_ocr(engine)
    page = next(iter(page_images(PICTURE, Settings())))
    text = "".join("".join(line.text for line in reader.read(page).lines).split())
    _expect(text == PICTURE_TEXT, f"it read {text!r} instead of {PICTURE_TEXT!r}")
    return f"{reader.name} {reader.version}"


def _office_file(home: Home) -> str:
    from ingest.office import open_extractor

    reader = open_extractor(home.settings)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<html><meta charset=utf-8><p>{PICTURE_TEXT}</p></html>", "utf-8")
        text = reader.read(page, "text/html").text
    _expect(PICTURE_TEXT in text, f"it read {text!r}")
    return reader.version


def _virus_scanner(home: Home) -> str:
    from records.home import environment_name
    from records.virus_scanner import scanner

    look = scanner(home.settings)
    if look is None:
        return f"none is set ({environment_name('virus_scanner')})"
    with tempfile.NamedTemporaryFile() as file:
        file.write(PICTURE_TEXT.encode())
        file.flush()
        look(Path(file.name))
    return "it takes a clean file for clean"


def _known_passwords(home: Home) -> str:
    from records import known_passwords
    from records.home import environment_name

    file = home.settings.known_passwords
    if not file:
        return f"no list is set ({environment_name('known_passwords')})"
    _expect(known_passwords.holds(Path(file), "password"), f"{file} doesn't hold 'password'")
    return "the list is in order and holds what it must"


def _synonyms(home: Home) -> str:
    from records.home import environment_name
    from search.bootstrap import synonyms_of

    if not home.settings.synonyms:
        return f"those of every office ({environment_name('synonyms')} names no others)"
    return f"those of every office, and {len(synonyms_of(home.settings).own)} words of your own"


def _round_trip() -> str:
    """A letter into an office of its own, and found again."""
    from records.entries import NewPetition
    from records.home import Home
    from records.registration import add
    from search.answers import SearchRequest
    from search.bootstrap import open_archive
    from search.scopes import shell_scope

    with tempfile.TemporaryDirectory() as folder:
        archive = open_archive(Home(Path(folder)))
        try:
            with archive.database.write() as session:
                add(session, NewPetition(subject=PICTURE_TEXT, text="请查收。"))
            archive.catch_up()
            found = archive.library.search(shell_scope(), SearchRequest(text="來信檢索"))
        finally:
            archive.close()
    _expect(found.total == 1, f"{found.total} letters found instead of 1")
    return f"a letter was found in {found.took_ms:.0f} ms"


def _office(home: Home) -> str:
    from records.petitions import count, count_pending
    from search.bootstrap import open_archive

    if _absent(home):
        return f"none in {home.path} yet; 'petitions init' makes one"
    archive = open_archive(home)
    try:
        with archive.database.read() as session:
            all_, pending = count(session), count_pending(session)
        _expect(archive.library.ready(), "the index can't answer; run 'petitions reindex'")
    finally:
        archive.close()
    return f"{all_} petitions, {pending} wait for the index"


def _checkpoints(home: Home) -> str:
    from records.audit_keeping import checkpoint_state
    from records.database import open_home

    if _absent(home):
        return "none before there is an office"
    database = open_home(home)
    try:
        state = checkpoint_state(database, home)
    finally:
        database.close()
    _expect(state.remark is None, state.remark or "")
    return f"the last is of {state.last.at}, in {state.folder}" if state.last else state.folder


def _keys(home: Home) -> str:
    from records.database import open_home
    from records.renewal import idle_keys, is_unfinished, require_fitting

    if _absent(home):
        return "none before there is an office"
    database = open_home(home)
    try:
        with database.read() as session:
            require_fitting(session, home.keys)
            unfinished = is_unfinished(session)
            idle = idle_keys(session) if session.keys.older else ()
    finally:
        database.close()
    older = [one.file for one in database.keys.older]
    _expect(
        not unfinished,
        f"a renewal is unfinished, or these are keys of an older backup: keep {', '.join(older)}, "
        "stop serve and work, and run 'petitions keys renew'",
    )
    idle = tuple(one for one in idle if one in older)  # a new office's key has nothing to open
    told = ", ".join(["columns.key", *older])
    return told + (f"; nothing here needs {', '.join(idle)}" if idle else "")


def _absent(home: Home) -> bool:
    return not home.settings.database_url and not (home.path / "petitions.db").exists()


def _disk(home: Home) -> str:
    place = next(one for one in (home.path.resolve(), *home.path.resolve().parents) if one.exists())
    free = shutil.disk_usage(place).free
    _expect(free > _LEAST_FREE, f"{free / 1e9:.1f} GB free at {place}; make room")
    return f"{free / 1e9:.1f} GB free at {place}"


def _limits(home: Home) -> str:
    plain = replace(home, settings=type(home.settings)())
    changed = {
        name: value for name, value in limits(home).items() if limits(plain).get(name) != value
    }
    return ", ".join(f"{name}={value}" for name, value in changed.items()) or "as delivered"


def limits(home: Home) -> dict[str, Any]:
    """Every setting in force, by its environment variable; no password, no key."""
    from records.home import environment_name

    return {
        environment_name(name): _without_secret(name, value)
        for name, value in asdict(home.settings).items()
    }


def _without_secret(name: str, value: Any) -> Any:
    if name.endswith(("_key", "_password", "_token")) and value:
        return "(secret)"
    if not name.endswith("_url"):
        return value
    hidden = re.sub(r"(?<=://)([^/@:]*):.*@", r"\1:(secret)@", str(value))
    return re.sub(r"([?&]password=)[^&]*", r"\1(secret)", hidden)
