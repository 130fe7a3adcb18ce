"""Registering letters that are handed in: by form or by program, with files or as plain text.

The files are stored and the record made at once; reading them is the work of others, whose
progress can be asked for by the one who registered the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from api.caller import Caller
from api.errors import BadRegistration, NotPermitted
from api.filenames import base_name
from api.office import Office
from api.schemas import Registered
from api.suggestions import completed
from records import audit, intake, petitions
from records.categories import find_categories
from records.changes import change_status
from records.database import Session
from records.entries import NewPetition
from records.errors import VirusFound
from records.home import environment_name
from records.ids import new_id
from records.intake import Arrival
from records.originals import Original
from records.record import PetitionRecord
from records.regions import RegionRecord, find_regions
from records.registration import add
from records.statuses import require_level
from records.times import now
from records.virus_scanner import scanner
from search.access import cleared
from search.engine import Level

SOURCE: Final = "desk"
"""What the records call the source of letters registered here."""

MAX_FILES: Final = 100
"""Most files of one letter."""

MAX_NAME: Final = 255
"""Most characters of a file's name."""

MAX_CHARACTERS: Final = {
    "subject": 500,
    "name": 200,
    "phone": 200,
    "id_no": 200,
    "address": 500,
    "bank_card": 200,
}
"""Most characters of what is stated; more is not a name, a number or a subject."""

EARLIEST: Final = 1900
"""Letters of years before are no letters."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is stated of a letter; empty means not stated, and is found from the text."""

    subject: str = ""
    text: str = ""
    region: str = ""
    category: str = ""
    channel: str = ""
    level: str = ""
    received_at: str = ""
    people_count: str = ""
    name: str = ""
    phone: str = ""
    id_no: str = ""
    address: str = ""
    bank_card: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in; `content` stands at its beginning."""

    name: str
    content: BinaryIO
    size: int


def require_registrar(caller: Caller) -> None:
    """Raises NotPermitted."""
    if not caller.registers:
        raise NotPermitted("Your role does not register letters; ask a clerk.")


def register(office: Office, caller: Caller, form: Form, uploads: Sequence[Upload]) -> Registered:
    """Make the record, queue its files, answer with its number. It waits to be checked for repeats.

    Raises NotPermitted, BadRegistration, BadValue and its kinds, StoreFull, ScannerDown; then
    nothing is registered.
    """
    require_registrar(caller)
    if not uploads and not form.text.strip():
        raise BadRegistration("Hand in a file, or type the letter's text.", "nothing_given")
    _require_sizes(office, form, uploads)
    regions = office.library.regions(caller.scope)
    petition = _petition(office, caller, form, regions)
    if not uploads:
        petition = completed(petition, regions)
    stored = [(upload, _stored(office, caller, upload)) for upload in uploads]

    def keep(session: Session) -> PetitionRecord:
        id_ = _receive(session, petition, stored) if stored else add(session, petition).id
        change_status(session, id_, "DUP_CHECK", caller.user.id, "registered")
        audit.write(session, caller.user.id, "register", id_, {"files": len(stored)})
        record = petitions.read_one(session, id_)
        assert record is not None
        return record

    record = office.database.written(keep)
    return Registered(id=record.id, number=record.number)


def _stored(office: Office, caller: Caller, upload: Upload) -> Original:
    try:
        return office.originals.put(upload.content, scanner(office.settings))
    except VirusFound as error:
        who, told = caller.user.id, {"scanner": str(error)}  # a file's name may be a person's
        office.database.written(lambda one: audit.write(one, who, "virus_found", details=told))
        raise BadRegistration(
            f"The file {upload.name} was not kept, and nothing was registered: {error}. Tell the "
            "administrator; register the letter without it.",
            error.code,
            upload.name,
        ) from error


def _require_sizes(office: Office, form: Form, uploads: Sequence[Upload]) -> None:
    settings = office.settings
    if len(uploads) > MAX_FILES:
        raise BadRegistration(
            f"{len(uploads)} files are too many for one letter; hand in {MAX_FILES} at most.",
            "too_many_files",
        )
    for name, most in MAX_CHARACTERS.items():
        if len(getattr(form, name)) > most:
            raise BadRegistration(
                f"{name} has {len(getattr(form, name)):,} characters; {most} are allowed. "
                "Put long text into the letter's text.",
                "field_too_long",
            )
    for upload in uploads:
        if len(upload.name) > MAX_NAME:
            raise BadRegistration(
                f"The file name {upload.name[:40]}… has more than {MAX_NAME} characters. "
                "Rename the file.",
                "file_name_too_long",
                f"{upload.name[:40]}…",
            )
        if upload.size == 0:
            raise BadRegistration(
                f"The file {upload.name} is empty. Scan it again.", "empty_file", upload.name
            )
        if upload.size > settings.max_file_bytes:
            raise BadRegistration(
                f"The file {upload.name} has {upload.size:,} bytes; "
                f"{settings.max_file_bytes:,} are allowed. Split it, or raise "
                f"{environment_name('max_file_bytes')}.",
                "file_too_large",
                upload.name,
            )
    if len(form.text) > settings.max_text_characters:
        raise BadRegistration(
            f"The text has {len(form.text):,} characters; {settings.max_text_characters:,} are "
            f"allowed. Raise {environment_name('max_text_characters')}.",
            "text_too_long",
        )


def _petition(
    office: Office, caller: Caller, form: Form, regions: Sequence[RegionRecord]
) -> NewPetition:
    level = Level(require_level(form.level or Level.OPEN))
    if level not in cleared(caller.scope):
        raise BadRegistration(
            f"Your clearance is {caller.scope.level}; you can't register a {level} letter.",
            "level_above_yours",
        )
    return NewPetition(
        subject=form.subject.strip(),
        text="\n".join(form.text.splitlines()),  # a browser ends lines with CR LF
        source=SOURCE,
        name=form.name.strip() or None,
        id_no=form.id_no.strip() or None,
        phone=form.phone.strip() or None,
        address=form.address.strip() or None,
        bank_card=form.bank_card.strip() or None,
        people_count=_count(form.people_count),
        received_at=_received(form.received_at, ZoneInfo(office.settings.time_zone)),
        region=_region(office, form.region.strip(), regions),
        category=_category(form.category.strip()),
        category_source="manual" if form.category.strip() else None,
        channel=form.channel or None,
        level=level,
        registrar=caller.user.id,
        text_source="native" if form.text.strip() else None,
    )


def _region(office: Office, given: str, regions: Sequence[RegionRecord]) -> str | None:
    """By code, name or alias, of the regions that the caller may name."""
    if not given:
        return None
    nameable = {one.code for one in regions}
    with office.database.read() as session:
        found = [one for one in find_regions(session, given) if one.code in nameable]
    if len(found) != 1:
        told = "is no region here" if not found else "names several regions; give the code"
        raise BadRegistration(f"“{given}” {told}.", "unknown_region")
    return found[0].code


def _category(given: str) -> str | None:
    if not given:
        return None
    found = find_categories(given)
    if not found:
        raise BadRegistration(f"“{given}” is no category.", "unknown_category")
    return found[0].code


def _count(given: str) -> int | None:
    if not given:
        return None
    if not (given.isdecimal() and len(given) <= 7 and 0 < int(given) <= 1_000_000):
        raise BadRegistration("The number of people is 1 to 1,000,000.", "bad_people_count")
    return int(given)


def _received(given: str, zone: ZoneInfo) -> datetime | None:
    """A day begins at midnight in the office; a moment without a zone is the office's."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
        if len(given) == len("2026-03-01"):
            moment = datetime.combine(date.fromisoformat(given), time())
    except ValueError:
        raise BadRegistration(
            f"“{given}” is no date; write it as 2026-03-01.", "bad_date"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if moment.year < EARLIEST or moment > now() + timedelta(days=1):
        raise BadRegistration(
            f"“{given}” lies before {EARLIEST} or in the future; mend the date.", "bad_date"
        )
    return moment


def _receive(
    session: Session,
    petition: NewPetition,
    stored: Iterable[tuple[Upload, Original]],
) -> str:
    """Every registration is a batch of its own: the same file may belong to two letters."""
    batch_id = intake.batch(session, f"{SOURCE} {new_id()}")
    petition_id: str | None = None
    for upload, original in stored:
        name = base_name(upload.name)
        received = intake.receive(
            session,
            batch_id,
            Arrival(
                original=original,
                path=name,
                name=name,
                petition=None if petition_id else petition,
                petition_id=petition_id,
            ),
        )
        petition_id = petition_id or received.item.petition_id
    assert petition_id is not None
    return petition_id
