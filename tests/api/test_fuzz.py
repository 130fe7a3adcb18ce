"""Requests made at random from the OpenAPI document, right and wrong ones, as nobody and as each
role: never a 5xx, and never an answer that the document doesn't promise (schemathesis, in process).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from records import signin
from records.home import Settings
from records.petitions import NewPetition
from records.roles import Role
from records.users import user_by_name

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its imports use is no matter of ours
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        status_code_conformance,
    )

EXAMPLES = 25
"""Requests for each operation, each sent by every asker: all together in about a minute."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
]
NOBODY = "nobody"
ASKERS = (NOBODY, *Role)


@pytest.fixture(scope="module")
def fuzzed(
    tmp_path_factory: pytest.TempPathFactory, make_office: Callable[[Any, Settings], Any]
) -> Iterator[Any]:
    """An office of its own: what is registered here would be found by other tests."""
    limits = Settings(max_file_bytes=100_000)
    made = make_office(tmp_path_factory.mktemp("fuzz") / "home", limits)
    for role in Role:
        made.user(f"the-{role}", role, level="restricted")
    made.add("letter", NewPetition(subject="路灯不亮", text="第一条路的路灯坏了。"))
    made.index()
    yield made
    made.archive.close()


@pytest.mark.slow
def test_no_request_makes_the_server_fail_or_break_its_word(fuzzed: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", fuzzed.app())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 12
    met: dict[str, set[int]] = {asker: set() for asker in ASKERS}
    for operation in operations:
        fuzz(operation, fuzzed, met)
    assert {401, 422} <= met[NOBODY]
    for role in Role:
        assert {200, 404, 422} <= met[role], role  # it would prove little among refusals alone


def fuzz(operation: Any, office: Any, met: dict[str, set[int]]) -> None:
    tokens = {asker: token_of(office, asker) for asker in ASKERS}
    right = operation.as_strategy(GenerationMode.POSITIVE)
    wrong = operation.as_strategy(GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=right | wrong if has_input(operation) else right, known=st.booleans())
    def send(case: Any, known: bool) -> None:
        if known and "petition_id" in (case.path_parameters or {}):
            case.path_parameters["petition_id"] = office.ids["letter"]
        for name in ("Authorization", "Cookie"):
            case.headers.pop(name, None)
        case.cookies.clear()
        for asker in ASKERS:
            note(f"sent by {asker}")
            token = tokens[asker]
            answer = case.call(headers={"Authorization": f"Bearer {token}"} if token else {})
            met[asker].add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)
            if answer.status_code == 204:  # signed out
                tokens[asker] = token_of(office, asker)

    send()


def has_input(operation: Any) -> bool:
    """Is there anything to get wrong?"""
    return bool(operation.body or operation.path_parameters or operation.query)


def token_of(office: Any, asker: str) -> str | None:
    if asker == NOBODY:
        return None
    with office.database.write() as session:
        user = user_by_name(session, f"the-{asker}")
        return signin.begin(session, user).token
