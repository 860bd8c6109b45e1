"""The picture files behind the image URLs, which are signed, expire and have their own origin.

A picture is drawn when it is first requested.
"""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, quote, unquote

from attrs import asdict, astuple, evolve, frozen

from . import catalog
from .messages import Answer, Request, tagged
from .records import COMPLETE, Image
from .rules import downloads_in
from .world import World

DEFAULT_LIFETIME: Final = 3600.0  # seconds that an image URL works; how long the service's do is not known
_MOST_KEPT: Final = 64 * 2**20  # bytes of pictures kept in memory
INSTALL: Final = "pip install 'pixola-ext[sandbox]'"
_IMAGES: Final = "/images/"
_STYLES: Final = "/styles/"
_SAMPLE_PROMPT: Final = "A lighthouse above a calm sea at dusk"
_SAMPLE_SIDE: Final = 512  # pixels


class MissingPillowError(ModuleNotFoundError):
    """Pillow, which draws the pictures, is not installed. Everything but the pictures works without it."""

    @classmethod
    def of(cls, error: ModuleNotFoundError) -> "MissingPillowError":
        """The error for a failed import, naming the extra that brings Pillow; any other missing module stays itself."""
        if error.name is None or error.name.partition(".")[0] != "PIL":
            raise error
        message = "the sandbox draws its pictures with Pillow, which is missing; install it with: " + INSTALL
        return cls(message, name="PIL")


class Store(Protocol):
    """Persistent storage of pictures, as `store.Store` implements it."""

    def picture(self, name: str) -> bytes | None:
        """The PNG stored under a name, or None."""

    def keep_picture(self, name: str, content: bytes) -> None:
        """Store a PNG under a name."""


@frozen
class Recipe:
    """All values that the pixels of a picture depend on. Two different recipes never share a stored file."""

    prompt: str
    model: str
    style: str
    width: int
    height: int
    seed: int = 0
    caption: str | None = None

    @classmethod
    def of(cls, image: Image, seed: int, *, caption: bool) -> "Recipe":
        """The recipe of an image; `seed` is that of the sandbox."""
        wanted = image.batch.submission
        shape = catalog.shapes()[wanted.shape]
        side = 2 if wanted.quality == "hd" else 1
        return cls(
            prompt=wanted.prompt,
            model=wanted.model,
            style=wanted.style,
            width=shape.width * side,
            height=shape.height * side,
            seed=int.from_bytes(hashlib.blake2b(f"{seed}/{image.image_id}".encode(), digest_size=6).digest()),
            caption=f"{wanted.model} · {wanted.style}" if caption else None,
        )

    @classmethod
    def of_sample(cls, style: catalog.Style) -> "Recipe":
        """The recipe of the sample picture of a style."""
        return cls(_SAMPLE_PROMPT, catalog.DEFAULT_MODEL, style.slug, _SAMPLE_SIDE, _SAMPLE_SIDE)

    def digest(self) -> str:
        """A short hash of the recipe, for file names."""
        return hashlib.blake2b(repr(astuple(self)).encode(), digest_size=6).hexdigest()

    def draw(self) -> bytes:
        """Draw the picture, as PNG. Raises `MissingPillowError`."""
        try:
            from .painting import render  # noqa: PLC0415  (Pillow takes 30 ms, and a picture may never be asked for)
        except ModuleNotFoundError as error:
            raise MissingPillowError.of(error) from error
        return render(**asdict(self))


class Pictures:
    """URLs and contents of all pictures. `origin` is scheme, host and port of the URLs."""

    def __init__(
        self,
        world: World,
        now: Callable[[], float],
        origin: str,
        *,
        lock: AbstractContextManager[Any],
        caption: bool = False,
        store: Store | None = None,
    ) -> None:
        self.origin = origin
        self.lifetime = DEFAULT_LIFETIME
        self._world_lock = lock
        self._store = store
        self._world = world
        self._now = now
        self._caption = caption
        self._secret = hashlib.blake2b(f"{world.seed}/url".encode()).digest()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def url(self, image: Image) -> str | None:
        """A signed URL of an image that works for `lifetime` seconds; None while the image is not complete."""
        if image.status != COMPLETE:
            return None
        expires = str(int(self._now() + self.lifetime))
        signature = self._signature(image.image_id, expires)
        return f"{self.origin}{_IMAGES}{image.image_id}.png?expires={expires}&signature={signature}"

    def sample_url(self, style: catalog.Style) -> str:
        """The URL of the sample picture of a style; it is not signed and does not expire."""
        return f"{self.origin}{_STYLES}{quote(style.slug)}.png"

    def answer(self, request: Request) -> Answer:
        """The answer on the pictures' origin: a PNG, or an error in plain text, as file stores answer."""
        if request.method not in ("GET", "HEAD"):
            return _plain(405, "method not allowed", allow="GET, HEAD")
        path = unquote(request.path)
        name = path.rpartition("/")[2].removesuffix(".png")
        if path == f"{_STYLES}{name}.png" and name in catalog.styles():
            return self._picture(request, name, Recipe.of_sample(catalog.styles()[name]))
        with self._world_lock:
            image = self._world.picture(name) if path == f"{_IMAGES}{name}.png" else None
        if image is None:
            return _plain(404, "no such picture")
        return self._signed(image, request)

    def _signed(self, image: Image, request: Request) -> Answer:
        given = {name: values[0] for name, values in parse_qs(request.query).items()}
        expires = given.get("expires", "")
        signature = self._signature(image.image_id, expires)
        if not hmac.compare_digest(given.get("signature", "").encode(), signature.encode()):
            return _plain(403, "the signature does not match")
        if int(expires) <= self._now():  # a signed value is always a number
            return _plain(403, "the address has expired")
        recipe = Recipe.of(image, self._world.seed, caption=self._caption)
        answer = self._picture(request, image.image_id, recipe)
        return evolve(answer, faults=downloads_in(image.batch.submission.prompt))

    def _signature(self, image_id: str, expires: str) -> str:
        return hmac.digest(self._secret, f"{image_id}/{expires}".encode(), "sha256").hex()

    def _picture(self, request: Request, name: str, recipe: Recipe) -> Answer:
        name = f"{name}-{recipe.digest()}"
        with self._lock:
            content = self._kept.get(name)
            if content is not None:
                self._kept.move_to_end(name)
        if content is None:
            content = self._stored(name) or self._drawn(name, recipe)
            self._keep(name, content)
        return tagged(request, Answer(200, content, "image/png", {"cache-control": "private, max-age=300"}))

    def _stored(self, name: str) -> bytes | None:
        return None if self._store is None else self._store.picture(name)

    def _drawn(self, name: str, recipe: Recipe) -> bytes:
        content = recipe.draw()
        if self._store is not None:
            self._store.keep_picture(name, content)
        return content

    def _keep(self, name: str, content: bytes) -> None:
        with self._lock:
            if name not in self._kept:
                self._kept[name] = content
                self._size += len(content)
            while self._size > _MOST_KEPT:
                self._size -= len(self._kept.popitem(last=False)[1])


def _plain(status: int, text: str, **headers: str) -> Answer:
    return Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8", headers)
