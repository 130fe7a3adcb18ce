"""Who may not see a scan sees copies of its pages in which personal data is painted over."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from records import audit
from records.corrections import Correction
from records.files import add_file
from records.pages import Line, NewPage, put_pages
from records.petitions import NewPetition, NewReply, set_level
from search.answers import PageView
from search.errors import NotFound

if TYPE_CHECKING:
    from search.access import Scope
    from tests.search.library.conftest import Office

SIZE = (1200, 900)
LINES = (
    Line("关于锦绣小区门口路灯长期不亮的投诉请求处理", (100, 100, 940, 140), 0.99),
    Line("门口的路灯坏了很久没有人来修,我的手机是13912345678,请打", (100, 200, 1100, 240), 0.99),
    Line("反映人：李秀英", (800, 300, 1080, 340), 0.99),
)
TEXT = "\n".join(line.text for line in LINES)
RED, GREEN = (200, 30, 30), (20, 160, 60)
LETTER = NewPetition(subject="路灯", text=TEXT, external_id="X-1", published=True)


def picture() -> bytes:
    """Lines in red; green what no reader of pages made out."""
    image = Image.new("RGB", SIZE, GREEN)
    for line in LINES:
        left, top, right, bottom = map(int, line.box)
        image.paste(RED, (left, top, right, bottom))
    with io.BytesIO() as stream:
        exif = Image.Exif()
        exif[0x010E] = "Li Xiuying"
        image.save(stream, "JPEG", quality=95, exif=exif, comment=b"13912345678")
        return stream.getvalue()


PAGE = NewPage(
    width=SIZE[0],
    height=SIZE[1],
    text=TEXT,
    lines=LINES,
    source="ocr",
    confidence=0.99,
    text_start=0,
    text_end=len(TEXT),
)


def hang(office: Office, id_: str, page: NewPage = PAGE, role: str = "letter") -> bytes:
    original = picture()
    stored = office.originals.put(original)
    with office.database.write() as session:
        file_id = add_file(session, id_, stored, "李秀英.jpg", role=role)
        put_pages(session, id_, file_id, [replace(page, image_sha256=stored.sha256)])
    office.index()
    return original


def seen(office: Office, scope: Scope, id_: str, number: int = 1) -> Image.Image:
    shown = office.library.page_image(scope, id_, number)
    image = Image.open(io.BytesIO(shown.content))
    assert (shown.media_type, image.format, image.size) == ("image/jpeg", "JPEG", SIZE)
    return image.convert("RGB")


def share(image: Image.Image, box: tuple[float, ...], colour: tuple[int, int, int]) -> float:
    """Of a box, how much has this colour."""
    left, top, right, bottom = map(int, box)
    pixels = np.asarray(image)[top:bottom, left:right].astype(int)
    return float((abs(pixels - np.array(colour)) < 60).all(axis=2).mean())


BLACK = (0, 0, 0)


def test_personal_data_is_painted_over_and_nothing_unread_is_shown(office: Office) -> None:
    leader, reviewer = office.user("leader"), office.user("reviewer")
    (id_,) = office.add(LETTER)
    original = hang(office, id_)
    assert office.library.page_image(reviewer, id_, 1).content == original
    image = seen(office, leader, id_)
    first, third = LINES[0].box, LINES[2].box
    assert share(image, first, RED) > 0.9  # edges are blurred
    assert share(image, (100, 202, 700, 238), RED) > 0.9  # the words before the number
    assert share(image, (809, 190, 1009, 250), BLACK) > 0.98
    assert share(image, third, BLACK) > 0.98  # a short line with a name: all of it
    assert share(image, (0, 360, *SIZE), GREEN) == 0.0
    assert share(image, (0, 0, *SIZE), GREEN) < 0.02  # the rim of the lines that are shown


def test_the_copy_holds_nothing_of_the_file_but_pixels(office: Office) -> None:
    (id_,) = office.add(LETTER)
    original = hang(office, id_)
    content = office.library.page_image(office.user("leader"), id_, 1).content
    assert content != original
    assert b"Li Xiuying" in original
    assert b"13912345678" in original
    for canary in (b"Xiuying", b"13912345678", b"Exif", b"39123456"):
        assert canary not in content
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_words_of_the_copy_are_those_that_can_be_read(office: Office) -> None:
    leader, reviewer = office.user("leader"), office.user("reviewer")
    (id_,) = office.add(LETTER)
    hang(office, id_)
    for hidden in ("13912345678", "1391234", "李秀英", "秀英"):
        assert office.library.page_words(reviewer, id_, 1, f'"{hidden}"').words
        assert office.library.page_words(leader, id_, 1, f'"{hidden}"').words == ()
    (there,) = office.library.page_words(leader, id_, 1, '"请打"').words
    (original,) = office.library.page_words(reviewer, id_, 1, '"请打"').words
    assert there == original
    assert office.ask(leader, "路灯").hits[0].has_scan


@pytest.mark.parametrize(
    "page",
    [replace(PAGE, confidence=0.6), replace(PAGE, confidence=0.0, lines=(), text="")],
    ids=["badly read", "not read"],
)
def test_pages_without_reliable_places_are_withheld(office: Office, page: NewPage) -> None:
    leader = office.user("leader")
    (id_,) = office.add(LETTER)
    hang(office, id_, page)
    (shown,) = office.library.petition(leader, id_).pages
    assert shown.view is PageView.WITHHELD
    assert not office.ask(leader, "路灯").hits[0].has_scan
    for ask in (
        lambda: office.library.page_image(leader, id_, 1),
        lambda: office.library.page_words(leader, id_, 1, "路灯"),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize(
    "page",
    [replace(PAGE, text="全是别的字"), replace(PAGE, lines=()), replace(PAGE, lines=LINES[1:])],
    ids=["other text", "no lines", "a line is missing"],
)
def test_of_a_page_whose_text_is_not_that_of_its_lines_nothing_is_shown(
    office: Office, page: NewPage
) -> None:
    (id_,) = office.add(LETTER)
    hang(office, id_, page)
    image = seen(office, office.user("leader"), id_)
    assert share(image, (0, 0, *SIZE), GREEN) == 0.0
    assert share(image, (0, 0, *SIZE), RED) == 0.0


def test_names_misread_and_numbers_without_a_check_are_covered_too(office: Office) -> None:
    lines = (
        Line("那天李透英家的水管又一次漏水了物业公司没有派人上门来看", (100, 100, 1140, 140), 0.99),
        Line("材料上写的号码是4301021970O131和前面登记的不一样请核对", (100, 200, 1140, 240), 0.99),
    )
    text = "\n".join(line.text for line in lines)
    (id_,) = office.add(replace(LETTER, text=text, name="李秀英"))
    hang(office, id_, replace(PAGE, text=text, lines=lines, text_end=len(text)))
    image = seen(office, office.user("leader"), id_)
    assert share(image, (184, 90, 290, 150), BLACK) > 0.98
    assert share(image, (700, 102, 1140, 138), BLACK) == 0.0
    assert share(image, (440, 190, 700, 250), BLACK) > 0.98


def test_a_page_of_a_reply_follows_the_redacted_reply(office: Office) -> None:
    text = "尊敬的王建国先生，您反映的路灯问题已经处理完毕，感谢您对我们工作的监督"
    line = Line(text, (100, 100, 100 + 28 * len(text), 140), 0.99)
    (id_,) = office.add(replace(LETTER, replies=(NewReply("别的"), NewReply(text))))
    hang(office, id_, replace(PAGE, text=text, lines=(line,), text_end=len(text)), "reply")
    image = seen(office, office.user("leader"), id_)
    assert share(image, (100 + 3 * 28, 90, 100 + 6 * 28, 150), BLACK) > 0.98
    assert share(image, (100 + 12 * 28, 102, 100 + 30 * 28, 138), BLACK) == 0.0


def test_the_public_and_those_without_the_letter_get_no_copy(office: Office) -> None:
    public, leader = office.user("public"), office.user("leader")
    (id_,) = office.add(LETTER)
    hang(office, id_)
    assert office.library.petition(public, id_).pages == ()
    with pytest.raises(NotFound):
        office.library.page_image(public, id_, 1)
    with office.database.write() as session:
        set_level(session, id_, "secret")
    with pytest.raises(NotFound):
        office.library.page_image(leader, id_, 1)


def test_the_audit_tells_which_kind_of_picture_was_seen(office: Office) -> None:
    leader, reviewer = office.user("leader"), office.user("reviewer")
    (id_,) = office.add(LETTER)
    hang(office, id_)
    office.library.page_image(leader, id_, 1)
    office.library.page_image(reviewer, id_, 1)
    with pytest.raises(NotFound):
        office.library.page_image(leader, id_, 2)
    with office.database.read() as session:
        entries = audit.entries(session)
    assert [(e.actor, e.action, e.object_id, dict(e.details)) for e in entries] == [
        (leader.user_id, "view_page", id_, {"number": 1, "view": "redacted", "shown": True}),
        (reviewer.user_id, "view_page", id_, {"number": 1, "view": "original", "shown": True}),
        (leader.user_id, "view_page", id_, {"number": 2, "shown": False}),
    ]


def test_pictures_texts_and_index_follow_what_a_person_corrects(office: Office) -> None:
    leader, reviewer = office.user("leader"), office.user("reviewer")
    (id_,) = office.add(LETTER)
    hang(office, id_)
    first, third = LINES[0].box, LINES[2].box
    with pytest.raises(NotFound):  # who sees no full text corrects nothing
        office.library.redaction.correct(leader, id_, [Correction("路灯", masked=True)], "x")
    assert office.ids(leader, '"锦绣小区"') == [id_]
    corrections = [Correction("锦绣小区", masked=True), Correction("李秀英", masked=False)]
    office.library.redaction.correct(reviewer, id_, corrections, "the estate is a home")
    office.index()
    image = seen(office, leader, id_)
    assert share(image, (180, 90, 340, 150), BLACK) > 0.98
    assert share(image, (500, 102, 940, 138), BLACK) == 0.0
    assert share(image, third, RED) > 0.9
    assert share(image, first, RED) < 0.9
    assert office.ids(leader, '"锦绣小区"') == []
    assert office.ids(leader, '"李秀英"') == [id_]
    with office.database.read() as session:
        entries = [one for one in audit.entries(session) if one.action == "correct_redaction"]
    assert [(one.actor, dict(one.details)) for one in entries] == [
        (leader.user_id, {"masked": 1, "shown_again": 0, "reason": "x", "shown": False}),
        (
            reviewer.user_id,
            {"masked": 1, "shown_again": 1, "reason": "the estate is a home", "shown": True},
        ),
    ]
