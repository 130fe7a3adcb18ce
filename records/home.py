"""Where an office keeps everything, and the settings that it may change.

Settings come from the environment: `max_pages` from `PETITIONS_MAX_PAGES`, or from the file that
`PETITIONS_MAX_PAGES_FILE` names (how container engines hand in secrets). A refusal because of a
limit tells the variable's name (`Settings.remedy`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from records.errors import BadValue

PREFIX = "PETITIONS_"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits and choices of one office. Sizes in bytes, times in seconds unless said otherwise."""

    database_url: str = field(default="", repr=False)  # empty: SQLite in the home
    time_zone: str = "Asia/Shanghai"  # the office's; times are stored in UTC
    secure_cookies: bool = False
    trusted_proxies: str = "127.0.0.1"  # whose word for a client's address counts; *: anybody's
    # the cluster of search indexes; empty: the embedded engine, in the home
    elasticsearch_url: str = ""  # addresses of its nodes, separated by commas
    elasticsearch_api_key: str = ""
    elasticsearch_ca: str = ""  # path of the certificate that signed the nodes' certificates
    elasticsearch_prefix: str = "petitions"  # of this office's indexes: no two offices share one
    elasticsearch_shards: int = 1
    elasticsearch_replicas: int = 0
    elasticsearch_seconds: int = 30  # longest wait for an answer
    tika_url: str = ""  # empty: the embedded Tika
    ocr: str = "rapid"  # or tesseract
    # asked about each file that comes in: a command that reads it on standard input and ends with 0
    # (clean) or 1 (not), as `clamdscan -`; empty: none
    virus_scanner: str = ""
    virus_scanner_seconds: int = 120  # longest wait for its word
    # one file
    max_file_bytes: int = 200 * MEBIBYTE
    max_pages: int = 500
    max_pixels: int = 100_000_000  # of one image or page
    max_text_characters: int = 1_000_000
    max_seconds_per_file: int = 900
    max_seconds_per_page: int = 60
    max_memory_per_file: int = 2048 * MEBIBYTE
    # archives
    max_archive_entries: int = 10_000
    max_archive_depth: int = 3
    max_archive_ratio: int = 200  # unpacked to packed
    max_archive_bytes: int = 2048 * MEBIBYTE  # unpacked, all entries together
    # work
    lease_seconds: int = 120
    max_lost_leases: int = 20
    matters_seconds: int = 600  # between looks of the worker for letters to compare; 0: none
    # answers
    synonyms: str = ""  # path of the office's own groups of words that mean the same; empty: none
    max_page_size: int = 100
    reveals_per_day: int = 20  # masked values that one user may look at
    finds_per_day: int = 200  # identity or phone numbers that one user may look people up by
    searches_per_minute: int = 6000  # of one user, in each answering process; 0: any number
    # signing in
    min_password_characters: int = 15  # of new passwords
    known_passwords: str = ""  # path of a list of those that became known by breaches; empty: none
    second_factor_for: str = ""  # roles that must have one, separated by commas, or: all
    code_steps: int = 0  # 1: an authenticator's code of 30 seconds before or after is taken too
    reset_code_seconds: int = 24 * 3600  # how long an administrator's one-time code is good for
    session_idle_seconds: int = 30 * 60
    session_seconds: int = 12 * 3600
    free_attempts: int = 3  # wrong passwords for one name before waits begin
    free_attempts_of_address: int = 50  # and from one address, where many people may sit
    longest_wait_seconds: int = 900
    audit_signer: str = ""  # path of the key that signs checkpoints; empty: with the office's keys
    audit_checkpoints: str = ""  # folder outside the home where they make themselves; empty: none
    audit_checkpoint_seconds: int = 3600  # a checkpoint is due after that time, or
    audit_checkpoint_entries: int = 1000  # after so many entries of the log, whichever comes first
    # the database
    database_wait_seconds: int = 30
    database_connections: int = 50  # of one process, at most; a server answers in 40 threads

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process. Raises BadValue naming a variable that cannot be read."""
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            text = _given(given, environment_name(setting.name))
            if text != "":
                values[setting.name] = _read(setting.name, str(setting.type), text)
        return cls(**values)

    def remedy(self, name: str) -> str:
        """How to raise a limit, for a message: 'set PETITIONS_MAX_PAGES (now 500)'."""
        return f"set {environment_name(name)} (now {getattr(self, name)})"


def environment_name(setting: str) -> str:
    """The variable that a setting is read from."""
    return PREFIX + setting.upper()


def _given(environment: Mapping[str, str], variable: str) -> str:
    """What a variable says, or the file that its `_FILE` twin names; empty when neither is set."""
    text, file = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if not file:
        return text
    if text:
        raise BadValue(f"both {variable} and {variable}_FILE are set; unset one of them")
    held = text_named(f"{variable}_FILE", Path(file)).strip()
    if not held:
        raise BadValue(f"{variable}_FILE names {file}, which is empty; write the value into it")
    return held


def text_named(variable: str, file: Path) -> str:
    """The text of a file that a setting names. Raises BadValue where it can't be read."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadValue(
            f"{variable} names {file}, which can't be read ({told}); "
            "correct the path, or who may read it"
        ) from error


def _read(name: str, kind: str, text: str) -> str | int | bool:
    if kind == "bool":
        lowered = text.strip().lower()
        if lowered not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise BadValue(f"{environment_name(name)} is {text!r}; write 1 or 0")
        return lowered in {"1", "true", "yes", "on"}
    if kind == "int":
        try:
            number = int(text)
        except ValueError:
            number = -1
        if number < 0:
            raise BadValue(f"{environment_name(name)} is {text!r}; write a whole number, 0 or more")
        return number
    return text


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one office."""

    path: Path
    settings: Settings = Settings()

    @property
    def database_url(self) -> str:
        """The database: as set, else SQLite inside the home."""
        return self.settings.database_url or f"sqlite:///{self.path.resolve() / 'petitions.db'}"

    @property
    def originals(self) -> Path:
        """Files as they came, by their SHA-256."""
        return self.path / "originals"

    @property
    def indexes(self) -> Path:
        return self.path / "indexes"

    @property
    def keys(self) -> Path:
        """Keys of encrypted columns; back them up apart from the database."""
        return self.path / "keys"

    @property
    def audit_signer(self) -> Path:
        """The key that signs checkpoints of the log: as set, else with the other keys."""
        set_ = self.settings.audit_signer
        return Path(set_) if set_ else self.keys / "audit.pem"

    @property
    def checkpoints(self) -> Path:
        """The checkpoints of the log that were made here, one a line."""
        return self.path / "checkpoints.jsonl"

    @property
    def work(self) -> Path:
        """Passing files of running stages; may be emptied when nothing runs."""
        return self.path / "work"

    def make(self) -> None:
        """Make the folders, readable by the owner alone. Again: changes nothing."""
        for folder in (self.path, self.originals, self.indexes, self.keys, self.work):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @classmethod
    def from_environment(cls, path: Path | str | None = None) -> Home:
        """The home at `path`, else at PETITIONS_HOME, else ./var, with the process's settings."""
        return cls(
            Path(path or os.environ.get(PREFIX + "HOME") or "var"), Settings.from_environment()
        )
