"""Mail (.eml): its header, its text and the files that came with it."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING

from ingest.errors import Damaged, over_limit
from ingest.plain_text import decode, tidy

if TYPE_CHECKING:
    from pathlib import Path

    from records.home import Settings


@dataclass(frozen=True, slots=True)
class MailFile:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`text` is the plain part, or empty where only `html` was sent; `files` what is attached."""

    subject: str
    sender: str
    sent_at: datetime | None
    text: str
    html: bytes | None
    files: tuple[MailFile, ...]


def read_mail(path: Path, settings: Settings) -> Mail:
    """Raises Damaged where it is no mail, TooLarge for more files than an archive may hold."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Damaged("no mail header in it", "save the mail again as .eml")
    plain: list[str] = []
    html: bytes | None = None
    files: list[MailFile] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        name = part.get_filename()
        content = _content(part)
        if part.is_attachment() or name:
            files.append(MailFile(name or f"attachment-{len(files) + 1}", content))
        elif part.get_content_type() == "text/plain":
            plain.append(_text(content, part.get_content_charset()))
        elif part.get_content_type() == "text/html":
            html = html or content
    if len(files) > settings.max_archive_entries:
        raise over_limit(f"{len(files)} files attached", settings, "max_archive_entries")
    return Mail(
        subject=tidy(_header(message, "subject")),
        sender=parseaddr(_header(message, "from"))[0].strip(),
        sent_at=_sent_at(message),
        text=tidy("\n\n".join(plain)),
        html=html,
        files=tuple(files),
    )


def _content(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    inner = part.get_payload()
    return str(inner).encode("utf-8", "replace")


def _text(content: bytes, charset: str | None) -> str:
    """As declared where that holds; GB2312 is read as GB18030, which contains it."""
    declared = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(
        (charset or "").lower(), charset
    )
    if declared:
        try:
            return content.decode(declared)
        except (UnicodeDecodeError, LookupError):
            pass
    found = decode(content) if content else None
    return found[0] if found else content.decode("utf-8", "replace")


def _header(message: EmailMessage, name: str) -> str:
    """A header's text without NULs, which no text of the records may hold."""
    return _raw_header(message, name).replace("\x00", "")


def _raw_header(message: EmailMessage, name: str) -> str:
    """Old programs write raw GB18030 bytes there, which arrive as surrogates."""
    try:
        value = str(message.get(name, ""))
    except (ValueError, IndexError):  # headers that the standard library can't parse
        return ""
    if "\ufffd" in value or any("\udc80" <= character <= "\udcff" for character in value):
        raw = next((v for k, v in message.raw_items() if k.lower() == name), "")
        found = decode(str(raw).encode("utf-8", "surrogateescape"))
        return found[0] if found else value.encode("utf-8", "replace").decode()
    return value


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        header = message["date"]
        sent = getattr(header, "datetime", None)
    except (ValueError, TypeError, IndexError):
        return None
    return sent if isinstance(sent, datetime) and sent.tzinfo else None
