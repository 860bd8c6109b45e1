"""API keys in texts that the sandbox keeps or shows are replaced."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from .checks import KEY_PREFIX
from .records import Account

_KEY: Final = re.compile(rf"{KEY_PREFIX}[^\s/?&#\"'<>,;]+")  # also one that is not of this sandbox: a live one, say
_HIDDEN: Final = f"{KEY_PREFIX}***"
_MOST_DECODINGS: Final = 3  # a path may be percent-encoded more than once


def redacted(text: str, accounts: Mapping[str, Account]) -> str:
    """The text with each key of `accounts` replaced by its public name, and what looks like a key by `pxk_***`.

    A text with a percent-encoded key is returned decoded; every other text keeps its form.
    """
    decoded = text
    for _ in range(_MOST_DECODINGS):
        if KEY_PREFIX in decoded or "%" not in decoded:
            break
        decoded = unquote(decoded)
    if KEY_PREFIX not in decoded:
        return text
    decoded = unquote(decoded)  # the rest of a key may be percent-encoded, too
    for key in sorted(accounts, key=len, reverse=True):  # a key may begin with another
        decoded = decoded.replace(key, accounts[key].key_id)
    return _KEY.sub(_HIDDEN, decoded)
