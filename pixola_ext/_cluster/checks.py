"""What is asked of a cluster before anything is spent: versions, keys, the ledger, and the places that are shared."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from .._hosts import is_loopback
from .._key import ApiKey
from .._state.folder import state_folder
from .._state.processes import this_process
from .._version import __version__
from ..errors import ConfigurationError

_ENCRYPTED: Final = ("tls", "wss", "inproc")  # schemes of addresses on which a key is not to be read


@frozen
class Facts:
    """What a process of the cluster says of itself.

    `ledger_version` is that of the tables it knows. `place` names its machine or container, `state` its state folder,
    `key` tells the key in its environment from others, `has_database` whether that names a database, and `sees_dest`
    whether the destination has the probe's file.
    """

    version: str
    ledger_version: int
    place: str
    state: str | None
    key: str | None
    has_database: bool
    sees_dest: bool


def facts(probe: str | None) -> Facts:
    """The facts of this process; `probe` is the path of a file in the destination, None if that is a URL."""
    from .._bulk.tables import VERSION  # noqa: PLC0415  (an extra: what lacks it says so when it is asked)

    key = os.environ.get("PIXOLA_API_KEY")
    state = state_folder(os.environ)
    return Facts(
        version=__version__,
        ledger_version=VERSION,
        place=this_process().partition("@")[2],
        state=None if state is None else str(state.absolute()),
        key=ApiKey(key).fingerprint if key else None,
        has_database=bool(os.environ.get("PIXOLA_DATABASE_URL")),
        sees_dest=probe is None or Path(probe).exists(),
    )


def is_private(addresses: Iterable[str]) -> bool:
    """Whether nobody can read what is sent to these addresses of a cluster: encrypted, or on this machine."""
    parts = [urlsplit(address) for address in addresses]
    return all(part.scheme in _ENCRYPTED or is_loopback(part.hostname or "") for part in parts)


def check_scheduler(told: Any, here: Facts) -> None:
    """Raise `ConfigurationError` if the scheduler cannot read the tasks; `told` is as for `check_workers`."""
    _refuse("the scheduler", _version_problem(told, here))


def check_workers(told: Mapping[str, Any], here: Facts, *, needs_key: str | None, is_database: bool) -> None:
    """Raise `ConfigurationError` for the first worker that cannot take part, by its address.

    `told` has facts, or the error of a process that could not tell them. `needs_key` is the fingerprint of the key
    that each worker has to have, None if it is sent. `is_database` says that the ledger is a server's; else ledger,
    budget and journal are files of this machine.
    """
    for address, each in told.items():
        problem = _version_problem(each, here) or _place_problem(each, here, needs_key, is_database=is_database)
        _refuse(f"the worker {address}", problem)


def _refuse(who: str, problem: str | None) -> None:
    if problem is not None:
        raise ConfigurationError(f"cluster: {who} {problem}; nothing was sent", setting="cluster")


def _version_problem(each: Any, here: Facts) -> str | None:
    if not isinstance(each, Facts):
        return f"cannot run pixola-ext {__version__}, which has to be installed there ({type(each).__name__}: {each})"
    if each.version != here.version:
        return f"has pixola-ext {each.version}, and this is {here.version}; install the same version everywhere"
    if each.ledger_version != here.ledger_version:
        return f"knows ledgers of version {each.ledger_version}, and this is {here.ledger_version}"
    return None


def _place_problem(each: Facts, here: Facts, needs_key: str | None, *, is_database: bool) -> str | None:
    missing = None if needs_key is None else _missing(each, needs_key, is_database=is_database)
    if missing is not None:
        return f"has {missing}, and the connection to it is not encrypted, so no secret is sent there"
    if not is_database and each.has_database:
        return "has PIXOLA_DATABASE_URL, and this process has none"
    if not each.sees_dest:
        return "does not see the destination; give a folder that all machines share, or a URL"
    if not is_database and each.place != here.place:
        return "is another machine or container, and the ledger is a file of this one; set PIXOLA_DATABASE_URL"
    if not is_database and each.state != here.state:
        return f"keeps its state in {each.state}, and this process in {here.state}; set PIXOLA_STATE_DIR alike"
    return None


def _missing(each: Facts, needs_key: str, *, is_database: bool) -> str | None:
    if each.key != needs_key:
        return "no PIXOLA_API_KEY" if each.key is None else "another PIXOLA_API_KEY"
    return "no PIXOLA_DATABASE_URL" if is_database and not each.has_database else None
