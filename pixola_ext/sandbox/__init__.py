"""The sandbox: the whole Pixola API on your own machine, with real pictures and without account, network or cost.

    from pixola_ext import Pixola
    from pixola_ext.sandbox import Sandbox

    box = Sandbox(seed=7, credits=50)
    with Pixola.sandbox(box) as px:
        batch = px.generate("A fox in the snow", style="anime")

It shares nothing with the client but openapi.json, so that a member misread by one is not misread by both.
"""

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .api import PREFIX, Api
from .clock import Clock
from .messages import Answer, Request
from .pictures import DEFAULT_LIFETIME, Pictures
from .world import FREE_CREDITS, World

if TYPE_CHECKING:
    from .transport import SandboxTransport

__all__ = ["DEFAULT_KEY", "Sandbox"]

DEFAULT_KEY: Final = "pxk_sandbox"
_ORIGIN: Final = (
    "http://sandbox.localhost"  # never looked up: the transport answers (RFC 6761 keeps it on this machine)
)
_PICTURES: Final = "http://pictures.sandbox.localhost"


class Sandbox:
    """A whole service: keys, credits, batches, images, pictures and a clock of its own.

    `latency` is a factor on each model's usual time in seconds: 0 finishes at once, 1 is lifelike. `rate_limits` turns
    on the 30 requests a minute and 1,000 a day of each key. `clock` gives epoch seconds. `url_lifetime` is how many
    seconds an image URL works. With the same seed, clock and calls, every byte of every answer and picture is the same.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        api_key: str = DEFAULT_KEY,
        credits: int = FREE_CREDITS,  # noqa: A002  (the API's own word)
        latency: float = 0.0,
        rate_limits: bool = False,
        clock: Callable[[], float] = time.time,
        url_lifetime: float = DEFAULT_LIFETIME,
        caption: bool = False,
        origin: str = _ORIGIN,
        pictures_origin: str = _PICTURES,
    ) -> None:
        self.api_key = api_key
        self.origin = origin
        self.clock = Clock(clock)
        now = self.clock.now
        self.world = World(now, seed=seed, latency=latency)
        self.world.add_account(api_key, credit=credits)
        self.pictures = Pictures(self.world, now, pictures_origin, lifetime=url_lifetime, caption=caption)
        self._api = Api(self.world, self.pictures, now, rate_limits=rate_limits)

    @property
    def base_url(self) -> str:
        """Where the API is, as a client's `base_url`."""
        return f"{self.origin}{PREFIX}"

    @cached_property
    def transport(self) -> "SandboxTransport":
        """The sandbox as a transport for `httpx.Client` and `httpx.AsyncClient`."""
        from .transport import SandboxTransport  # noqa: PLC0415  (the HTTP server has no use for httpx)

        return SandboxTransport(self)

    def answer(self, request: Request) -> Answer:
        """The answer of the API."""
        return self._api.answer(request)
