"""Previews of pictures in notebooks, fetched when a cell shows an image: without the API key, within five seconds.

An image has a URL but no client. Its preview is fetched with the settings of the newest client of the process that is
still alive: whether loopback hosts are allowed, and the transport of the in-process sandbox. The API key and the
connections of that client are not used.
"""

from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from attrs import evolve

from .. import _display
from .._api.importing import importing
from .._pictures.pillow import decoder, preview
from ..errors import ConfigurationError, PixolaError
from ..settings import Settings
from .clock import Clock
from .connections import Endpoints, Transport
from .drivers import Driver

_TIMEOUT: Final = 5.0  # seconds; the cell of the notebook is blocked meanwhile


class _Source(NamedTuple):
    settings: Settings
    transport: Transport | None


_sources: WeakKeyDictionary[object, _Source] = WeakKeyDictionary()  # newest last


def use_for_previews(owner: object, settings: Settings, transport: Transport | None) -> None:
    """Fetch previews with these settings from now on, as long as `owner` is alive; the newest owner wins."""
    _sources[owner] = _Source(evolve(settings, api_key=None), transport)
    _display.set_previewer(preview_at)


def preview_at(url: str) -> bytes | str | None:
    """A JPEG of at most 512 pixels a side; None if there is no client, or no picture in time.

    Without Pillow, a sentence that says how to install it.
    """
    source = next(reversed(list(_sources.values())), None)
    if source is None:
        return None
    with importing():
        from .._flows.saving import fetch_preview  # noqa: PLC0415  (5 ms to import, and only notebooks need it)

    try:
        decoder()
    except ConfigurationError as error:
        return str(error)
    driver = None
    try:
        driver = Driver(source.settings, Endpoints(transport=source.transport), Clock())
        return driver.run(fetch_preview(url, preview, _TIMEOUT), source.settings)
    except PixolaError:
        return None
    finally:
        if driver is not None:
            driver.close()
