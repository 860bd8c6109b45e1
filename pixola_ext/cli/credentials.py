"""API keys that `pixola login` keeps: in the keyring of the system if there is one, else in a file of the user's own.

Keys are kept by base URL, so that none is ever sent to another service than the one it was given for.
"""

import json
import os
import stat
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ..errors import ConfigurationError
from .state import folder_of_state

_LONGEST_KEY: Final = 4096  # characters; a file that is longer holds something else
_KEYRING: Final = "pixola"  # the name under which a keyring has our keys


def read_key(name: str) -> str:
    """The key in a file, or on stdin for `-`: its one line."""
    try:
        if name == "-":
            text = sys.stdin.read(_LONGEST_KEY) if sys.stdin is not None else ""
        else:
            with Path(name).open(encoding="utf-8") as file:
                text = file.read(_LONGEST_KEY)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigurationError(f"api_key: cannot read {name} ({reason})", setting="api_key") from error
    key = text.strip()
    if not key:
        where = "stdin" if name == "-" else name
        raise ConfigurationError(f"api_key: {where} holds no key", setting="api_key")
    return key


def keys_file() -> Path | None:
    """The file with the keys, whether it is there or not; None without a home."""
    folder = folder_of_state()
    return None if folder is None else folder / "keys.json"


def stored_key(service: str) -> str | None:
    """The key that was kept for a service."""
    from_keyring = _from_keyring(service)
    return from_keyring if from_keyring is not None else _in_file().get(service)


def store_key(service: str, key: str) -> str:
    """Keep a key for a service; returns where, in words."""
    keyring = _keyring()
    if keyring is not None:
        with suppress(Exception):  # a keyring that is locked or broken: any error of its backend
            keyring.set_password(_KEYRING, service, key)
            return "the keyring of this system"
    path = keys_file()
    if path is None:
        raise ConfigurationError("state_dir: there is no home folder; set PIXOLA_STATE_DIR", setting="state_dir")
    _write(path, {**_in_file(), service: key})
    return str(path)


def forget_key(service: str) -> bool:
    """Forget the key of a service; whether there was one."""
    found = False
    keyring = _keyring()
    if keyring is not None and _from_keyring(service) is not None:
        keyring.delete_password(_KEYRING, service)
        found = True
    keys, path = _in_file(), keys_file()
    if path is not None and keys.pop(service, None) is not None:
        _write(path, keys)
        found = True
    return found


def _keyring() -> Any:
    """The module `keyring`, if its extra is installed and it has somewhere to keep things."""
    try:
        keyring = import_module("keyring")
        nowhere = import_module("keyring.backends.fail").Keyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), nowhere) else keyring


def _from_keyring(service: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        found = keyring.get_password(_KEYRING, service)
    except Exception:  # noqa: BLE001  (as above)
        return None
    return found if isinstance(found, str) else None


def _in_file() -> dict[str, str]:
    path = keys_file()
    try:
        found = json.loads(path.read_text("utf-8")) if path is not None else {}
    except (OSError, ValueError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {service: key for service, key in entries if isinstance(key, str)}


def _write(path: Path, keys: dict[str, str]) -> None:
    """Replace the file in one step; from its first moment nobody else can read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(keys, file, indent=2)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
