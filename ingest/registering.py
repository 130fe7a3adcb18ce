"""What was read from a file becomes records, in one transaction: letter, reply or attachment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from analyzers.regions import problem_region
from ingest.arrivals import BY_RULE, DEPTH, LETTER_ITEM, arrive, plan
from ingest.errors import IngestError, NothingReadable
from ingest.resolving import resolved, suggested, suggested_category, suggested_region
from ingest.stated import read_stated
from records.changes import Description as Found
from records.changes import add_reply, change_status, hold, set_description
from records.entries import NewPerson, NewReply
from records.files import file_of
from records.intake import Arrival, Failure, attach, receive, refuse
from records.intake_items import Item, Stage, require_item
from records.originals import Original
from records.pages import Line, NewPage, put_pages
from records.petitions import by_external_id, by_number, read_one
from records.queue import finish, park, remark
from records.redaction import redacted_text
from records.registration import add
from records.statuses import STATUSES, StatusType

if TYPE_CHECKING:
    from ingest.describe import Description
    from ingest.extraction import ExtractedPage, Extraction
    from ingest.places import Places
    from records.database import Session
    from records.home import Settings
    from records.record import PetitionRecord

SOURCE = "ingest"
"""`source` of the petitions that came as files."""

MAIL = "message/rfc822"

WAITING = "waits_for_letter"
"""Error code of a parked reply whose letter is not known yet."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A file that was found in a mail or an archive, its content stored; or why it can't be."""

    name: str
    role: str
    original: Original | None
    error: IngestError | None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """All that came of a file. `pictures`: stored page images, in the order of the pages."""

    extraction: Extraction
    description: Description
    pictures: Sequence[str]
    inside: Sequence[Inside]
    version: str


@dataclass(frozen=True, slots=True)
class Office:
    """What registering needs to know beside the transaction."""

    settings: Settings
    places: Places


def settle(session: Session, item: Item, read: ReadFile, office: Office) -> None:
    """Write what came of an item and move it on. Raises LeaseLost: then nothing may stay."""
    if read.extraction.notes:
        remark(session, item, "; ".join(read.extraction.notes), "check that it is what was meant")
    if any(one.role == "member" for one in read.inside):
        _unpacked(session, item, read)
    elif item.role == "attachment" and item.petition_id:
        _attached(session, item, item.petition_id, read, office)
    elif item.role == "reply":
        _reply(session, item, read, office)
    elif BY_RULE in item.given and read.description.is_reply and item.petition_id is None:
        _reply_after_all(session, item, read)
    else:
        _letter(session, item, read, office)


def letter_of(session: Session, item: Item, quoted: Sequence[str] = ()) -> PetitionRecord | None:
    """The petition that a reply belongs to: as registered, paired, stated or quoted."""
    if item.petition_id:
        return read_one(session, item.petition_id)
    if LETTER_ITEM in item.given:
        petition_id = require_item(session, str(item.given[LETTER_ITEM])).petition_id
        return read_one(session, petition_id) if petition_id else None
    stated = item.given.get("id")
    for number in (str(stated),) if stated else quoted:
        if found := numbered(session, number):
            return found
    return None


def numbered(session: Session, number: str) -> PetitionRecord | None:
    """The petition with this number, ours or an older system's if only one has it."""
    if found := by_number(session, number):
        return found
    others = by_external_id(session, number)
    return others[0] if len(others) == 1 else None


def waiting_for_letter(item: Item) -> Failure:
    """Why a reply is parked."""
    stated = item.given.get("id")
    what = f"number {stated}" if stated else "its letter"
    return Failure(
        WAITING,
        f"a reply, and {what} is not in the records",
        "take the letter in; or name the files X.pdf and X-回复.pdf, or give its number in a "
        "manifest; then run again",
    )


def _letter(session: Session, item: Item, read: ReadFile, office: Office) -> None:
    stated = read_stated(
        {name: value for name, value in item.given.items() if not name.startswith("_")},
        office.settings,
        source=SOURCE,
        id_needed=False,
    )
    found, text = read.description, read.extraction.text
    petition = _held(session, item.petition_id)
    number = stated.entry.external_id
    if petition is None and number and (known := numbered(session, number)):
        petition = _held(session, known.id)
    if petition is None:
        if number is None and found.number and not numbered(session, found.number):
            number = found.number
        entry = stated.entry
        entry = replace(
            entry,
            external_id=number,
            subject=entry.subject or found.subject,
            text=f"{entry.text}\n\n{text}" if entry.text else text,
            name=entry.name or found.name,
            phone=entry.phone or found.phone,
            id_no=entry.id_no or found.id_no,
            address=entry.address or found.address,
            bank_card=entry.bank_card or found.bank_card,
            people_count=entry.people_count or found.people_count,
            submitted_at=entry.submitted_at or _day(found.written_on, office.settings),
            channel=entry.channel or ("web" if read.extraction.media_type == MAIL else None),
            text_source=read.extraction.source,
            text_confidence=read.extraction.confidence,
            extra={**entry.extra, **_notes(read)},
        )
        stated = suggested(replace(stated, entry=entry), office.places.gazetteer)
        if found.place and not stated.region:  # a form's cell says where
            place = problem_region(found.place, "", office.places.gazetteer)
            stated = replace(stated, place=place or stated.place)
        stated = resolved(session, stated, office.places)
        petition_id, start = add(session, stated.entry).id, len(stated.entry.text) - len(text)
    else:
        petition_id = petition.id
        start = _append(session, petition, text, read, office)
    _hang(session, item, petition_id, "letter", start, read)
    _receive_inside(session, item, petition_id, read)
    finish(session, item, read.version, Stage.INDEX)


def _attached(
    session: Session, item: Item, petition_id: str, read: ReadFile, office: Office
) -> None:
    petition = _held(session, petition_id)
    if petition is None:
        raise NothingReadable("its letter is gone", "take the letter in again")
    start = _append(session, petition, read.extraction.text, read, office)
    _hang(session, item, petition_id, "attachment", start, read)
    _receive_inside(session, item, petition_id, read)
    finish(session, item, read.version, Stage.INDEX)


def _held(session: Session, petition_id: str | None) -> PetitionRecord | None:
    """A petition to be added to: what another worker adds to it comes before or after."""
    if petition_id is None:
        return None
    hold(session, petition_id)
    return read_one(session, petition_id)


def _append(
    session: Session, petition: PetitionRecord, text: str, read: ReadFile, office: Office
) -> int:
    """Add text to a known petition, unless it holds it already; where the text begins in it."""
    at = petition.text.find(text)
    if at >= 0 and (text or not petition.text):
        whole, start = petition.text, at
    elif petition.text:
        whole = f"{petition.text}\n\n{text}"
        start = len(whole) - len(text)
    else:
        whole, start = text, 0
    found = read.description
    subject = petition.subject or found.subject
    people: tuple[NewPerson, ...] = ()
    if not petition.persons:
        people = (NewPerson(found.name, found.id_no, found.phone, found.address, found.bank_card),)
    names = [person.name for person in petition.persons if person.name]
    names += [person.name for person in people if person.name]
    code, confidence = suggested_category(subject, whole)
    set_description(
        session,
        petition.id,
        Found(
            subject=None if petition.subject else subject,
            subject_redacted=None if petition.subject else redacted_text(subject, names),
            text=whole,
            text_redacted=redacted_text(whole, names),
            text_source=read.extraction.source if not petition.text else None,
            text_confidence=read.extraction.confidence if not petition.text else None,
            category=code,
            category_confidence=confidence,
            region=suggested_region(session, subject, whole, office.places),
            people=tuple(person for person in people if not person.empty),
        ),
    )
    return start


def _reply(session: Session, item: Item, read: ReadFile, office: Office) -> None:
    letter = letter_of(session, item, read.description.quoted)
    petition = _held(session, letter.id) if letter else None
    if petition is None:
        park(session, item, waiting_for_letter(item))
        return
    stated = read_stated(
        {name: item.given[name] for name in ("replied_at", "body") if name in item.given}
        | {"reply": read.extraction.text},
        office.settings,
        source=SOURCE,
        id_needed=False,
    ).entry.replies
    reply = stated[0] if stated else NewReply(read.extraction.text)
    reply = replace(
        reply,
        replied_at=reply.replied_at or _day(read.description.written_on, office.settings),
        transfer_only=read.description.transfer_only,
        text_source=read.extraction.source,
        text_confidence=read.extraction.confidence,
    )
    add_reply(session, petition.id, reply)
    if STATUSES[petition.status].type is StatusType.OPEN:
        reason = "a reply was taken in"
        change_status(session, petition.id, "REPLIED", SOURCE, reason, imported=True)
    _hang(session, item, petition.id, "reply", 0, read)
    finish(session, item, read.version, Stage.INDEX)


def _reply_after_all(session: Session, item: Item, read: ReadFile) -> None:
    """Taken for a letter by its name, a reply by its words: it goes through again as what it is."""
    assert item.sha256 is not None
    arrival = Arrival(
        Original(item.sha256, item.size),
        item.path,
        item.name,
        role="reply",
        media_type=read.extraction.media_type,
        parent_id=item.parent_id,
        within=item.id,
        given={name: value for name, value in item.given.items() if name != BY_RULE},
    )
    receive(session, item.batch_id, arrival)
    finish(session, item, read.version, None)


def _hang(
    session: Session, item: Item, petition_id: str, role: str, start: int, read: ReadFile
) -> None:
    """The file and its pages; `start`: where its text begins in the letter's or reply's."""
    attach(session, item.id, petition_id, read.extraction.media_type)
    if not read.extraction.pages or item.sha256 is None:
        return
    pages = []
    for page, picture in zip(read.extraction.pages, read.pictures, strict=True):
        pages.append(_page(page, picture, start))
        start += len(page.text) + 1
    file_id = file_of(session, petition_id, item.sha256, role)
    put_pages(session, petition_id, file_id, pages)


def _page(page: ExtractedPage, picture: str, start: int) -> NewPage:
    read = page.confidence is not None
    return NewPage(
        width=page.width,
        height=page.height,
        text=page.text,
        lines=tuple(
            Line(line.text, line.box, line.confidence if read else None) for line in page.lines
        ),
        source=page.source,
        confidence=page.confidence,
        engine=page.engine,
        rotation=page.rotation,
        skew=page.skew,
        image_sha256=picture,
        text_start=start,
        text_end=start + len(page.text),
    )


def _unpacked(session: Session, item: Item, read: ReadFile) -> None:
    """An archive's files become items of their own; letters before their replies."""
    sound = [(one.name, one.original) for one in read.inside if one.original is not None]
    letters: dict[int, str] = {}
    for planned in plan([name for name, _ in sound], {}):
        name, original = sound[planned.place]
        letter = letters.get(planned.letter) if planned.letter is not None else None
        path = f"{item.path}!/{name}"
        received = arrive(session, item.batch_id, planned, original, path, letter, parent=item)
        letters[planned.place] = received.item.id
    _refuse_inside(session, item, read)
    finish(session, item, read.version, None)


def _receive_inside(session: Session, item: Item, petition_id: str, read: ReadFile) -> None:
    """What hung on a mail hangs on its petition."""
    for one in read.inside:
        if one.original is None:
            continue
        arrival = Arrival(
            one.original,
            f"{item.path}!/{one.name}",
            one.name,
            role="attachment",
            parent_id=item.id,
            within=petition_id,
            petition_id=petition_id,
            given={DEPTH: int(item.given.get(DEPTH, 0)) + 1},
        )
        receive(session, item.batch_id, arrival)
    _refuse_inside(session, item, read)


def _refuse_inside(session: Session, item: Item, read: ReadFile) -> None:
    for one in read.inside:
        if one.error is not None:
            failure = Failure(one.error.code, str(one.error), one.error.remedy)
            refuse(session, item.batch_id, f"{item.path}!/{one.name}", one.name, failure)


def _day(day: Any, settings: Settings) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time(), ZoneInfo(settings.time_zone)).astimezone(UTC)


def _notes(read: ReadFile) -> Mapping[str, Any]:
    return {"intake_notes": list(read.extraction.notes)} if read.extraction.notes else {}
