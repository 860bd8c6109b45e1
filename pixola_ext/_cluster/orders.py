"""What is sent to the workers of a cluster."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from .._bulk.opening import open_ledger
from .._bulk.outcomes import BulkEvent, Outcome
from .._key import MASK
from .._version import __version__
from ..errors import ConfigurationError, PixolaError

if TYPE_CHECKING:
    from .._bulk.ledger import Ledger


class Sealed:
    """A secret on its way to a worker: no repr, and so no log and no dashboard, shows it."""

    __slots__ = ("_given",)

    def __init__(self, given: str) -> None:
        self._given = given

    def __repr__(self) -> str:
        return f"Sealed('{MASK}')"

    def __reduce__(self) -> tuple[type["Sealed"], tuple[str]]:
        return Sealed, (self._given,)

    def reveal(self) -> str:
        """The secret itself."""
        return self._given


@frozen
class Order:
    """What the tasks of one run have to know, beside what the environment of their worker says.

    `ledger` is a folder or the URL of a database, `dest` where the pictures go. Without a `key` the worker has its
    own, in `PIXOLA_API_KEY`, and without a `database_url` that of `PIXOLA_DATABASE_URL`, if any. `topic` is that of
    the messages to the process that sends the tasks. `options` are those of a run on a ledger
    (`bulk_making.source_of_ledger`). Durations are seconds.
    """

    topic: str
    ledger: str
    dest: str
    base_url: str
    wait_timeout: float
    allow_http: bool = False
    key: Sealed | None = None
    database_url: Sealed | None = None
    options: Mapping[str, Any] = field(factory=dict)
    function: "MapFunction | None" = None
    version: str = __version__

    def check(self) -> None:
        """Raise `ConfigurationError` if the order is of another version of this package than the one here."""
        if self.version != __version__:
            raise ConfigurationError(
                f"cluster: a worker has pixola-ext {__version__}, and this run is of {self.version}; "
                "install the same version everywhere",
                setting="cluster",
            )

    def open_ledger(self) -> "Ledger":
        """The ledger of the run."""
        given = None if self.database_url is None else self.database_url.reveal()
        database_url = given or os.environ.get("PIXOLA_DATABASE_URL") or None
        return open_ledger(self.ledger if "://" in self.ledger else Path(self.ledger), database_url)


@frozen
class MapFunction:
    """A function that is called with each picture: `module:function`, or its pickle for one that has no such name.

    `timeout` is how long it may take for one picture, in seconds.
    """

    name: str
    timeout: float
    pickled: bytes | None = field(default=None, repr=False)


@frozen
class Message:
    """What a lane tells of the run: an event or an outcome, and how many requests it has sent so far."""

    lane: str
    requests: int
    content: BulkEvent | Outcome


@frozen
class LaneReport:
    """How a lane ended: the requests that it sent, and the error that ended it early, if any did."""

    lane: str
    requests: int
    failure: PixolaError | None = None
