"""The salt of a state file, and what stands for a key in it."""

import hashlib
import os
import sqlite3
from typing import Final

from .errors import StoreError

SALT_SIZE: Final = 16  # bytes; `hashlib.blake2b` takes no more


def fill_salt(database: sqlite3.Connection) -> None:
    """Put a salt of its own into a new file."""
    database.execute("INSERT INTO salt VALUES (1, ?)", (os.urandom(SALT_SIZE),))


def salt_of(database: sqlite3.Connection) -> bytes:
    """The salt of a file; raises `StoreError` if there is none that was made here."""
    row = database.execute("SELECT value FROM salt").fetchone()
    if row is None or not isinstance(row[0], bytes) or len(row[0]) != SALT_SIZE:
        raise StoreError("its content is damaged")
    return row[0]


def account_id(identity: str, salt: bytes) -> bytes:
    """What stands for a key in the file: it cannot be turned back, or compared between files."""
    return hashlib.blake2b(identity.encode(), digest_size=16, salt=salt, person=b"pixola-ext").digest()
