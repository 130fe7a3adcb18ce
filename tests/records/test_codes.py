"""Codes of an authenticator as RFC 6238 has them, and one-time codes."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from records.codes import (
    factor_address,
    fitting_step,
    new_one_time_code,
    new_secret,
    one_time_hash,
)

# RFC 6238, appendix B, SHA-1, the last six of the eight digits
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_of_the_standard_fit_once(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    step = fitting_step(SECRET, code, 0, moment)
    assert step == seconds // 30
    assert fitting_step(SECRET, f" {code[:3]} {code[3:]}", 0, moment) == step
    assert fitting_step(SECRET, code, step, moment) is None
    later = datetime.fromtimestamp(seconds + 90, UTC)
    assert fitting_step(SECRET, code, 0, later) is None


def test_a_code_lasts_thirty_seconds() -> None:
    step = 1111111111 // 30
    fits = [
        second
        for second in range(step * 30 - 60, step * 30 + 90)
        if fitting_step(SECRET, "050471", 0, datetime.fromtimestamp(second, UTC)) == step
    ]
    assert fits == list(range(step * 30, step * 30 + 30))


def test_steps_around_the_present_one_are_taken_where_asked() -> None:
    step = 1111111111 // 30
    fits = [
        second // 30 - step
        for second in range(step * 30 - 90, step * 30 + 120, 30)
        if fitting_step(SECRET, "050471", 0, datetime.fromtimestamp(second, UTC), 1) == step
    ]
    assert fits == [-1, 0, 1]


def test_a_code_given_while_its_step_is_already_used_by_a_later_one_is_refused() -> None:
    moment = datetime.fromtimestamp(1111111111, UTC)
    present = 1111111111 // 30
    assert fitting_step(SECRET, "050471", present - 1, moment) == present
    assert fitting_step(SECRET, "050471", present + 1, moment) is None


@pytest.mark.parametrize("code", ["", "050472", "50471", "0504710", "０５０４７", "none", "\ud800"])
def test_what_is_not_the_code_does_not_fit(code: str) -> None:
    assert fitting_step(SECRET, code, 0, datetime.fromtimestamp(1111111111, UTC)) is None


def test_full_width_digits_are_digits() -> None:
    moment = datetime.fromtimestamp(1111111111, UTC)
    assert fitting_step(SECRET, "０５０４７１", 0, moment) is not None


def test_secrets_are_long_random_and_in_the_address() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(secret) == 32 for secret in secrets)  # 160 bits in base 32
    secret = secrets.pop()
    address = urlsplit(factor_address(secret, " 张三 "))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query)["secret"] == [secret]


def test_one_time_codes_are_long_random_and_forgiving_to_type() -> None:
    codes = {new_one_time_code() for _ in range(50)}
    assert len(codes) == 50
    code = codes.pop()
    assert len(code.replace("-", "")) == 28  # 140 bits in base 32
    assert one_time_hash(f" {code.lower().replace('-', ' ')} ") == one_time_hash(code)
    assert one_time_hash(code) not in {one_time_hash(other) for other in codes}
