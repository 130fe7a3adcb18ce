"""What one user sees of one petition: the edition, and for every field whether it is shown, masked
or hidden. The one place that decides it.

From the table "who may see what" of petition work: the public sees published redacted copies
without any person; staff see persons masked, and what their field rights open in full; who has
more rights on own cases than on others sees no identity number and no bank card of the others, not
even masked.
Staff without the right to the scan see redacted pictures of its pages.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from analyzers.personal import PersonalKind, find_personal, mask_value
from records.record import PageSummary, PersonRecord, PetitionRecord, Reach
from records.regions import PUBLISHED
from records.signatures import Signature
from search.access import FieldRight, Scope, rights
from search.answers import (
    PageView,
    PersonalValue,
    Shown,
    StatusStep,
    VisibleFile,
    VisiblePage,
    VisiblePerson,
    VisiblePetition,
    VisibleReply,
    VisibleSignature,
)
from search.documents import reader_path
from search.engine import Edition, Level
from search.page_redaction import can_be_redacted
from search.query import Attribute
from search.vocabulary import Vocabulary

Rights = frozenset[FieldRight]

_ABSENT = PersonalValue("", Shown.ABSENT)
_KEPT_BACK = frozenset({FieldRight.ID_NO, FieldRight.BANK_CARD})


def project(
    scope: Scope, petition: PetitionRecord, vocabulary: Vocabulary, *, masks: bool = True
) -> VisiblePetition | None:
    """The petition as this scope may see it; None when it may not be seen at all.

    `masks` False: what is masked of people is left empty. Masking takes most of the time, and who
    only compares texts needs none of it.
    """
    granted = granted_on(scope, petition)
    if granted is None:
        return None
    full = FieldRight.FULL_TEXT in granted
    scan = FieldRight.SCAN in granted
    path = petition.region_path
    return VisiblePetition(
        id=petition.id,
        number=petition.number,
        external_id=petition.external_id,
        edition=Edition.FULL if full else Edition.REDACTED,
        level=Level(petition.level),
        subject=petition.subject if full else petition.subject_redacted,
        text=petition.text if full else petition.text_redacted,
        category=tuple(
            vocabulary.labelled(Attribute.CATEGORY, code) for code in petition.category_path
        ),
        region=tuple(vocabulary.labelled(Attribute.REGION, code) for code in path),
        status=vocabulary.labelled(Attribute.STATUS, petition.status),
        channel=vocabulary.labelled(Attribute.CHANNEL, petition.channel),
        received_at=petition.received_at,
        people_count=petition.people_count,
        petitioner=petition.petitioner if full else None,
        persons=_persons(scope, petition, granted, masks=masks),
        replies=_replies(petition, full=full),
        timeline=_timeline(petition, vocabulary, full=full),
        files=_files(petition) if scan else (),
        pages=() if _public(scope, petition) and not scan else _pages(petition, scan=scan),
        text_source=petition.text_source or "native",
        text_confidence=petition.text_confidence,
        extra=dict(petition.extra) if full else {},
    )


def with_signatures(
    scope: Scope,
    petition: PetitionRecord,
    visible: VisiblePetition,
    signatures: Sequence[Signature],
) -> VisiblePetition:
    """The same with who signed its replies. No hash and no signature itself: with them, what is
    masked could be tried out."""
    named = not _public(scope, petition)
    replies = tuple(
        replace(
            reply,
            signatures=tuple(
                VisibleSignature(
                    signer=one.signer if named else None,
                    signed_at=one.signed_at,
                    state=one.state,
                    key_ended_at=one.key.ended_at,
                    key_ended_by=one.key.ended_by,
                )
                for one in signatures
                if one.reply == number
            ),
        )
        for number, reply in enumerate(visible.replies, 1)
    )
    return replace(visible, replies=replies)


def notes_seen(scope: Scope, petition: PetitionRecord) -> frozenset[bool]:
    """Which leaders' notes are shown, by whether they are addressed to those who handle the
    petition: all to those with the right to them, to its handlers who read it in full those."""
    granted = granted_on(scope, petition) or frozenset()
    if FieldRight.LEADER_NOTES in granted:
        return frozenset({True, False})
    handles = scope.user_id in petition.readers and FieldRight.FULL_TEXT in granted
    return frozenset({True}) if handles else frozenset()


def granted_on(scope: Scope, petition: PetitionRecord | Reach) -> Rights | None:
    """The rights beyond its redacted text; None when this scope may not see the petition at all."""
    if scope.counts_only:
        return None
    return rights(
        scope,
        level=Level(petition.level),
        region_path=reader_path(petition),
        category_path=petition.category_path,
        named_users=petition.readers,
        sealed=petition.sealed,
    )


def _persons(
    scope: Scope, petition: PetitionRecord, granted: Rights, *, masks: bool
) -> tuple[VisiblePerson, ...]:
    if _public(scope, petition):
        return ()
    own = scope.user_id in petition.readers
    apart = {fact for fact in _KEPT_BACK if not own and keeps_back(scope, fact)}
    reveals = scope.own_reveals if own else scope.reveals
    return tuple(
        _person(number, person, granted, reveals, without=apart, masks=masks)
        for number, person in enumerate(petition.persons, 1)
    )


def keeps_back(scope: Scope, fact: FieldRight) -> bool:
    """Is this fact of a person hidden, even masked, but in own cases?"""
    return fact in _KEPT_BACK and not scope.own_fields <= scope.fields


def _public(scope: Scope, petition: PetitionRecord) -> bool:
    """Does this reader see the petition only because it was published?"""
    return scope.user_id not in petition.readers and scope.regions <= {PUBLISHED}


def _person(
    number: int,
    person: PersonRecord,
    granted: Rights,
    reveals: Rights,
    *,
    without: Set[FieldRight],
    masks: bool,
) -> VisiblePerson:
    def fact(right: FieldRight, value: str | None, kind: PersonalKind) -> PersonalValue:
        shown = _personal(value, kind, in_full=right in granted, masks=masks)
        if shown.shown is not Shown.MASKED:
            return shown
        if right in without:
            return PersonalValue("", Shown.HIDDEN)
        return replace(shown, can_reveal=right in reveals)

    return VisiblePerson(
        number=number,
        role=person.role,
        name=fact(FieldRight.NAME, person.name, PersonalKind.NAME),
        id_no=fact(FieldRight.ID_NO, person.id_no, PersonalKind.ID_CARD_15),
        phone=fact(FieldRight.PHONE, person.phone, PersonalKind.LANDLINE),
        address=fact(FieldRight.ADDRESS, person.address, PersonalKind.ADDRESS),
        bank_card=fact(FieldRight.BANK_CARD, person.bank_card, PersonalKind.BANK_CARD),
    )


def _personal(
    value: str | None, kind: PersonalKind, *, in_full: bool, masks: bool
) -> PersonalValue:
    """`kind`: how it is masked where its own form doesn't tell what it is."""
    if not value:
        return _ABSENT
    if in_full:
        return PersonalValue(value, Shown.FULL)
    if not masks:
        return PersonalValue("", Shown.MASKED)
    masked_as = _form(value) or (PersonalKind.ADDRESS if _mixed(kind, value) else kind)
    return PersonalValue(mask_value(masked_as, value), Shown.MASKED)


def _mixed(kind: PersonalKind, value: str) -> bool:
    """Does a number have words beside it, like the name of its owner? Then nothing of it stays."""
    if kind is PersonalKind.NAME:
        return False
    return any(sign.isalpha() and not sign.isascii() for sign in value)


def _form(value: str) -> PersonalKind | None:
    """The kind of a value that is a number of a known form from end to end."""
    spans = find_personal(value.strip())
    if len(spans) == 1 and spans[0].end - spans[0].start == len(value.strip()):
        return spans[0].kind
    return None


def _replies(petition: PetitionRecord, *, full: bool) -> tuple[VisibleReply, ...]:
    return tuple(
        VisibleReply(
            kind=reply.kind,
            text=reply.text if full else reply.text_redacted,
            replied_at=reply.replied_at,
            body=reply.body,
            transfer_only=reply.transfer_only,
        )
        for reply in petition.replies
    )


def _timeline(
    petition: PetitionRecord, vocabulary: Vocabulary, *, full: bool
) -> tuple[StatusStep, ...]:
    return tuple(
        StatusStep(
            status=vocabulary.labelled(Attribute.STATUS, change.after),
            at=change.at,
            by=change.who if full else None,
            reason=change.reason if full else None,
        )
        for change in petition.history
    )


def _files(petition: PetitionRecord) -> tuple[VisibleFile, ...]:
    return tuple(
        VisibleFile(number, file.name, file.media_type or "application/octet-stream", file.size)
        for number, file in enumerate(petition.files, 1)
    )


def _pages(petition: PetitionRecord, *, scan: bool) -> tuple[VisiblePage, ...]:
    return tuple(
        VisiblePage(
            number=page.number,
            width=page.width,
            height=page.height,
            confidence=page.confidence,
            role=page.role,
            text_start=page.text_start,
            text_end=page.text_end,
            view=PageView.ORIGINAL if scan else _redacted_view(page),
        )
        for page in petition.pages
    )


def _redacted_view(page: PageSummary) -> PageView:
    return PageView.REDACTED if can_be_redacted(page) else PageView.WITHHELD
