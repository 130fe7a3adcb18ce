"""The OpenAPI document is complete and true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.app import PUBLIC

METHODS = ("get", "post", "put", "patch", "delete")

CONTRACT = {
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("GET", "/api/me"),
    ("POST", "/api/search"),
    ("GET", "/api/petitions/{petition_id}"),
    ("GET", "/api/petitions/{petition_id}/pages/{number}"),
    ("GET", "/api/petitions/{petition_id}/pages/{number}/words"),
    ("GET", "/api/petitions/{petition_id}/original"),
    ("GET", "/api/petitions/{petition_id}/export"),
    ("POST", "/api/petitions/{petition_id}/notes"),
    ("POST", "/api/petitions"),
    ("GET", "/api/petitions/{petition_id}/progress"),
    ("POST", "/api/petitions/{petition_id}/reveal"),
    ("POST", "/api/persons/search"),
    ("POST", "/api/duplicates"),
    ("GET", "/api/duplicates/overlooked"),
    ("GET", "/api/petitions/{petition_id}/similar"),
    ("GET", "/api/petitions/{petition_id}/duplicates"),
    ("GET", "/api/petitions/{petition_id}/decisions"),
    ("POST", "/api/petitions/{petition_id}/decisions"),
    ("POST", "/api/petitions/{petition_id}/decisions/{decision_id}/undo"),
    ("GET", "/api/petitions/{petition_id}/matter"),
    ("GET", "/api/duplicates/urged"),
    ("GET", "/api/matters"),
    ("GET", "/api/matters/{petition_id}"),
    ("GET", "/api/health"),
    ("GET", "/api/ready"),
}


@pytest.fixture
def document(stranger: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = stranger.get("/api/openapi.json").json()
    return told


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def test_it_holds_the_contract(document: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(document)} == CONTRACT


def test_a_stranger_gets_401_everywhere_but_at_the_door(
    document: dict[str, Any], stranger: httpx.Client
) -> None:
    refused = set()
    for method, path, _ in operations(document):
        if (method, path) in PUBLIC:
            continue
        address = re.sub(r"{\w+_id}", "0" * 32, path).replace("{number}", "1")
        answer = stranger.request(method, address)
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "not_signed_in"
        refused.add(answer.content)
    assert len(refused) == 1


def test_each_operation_tells_its_refusals_and_who_may_ask(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        public = (method, path) in PUBLIC
        assert ("security" in operation) is not public, (method, path)
        assert ("401" in operation["responses"]) is (not public or path == "/api/session")
        assert operation["summary"]
        assert operation["description"]
        if "requestBody" in operation or operation.get("parameters"):
            assert {"404", "422"} & set(operation["responses"]), (method, path)
        for status, response in operation["responses"].items():
            if int(status) < 400 or path == "/api/ready":
                continue
            told = response["content"]["application/problem+json"]
            assert told["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert told["example"]["status"] == int(status)


def test_bodies_have_examples(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
            if "example" in body:
                continue
            name = body["schema"]["$ref"].rpartition("/")[2]
            schema = document["components"]["schemas"][name]
            fields = schema["properties"].values()
            assert "examples" in schema or any("examples" in one for one in fields), (
                path,
                media_type,
            )


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = document["components"]["schemas"]

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    found = set(references(document))
    assert found
    assert all(reference.rpartition("/")[2] in known for reference in found)
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(known)


def test_the_example_question_is_a_valid_one(document: dict[str, Any], client: Any) -> None:
    example = document["components"]["schemas"]["Search"]["examples"][0]
    assert client("clerk").post("/api/search", json=example).status_code == 200
