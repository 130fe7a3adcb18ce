"""Every byte that a running office leaves behind is searched for what must not stand there.

The real server and its worker, each with its real log, a folder for temporary files, a home and a
cache of their own; letters come by import, by manifest, by form and by file; every route is asked
by every role, rightly and wrongly; then all files are read. What may hold what:

| what | may stand in |
|---|---|
| a person's facts given as fields | nothing at all (encrypted in the database) |
| what somebody typed: questions, passwords, codes, words to be masked | nothing at all |
| a letter's text | the database, the indexes, the original as it came |
| names of files, as they came | the database |
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from records.home import Home
from records.roles import Role
from records.users import NewUser, add_user
from search.answers import MAX_SIZE, SearchRequest
from search.bootstrap import open_archive
from search.scopes import shell_scope
from tests.proof.asking import STRATEGIES
from tests.proof.canaries import found_below, found_in, id_number, person
from tests.servers import free_ports, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("canaries")]

ROOT = Path(__file__).parents[2]
PASSWORD = "three 湖 wide lanterns"
ROLES = tuple(role for role in Role if role is not Role.NONE)

IMPORTED, IN_MANIFEST, REGISTERED, SECRET_PERSON = (person(number) for number in range(4))
PEOPLE = (IMPORTED, IN_MANIFEST, REGISTERED, SECRET_PERSON)
FACTS = tuple(token for one in PEOPLE for token in one.tokens)

SECRET_TEXT, SECRET_REPLY, SECRET_EXTRA = "鼍龘靐齾", "灪厵爩驫", "癵籱饢爨"
OPEN_TEXT, OPEN_FILE = "麤鱻羴猋", "蠱麣虋讟"
TEXTS = (SECRET_TEXT, SECRET_REPLY, OPEN_TEXT)
FILE_NAME = "齉龗鸞灥"

QUESTION, BAD_QUESTION, WRONG_PASSWORD, WRONG_NAME = "纞黷驤龖", "韊鱺鸝戇", "钃貜躩戄", "nobody-钁"
NOTED = "瓥齼籗爧"
WRONG_CODE, REASONLESS, PASTED, ODD_PATH = "918273645", "籲鑿鸚豔", "欞爞虪鼟", "zqxjkvbwpt"
TYPED = (QUESTION, BAD_QUESTION, WRONG_PASSWORD, WRONG_NAME, WRONG_CODE, REASONLESS, PASTED,
         ODD_PATH, NOTED, PASSWORD)  # fmt: skip


@dataclass
class Running:
    """A real server with its worker. `outside`: its logs, temporary files, home, cache."""

    home: Path
    outside: Path
    url: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str, httpx.Response]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if "PETITIONS" not in name}
        places = {name: str(self.outside / name.lower()) for name in
                  ("TMPDIR", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")}  # fmt: skip
        return {**plain, **places, "PYTHONUTF8": "1", "PETITIONS_HOME": str(self.home)}

    def petitions(self, *words: str | Path, stdin: str = "") -> str:
        """A command in a process of its own; what it says for the operator is a log too."""
        with (self.outside / "commands.log").open("ab") as log:
            ran = subprocess.run(
                [sys.executable, "-m", "cli.main", *map(str, words)],
                cwd=ROOT,
                env=self.environment,
                input=stdin.encode(),
                stdout=subprocess.PIPE,
                stderr=log,
                timeout=300,
                check=False,
            )
        assert ran.returncode == 0, (words, (self.outside / "commands.log").read_text()[-2000:])
        return ran.stdout.decode()

    @contextmanager
    def served(self) -> Iterator[None]:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        with (self.outside / "serve.log").open("ab") as log:
            server = subprocess.Popen(
                [sys.executable, "-X", "dev", "-m", "cli.main", "serve", "--port", str(port)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            ready = f"{self.url}/api/ready"
            wait_for(lambda: httpx.get(ready, trust_env=False).status_code == 200, 180)
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """An office that worked, and stands still."""
    folder = tmp_path_factory.mktemp("canaries")
    running = Running(folder / "office", folder / "outside")
    for name in ("tmpdir", "home", "xdg_cache_home", "mplconfigdir"):
        (running.outside / name).mkdir(parents=True)
    _take_in(running, folder / "given")
    with running.served():
        for role in ROLES:
            _use(running, role)
        _break_in(running)
    running.petitions("audit", "verify")
    return running


def _take_in(running: Running, given: Path) -> None:
    (given / "post").mkdir(parents=True)
    rows = [
        {
            "id": "open-1",
            "subject": "路灯不亮",
            "text": f"路灯坏了，{OPEN_TEXT}。",
            "submitted_at": "2019-01-05",
            "reply": "已修好。",
            "region": "A市",
            **IMPORTED.fields,
        },
        {
            "id": "secret-1",
            "subject": "举报",
            "text": f"{SECRET_TEXT}收钱。",
            "submitted_at": "2019-01-06",
            "reply": f"已查，{SECRET_REPLY}。",
            "level": "secret",
            "note": SECRET_EXTRA,
            **SECRET_PERSON.fields,
        },
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (given / "old.jsonl").write_text(lines, "utf-8")
    (given / "post" / "信.txt").write_text("关于井盖的反映\n\n井盖丢了，请补上。\n", "utf-8")
    head = "file,subject,name,id_no,phone,address,bank_card\n"
    facts = ",".join(("井盖丢失", *IN_MANIFEST.tokens))
    (given / "post.csv").write_text(f"{head}信.txt,{facts}\n", "utf-8")
    running.petitions("init")
    running.petitions("import", given / "old.jsonl")
    running.petitions("ingest", given / "post", "--manifest", given / "post.csv")
    archive = open_archive(Home(running.home))
    with archive.database.write() as session:
        for role in ROLES:
            add_user(session, NewUser(f"the-{role}", role, PASSWORD, second_factor=False))
    archive.close()
    for name in ("open-1", "secret-1"):
        running.ids[name] = json.loads(running.petitions("show", name, "--json"))["id"]


def _asked(running: Running, id_: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Requests to each route, as anybody could send them about this letter."""
    petition, api = f"/petitions/{id_}", f"/api/petitions/{id_}"
    upload = {"files": [("files", (f"{FILE_NAME}.txt", f"井盖，{OPEN_FILE}。".encode()))]}
    broken = {"files": [("files", (f"{FILE_NAME}.pdf", b"%PDF-1.7 " + OPEN_FILE.encode()))]}
    registered = {"text": f"井盖丢了，{OPEN_TEXT}。", "region": "A市", **REGISTERED.fields}
    searched = (
        QUESTION,
        f'"{OPEN_TEXT}',
        f"{BAD_QUESTION} OR",
        f"region:{BAD_QUESTION}",
        f"after:{BAD_QUESTION}",
        f"{BAD_QUESTION}:x",
        IMPORTED.id_no,
        IMPORTED.phone,
    )
    looked, nobody = {"person": 1, "reason": "约定上门时间"}, "0" * 32
    wrong = {"username": WRONG_NAME, "password": WRONG_PASSWORD, "code": WRONG_CODE}
    new = {"password": WRONG_PASSWORD, "new": WRONG_PASSWORD * 4, "again": WRONG_PASSWORD * 4}
    return {
        ("POST", "/api/search"): [
            *({"path": "/api/search", "json": {"q": text}} for text in searched),
            {"path": "/api/search", "json": {"q": QUESTION, "filters": {"region": [BAD_QUESTION]}}},
            {"path": "/api/search", "json": {BAD_QUESTION: QUESTION}},
            {"path": "/api/search", "content": f'{{"q": "{BAD_QUESTION}'.encode()},
        ],
        ("GET", "/api/petitions/{petition_id}"): [{"path": api}],
        ("GET", "/api/petitions/{petition_id}/pages/{number}"): [
            {"path": f"{api}/pages/1"},
            {"path": f"{api}/pages/{ODD_PATH}"},
        ],
        ("GET", "/api/petitions/{petition_id}/pages/{number}/words"): [
            {"path": f"{api}/pages/1/words", "params": {"q": QUESTION}},
            {"path": f"{api}/pages/1/words", "params": {"q": f'"{BAD_QUESTION}'}},
        ],
        ("GET", "/api/petitions/{petition_id}/original"): [
            {"path": f"{api}/original"},
            {"path": f"{api}/original", "params": {"number": BAD_QUESTION}},
        ],
        ("GET", "/api/petitions/{petition_id}/export"): [{"path": f"{api}/export"}],
        ("GET", "/api/petitions/{petition_id}/progress"): [{"path": f"{api}/progress"}],
        ("POST", "/api/petitions"): [
            {"path": "/api/petitions", "data": registered},
            {"path": "/api/petitions", **upload},
            {"path": "/api/petitions", **broken},
            {"path": "/api/petitions", "data": {**registered, "level": BAD_QUESTION}},
            {"path": "/api/petitions", "data": {**registered, "received_at": BAD_QUESTION}},
        ],
        ("POST", "/api/session"): [
            {"path": "/api/session", "json": wrong},
            {"path": "/api/session", "json": {WRONG_PASSWORD: WRONG_PASSWORD}},
        ],
        ("POST", "/api/petitions/{petition_id}/reveal"): [
            {"path": f"{api}/reveal", "json": {**looked, "field": fact}}
            for fact in ("name", "id_no", "phone", "address", "bank_card", BAD_QUESTION)
        ],
        ("GET", "/api/petitions/{petition_id}/similar"): [{"path": f"{api}/similar"}],
        ("POST", "/api/duplicates"): [
            {"path": "/api/duplicates", "json": {"text": PASTED, "person": IMPORTED.fields}},
            {"path": "/api/duplicates", "json": {"text": PASTED, "region": BAD_QUESTION}},
        ],
        ("GET", "/api/duplicates/overlooked"): [{"path": "/api/duplicates/overlooked"}],
        ("POST", "/api/persons/search"): [
            {"path": "/api/persons/search", "json": {"field": "id_no", "value": IMPORTED.id_no}},
            {"path": "/api/persons/search", "json": {"field": "id_no", "value": WRONG_CODE}},
            {"path": "/api/persons/search", "json": {"field": BAD_QUESTION, "value": QUESTION}},
        ],
        ("DELETE", "/api/session"): [],  # last of all
        ("GET", "/api/me"): [{"path": "/api/me"}],
        ("GET", "/api/openapi.json"): [{"path": "/api/openapi.json"}],
        ("GET", "/api/health"): [{"path": "/api/health"}],
        ("GET", "/api/ready"): [{"path": "/api/ready"}],
        ("GET", "/"): [{"path": "/"}, {"path": "/", "params": {"q": BAD_QUESTION}}],
        ("POST", "/search"): [{"path": "/search", "data": {"q": text}} for text in searched],
        ("GET", "/search/{state}"): [{"path": f"/search/{ODD_PATH}"}],
        ("GET", "/help"): [{"path": "/help"}],
        ("GET", "/petitions/{petition_id}"): [
            {"path": petition},
            {"path": petition, "params": {"s": BAD_QUESTION, "page": BAD_QUESTION}},
            {"path": f"/petitions/{ODD_PATH}"},
        ],
        ("GET", "/petitions/{petition_id}/progress"): [{"path": f"{petition}/progress"}],
        ("GET", "/petitions/{petition_id}/replies/{number}"): [{"path": f"{petition}/replies/1"}],
        ("POST", "/api/petitions/{petition_id}/notes"): [
            {"path": f"{api}/notes", "json": {"text": NOTED, "addressed": False}},
            {"path": f"{api}/notes", "json": {"text": NOTED, BAD_QUESTION: ""}},
        ],
        ("POST", "/petitions/{petition_id}/notes"): [
            {"path": f"{petition}/notes", "data": {"text": NOTED, "addressed": "1"}},
            {"path": f"/petitions/{ODD_PATH}/notes", "data": {"text": NOTED}},
        ],
        ("POST", "/petitions/{petition_id}/reveal"): [
            {"path": f"{petition}/reveal", "data": {**looked, "field": "phone"}},
            {"path": f"{petition}/reveal", "data": {**looked, "person": BAD_QUESTION}},
        ],
        ("GET", "/api/matters"): [{"path": "/api/matters", "params": {"size": BAD_QUESTION}}],
        ("GET", "/api/matters/{petition_id}"): [{"path": f"/api/matters/{id_}"}],
        ("GET", "/matters"): [{"path": "/matters"}],
        ("GET", "/matters/{petition_id}"): [{"path": f"/matters/{id_}"}],
        ("GET", "/categories"): [{"path": "/categories"}],
        ("GET", "/categories/{code}"): [{"path": f"/categories/{ODD_PATH}"}],
        ("GET", "/duplicates"): [{"path": "/duplicates"}],
        ("GET", "/duplicates/overlooked"): [{"path": "/duplicates/overlooked"}],
        ("GET", "/petitions/{petition_id}/duplicates"): [
            {"path": f"{petition}/duplicates"},
            {"path": f"{petition}/duplicates", "params": {"other": ODD_PATH}},
        ],
        ("GET", "/petitions/{petition_id}/matter"): [{"path": f"{petition}/matter"}],
        ("GET", "/petitions/{petition_id}/persons/{number}"): [{"path": f"{petition}/persons/1"}],
        ("POST", "/petitions/{petition_id}/decisions"): [
            {"path": f"{petition}/decisions", "data": {"kind": BAD_QUESTION, "other": ODD_PATH}},
        ],
        ("POST", "/petitions/{petition_id}/decisions/undo"): [
            {"path": f"{petition}/decisions/undo", "data": {"other": ODD_PATH}},
        ],
        ("POST", "/petitions/{petition_id}/reminders"): [
            {"path": f"{petition}/reminders", "data": {"status": ODD_PATH, "reason": BAD_QUESTION}},
            {"path": f"/petitions/{ODD_PATH}/reminders", "data": {"reason": REASONLESS}},
        ],
        ("GET", "/duplicates/urged"): [{"path": "/duplicates/urged"}],
        ("GET", "/api/duplicates/urged"): [{"path": "/api/duplicates/urged"}],
        ("GET", "/api/petitions/{petition_id}/duplicates"): [{"path": f"{api}/duplicates"}],
        ("GET", "/api/petitions/{petition_id}/decisions"): [
            {"path": f"{api}/decisions", "params": {"other": ODD_PATH}},
        ],
        ("GET", "/api/petitions/{petition_id}/matter"): [{"path": f"{api}/matter"}],
        ("POST", "/api/petitions/{petition_id}/decisions"): [
            {"path": f"{api}/decisions", "json": {"kind": BAD_QUESTION, "status": ODD_PATH}},
            {"path": f"{api}/decisions", "json": {"kind": "repeat", "other": ODD_PATH,
                                                  "status": ODD_PATH, "reason": BAD_QUESTION}},
        ],
        ("POST", "/api/petitions/{petition_id}/decisions/{decision_id}/undo"): [
            {"path": f"{api}/decisions/{ODD_PATH}/undo", "json": {"reason": BAD_QUESTION * 2}},
        ],
        ("POST", "/register/check"): [{"path": "/register/check", "data": registered}],
        ("GET", "/persons"): [{"path": "/persons"}],
        ("POST", "/persons"): [
            {"path": "/persons", "data": {"field": "phone", "value": IMPORTED.phone}},
            {"path": "/persons", "data": {"field": "phone", "value": WRONG_CODE}},
        ],
        ("GET", "/persons/{state}"): [{"path": f"/persons/{ODD_PATH}"}],
        ("GET", "/audit"): [
            {"path": "/audit"},
            {"path": "/audit", "params": {"person": WRONG_NAME, "action": BAD_QUESTION}},
        ],
        ("GET", "/users"): [{"path": "/users"}],
        ("GET", "/users/new"): [{"path": "/users/new"}],
        ("POST", "/users/new"): [
            {"path": "/users/new", "data": {"name": f"{WRONG_NAME} {WRONG_NAME}", "role": "clerk"}},
            {"path": "/users/new", "data": {"name": "new", "role": BAD_QUESTION}},
        ],
        ("GET", "/users/{user_id}"): [{"path": f"/users/{ODD_PATH}"}],
        **{
            ("POST", f"/users/{{user_id}}/{act}"): [
                {"path": f"/users/{nobody}/{act}", "data": {"proposal": BAD_QUESTION}}
            ]
            for act in ("confirm", "decline", "reopen", "reset", "rights", "shut", "sign-out")
        },
        ("POST", "/petitions/{petition_id}/replies/{number}"): [
            {"path": f"{petition}/replies/1", "data": {"password": PASSWORD}},
        ],
        ("GET", "/redaction"): [{"path": "/redaction"}],
        ("GET", "/petitions/{petition_id}/redaction"): [{"path": f"{petition}/redaction"}],
        ("POST", "/petitions/{petition_id}/redaction"): [
            {"path": f"{petition}/redaction", "data": {"mask": REASONLESS, "act": "save"}},
            {"path": f"{petition}/redaction", "data": {"mask": REASONLESS, "act": "preview"}},
        ],
        ("GET", "/verify"): [{"path": "/verify"}],
        ("POST", "/verify"): [
            {"path": "/verify", "data": {"text": PASTED}},
            {"path": "/verify", "files": {"file": (PASTED, PASTED.encode())}},
        ],
        ("GET", "/register"): [{"path": "/register"}],
        ("POST", "/register"): [
            {"path": "/register", "data": registered},
            {"path": "/register", "data": {**registered, "level": BAD_QUESTION}},
        ],
        ("GET", "/sign-in"): [{"path": "/sign-in", "params": {"next": BAD_QUESTION}}],
        ("POST", "/sign-in"): [{"path": "/sign-in", "data": wrong}],
        ("POST", "/sign-out"): [],  # last of all
        ("GET", "/second-factor"): [{"path": "/second-factor"}],
        ("POST", "/second-factor"): [{"path": "/second-factor", "data": {"code": WRONG_CODE}}],
        ("POST", "/second-factor/confirm"): [
            {"path": "/second-factor/confirm", "data": {"code": WRONG_CODE}}
        ],
        ("GET", "/sign-ins"): [{"path": "/sign-ins"}],
        ("POST", "/sign-ins/end"): [
            {"path": "/sign-ins/end", "data": {"which": "others", "password": WRONG_PASSWORD}}
        ],
        ("GET", "/password"): [{"path": "/password"}],
        ("POST", "/password"): [{"path": "/password", "data": {**new, "new": "短"}}],
        ("GET", "/recover"): [{"path": "/recover"}],
        ("POST", "/recover"): [
            {"path": "/recover", "data": {**new, "username": WRONG_NAME, "code": WRONG_CODE}}
        ],
        ("POST", "/language"): [{"path": "/language", "data": {"tag": BAD_QUESTION}}],
    }  # fmt: skip


def _use(running: Running, role: str) -> None:
    """Everything that this role can ask, of an open letter and of a hidden one."""
    with httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client:

        def ask(method: str, path: str, **given: Any) -> httpx.Response:
            answer = client.request(method, path, **given)
            running.answers.append((role, f"{method} {path}", answer))
            assert answer.status_code < 500, (role, method, path)
            return answer

        for name, id_ in running.ids.items():
            signed = {"username": f"the-{role}", "password": PASSWORD}
            while ask("POST", "/sign-in", data=signed).status_code == 429:
                time.sleep(0.5)
            asked = _asked(running, id_)
            assert asked.keys() == STRATEGIES.keys()
            for (method, _), requests in asked.items():
                for request in requests:
                    if "password" not in str(request.get("data", "")) or name == "open-1":
                        ask(method, **request)
            ask("POST", "/sign-out")
        token = ask("POST", "/api/session", json=signed)
        if token.status_code == 200:
            bearer = {"Authorization": f"Bearer {token.json()['token']}"}
            assert ask("DELETE", "/api/session", headers=bearer).status_code == 204


def _break_in(running: Running) -> None:
    """What is no HTTP, and an original that is not what it was: both are faults of the log."""
    port = int(running.url.rsplit(":", 1)[1])
    for sent in (f"GET /{ODD_PATH} {QUESTION}\r\n\r\n", f"{QUESTION}\r\n\r\n", "\0\xff"):
        with socket.create_connection(("127.0.0.1", port), 10) as line:
            line.sendall(sent.encode())
            line.settimeout(10)
            line.recv(1000)
    deadline = time.monotonic() + 120
    while b"running" in running.petitions("status").encode() and time.monotonic() < deadline:
        status = json.loads(running.petitions("status", "--json"))["files"]
        if not status["pending"] + status["running"]:
            break
        time.sleep(0.5)
    for path in (running.home / "originals").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(path.read_bytes() + SECRET_TEXT.encode())
    with httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client:
        signed = {"username": "the-reviewer", "password": PASSWORD}
        assert client.post("/sign-in", data=signed).status_code == 303
        found = client.post("/api/search", json={"q": "井盖", "size": 50}).json()["hits"]
        answers = [client.get(f"/api/petitions/{hit['id']}/original") for hit in found]
    assert 500 in {answer.status_code for answer in answers}


def test_the_search_of_files_finds_what_is_there(tmp_path: Path) -> None:
    """In each form, or the rest would prove little."""
    for token in (SECRET_TEXT, IMPORTED.id_no, IMPORTED.name):
        for number, written in enumerate(
            (
                token,
                json.dumps({"a": token}),
                httpx.QueryParams({"q": token}),
                repr(token.encode("utf-16-le")),
            )
        ):
            (tmp_path / f"{number}").write_text(str(written), "utf-8")
        found = found_below(tmp_path, [token])
        assert {"0", "1", "2"} <= found.keys()
        assert list(found_in(token.upper().encode(), [token]))
        assert list(found_in(base64.b64encode(b"x" + token.encode() + b"yz"), [token]))
    (tmp_path / SECRET_TEXT).mkdir()
    assert SECRET_TEXT in found_below(tmp_path, [SECRET_TEXT])
    assert found_below(tmp_path, [WRONG_PASSWORD]) == {}
    assert len({id_number(number) for number in range(6)}) == 6


def test_every_role_asked_every_route_and_met_what_it_should(left_behind: Running) -> None:
    met: dict[str, set[int]] = {}
    for role, _, answer in left_behind.answers:
        met.setdefault(role, set()).add(answer.status_code)
    assert met.keys() == set(ROLES)
    for role, statuses in met.items():
        assert {200, 303, 404, 422} <= statuses, role
    done = {
        (asked.split("/")[1], asked.split("/")[-1])
        for _, asked, answer in left_behind.answers
        if asked.startswith("POST") and answer.status_code in (201, 303)
    }
    # a letter registered by form and by program, a reply signed, so that all of it is there
    assert {
        ("register", "register"),
        ("api", "petitions"),
        ("petitions", "1"),
        ("petitions", "notes"),
    } <= done


def test_what_was_given_is_there(left_behind: Running) -> None:
    """Encrypted; or nothing could be found in any case."""
    archive = open_archive(Home(left_behind.home))
    try:
        found = archive.library.search(shell_scope(), SearchRequest("", size=MAX_SIZE))
        assert found.total == len(found.hits)
        shown = repr([archive.library.petition(shell_scope(), hit.id) for hit in found.hits])
    finally:
        archive.close()
    for token in (*FACTS, OPEN_FILE, *TEXTS, NOTED):
        assert token in shown, token


def test_logs_and_temporary_files_hold_nothing_of_it(left_behind: Running) -> None:
    log = (left_behind.outside / "serve.log").read_bytes()
    assert b"Damaged" in log  # faults were logged at all
    everything = (*FACTS, *TYPED, *TEXTS, SECRET_EXTRA, OPEN_FILE, FILE_NAME)
    assert found_below(left_behind.outside, everything) == {}


def test_nothing_is_left_in_the_work_folder(left_behind: Running) -> None:
    assert [path for path in (left_behind.home / "work").rglob("*") if path.is_file()] == []


def test_a_stolen_home_shows_no_fact_of_a_person_and_nothing_typed(left_behind: Running) -> None:
    """No file of it: database, its journal, indexes, originals, checkpoints; even with the keys."""
    assert found_below(left_behind.home, (*FACTS, *TYPED, SECRET_EXTRA)) == {}


def test_texts_stand_where_they_may_and_nowhere_else(left_behind: Running) -> None:
    found = found_below(left_behind.home, (*TEXTS, OPEN_FILE, FILE_NAME))
    places = {Path(name).parts[0] for name in found}
    assert "petitions.db" in places | {"petitions.db-wal"}
    assert places <= {"petitions.db", "petitions.db-wal", "indexes", "originals"}
    names = found_below(left_behind.home, [FILE_NAME])
    assert {Path(name).parts[0] for name in names} <= {"petitions.db", "petitions.db-wal"}
    assert names


def test_indexes_find_no_fact_of_a_person(left_behind: Running) -> None:
    """They are compressed, so that reading their bytes alone would prove little."""
    archive = open_archive(Home(left_behind.home))
    try:
        for token in (*FACTS, SECRET_EXTRA):
            asked = SearchRequest(f'"{token}"')
            assert archive.library.search(shell_scope(), asked).total == 0, token
        for token in TEXTS:
            assert archive.library.search(shell_scope(), SearchRequest(f'"{token}"')).total > 0
    finally:
        archive.close()


def test_no_answer_tells_what_its_asker_may_not_see(left_behind: Running) -> None:
    hidden = (SECRET_TEXT, SECRET_REPLY, SECRET_EXTRA, *SECRET_PERSON.tokens)
    masked = {*IMPORTED.tokens, *IN_MANIFEST.tokens}
    numbers = {fact for one in (IMPORTED, IN_MANIFEST) for fact in (one.id_no, one.bank_card)}
    asked_for = {IMPORTED.id_no, IMPORTED.phone}  # typed as questions, which an answer repeats
    noted = {Role.LEADER, Role.ARCHIVIST}
    for role, asked, answer in left_behind.answers:
        content = answer.content + repr(answer.headers).encode()
        assert not list(found_in(content, hidden)), (role, asked)
        assert role in noted or not list(found_in(content, [NOTED])), (role, asked)
        if "/reveal" in asked and answer.status_code in (200, 303):
            continue  # whoever may look at a fact was shown it
        # a reviewer sees names, phones and addresses; nobody sees a number without its right
        told = numbers if role == Role.REVIEWER else masked
        repeated = asked_for if "search" in asked or "/persons" in asked else set[str]()
        assert not list(found_in(content, told - repeated)), (role, asked)
    seen = b"".join(answer.content for role, _, answer in left_behind.answers if role == "reviewer")
    assert list(found_in(seen, [IMPORTED.name]))  # or nobody would have seen anything
