"""Templates, and what every page has: the language, who is signed in, the query's forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api import cookies
from api.assets import Asset, read_assets
from api.caller import Caller
from api.pages.catalogue import DEFAULT, LANGUAGES, Catalogue, read_catalogues
from api.pages.marks import pieces
from records.home import Settings
from records.statuses import CHANNELS, STATUSES, Channel, Status
from search.parse import MAX_CHARACTERS

LANGUAGE_COOKIE: Final = "language"
TEMPLATES: Final = Path(__file__).parent / "templates"

FORMS: Final = (
    ("噪音 施工", "letters with these words, those with all of them first"),
    ("“夜间施工”", "exactly these characters in a row"),
    ("噪音 -施工", "without a word"),
    ("噪音 OR 扰民", "one or the other"),
    ("region:A市", "a region and all below it; also 地区:"),
    ("category:城乡建设", "a category and all below it; also 类别:"),
    ("subject:路灯  reply:已修复", "in the subject or in the reply; also 标题: 答复:"),
    ("no:XF2026…", "a number, ours or the older system's; also 编号:"),
    ("status:办结", "a status; also 状态:"),
    ("after:2019-03 before:2019-12", "received in these months; also 自: 至:"),
)
"""Examples of what can be typed, and the message ids of what they find."""

SHORTCUTS: Final = (
    (("/",), "to the search box"),
    (("j", "k"), "next, previous letter"),
    (("Enter",), "open the letter"),
    (("]", "["), "next, previous page of results"),
    (("u",), "back to the results"),
    (("n", "p"), "next, previous page of the scan"),
    (("1", "9"), "checking for repeats: the letter beside"),
    (("d", "m"), "checking for repeats: the buttons by the letter on them; r: the reason"),
    (("?",), "this help"),
    (("Esc",), "leave the box or the help"),
)
"""Keys and the message ids of what they do; `static/keyboard.js` acts on them."""

TITLES: Final = {
    "category": "Category",
    "region": "Region",
    "status": "Status",
    "channel": "Channel",
    "level": "Secrecy",
    "year": "Year",
}
"""Message ids of the filters' names."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes pages. `zone`: the office's, in which days and times are shown."""

    environment: Environment
    catalogues: Mapping[str, Catalogue]
    assets: Mapping[str, Asset]
    settings: Settings
    zone: ZoneInfo

    def catalogue(self, request: Request) -> Catalogue:
        tag = cookies.read(request, self.settings, LANGUAGE_COOKIE) or DEFAULT.tag
        return self.catalogues.get(tag, self.catalogues[DEFAULT.tag])

    def page(
        self,
        request: Request,
        template: str,
        caller: Caller | None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page in the language of the request."""
        catalogue = self.catalogue(request)
        text = catalogue.text
        context: dict[str, Any] = {
            "_": text,
            "_known": catalogue.known,
            "language": catalogue.language,
            "languages": LANGUAGES,
            "label": partial(label, catalogue),
            "me": caller
            and {
                "name": caller.display_name,
                "role": label(catalogue, "role", caller.role),
                "registers": caller.registers,
                "finds": caller.finds,
                "decides": caller.decides,
                "notes": caller.notes,
                "manages": caller.manages,
                "audits": caller.audits,
                "reads": caller.scope.reads,
                "redacts": caller.redacts,
                "signs": caller.signs,
            },
            "back": address_of(request),
            "forms": [(form, text(meaning)) for form, meaning in FORMS],
            "shortcuts": [(keys, text(meaning)) for keys, meaning in SHORTCUTS],
            "query_length": MAX_CHARACTERS,
            "day": self.day,
            "minute": self.minute,
            "second": self.second,
            "status": status,
            "here": "",
            "question": None,
            "state": "",
            "focus": False,
            "mistake": None,
        }
        body = self.environment.get_template(template).render(context | values)
        return HTMLResponse(body, status, headers=headers)

    def day(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).date().isoformat()

    def minute(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def second(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


def make_renderer(settings: Settings) -> Renderer:
    assets = read_assets()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "static": lambda name: assets[name].address,
        "pieces": pieces,
        "number": number,
        "size": size,
    }
    return Renderer(environment, read_catalogues(), assets, settings, ZoneInfo(settings.time_zone))


async def renderer_of(request: Request) -> Renderer:
    renderer: Renderer = request.app.state.renderer
    return renderer


TheRenderer = Annotated[Renderer, Depends(renderer_of)]


def address_of(request: Request) -> str:
    """Where the reader is, to come back to; a POSTed page can only be left for the start."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def label(catalogue: Catalogue, kind: str, code: str, otherwise: str = "") -> str:
    """A code's name in the page's language. `otherwise`: for codes without one of ours."""
    if kind in ("status", "channel"):
        table: Mapping[str, Status | Channel] = STATUSES if kind == "status" else CHANNELS
        if (named := table.get(code)) is None:
            return otherwise or code
        return {"zh-Hans": named.hans, "zh-Hant": named.hant, "en": named.en}[
            catalogue.language.tag
        ]
    return catalogue.known(f"{kind}.{code}", otherwise or code)


def number(value: int) -> str:
    return f"{value:,}"


def size(octets: int) -> str:
    """Bytes for people: in the largest unit that keeps it above one."""
    amount = float(octets)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"
