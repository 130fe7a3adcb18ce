"""The index follows the records, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from records import petitions
from records.database import Session
from records.errors import Crossed
from records.petitions import (
    NewPetition,
    NewReply,
    PetitionRecord,
    add_many,
    add_reply,
    count_pending,
    read,
    read_one,
    set_level,
    touch,
)
from search import indexer
from search.access import Scope
from search.documents import BETWEEN_REPLIES, documents_of
from search.engine import INDEXES, Document, Edition, IndexName, Level
from search.engines.memory import MemoryEngine
from search.errors import EngineDown
from search.indexer import bring_up_to_date, rebuild

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

Letters = Callable[..., list[NewPetition]]


def held(engine: MemoryEngine) -> dict[str, set[str]]:
    return {str(index): set(engine._shown[index]) for index in INDEXES}


def waiting(office: Office) -> int:
    with office.database.read() as session:
        return count_pending(session)


def record(office: Office, id_: str) -> PetitionRecord:
    with office.database.read() as session:
        found = read_one(session, id_)
    assert found is not None
    return found


def test_batches_until_nothing_is_left(office: Office, made_letters: Letters) -> None:
    with office.database.write() as session:
        add_many(session, made_letters(23))
    taken = []
    while count := bring_up_to_date(office.database, office.engine, 10):
        taken.append(count)
    assert taken == [10, 10, 3]
    assert waiting(office) == 0
    assert bring_up_to_date(office.database, office.engine, 10) == 0


def test_each_petition_is_in_the_editions_of_its_level_alone(
    office: Office, made_letters: Letters
) -> None:
    """Both where it holds personal data, else the redacted one, which is its text as it is."""
    ids = office.add(*made_letters(30, levels=("open", "restricted", "secret")))
    shown = held(office.engine)
    personal = 0
    for id_ in ids:
        petition = record(office, id_)
        masked = "*" in petition.subject_redacted + petition.text_redacted + "".join(
            reply.text_redacted for reply in petition.replies
        )
        personal += masked
        editions = ("full", "redacted") if masked else ("redacted",)
        assert {name for name, inside in shown.items() if id_ in inside} == {
            f"{petition.level}-{edition}" for edition in editions
        }
    assert 0 < personal < len(ids)


def test_a_change_of_level_moves_it(office: Office, made_letters: Letters) -> None:
    (id_,) = office.add(*made_letters(1))
    for level in ("secret", "restricted", "open"):
        with office.database.write() as session:
            set_level(session, id_, level)
        assert waiting(office) == 1
        office.index()
        inside = {name for name, ids in held(office.engine).items() if id_ in ids}
        assert inside == {f"{level}-full", f"{level}-redacted"}


def test_a_new_reply_is_found(office: Office, everything: Scope, made_letters: Letters) -> None:
    (id_,) = office.add(replace(made_letters(1)[0], replies=()))
    assert office.ids(everything, '"已经责成住建局"') == []
    with office.database.write() as session:
        add_reply(session, id_, NewReply("已经责成住建局答复"))
    office.index()
    assert office.ids(everything, '"已经责成住建局"') == [id_]


def test_a_letter_that_fails_is_marked_and_does_not_block(
    office: Office, made_letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = office.add(*made_letters(3))

    def documents(petition: PetitionRecord, *rest: object) -> dict[IndexName, Document]:
        if petition.id == first:
            raise ValueError("cannot be cut")
        return documents_of(petition)

    monkeypatch.setattr(indexer, "documents_of", documents)
    with office.database.write() as session:
        touch(session, [first, *others])
    office.index()
    failed = record(office, first)
    assert failed.index_error == "ValueError: cannot be cut"
    assert all(record(office, id_).index_error is None for id_ in others)
    shown = held(office.engine)
    assert all(first not in ids for ids in shown.values())
    assert all(id_ in shown["open-redacted"] for id_ in others)
    assert waiting(office) == 0
    monkeypatch.undo()
    with office.database.write() as session:
        touch(session, [first])
    office.index()
    assert record(office, first).index_error is None
    assert first in held(office.engine)["open-redacted"]


class Picky(MemoryEngine):
    """Refuses one letter in the redacted edition, after it took the full one."""

    refused = ""

    def put(self, index: IndexName, documents: Sequence[Document]) -> None:
        taken = [d for d in documents if (d.id, index.edition) != (self.refused, Edition.REDACTED)]
        self.left_out = len(taken) < len(documents)
        super().put(index, taken)

    def commit(self) -> dict[str, str]:
        super().commit()
        left_out, self.left_out = self.left_out, False
        return {self.refused: "ValueError: too many terms"} if left_out else {}


def test_a_letter_that_the_engine_refuses_does_not_block(
    office: Office, made_letters: Letters
) -> None:
    with office.database.write() as session:
        ids = [result.id for result in add_many(session, made_letters(4))]
    engine = Picky()
    engine.refused = ids[2]
    assert bring_up_to_date(office.database, engine) == 4
    assert record(office, ids[2]).index_error == "ValueError: too many terms"
    assert held(engine)["open-redacted"] == set(ids) - {ids[2]}
    assert all(ids[2] not in inside for inside in held(engine).values())
    assert waiting(office) == 0


def test_a_rebuild_tells_of_a_letter_that_the_engine_refuses(
    office: Office, made_letters: Letters
) -> None:
    """Also of one that was in the old indexes."""
    ids = office.add(*made_letters(4))
    engine = Picky()
    engine.refused = ids[1]
    rebuild(office.database, engine, engine.identity)
    assert record(office, ids[1]).index_error == "ValueError: too many terms"
    assert held(engine)["open-redacted"] == set(ids) - {ids[1]}


def test_nothing_is_marked_when_the_engine_is_down(
    office: Office, made_letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.write() as session:
        add_many(session, made_letters(3))

    def down() -> None:
        raise EngineDown("no answer")

    monkeypatch.setattr(office.engine, "commit", down)
    with pytest.raises(EngineDown):
        bring_up_to_date(office.database, office.engine)
    assert waiting(office) == 3
    monkeypatch.undo()
    office.index()
    assert waiting(office) == 0
    assert len(held(office.engine)["open-redacted"]) == 3


def test_a_change_while_indexing_stays_in_the_queue(
    office: Office, made_letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.write() as session:
        (added,) = add_many(session, made_letters(1))
    commit = office.engine.commit

    def meanwhile() -> Mapping[str, str]:
        refused = commit()
        monkeypatch.undo()
        with office.database.write() as session:
            set_level(session, added.id, "secret")
        return refused

    monkeypatch.setattr(office.engine, "commit", meanwhile)
    bring_up_to_date(office.database, office.engine)
    assert waiting(office) == 1
    office.index()
    assert added.id not in held(office.engine)["open-redacted"]
    assert added.id in held(office.engine)["secret-full"]


@pytest.mark.parametrize("anew", [False, True])
def test_a_transaction_that_crossed_with_another_is_done_again(
    office: Office, made_letters: Letters, monkeypatch: pytest.MonkeyPatch, anew: bool
) -> None:
    """The indexes are written by then: hours of work, where they were made anew."""
    with office.database.write() as session:
        add_many(session, made_letters(3))
    honest, crossed = petitions.mark_indexed, list[int]()

    def mark_indexed(session: Session, done: Iterable[tuple[str, int]]) -> None:
        honest(session, done)
        crossed.append(len(crossed))
        if len(crossed) < 3:
            raise Crossed("a deadlock")

    monkeypatch.setattr(petitions, "mark_indexed", mark_indexed)
    if anew:
        beside = MemoryEngine()
        assert rebuild(office.database, beside, beside.identity) == 3
    else:
        assert bring_up_to_date(office.database, office.engine) == 3
    assert len(crossed) == 3
    assert waiting(office) == 0


def test_rebuilding_fills_new_indexes_and_then_swaps(office: Office, made_letters: Letters) -> None:
    office.add(*made_letters(12, levels=("open", "secret")))
    with office.database.write() as session:
        add_many(session, [replace(made_letters(1)[0], external_id="late")])
    beside, told, swapped = MemoryEngine(), [], []

    def swap() -> str:
        swapped.append(waiting(office))
        return beside.identity()

    count = rebuild(
        office.database, beside, swap, batch=5, progress=lambda done, of: told.append((done, of))
    )
    assert count == 13
    assert told == [(5, 13), (10, 13), (13, 13)]
    assert swapped == [1]  # marked only after the swap
    assert waiting(office) == 0
    office.index()
    assert {k: len(v) for k, v in held(beside).items()} == {
        k: len(v) + (k.startswith("open")) for k, v in held(office.engine).items()
    }


def test_a_rebuild_that_breaks_leaves_everything_as_it_was(
    office: Office, made_letters: Letters
) -> None:
    with office.database.write() as session:
        add_many(session, made_letters(3))

    def broken() -> str:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        rebuild(office.database, MemoryEngine(), broken)
    assert waiting(office) == 3


def test_a_document_says_what_the_record_says(office: Office) -> None:
    (id_,) = office.add(
        NewPetition(
            subject="房產證 A7县",
            text="联系电话13912345678，拆遷。",
            external_id="ＡＢ-1",
            region="A7县",
            category="0103",
            level="restricted",
            named=(),
            replies=(NewReply("一"), NewReply("二")),
        )
    )
    with office.database.read() as session:
        (petition,) = read(session, [id_])
    documents = documents_of(petition)
    full = documents[IndexName(Level.RESTRICTED, Edition.FULL)]
    redacted = documents[IndexName(Level.RESTRICTED, Edition.REDACTED)]
    assert len(documents) == 2
    assert full.subject.characters == "房产证a7县"
    assert full.subject.words == ("房产证", "a7县")
    assert full.subject is redacted.subject
    assert "13912345678" in full.text.characters
    assert "13912345678" not in redacted.text.characters
    assert len(full.text.characters) == len(redacted.text.characters)
    assert full.reply.characters == f"一{BETWEEN_REPLIES}二"
    assert full.regions == ("ALL", "A市", "A7县")
    assert full.categories == ("01", "0103")
    assert full.numbers == (petition.number.lower(), "ab-1")
    assert full.readers == ("region:ALL", "region:A市", "region:A7县")
    assert (full.order, full.received) == (petition.order, int(petition.received_at.timestamp()))
