"""What can go wrong in the records. Each has a stable `code`, which the web page translates.

RecordsError
├── NotFound, UnknownRegion, UnknownCategory, UnknownStatus, UnknownChannel, UnknownLevel,
│   UnknownRole, UnknownField, UnknownUser, BadValue
│   (AlreadySigned, CannotDecide, UnknownKey)
├── IllegalTransition
├── NameTaken, WeakPassword (KnownPassword), ListUnreadable
├── SignInRefused, TooManyAttempts (UsedUp), WrongCode
├── NotYours, Changed
├── NotEmpty
├── KeysMissing, DatabaseBusy (Crossed), DatabaseDown, DatabaseTooNew, DatabaseNotReady
├── Damaged, OriginalMissing, StoreFull
├── VirusFound, ScannerDown
└── LeaseLost
"""

from __future__ import annotations


class RecordsError(Exception):
    """Anything that the records refuse; the message names the item and says what to do."""

    code = "records_error"


class NotFound(RecordsError):
    code = "not_found"


class BadValue(RecordsError):
    """A value that no petition can have."""

    code = "bad_value"


class CannotDecide(BadValue):
    """What can't be decided of a letter: not in its status, or not about these two."""

    code = "cannot_decide"


class UnknownRegion(BadValue):
    code = "unknown_region"


class UnknownCategory(BadValue):
    code = "unknown_category"


class UnknownStatus(BadValue):
    code = "unknown_status"


class UnknownChannel(BadValue):
    code = "unknown_channel"


class UnknownLevel(BadValue):
    code = "unknown_level"


class UnknownRole(BadValue):
    code = "unknown_role"


class UnknownField(BadValue):
    code = "unknown_field"


class UnknownUser(RecordsError):
    code = "unknown_user"


class AlreadySigned(BadValue):
    """The same person's signature stands under the same text already."""

    code = "already_signed"


class UnknownKey(BadValue):
    """No key for signing is known by this name."""

    code = "unknown_key"


class IllegalTransition(RecordsError):
    """A change of status that the transition table does not hold."""

    code = "illegal_transition"


class NameTaken(RecordsError):
    code = "name_taken"


class WeakPassword(RecordsError):
    code = "weak_password"


class KnownPassword(WeakPassword):
    """It stands in the office's list of passwords that became known by breaches."""

    code = "known_password"


class ListUnreadable(RecordsError):
    """The office's list of known passwords can't be looked at; no password was taken."""

    code = "list_unreadable"


class SignInRefused(RecordsError):
    """Name, password or second factor are wrong, or the account is disabled: never said which."""

    code = "sign_in_refused"


class TooManyAttempts(RecordsError):
    """Too many wrong sign-ins for this name or from this address; `retry_after` is in seconds."""

    code = "too_many_attempts"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UsedUp(TooManyAttempts):
    """What a user may do so many times a day was done that often; `retry_after` is in seconds."""

    code = "used_up"


class NotYours(RecordsError):
    """An act on users that this person may not do, or not on this user: three people share it."""

    code = "not_yours"


class Changed(RecordsError):
    """What is to be confirmed is no longer what was shown."""

    code = "changed_meanwhile"


class WrongCode(RecordsError):
    """A code that does not fit the second factor that is being set up."""

    code = "wrong_code"


class NotEmpty(RecordsError):
    """A database that should take an office's records holds something already."""

    code = "not_empty"


class KeysMissing(RecordsError):
    code = "keys_missing"


class DatabaseBusy(RecordsError):
    code = "database_busy"


class Crossed(DatabaseBusy):
    """Two transactions wanted the same things in another order: done again, it goes well."""


class DatabaseDown(RecordsError):
    """The database does not answer, or can't be used as it is."""

    code = "database_down"


class DatabaseTooNew(RecordsError):
    """The database was made by a newer version of this program."""

    code = "database_too_new"


class DatabaseNotReady(RecordsError):
    """The database has no tables yet, or older ones than this program needs."""

    code = "database_not_ready"


class Damaged(RecordsError):
    """A stored file no longer has the content that it was stored with."""

    code = "damaged"


class OriginalMissing(RecordsError):
    code = "original_missing"


class StoreFull(RecordsError):
    code = "store_full"


class VirusFound(RecordsError):
    """The office's virus scanner says that a file isn't clean; it was not kept."""

    code = "virus_found"


class ScannerDown(RecordsError):
    """The office's virus scanner can't tell; nothing was kept."""

    code = "scanner_down"


class LeaseLost(RecordsError):
    """The worker's claim on an item ran out and was given to another."""

    code = "lease_lost"
