"""Elasticsearch goes away under a running server, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from records.entries import NewPetition
from records.home import Settings
from records.petitions import count_pending
from search.errors import EngineDown
from tests.servers import elasticsearch, wait_for

if TYPE_CHECKING:
    from conftest import TestOffice

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("elasticsearch")]

PASSWORD = "three 湖 wide lanterns"
QUESTION = {"q": "路灯", "facets": ["region"]}


def test_search_says_that_it_is_unavailable_and_writes_resume(
    another_office: Callable[[Settings], tuple[TestOffice, str]],
    server_folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with elasticsearch(server_folder / "goes-away", heap="512m") as cluster:
        settings = Settings(elasticsearch_url=cluster.url, elasticsearch_seconds=10)
        office, address = another_office(settings)
        office.user("clerk", "clerk")
        office.add("one", NewPetition(subject="路灯不亮", text="路灯坏了。"))
        office.index()
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            signed_in = {"username": "clerk", "password": PASSWORD}
            token = client.post("/api/session", json=signed_in).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            before = client.post("/api/search", json=QUESTION).json()
            assert before["total"] == 1

            cluster.nodes[0].kill()
            refused = client.post("/api/search", json=QUESTION)
            assert refused.status_code == 503
            assert refused.json()["code"] == "engine_down"
            assert refused.json()["detail"] == "Search is unavailable. Try again shortly."
            assert client.get("/api/ready").status_code == 503
            page = httpx.post(
                f"{address}/search", data={"q": "路灯"}, cookies=client.cookies, trust_env=False,
                headers={"Origin": address}, follow_redirects=True, timeout=60,
            )  # fmt: skip
            assert page.status_code == 503
            assert "检索暂时无法使用，请稍后再试" in page.text

            office.add("two", NewPetition(subject="路灯又坏", text="还是路灯。"))
            with pytest.raises(EngineDown):
                office.index()
            with office.archive.database.read() as session:
                assert count_pending(session) == 1

            cluster.nodes[0].start()
            cluster.await_nodes(1)
            wait_for(lambda: client.get("/api/ready").status_code == 200, 60)
            assert client.post("/api/search", json=QUESTION).json()["hits"] == before["hits"]
            office.index()
            assert client.post("/api/search", json=QUESTION).json()["total"] == 2
    assert "can't be reached" in caplog.text
    assert "路灯" not in caplog.text
