"""The product as `measure` asks it: an office of its own with the published letters in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bench.duplicates.baselines import Answer
from bench.duplicates.letters import Letter, Verdict
from records.daily import Daily
from records.database import open_home
from records.home import Home
from records.petitions import NewPetition, add_many
from search.bootstrap import Archive, open_archive
from search.duplicates.answers import MOST, LetterAsked, Petitioner
from search.scopes import shell_scope

ZONE = ZoneInfo("Asia/Shanghai")
UNLIMITED = Daily("find_person", 10**9, ZONE, "finds_per_day")


class Ours:
    """Asks the library with the operator's rights; the person is known by the code."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __call__(self, letter: Letter) -> Sequence[Answer]:
        asked = LetterAsked(
            letter.subject,
            letter.text,
            (Petitioner(code=letter.petitioner),),
            received_at=_moment(letter),
            size=MOST,
        )
        found = self._archive.library.repeats.of_new(shell_scope(), asked, UNLIMITED)
        return [
            (one.petition.external_id or "", Verdict(one.verdict.value), one.score)
            for one in found.found
            if one.petition.external_id != letter.external_id
        ]


@contextmanager
def office(letters: Iterable[Letter]) -> Iterator[Archive]:
    """These letters, registered and indexed."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        database = open_home(home)
        with database.write() as session:
            add_many(session, [_entry(letter) for letter in letters])
        database.close()
        archive = open_archive(home)
        try:
            while archive.catch_up():
                pass
            yield archive
        finally:
            archive.close()


def _entry(letter: Letter) -> NewPetition:
    return NewPetition(
        external_id=letter.external_id,
        petitioner=letter.petitioner,
        subject=letter.subject,
        text=letter.text,
        received_at=_moment(letter),
    )


def _moment(letter: Letter) -> datetime:
    return datetime.fromisoformat(letter.day).replace(tzinfo=ZONE)
