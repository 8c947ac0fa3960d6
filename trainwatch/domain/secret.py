"""How secrets are written, recognised and kept.

A key reads `tw_<scope>_<prefix>_<secret><check>`: the prefix finds it, the secret is 256 random bits in base 62, the
check is the CRC-32 of all before it, so that a mistyped key, or one found in a public place, is recognised without a
database. (The form is that of GitHub's tokens: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/)
"""

import hashlib
import re
import zlib
from dataclasses import dataclass

from trainwatch.domain.credential import Scope

PREFIX_LENGTH = 8
SECRET_BYTES = 32

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43  # 62^43 > 2^256
_CHECK_LENGTH = 6  # 62^6 > 2^32
_AFTER_PREFIX = 1 + _SECRET_LENGTH + _CHECK_LENGTH
_KEY = re.compile(
    rf"(tw_({'|'.join(Scope)})_([0-9A-Za-z]{{{PREFIX_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{{_CHECK_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class KeyName:
    """What a key tells without its secret."""

    scope: Scope
    prefix: str


def write_key(scope: Scope, random: bytes) -> str:
    """Return a key made of `random`, which is of `PREFIX_LENGTH + SECRET_BYTES` bytes."""
    prefix = "".join(_DIGITS[byte % len(_DIGITS)] for byte in random[:PREFIX_LENGTH])
    body = f"tw_{scope}_{prefix}_{write_secret(random[PREFIX_LENGTH:])}"
    return body + _check(body)


def read_key(text: str) -> KeyName | None:
    """Return what `text` says of itself; None if it is no key, or one with a typing error."""
    match = _KEY.fullmatch(text)
    if match is None or _check(match[1]) != match[4]:
        return None
    return KeyName(Scope(match[2]), match[3])


def prefix_of(text: str) -> str:
    """Return where the prefix of a key would be; quick, and true of keys alone."""
    return text[-_AFTER_PREFIX - PREFIX_LENGTH : -_AFTER_PREFIX]


def write_secret(random: bytes) -> str:
    """Return 32 random bytes as 43 letters and digits."""
    return _base62(int.from_bytes(random), _SECRET_LENGTH)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: SHA-256 in hex. Enough for 256 random bits; a password needs argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
