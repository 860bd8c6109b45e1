"""Small pictures for notebooks, fetched when one is about to be shown: without the key, soon, or not at all.

A value knows an address and no client, so the newest client of the process lends what reaches it: whether this machine
may be asked, and the sandbox's transport. Its key and its connections stay its own.
"""

from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from attrs import evolve

from .. import _display
from .._api.importing import importing
from .._pictures.pillow import decoder, preview
from ..errors import PixolaError
from ..settings import Settings
from .clock import Clock
from .connections import Endpoints, Transport
from .drivers import Driver

_TIMEOUT: Final = 5.0  # seconds; a cell of a notebook is waiting


class _Source(NamedTuple):
    settings: Settings
    transport: Transport | None


_sources: WeakKeyDictionary[object, _Source] = WeakKeyDictionary()  # newest last


def offer_previews(owner: object, settings: Settings, transport: Transport | None) -> None:
    """Show pictures as a client with these settings would fetch them, as long as `owner` lives."""
    _sources[owner] = _Source(evolve(settings, api_key=None), transport)
    _display.preview_with(preview_at)


def preview_at(url: str) -> bytes | None:
    """A JPEG of at most 512 pixels a side; None if there is no client, no Pillow, or no picture in time."""
    source = next(reversed(list(_sources.values())), None)
    if source is None:
        return None
    with importing():
        from .._flows.saving import glance  # noqa: PLC0415  (5 ms to import, and only notebooks need it)

    driver = None
    try:
        decoder()  # says that Pillow is missing
        driver = Driver(source.settings, Endpoints(transport=source.transport), Clock())
        return driver.run(glance(url, preview, _TIMEOUT), source.settings)
    except PixolaError:
        return None
    finally:
        if driver is not None:
            driver.close()
