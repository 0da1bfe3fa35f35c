"""Password hashes by argon2id with the library's own parameters; imported only where a password is at hand."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# 19 MiB and 2 passes: OWASP's first choice, and small enough for a 512 MB function.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    return hash_password("no account has this password")


def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown account (None) as for a known one, so that time does not tell which exist."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
