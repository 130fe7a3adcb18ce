"""Which passwords are taken: long ones that nobody guesses. Nothing is asked of their signs."""

from __future__ import annotations

from pathlib import Path

from records import known_passwords
from records.errors import KnownPassword, WeakPassword
from records.home import Settings

MAX_PASSWORD = 256
LEAST_SCORE = 4
"""Of zxcvbn's 0 to 4: over ten thousand million guesses by somebody who knows how people choose."""

LONGEST_RATED = 72
"""Signs that zxcvbn looks at; it takes long for more, and that many are never guessed."""

OFFICE_WORDS = (
    "petition", "petitions", "letter", "letters", "office", "government", "citizen", "complaint",
    "administrator", "xinfang", "xinfangju", "jubao", "tousu", "zhengfu", "bangongshi", "shizhang",
    "12345", "12388", "信访", "信访局", "信访办", "来信", "来访", "举报", "投诉", "陈情", "人民",
    "政府", "办公室", "领导", "市长", "书记", "登记", "承办", "档案", "密码", "管理员",
    "为人民服务",
)  # fmt: skip
"""Words of this trade, which its passwords may not rest on."""


def require_strong(password: str, name: str = "", settings: Settings | None = None) -> None:
    """Raises WeakPassword for what is short, or rests on common passwords, everyday words, rows of
    keys, dates, repetition, `OFFICE_WORDS` or the user's name (by zxcvbn); KnownPassword for what
    stands in the office's list, ListUnreadable where that can't be told."""
    settings = settings or Settings()
    least = settings.min_password_characters
    if not least <= len(password) <= MAX_PASSWORD:
        raise WeakPassword(f"use a password of {least} to {MAX_PASSWORD} characters")
    from zxcvbn import zxcvbn  # loads its lists of words, which only new passwords need

    rated = zxcvbn(password[:LONGEST_RATED], user_inputs=[*OFFICE_WORDS, name.casefold()])
    if rated["score"] < LEAST_SCORE:
        raise WeakPassword(
            "the password is easily guessed: it rests on common words, rows of keys, repetition or "
            "the user's name; use four words that have nothing to do with each other"
        )
    if settings.known_passwords and known_passwords.holds(Path(settings.known_passwords), password):
        raise KnownPassword(
            "the password stands in a list of those that became known; use one that you have never "
            "used anywhere"
        )
