"""The invented office's letters: repeatable, legal in every code, and never twice alike."""

from __future__ import annotations

import json
import re
from itertools import combinations, pairwise

import pytest

from cli.sample.letters import alike, letters, trigrams
from cli.sample.matters import all_matters
from cli.sample.petition import NOW, SampleLetter, import_record, in_traditional
from cli.sample.places import REGIONS
from ingest.replies import transfer_only
from records.categories import category
from records.statuses import CHANNELS, LEVELS, require_status, require_transition

Office = tuple[SampleLetter, ...]


def test_the_same_again_and_a_larger_count_begins_with_the_same(office: Office) -> None:
    assert tuple(letters(400)) == office
    assert tuple(letters(25)) == office[:25]
    assert [one.text for one in letters(25, seed=2)] != [one.text for one in office[:25]]


def test_numbers_are_unique(office: Office) -> None:
    assert len({one.number for one in office}) == len(office)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_letters_of_different_matters_are_no_near_duplicates(seed: int) -> None:
    told = [(one.case, trigrams(one.text)) for one in letters(300, seed)]
    worst = max(
        alike(first, second)
        for (case, first), (other, second) in combinations(told, 2)
        if case != other
    )
    assert worst < 0.35


def test_lengths(office: Office) -> None:
    lengths = sorted(len(one.text) for one in office)
    assert lengths[0] >= 80
    assert lengths[-1] <= 1500
    assert lengths[-20] > 700
    assert 150 < lengths[len(lengths) // 2] < 350


def test_every_code_is_known_to_the_records(office: Office) -> None:
    regions = {region.code for region in REGIONS}
    for one in office:
        assert category(one.category).level >= 2
        assert one.region in regions
        assert one.channel in CHANNELS
        assert one.level in LEVELS
        require_status(one.status)


def test_many_kinds_of_matter(office: Office) -> None:
    assert len({one.category[:2] for one in office}) == 17
    assert len({one.category for one in office}) >= 60
    assert len(all_matters()) >= 60


def test_every_way_through_the_office_is_legal(office: Office) -> None:
    for one in office:
        assert one.history[0].status == "REGISTERED"
        assert one.history[-1].status == one.status
        for before, after in pairwise(one.history):
            require_transition(before.status, after.status)
            assert before.at < after.at <= NOW
        assert one.received_at < one.history[0].at
    assert len({one.status for one in office}) >= 14


def test_an_answered_letter_has_its_reply(office: Office) -> None:
    for one in office:
        answered = [step for step in one.history if step.status == "REPLIED"]
        assert (one.reply is not None) == bool(answered)
        if answered:
            assert one.replied_at == answered[0].at
    replies = [one for one in office if one.reply]
    assert len(replies) >= 200


def test_some_replies_only_pass_the_matter_on(office: Office) -> None:
    replies = [one for one in office if one.reply]
    passed = [one for one in replies if one.transfer_only]
    assert 0.04 < len(passed) / len(replies) < 0.14
    # Ingest tells them by rule, which may miss a wording.
    told = [one for one in replies if transfer_only(one.reply or "")]
    assert sum(one.transfer_only for one in told) / len(passed) > 0.3
    assert sum(not one.transfer_only for one in told) / len(replies) < 0.02


def test_repeats_name_an_earlier_letter_of_the_same_matter(office: Office) -> None:
    known: dict[str, SampleLetter] = {}
    repeats = []
    for one in office:
        if one.repeat_of:
            first = known[one.repeat_of]
            repeats.append(one)
            assert one.case == first.case
            assert one.received_at >= first.received_at
            same_person = one.person.id_no == first.person.id_no
            assert same_person == (one.repeat in {"rewritten", "reposted"})
            assert (one.text == first.text) == (one.repeat == "reposted")
            if one.repeat == "copied":
                assert alike(trigrams(one.text), trigrams(first.text)) > 0.4
                assert first.person.phone not in one.text
        known[one.number] = one
    assert 0.04 < len(repeats) / len(office) < 0.12
    assert {one.repeat for one in repeats} == {"rewritten", "copied", "reposted"}


def test_levels_and_sealed_letters(office: Office) -> None:
    assert {one.level for one in office} == set(LEVELS)
    for one in office:
        assert one.sealed == one.category.startswith(category_of("纪检监察"))
        if one.sealed:
            assert one.level != "open"
            assert not one.published
    assert 0.2 < sum(one.published for one in office) / len(office) < 0.7


def category_of(name: str) -> str:
    from records.categories import find_categories

    return find_categories(name)[0].code


def test_some_letters_are_traditional(office: Office) -> None:
    found = [one for one in office if one.traditional]
    assert 0.03 < len(found) / len(office) < 0.11
    assert all(re.search("[們個這說為請]", one.text) for one in found)
    plain = next(one for one in office if not one.traditional)
    assert in_traditional(plain).traditional
    assert in_traditional(found[0]) == found[0]


def test_personal_data_stands_in_some_letters(office: Office) -> None:
    def share(fact: str) -> float:
        return sum(str(getattr(one.person, fact)) in one.text for one in office) / len(office)

    assert share("name") > 0.2
    assert share("phone") > 0.15
    assert share("address") > 0.04
    assert share("id_no") > 0.02


def test_no_template_shows_through(office: Office) -> None:
    for one in office:
        assert not re.search(r"[{}\[\]|]", one.subject + one.text + (one.reply or ""))


def test_import_records_are_json_of_the_contract(office: Office) -> None:
    for one in office:
        record = json.loads(json.dumps(import_record(one), ensure_ascii=False))
        assert record["id"] == one.number
        assert ("reply" in record) == (one.reply is not None)
        assert set(record) <= {
            *("id", "petitioner", "subject", "text", "submitted_at", "reply", "replied_at"),
            *("category", "region", "status", "channel", "level", "name", "phone", "id_no"),
            *("address", "people_count", "others", "sealed", "handler"),
            "published",
        }
