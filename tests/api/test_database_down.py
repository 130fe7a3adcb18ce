"""The database goes away under a running server, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from records.entries import NewPetition
from records.home import Settings
from tests.servers import postgresql

if TYPE_CHECKING:
    from conftest import TestOffice

PASSWORD = "three 湖 wide lanterns"
DATABASE_PASSWORD = "hush-hush"
QUESTION = {"q": "路灯"}


def test_nobody_is_told_half_and_all_goes_on_afterwards(
    another_office: Callable[[Settings], tuple[TestOffice, str]],
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with postgresql(tmp_path_factory.mktemp("server")) as server:
        url = server.url.replace("office@", f"office:{DATABASE_PASSWORD}@") + "/postgres"
        office, address = another_office(Settings(database_url=url, database_wait_seconds=2))
        office.user("clerk", "clerk")
        office.add("one", NewPetition(subject="路灯不亮", text="路灯坏了。"))
        office.index()
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            signed_in = {"username": "clerk", "password": PASSWORD}
            token = client.post("/api/session", json=signed_in).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            assert client.post("/api/search", json=QUESTION).json()["total"] == 1
            server.kill()
            for refused in (
                client.post("/api/search", json=QUESTION),
                client.post("/api/session", json=signed_in),
                client.post("/api/petitions", data={"text": "路灯"}),
            ):
                assert (refused.status_code, refused.json()["code"]) == (503, "database_down")
            ready = client.get("/api/ready")
            assert (ready.status_code, ready.json()) == (503, {"ready": False})
            shown = httpx.get(f"{address}/", cookies=client.cookies, trust_env=False)
            assert shown.status_code == 503
            assert "信访档案暂时无法访问" in shown.text
            server.start()
            assert client.post("/api/search", json=QUESTION).json()["total"] == 1
            assert client.get("/api/ready").status_code == 200
    assert f"127.0.0.1:{server.port}/postgres can't be used" in caplog.text
    assert DATABASE_PASSWORD not in caplog.text
