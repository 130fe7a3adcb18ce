"""A Tika server through its REST interface: `PUT /rmeta/text`, one file a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import ExtractorDown
from ingest.office import NO_LANGUAGE, office_text, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.office import OfficeText

# 422: the parser gave up on the file; 415: no parser; 500: the parser broke.
_FILE_AT_FAULT = (415, 422, 500)
_TROUBLE = "X-TIKA:EXCEPTION:"


class TikaServer:
    """`url` such as http://tika:9998; `seconds` is how long one file may take."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url = url.rstrip("/")
        self._seconds = seconds
        self.version = self._version()

    def read(self, path: Path, media_type: str) -> OfficeText:
        headers = {
            "Accept": "application/json",
            "Content-Type": media_type,
            "X-Tika-OCRLanguage": NO_LANGUAGE,
        }
        with path.open("rb") as content:
            response = self._answer("PUT", "/rmeta/text", content=content, headers=headers)
        if response.status_code in _FILE_AT_FAULT:
            raise refusal(response.text)
        if response.status_code != 200:
            raise self._down(f"answered {response.status_code}")
        parts: list[dict[str, Any]] = response.json()
        troubles = [str(value) for key, value in parts[0].items() if key.startswith(_TROUBLE)]
        if troubles:
            raise refusal(troubles[0].splitlines()[0])
        text = "\n".join(
            str(part.get("X-TIKA:content") or "")
            for part in parts
            if not str(part.get("Content-Type")).startswith("image/")
        )
        title = parts[0].get("dc:title", "")
        return office_text(text, {"dc:title": title if isinstance(title, list) else [title]})

    def _version(self) -> str:
        response = self._answer("GET", "/version")
        if response.status_code != 200:
            raise self._down(f"answered {response.status_code}")
        return f"tika server ({response.text.strip()})"

    def _answer(self, method: str, path: str, **sent: Any) -> Any:
        import httpx

        # Not the environment's proxies: documents go to the named server and nowhere else.
        waiting = httpx.Timeout(self._seconds, connect=5)
        try:
            with httpx.Client(timeout=waiting, trust_env=False) as http:
                return http.request(method, self._url + path, **sent)
        except httpx.TransportError as error:
            raise self._down(str(error) or type(error).__name__) from error

    def _down(self, reason: str) -> ExtractorDown:
        return ExtractorDown(
            f"the Tika server at {self._url} does not answer ({reason})",
            "start it, or unset PETITIONS_TIKA_URL to read with the embedded one; then run again",
        )
