"""The calls of the API as values: what to send, and how to read the answer.

A generated module has a pure request builder and a pure parser; together they are an `Operation`. An `Endpoint` joins
one with the reader of its result, and a function per call checks the arguments. Only this file and `models.py` know
the generated package; nothing here sends or waits.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Generic, Literal, ParamSpec, Protocol, TypeVar, cast

import httpx
from attrs import evolve, field, frozen
from pixola_client import AuthenticatedClient, Client
from pixola_client import models as generated
from pixola_client.api.account import get_credits as _get_credits
from pixola_client.api.batches import get_batch as _get_batch
from pixola_client.api.batches import list_batches as _list_batches
from pixola_client.api.generation import create_generation as _create_generation
from pixola_client.api.images import get_image as _get_image
from pixola_client.api.images import list_images as _list_images
from pixola_client.api.models import get_model as _get_model
from pixola_client.api.models import list_models as _list_models
from pixola_client.api.shapes import get_shape as _get_shape
from pixola_client.api.shapes import list_shapes as _list_shapes
from pixola_client.api.styles import get_style as _get_style
from pixola_client.api.styles import list_styles as _list_styles
from pixola_client.types import UNSET, Unset

from ._answers import Answer
from ._arguments import LARGEST_PAGE, checked_count, checked_id, checked_text
from ._envelopes import catalog, credit_balance
from .models import (
    Accepted,
    Batch,
    BatchSummary,
    Credits,
    Image,
    Model,
    Page,
    Shape,
    Style,
    UnreadableError,
    page,
    read,
    read_all,
)

P = ParamSpec("P")
G = TypeVar("G")
T = TypeVar("T")
V = TypeVar("V")
G_co = TypeVar("G_co", covariant=True)


class Operation(Protocol[P, G_co]):
    """What every module of the generated package offers."""

    def _get_kwargs(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]: ...

    def _parse_response(self, *, client: AuthenticatedClient | Client, response: httpx.Response) -> G_co | None: ...


@frozen
class Call(Generic[T]):
    """One request to the API and the way to read its answer as a `T`."""

    method: str
    path: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    needs_key: bool
    parse: Callable[[Any], T] = field(repr=False)

    @property
    def is_paid(self) -> bool:
        """Whether sending it may cost credits, so that it must not be repeated blindly."""
        return self.method == "POST"

    def read(self, answer: Answer) -> T:
        """The value in `answer`; raises `APIError` for an error answer, `UnexpectedResponseError` for nonsense."""
        body = answer.json()
        try:
            return self.parse(body)
        except UnreadableError as error:
            raise answer.unreadable(str(error)) from error
        except Exception as error:  # the parsers are generated: whatever they raise, the answer is unreadable
            raise answer.unreadable("it does not have the documented form") from error


_PARSER: Final = Client(base_url="")  # the parsers ask only whether to raise; this one says no
_OK: Final = 200  # the one success the parsers know; 201 and 202 are read alike


class _Decoded(httpx.Response):
    """An answer as the generated parsers want it, with its JSON decoded already."""

    def __init__(self, body: Any) -> None:
        super().__init__(_OK)
        self._body = body

    def json(self, **_: Any) -> Any:
        return self._body


def _same(body: Any) -> Any:
    return body


@frozen
class Endpoint(Generic[P, G, V]):
    """A generated operation and how its result becomes a value; called with the arguments of the operation."""

    operation: Operation[P, G]
    convert: Callable[[G], V]
    reshape: Callable[[Any], Any] = _same
    needs_key: bool = True

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Call[V]:
        """The call with these arguments."""
        request = self.operation._get_kwargs(*args, **kwargs)  # noqa: SLF001  (generated, and meant for us)
        return Call(
            method=request["method"].upper(),
            path=request["url"],
            params=request.get("params", {}),
            body=request.get("json"),
            needs_key=self.needs_key,
            parse=self._parse,
        )

    def _parse(self, body: Any) -> V:
        shaped = self.reshape(body)
        if not isinstance(shaped, dict):  # the parsers would take an empty array for an empty object
            raise UnreadableError("an object was expected")
        parsed = self.operation._parse_response(client=_PARSER, response=_Decoded(shaped))  # noqa: SLF001
        return self.convert(cast(G, parsed))


# -- the catalog, open to anyone but for the single entries -----------------------------------------------------------


def _catalog(operation: Operation[P, G], convert: Callable[[G], list[V]], key: str) -> Endpoint[P, G, list[V]]:
    return Endpoint(operation, convert, partial(catalog, key=key), needs_key=False)


_models = _catalog(_list_models, lambda parsed: list(read_all(Model, parsed.models)), "models")
_styles = _catalog(_list_styles, lambda parsed: list(read_all(Style, parsed.styles)), "styles")
_shapes = _catalog(_list_shapes, lambda parsed: list(read_all(Shape, parsed.shapes)), "shapes")
_model = Endpoint(_get_model, partial(read, Model))
_style = Endpoint(_get_style, partial(read, Style))
_shape = Endpoint(_get_shape, partial(read, Shape))


def list_models() -> Call[list[Model]]:
    """`GET /models`."""
    return _models()


def get_model(slug: str) -> Call[Model]:
    """`GET /models/{model}`."""
    return _model(checked_id(slug, "model"))


def list_styles() -> Call[list[Style]]:
    """`GET /styles`, without the grouping: each style names its category."""
    return _styles()


def get_style(slug: str) -> Call[Style]:
    """`GET /styles/{style}`."""
    return _style(checked_id(slug, "style"))


def list_shapes() -> Call[list[Shape]]:
    """`GET /shapes`."""
    return _shapes()


def get_shape(slug: str) -> Call[Shape]:
    """`GET /shapes/{shape}`."""
    return _shape(checked_id(slug, "shape"))


# -- the account ---------------------------------------------------------------------------------------------------

_credits = Endpoint(_get_credits, partial(read, Credits), credit_balance)


def get_credits() -> Call[Credits]:
    """`GET /credits`."""
    return _credits()


# -- generation ----------------------------------------------------------------------------------------------------


def _accepted(parsed: generated.GenerationAccepted) -> Batch:
    accepted = read(Accepted, parsed)  # nothing but the id counts: what else is said may not put a paid batch in doubt
    return Batch(accepted.batch_id, extra=accepted.extra)


_generation = Endpoint(_create_generation, _accepted)


def create_generation(
    prompt: str,
    *,
    model: str | None = None,
    style: str | None = None,
    shape: str | None = None,
    quality: str | None = None,
) -> Call[Batch]:
    """`POST /generate`: what is None is not sent, so that the service's own defaults hold."""
    body = generated.GenerationRequest(
        prompt=checked_text(prompt, "prompt"),
        model=_optional(model, "model"),
        style=_optional(style, "style"),
        shape=_optional(shape, "shape"),
        # A quality that is new to us is the service's to refuse.
        quality=cast(Literal["standard", "hd"] | Unset, _optional(quality, "quality")),
    )
    return _generation(body=body)


def _optional(value: str | None, name: str) -> str | Unset:
    return UNSET if value is None else checked_text(value, name)


# -- history -------------------------------------------------------------------------------------------------------


def _batch_page(parsed: generated.BatchPage) -> Page[BatchSummary]:
    return page(read_all(BatchSummary, _present(parsed.batches)), parsed)


def _image_page(parsed: generated.ImagePage) -> Page[Image]:
    return page(read_all(Image, _present(parsed.images)), parsed)


def _present(items: V) -> V:
    """A list that is there: `{}` is no page, and must never look like the end of a history."""
    if items is UNSET:
        raise UnreadableError("the list is missing")
    return items


_batches = Endpoint(_list_batches, _batch_page)
_images = Endpoint(_list_images, _image_page)
_image = Endpoint(_get_image, partial(read, Image))


def get_batch(batch_id: str) -> Call[Batch]:
    """`GET /batches/{batchId}`; the answer is taken to be of this batch, whether it repeats the id or not."""
    endpoint = Endpoint(_get_batch, lambda parsed: _of_batch(read(Batch, parsed, batch_id=batch_id)))
    return endpoint(checked_id(batch_id, "batch_id"))


def batch_id_of(batch_or_id: Batch | str) -> str:
    """The id of a batch, checked, or the id itself."""
    return checked_id(batch_or_id.batch_id if isinstance(batch_or_id, Batch) else batch_or_id, "batch_id")


def _of_batch(batch: Batch) -> Batch:
    images = tuple(evolve(image, batch_id=image.batch_id or batch.batch_id) for image in batch.images)
    return evolve(batch, images=images)


def list_batches(*, limit: int, cursor: int | None) -> Call[Page[BatchSummary]]:
    """`GET /batches`: one page of at most `limit` items, after `cursor`."""
    return _batches(limit=_page_size(limit), cursor=_cursor(cursor))


def get_image(image_id: str) -> Call[Image]:
    """`GET /images/{imageId}`, which also renews the URL."""
    return _image(checked_id(image_id, "image_id"))


def list_images(*, limit: int, cursor: int | None, batch_id: str | None = None) -> Call[Page[Image]]:
    """`GET /images`: one page of at most `limit` items, after `cursor`, of one batch or of all."""
    wanted = UNSET if batch_id is None else checked_id(batch_id, "batch_id")
    return _images(limit=_page_size(limit), cursor=_cursor(cursor), batch_id=wanted)


def _page_size(limit: int) -> int:
    return checked_count(limit, "page_size", least=1, most=LARGEST_PAGE)


def _cursor(cursor: int | None) -> int | Unset:
    return UNSET if cursor is None else checked_count(cursor, "cursor", least=0)
