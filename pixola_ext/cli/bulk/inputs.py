"""The input of a bulk run: read once, checked whole, and kept in a temporary file until its items are recorded."""

import json
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final

from ..._api.operations import generation_request
from ..._bulk.columns import Row
from ..._bulk.estimate import Catalog
from ..._bulk.items import Copies, Item
from ..._bulk.lines import Invalid
from ..._bulk.reading import kind_of, read_requests
from ...errors import ConfigurationError
from ...models import GenerationRequest
from ..catalogs import KINDS

STDIN: Final = "-"


class Input:
    """The rows of an input; what was read does not change any more, whatever becomes of the file.

    `repeated` counts the rows that are equal to an earlier one, once `items` has come to its end. `skipped` has what
    cannot be used. `slugs` has the first line of each slug by its kind and itself.
    """

    def __init__(self, name: str, defaults: Mapping[str, str], *, skips_invalid: bool) -> None:
        """Read all of the file `name`, or of stdin for `-`; `defaults` are for rows without these members.

        Raises `ConfigurationError` for a file that cannot be read, and at the first row that cannot be used unless
        these are skipped.
        """
        self.source = "stdin" if name == STDIN else name
        self.skipped: list[Invalid] = []
        self.slugs: dict[tuple[str, str], int] = {}
        self.repeated = 0
        self._unusable: Collection[tuple[str, str]] = ()
        self._kept = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115  (`close`)
        try:
            with _opened(name) as stream:
                skipped = self.skipped if skips_invalid else None
                kind = None if name == STDIN else kind_of(name)
                for row in read_requests(stream, kind, source=self.source, skipped=skipped):
                    self._keep(row, defaults)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Delete the temporary file."""
        self._kept.close()

    def items(self, catalog: Catalog) -> Iterator[Item]:
        """The items of all rows that can be used, with the most that each may cost."""
        copies = Copies()
        for _, request, n, name, carried in self._rows():
            if not self._names_unusable(request):
                price = catalog.ceiling(request)
                yield from copies.items(request, name=name, carried=carried, price=price, number=n)
        self.repeated = copies.repeated

    def leave_out(self, unknown: Mapping[tuple[str, str], str]) -> None:
        """Skip the rows that name one of these slugs, for the reason given with it."""
        self._unusable = unknown.keys()
        for line, request, *_ in self._rows():
            found = self._names_unusable(request)
            if found:
                self.skipped.append(Invalid(self.source, line, 1, unknown[found[0]]))

    def _names_unusable(self, request: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(kind, request[kind]) for kind in KINDS if kind in request and (kind, request[kind]) in self._unusable]

    def _keep(self, row: Row, defaults: Mapping[str, str]) -> None:
        request = generation_request(GenerationRequest.from_dict({**defaults, **row.request})).to_dict()
        for kind in KINDS:
            if request.get(kind):
                self.slugs.setdefault((kind, request[kind]), row.line)
        kept = json.dumps([row.line, request, row.n, row.name, dict(row.carried)])
        self._kept.write(f"{kept}\n")

    def _rows(self) -> Iterator[Any]:
        self._kept.seek(0)
        yield from map(json.loads, self._kept)


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == STDIN:
        if sys.stdin is None:
            raise ConfigurationError("stdin: there is none", setting="input")
        yield sys.stdin.buffer
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115, PTH123  (the error is ours only while it is opened)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{name}: cannot be read ({reason})", setting="input") from error
    with stream:
        yield stream
