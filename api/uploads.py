"""Reading a multipart form only after its sender is known to have the right to send it.

FastAPI reads a declared body before it runs dependencies; here the caller is asked first, so a
stranger can't make the server store a single byte.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.caller import Caller, TheCaller
from api.errors import BadRegistration
from api.registration import MAX_FILES, Form, Upload, require_registrar

FIELDS: Final = tuple(Form.__dataclass_fields__)
FILES: Final = "files"
MOST_FIELD_BYTES: Final = 4 * 1024 * 1024

HandedIn = tuple[Form, tuple[Upload, ...]]


async def handed_in(request: Request, caller: TheCaller) -> AsyncIterator[HandedIn]:
    """The form and its files, which are closed after the request. Raises NotPermitted,
    BadRegistration."""
    async for given in _read(request, caller):
        yield given


async def typed_in(request: Request, caller: TheCaller) -> AsyncIterator[Form]:
    """What was typed into the form: files that were chosen stay where they are, a browser sends no
    more than their names. Raises NotPermitted, BadRegistration."""
    async for form, _ in _read(request, caller, passed_over=FILES):
        yield form


async def _read(
    request: Request, caller: Caller, passed_over: str | None = None
) -> AsyncIterator[HandedIn]:
    require_registrar(caller)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise BadRegistration("Send a form: multipart/form-data.", "not_a_form")
    async with request.form(
        max_files=MAX_FILES + 1, max_fields=len(FIELDS) * 2, max_part_size=MOST_FIELD_BYTES
    ) as form:
        stated: dict[str, str] = {}
        uploads: list[Upload] = []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:  # a browser sends an empty part where no file was chosen
                    content = value.file
                    uploads.append(Upload(value.filename, content, value.size or 0))
            elif name in FIELDS:
                stated[name] = value
            elif name == passed_over or (name == FILES and not value):
                continue
            else:
                known = ", ".join(FIELDS)
                raise BadRegistration(f"No field “{name[:50]}”; use {known}.", "unknown_field")
        yield Form(**stated), tuple(uploads)


TheHandedIn = Annotated[HandedIn, Depends(handed_in)]

TheTypedIn = Annotated[Form, Depends(typed_in)]

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "maxItems": MAX_FILES,
                            "items": {"type": "string", "format": "binary"},
                        },
                        **{name: {"type": "string"} for name in FIELDS},
                    },
                    "additionalProperties": False,
                },
                "example": {
                    "files": ["(scan.pdf)"],
                    "subject": "小区路灯不亮",
                    "region": "A3区",
                    "channel": "letter",
                    "received_at": "2026-03-01",
                },
            }
        },
    }
}
"""The form in the OpenAPI document."""
