"""Requests to every route, drawn; and answers without the few things that may differ."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import Response

from api.assets import read_assets
from api.caller import searcher_of
from api.pages.questions import Question, SealBroken, seal_of
from records.decisions import Kind
from records.signin import handle
from search.answers import FACETS, Filters
from search.engine import Sort
from tests.proof.offices import CHANCE, PASSWORD, Office, Template, begun, letter_id
from tests.proof.worlds import (
    OPEN_WORDS,
    PARENTS,
    RARE_WORDS,
    Letter,
    User,
    sees,
)

ROUTE = tuple[str, str]

VOLATILE: Mapping[str, re.Pattern[bytes]] = {
    "how long it took": re.compile(rb'"took_ms":[0-9.e+-]+|(?<="soft took">)[0-9,.]+'),
    "a sealed question": re.compile(
        rb"(?<=/search/)[\w=-]{20,}|(?<=/persons/)[\w=-]{20,}|(?<=[?&;]s=)[\w=-]{20,}"
    ),
    "a sealed question in a form": re.compile(rb'(?<=name="state" value=")[\w=-]{20,}'),
}
"""The closed list of what may differ. A sealed question is opened, and what it says compared."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    page: bool = False  # a web page: signed in by cookie
    stranger: bool = False


@dataclass(frozen=True)
class Situation:
    """Who asks, and what there may be to ask about in either office."""

    user: User
    letters: tuple[Letter, ...]
    dice: random.Random
    alike: tuple[Letter, ...] = ()  # whose persons may be asked for
    compared: bool = True  # the persons of all letters that are seen, by who may know them again

    def letter_id(self) -> str:
        """Of a letter of one of the offices (seen or hidden), of none, or no id at all."""
        unknown = self.dice.choice(
            (f"{self.dice.getrandbits(128):032x}", "0" * 32, "none", "A" * 32)
        )
        if not self.letters or self.dice.random() < 0.1:
            return unknown
        return letter_id(self.one_of(self.letters))

    def one_of(self, letters: Sequence[Letter]) -> Letter:
        """As often one that is seen as one that is hidden, of which there are many more."""
        seen = [one for one in letters if sees(self.user, one)]
        hidden = [one for one in letters if not sees(self.user, one)]
        return self.dice.choice(self.dice.choice([part for part in (seen, hidden) if part]))

    def word(self) -> str:
        dice = self.dice
        some = dice.choice(self.letters) if self.letters else None
        named = (some.name, some.phone, some.phone[:7], some.given, some.address) if some else ()
        return dice.choice(
            (
                *OPEN_WORDS,
                *RARE_WORDS,
                *RARE_WORDS,
                *PARENTS,
                "".join(dice.choices("路灯噪音施工拆迁水", k=2)),
                *named,
            )
        )

    def text(self) -> str:
        """A question as typed: words, quoted parts, fields."""
        dice = self.dice
        match dice.randrange(8):
            case 0:
                return ""
            case 1:
                return f'"{self.word()}{dice.choice(("", self.word()))}"'
            case 2:
                return f"{self.word()} -{self.word()}"
            case 3:
                return f"region:{dice.choice(tuple(PARENTS))}"
            case 4:
                return f"{self.word()} OR {self.word()}"
            case 5:
                letter = dice.choice(self.letters) if self.letters else None
                return f"no:old{letter.key}" if letter else "no:old1"
            case _:
                return " ".join(self.word() for _ in range(dice.choice((1, 1, 2, 3))))

    def filters(self) -> dict[str, Any]:
        dice = self.dice
        made: dict[str, Any] = {}
        if dice.random() < 0.3:
            made["region"] = [dice.choice(tuple(PARENTS))]
        if dice.random() < 0.2:
            made["level"] = [dice.choice(("open", "restricted", "secret"))]
        if dice.random() < 0.2:
            made["category"] = [dice.choice(("01", "0103", "12"))]
        if dice.random() < 0.1:
            made["received"] = {"from": "2019-01-10", "to": "2019-02-10"}
        return made


def _search(now: Situation) -> Asked:
    dice = now.dice
    body: dict[str, Any] = {
        "q": now.text(),
        "filters": now.filters(),
        "facets": dice.sample(FACETS, dice.randint(0, len(FACETS))),
        "page": dice.choice((1, 1, 1, 2)),
        "size": dice.choice((0, 2, 10, 50)),
    }
    if dice.random() < 0.5:
        body["sort"] = dice.choice(tuple(Sort))
    return Asked("POST", "/api/search", body)


def _letter(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        path = f"{'' if page else '/api'}/petitions/{now.letter_id()}"
        query = {"page": now.dice.choice(("1", "1", "2"))} if page else {}
        if page and now.dice.random() < 0.5:
            query["s"] = seal_of(_token(now.user)).close(Question(text=now.text()))
        return Asked("GET", path, query=query, page=page)

    return ask


def _part(end: str) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        query = {"q": now.word()} if end.endswith("words") else {}
        if end == "decisions" and now.dice.random() < 0.5:
            query["other"] = now.letter_id()
        if end == "original" and now.dice.random() < 0.3:
            query["number"] = "2"
        number = now.dice.choice(("1", "1", "1", "2", "0", "x"))
        path = f"/api/petitions/{now.letter_id()}/{end.format(number=number)}"
        return Asked("GET", path, query=query)

    return ask


def _register(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        dice = now.dice
        form = {"text": f"{now.word()}坏了，请{now.word()}的人来修。"}
        if dice.random() < 0.5:
            form["region"] = dice.choice(tuple(PARENTS))
        if dice.random() < 0.3:
            form["level"] = dice.choice(("open", "restricted", "secret"))
        if dice.random() < 0.3:
            form["subject"] = now.word()
        files = {}
        if dice.random() < 0.3:
            files = {"files": ("信.txt", "路灯坏了".encode(), "text/plain")}
        return Asked(
            "POST", "/register" if page else "/api/petitions", None, form, files, page=page
        )

    return ask


def _sign_in(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        right = now.dice.random() < 0.3
        given = {
            "username": now.user.name if right else now.dice.choice(("nobody", now.user.name)),
            "password": PASSWORD if right else "three wrong words",
        }
        if page:
            return Asked("POST", "/sign-in", form=given, stranger=True)
        return Asked("POST", "/api/session", given, stranger=True)

    return ask


def _ask_page(now: Situation) -> Asked:
    form = {"q": now.text()}
    for name, values in now.filters().items():
        if name != "received":
            form[name] = values[0]
    return Asked("POST", "/search", form=form, page=True)


def _results(now: Situation) -> Asked:
    chosen = {name: tuple(values) for name, values in now.filters().items() if name != "received"}
    question = Question(now.text(), Filters(**chosen), None, now.dice.choice((1, 1, 2)))
    state = seal_of(_token(now.user)).close(question)
    return Asked("GET", f"/search/{state}", page=True)


def _reveal(page: bool) -> Callable[[Situation], Asked]:
    """Who may look at nothing asks about all; the others about what is the same in both offices."""

    def ask(now: Situation) -> Asked:
        dice = now.dice
        asked = now.alike if now.user.asks else now.letters
        known = asked and dice.random() < 0.9
        id_ = letter_id(now.one_of(asked)) if known else "0" * 32
        given = {
            "person": 1 if dice.random() < 0.9 else 2,
            "field": dice.choice(("name", "id_no", "phone", "address", "bank_card")),
            "reason": "约定上门时间" if dice.random() < 0.9 else "看看",
        }
        if page:
            form = {name: str(value) for name, value in given.items()}
            return Asked("POST", f"/petitions/{id_}/reveal", form=form, page=True)
        return Asked("POST", f"/api/petitions/{id_}/reveal", given)

    return ask


def _number(now: Situation) -> tuple[str, str]:
    """A whole number, a part of one, or one of nobody."""
    dice = now.dice
    field = dice.choice(("phone", "id_no"))
    if not now.alike or dice.random() < 0.1:
        return field, "13800000000"
    one = now.one_of(now.alike)
    value = one.phone if field == "phone" else one.id_no
    return field, value if dice.random() < 0.8 else value[: dice.randint(5, 10)]


def _find_person(now: Situation) -> Asked:
    field, value = _number(now)
    return Asked("POST", "/api/persons/search", {"field": field, "value": value})


def _ask_person(now: Situation) -> Asked:
    field, value = _number(now)
    return Asked("POST", "/persons", form={"field": field, "value": value}, page=True)


def _found_person(now: Situation) -> Asked:
    state = seal_of(_token(now.user)).close(Question(text=":".join(_number(now))))
    return Asked("GET", f"/persons/{state}", page=True)


def _compared(ask: Callable[[Situation], Asked]) -> Callable[[Situation], Asked]:
    """Who may look people up is told which letters are of one person: asked only where that is the
    same in both offices. Of the others all is asked."""
    return lambda now: ask(now) if now.compared else Asked("GET", "/api/me")


def _duplicates(now: Situation) -> Asked:
    """A letter of either office again, whole or in part, by its writer or another."""
    dice = now.dice
    body: dict[str, Any] = {"text": f"{now.word()}坏了，请{now.word()}的人来修。"}
    if now.letters and dice.random() < 0.8:
        one = now.one_of(now.letters)
        body = {"subject": one.subject, "text": one.text[: dice.choice((10, 40, 400))]}
        if dice.random() < 0.5:
            body["person"] = {"name": one.name, "phone": one.phone, "id_no": one.id_no}
    if dice.random() < 0.3:
        body["region"] = dice.choice(tuple(PARENTS))
    if dice.random() < 0.3:
        body["size"] = dice.choice((1, 5, 50))
    return Asked("POST", "/api/duplicates", body)


def _check(now: Situation) -> Asked:
    """A letter, and maybe another one beside it."""
    query = {"other": now.letter_id()} if now.dice.random() < 0.6 else {}
    return Asked("GET", f"/petitions/{now.letter_id()}/duplicates", query=query, page=True)


def _decide(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        dice = now.dice
        given = {
            "kind": dice.choice((*Kind, "none")),
            "other": now.letter_id() if dice.random() < 0.9 else "",
            "status": dice.choice(("REGISTERED", "REGISTERED", "HANDLING", "CLOSED", "TRIAGE")),
            "reason": dice.choice(("在规定期限内办理", "在规定期限内办理", "")),
        }
        end = f"petitions/{now.letter_id()}/decisions"
        if page:
            return Asked("POST", f"/{end}", form=given, page=True)
        return Asked("POST", f"/api/{end}", given)

    return ask


def _remind(now: Situation) -> Asked:
    dice = now.dice
    form = {
        "status": dice.choice(("REGISTERED", "HANDLING", "HANDLING", "CLOSED")),
        "reason": dice.choice(("请在规定期限内答复", "")),
    }
    return Asked("POST", f"/petitions/{now.letter_id()}/reminders", form=form, page=True)


def _undo(page: bool) -> Callable[[Situation], Asked]:
    """Which decisions there are differs from run to run: one that nobody has."""

    def ask(now: Situation) -> Asked:
        end, why = f"petitions/{now.letter_id()}/decisions", "看错了信件"
        if page:
            form = {"decision": now.letter_id(), "other": now.letter_id(), "reason": why}
            return Asked("POST", f"/{end}/undo", form=form, page=True)
        return Asked("POST", f"/api/{end}/{now.letter_id()}/undo", {"reason": why})

    return ask


def _check_first(now: Situation) -> Asked:
    asked = _duplicates(now).body
    form = {name: asked[name] for name in ("subject", "text", "region") if name in asked}
    form |= asked.get("person", {})
    return Asked("POST", "/register/check", form=form, page=True)


def _note(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        text = now.dice.choice(("请尽快办理。", "请尽快办理。", " "))
        end = f"petitions/{now.letter_id()}/notes"
        if page:
            return Asked("POST", f"/{end}", form={"text": text, "addressed": "1"}, page=True)
        return Asked("POST", f"/api/{end}", {"text": text, "addressed": now.dice.random() < 0.5})

    return ask


def _recover(now: Situation) -> Asked:
    new = now.dice.choice(("short", "eleven loud tambourines"))
    name = now.dice.choice(("nobody", now.user.name))
    form = {"username": name, "code": "AAAA-BBBB", "new": new, "again": new}
    return Asked("POST", "/recover", form=form, stranger=True)


def _user_id(now: Situation) -> str:
    return now.dice.choice((*_TEMPLATE[0].ids.values(), "0" * 32, "none"))


def _rights_form(now: Situation) -> dict[str, str]:
    dice = now.dice
    form = {"role": dice.choice(("clerk", "reviewer", "security", "emperor"))}
    if dice.random() < 0.5:
        form["regions"] = "，".join(dice.choices(tuple(PARENTS), k=2))
    if dice.random() < 0.3:
        form["categories"] = dice.choice(("01", "城乡建设", "99"))
    if dice.random() < 0.3:
        form |= {"fields_of": "user", "fields": dice.choice(("name", "full_text", "shoe"))}
    return form


def _new_user(now: Situation) -> Asked:
    name = now.dice.choice((f"new{now.dice.randrange(10**6)}", now.user.name, ""))
    return Asked("POST", "/users/new", form={"name": name} | _rights_form(now), page=True)


def _account(act: str = "") -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        path = f"/users/{_user_id(now)}{act}"
        if not act:
            return Asked("GET", path, page=True)
        form = _rights_form(now) if act == "/rights" else {}
        if act in ("/confirm", "/decline") and now.dice.random() < 0.7:
            path = f"/users/{_TEMPLATE[0].ids['specialist']}{act}"
            form = {"proposal": now.dice.choice((_TEMPLATE[0].proposal, "0" * 32))}
        return Asked("POST", path, form=form, page=True)

    return ask


def _end_sign_in(now: Situation) -> Asked:
    """By the handle of somebody else's, or all others: the asker's own is needed further on."""
    others = [one.token for name, one in _TEMPLATE[0].begun.items() if name != now.user.name]
    which = now.dice.choice((handle(now.dice.choice(others)), "others", ""))
    form = {"which": which, "password": now.dice.choice((PASSWORD, "wrong words here"))}
    return Asked("POST", "/sign-ins/end", form=form, page=True)


def _matters(page: bool) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        query = {} if page else {"size": now.dice.choice(("0", "1", "50"))}
        return Asked("GET", "/matters" if page else "/api/matters", query=query, page=page)

    return ask


def _reply(method: str) -> Callable[[Situation], Asked]:
    def ask(now: Situation) -> Asked:
        path = f"/petitions/{now.letter_id()}/replies/{now.dice.choice(('1', '1', '2', 'x'))}"
        password = now.dice.choice((PASSWORD, PASSWORD, "three wrong words"))
        form = {"password": password} if method == "POST" else {}
        return Asked(method, path, form=form, page=True)

    return ask


def _log(now: Situation) -> Asked:
    """The auditor reads of everybody's acts, which differ: of those of a name that none has there
    is nothing to read (refused sign-ins stand under `nobody`). That is what the log is for; all
    others must be refused."""
    person = (
        "no such person" if now.user.role == "auditor" else now.dice.choice(("", now.user.name))
    )
    query = {"person": person, "action": now.dice.choice(("", "view", "no such act"))}
    return Asked("GET", "/audit", query=query, page=True)


def _redaction(now: Situation) -> Asked:
    dice = now.dice
    form = {"mask": now.word(), "act": dice.choice(("preview", "save", "save", "leave"))}
    if dice.random() < 0.5:
        form["reason"] = "脱敏遗漏"
    if dice.random() < 0.3:
        form = {"ticked": now.word(), **form}
    return Asked("POST", f"/petitions/{now.letter_id()}/redaction", form=form, page=True)


def _verify(now: Situation) -> Asked:
    form = {"text": now.dice.choice(("", "{}", '{"format": "petitions export 1"}', now.word()))}
    return Asked("POST", "/verify", form=form, page=True, stranger=now.dice.random() < 0.5)


def _matter(page: bool) -> Callable[[Situation], Asked]:
    return lambda now: Asked(
        "GET", f"{'' if page else '/api'}/matters/{now.letter_id()}", page=page
    )


def _plain(
    method: str, path: str, *, page: bool = False, stranger: bool = False
) -> Callable[[Situation], Asked]:
    return lambda _: Asked(method, path, page=page, stranger=stranger)


STRATEGIES: Mapping[ROUTE, Callable[[Situation], Asked]] = {
    ("POST", "/api/search"): _search,
    ("GET", "/api/petitions/{petition_id}"): _letter(False),
    ("GET", "/api/petitions/{petition_id}/pages/{number}"): _part("pages/{number}"),
    ("GET", "/api/petitions/{petition_id}/pages/{number}/words"): _part("pages/{number}/words"),
    ("GET", "/api/petitions/{petition_id}/original"): _part("original"),
    ("GET", "/api/petitions/{petition_id}/progress"): _part("progress"),
    ("POST", "/api/petitions/{petition_id}/reveal"): _reveal(False),
    ("POST", "/api/persons/search"): _find_person,
    ("POST", "/api/duplicates"): _compared(_duplicates),
    ("GET", "/api/duplicates/overlooked"): _compared(_plain("GET", "/api/duplicates/overlooked")),
    ("GET", "/api/petitions/{petition_id}/similar"): _compared(
        lambda now: Asked("GET", f"/api/petitions/{now.letter_id()}/similar")
    ),
    ("GET", "/duplicates/overlooked"): _compared(
        _plain("GET", "/duplicates/overlooked", page=True)
    ),
    ("GET", "/duplicates"): lambda now: Asked(
        "GET", "/duplicates", query={"page": now.dice.choice(("1", "2", "x"))}, page=True
    ),
    ("GET", "/petitions/{petition_id}/duplicates"): _compared(_check),
    ("POST", "/petitions/{petition_id}/decisions"): _compared(_decide(True)),
    ("POST", "/petitions/{petition_id}/decisions/undo"): _compared(_undo(True)),
    ("POST", "/petitions/{petition_id}/reminders"): _compared(_remind),
    ("GET", "/duplicates/urged"): _plain("GET", "/duplicates/urged", page=True),
    ("GET", "/api/duplicates/urged"): _plain("GET", "/api/duplicates/urged"),
    ("GET", "/api/petitions/{petition_id}/duplicates"): _compared(_part("duplicates")),
    ("GET", "/api/petitions/{petition_id}/decisions"): _part("decisions"),
    ("POST", "/api/petitions/{petition_id}/decisions"): _compared(_decide(False)),
    ("POST", "/api/petitions/{petition_id}/decisions/{decision_id}/undo"): _compared(_undo(False)),
    ("GET", "/api/petitions/{petition_id}/matter"): _part("matter"),
    ("POST", "/register/check"): _compared(_check_first),
    ("GET", "/petitions/{petition_id}/matter"): lambda now: Asked(
        "GET", f"/petitions/{now.letter_id()}/matter", page=True
    ),
    ("GET", "/petitions/{petition_id}/persons/{number}"): _compared(
        lambda now: Asked(
            "GET",
            f"/petitions/{now.letter_id()}/persons/{now.dice.choice('1112x')}",
            page=True,
        )
    ),
    ("GET", "/categories"): _plain("GET", "/categories", page=True),
    ("GET", "/categories/{code}"): lambda now: Asked(
        "GET", f"/categories/{now.dice.choice(('01', '0103', '12', '99', 'x'))}", page=True
    ),
    ("GET", "/api/matters"): _matters(False),
    ("GET", "/api/matters/{petition_id}"): _matter(False),
    ("GET", "/matters"): _matters(True),
    ("GET", "/matters/{petition_id}"): _matter(True),
    ("POST", "/api/petitions"): _register(False),
    ("POST", "/api/session"): _sign_in(False),
    ("DELETE", "/api/session"): lambda _: Asked("DELETE", "/api/session", stranger=True),
    ("GET", "/api/me"): _plain("GET", "/api/me"),
    ("GET", "/api/openapi.json"): _plain("GET", "/api/openapi.json"),
    ("GET", "/api/health"): _plain("GET", "/api/health"),
    ("GET", "/api/ready"): _plain("GET", "/api/ready"),
    ("GET", "/"): _plain("GET", "/", page=True),
    ("POST", "/search"): _ask_page,
    ("GET", "/search/{state}"): _results,
    ("GET", "/help"): _plain("GET", "/help", page=True),
    ("GET", "/petitions/{petition_id}"): _letter(True),
    ("POST", "/api/petitions/{petition_id}/notes"): _note(False),
    ("POST", "/petitions/{petition_id}/notes"): _note(True),
    ("POST", "/petitions/{petition_id}/reveal"): _reveal(True),
    ("GET", "/persons"): _plain("GET", "/persons", page=True),
    ("POST", "/persons"): _ask_person,
    ("GET", "/persons/{state}"): _found_person,
    ("GET", "/api/petitions/{petition_id}/export"): _part("export"),
    ("GET", "/petitions/{petition_id}/replies/{number}"): _reply("GET"),
    ("POST", "/petitions/{petition_id}/replies/{number}"): _reply("POST"),
    ("GET", "/redaction"): _plain("GET", "/redaction", page=True),
    ("GET", "/petitions/{petition_id}/redaction"): lambda now: Asked(
        "GET", f"/petitions/{now.letter_id()}/redaction", page=True
    ),
    ("POST", "/petitions/{petition_id}/redaction"): _redaction,
    ("GET", "/verify"): _plain("GET", "/verify", page=True),
    ("POST", "/verify"): _verify,
    ("GET", "/petitions/{petition_id}/progress"): lambda now: Asked(
        "GET", f"/petitions/{now.letter_id()}/progress", page=True
    ),
    ("GET", "/register"): _plain("GET", "/register", page=True),
    ("POST", "/register"): _register(True),
    ("GET", "/users"): _plain("GET", "/users", page=True),
    ("GET", "/users/new"): _plain("GET", "/users/new", page=True),
    ("POST", "/users/new"): _new_user,
    ("GET", "/users/{user_id}"): _account(),
    ("POST", "/users/{user_id}/rights"): _account("/rights"),
    ("POST", "/users/{user_id}/confirm"): _account("/confirm"),
    ("POST", "/users/{user_id}/decline"): _account("/decline"),
    ("POST", "/users/{user_id}/shut"): _account("/shut"),
    ("POST", "/users/{user_id}/sign-out"): _account("/sign-out"),
    ("POST", "/users/{user_id}/reopen"): _account("/reopen"),
    ("POST", "/users/{user_id}/reset"): _account("/reset"),
    ("GET", "/audit"): _log,
    ("GET", "/sign-in"): _plain("GET", "/sign-in", page=True),
    ("POST", "/sign-in"): _sign_in(True),
    ("POST", "/sign-out"): lambda _: Asked("POST", "/sign-out", page=True, stranger=True),
    ("GET", "/second-factor"): _plain("GET", "/second-factor", page=True),
    ("POST", "/second-factor"): _plain("POST", "/second-factor", page=True, stranger=True),
    ("POST", "/second-factor/confirm"): lambda _: Asked(
        "POST", "/second-factor/confirm", form={"code": "000000"}, page=True
    ),
    ("GET", "/sign-ins"): _plain("GET", "/sign-ins", page=True),
    ("POST", "/sign-ins/end"): _end_sign_in,
    ("GET", "/password"): _plain("GET", "/password", page=True),
    ("POST", "/password"): lambda _: Asked(
        "POST",
        "/password",
        form={"password": PASSWORD, "new": "short", "again": "short"},
        page=True,
    ),
    ("GET", "/recover"): _plain("GET", "/recover", page=True),
    ("POST", "/recover"): _recover,
    ("POST", "/language"): lambda _: Asked("POST", "/language", form={"tag": "en"}, page=True),
}
"""A request for each route; one without stops the proof."""

OFTEN: dict[ROUTE, int] = {
    ("POST", "/api/search"): 25,
    ("GET", "/api/petitions/{petition_id}"): 8,
    ("GET", "/petitions/{petition_id}"): 3,
    ("GET", "/search/{state}"): 3,
    ("POST", "/api/petitions/{petition_id}/reveal"): 8,
    ("POST", "/api/persons/search"): 4,
    ("GET", "/redaction"): 4,
    ("POST", "/api/duplicates"): 6,
    ("GET", "/api/petitions/{petition_id}/similar"): 4,
    ("GET", "/api/petitions/{petition_id}/export"): 4,
    ("GET", "/petitions/{petition_id}/duplicates"): 4,
    ("POST", "/petitions/{petition_id}/decisions"): 6,
    ("POST", "/api/petitions/{petition_id}/decisions"): 4,
    ("GET", "/api/duplicates/urged"): 2,
    ("GET", "/petitions/{petition_id}/matter"): 3,
    ("GET", "/petitions/{petition_id}/persons/{number}"): 3,
    ("GET", "/categories/{code}"): 2,
    ("GET", "/api/matters"): 6,
    ("GET", "/api/matters/{petition_id}"): 3,
}
"""How often compared with once for the others."""

CHANGING = ("/api/petitions", "/register", "/decisions", "/undo", "/reminders", "/redaction")
"""Ends of the addresses that change letters."""

_TEMPLATE: list[Template] = []


def _token(user: User) -> str:
    return _TEMPLATE[0].begun[user.name].token


def know(template: Template) -> None:
    """Users and sign-ins: the same in all offices made of it."""
    _TEMPLATE[:] = [template]


def routes(app: FastAPI) -> frozenset[ROUTE]:
    """Every route but the files of the pages themselves, which are the same for all."""
    files = {asset.address for asset in read_assets().values()}
    return frozenset(
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        if route.path not in files
        for method in route.methods - {"HEAD"}
    )


def counted(app: FastAPI) -> frozenset[ROUTE]:
    """The routes that count as searches."""
    return frozenset(
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        and searcher_of in {one.call for one in route.original_route.dependant.dependencies}
        for method in route.methods
    )


def drawn(now: Situation) -> Asked:
    chosen = list(STRATEGIES)
    weights = [OFTEN.get(route, 1) for route in chosen]
    return STRATEGIES[now.dice.choices(chosen, weights)[0]](now)


def answer(office: Office, user: User, asked: Asked, number: int) -> bytes:
    """All that comes back, as bytes, without what may differ."""
    CHANCE.begin(f"request {number}")
    headers: dict[str, str] = {}
    if not asked.stranger:
        kept = begun(office, user)
        headers = (
            {"Cookie": f"petitions_session={kept.cookie}"}
            if asked.page
            else {"Authorization": f"Bearer {kept.token}"}
        )
    found = office.client.request(
        asked.method,
        asked.path,
        params=dict(asked.query) or None,
        json=asked.body,
        data=dict(asked.form) or None,
        files=dict(asked.files) or None,
        headers=headers,
    )
    if asked.method == "POST" and asked.path.endswith(CHANGING):
        office.index()
    return canonical(found, user)


def canonical(found: Response, user: User) -> bytes:
    """Status, headers and body."""
    headers = {**found.headers, "content-length": ""}  # the body itself is compared
    head = "\n".join(f"{name}: {value}" for name, value in sorted(headers.items()))
    whole = f"{found.status_code}\n{head}\n\n".encode() + found.content
    seal = seal_of(_token(user))

    def opened(state: re.Match[bytes]) -> bytes:
        try:
            return repr(seal.open(state.group().decode())).encode()
        except SealBroken:
            return state.group()

    for name, pattern in VOLATILE.items():
        whole = pattern.sub(b"" if name == "how long it took" else opened, whole)
    return whole


def told(asked: Asked) -> str:
    """For people: what was asked."""
    parts = [asked.method, asked.path, urlencode(asked.query)]
    parts += [json.dumps(asked.body or dict(asked.form), ensure_ascii=False)]
    return " ".join(parts)
