"""The calls of the API as values: what to send, and how to read the answer.

A function per call checks the arguments, lets the request builder of the generated module make the request, and joins
it with the reader of the result. Only this file knows the generated package, and each of its modules is imported with
the first call that needs it: all of them take longer to import than everything else here. Nothing here sends or waits.

The generated parsers are not run: they read a page in more time than all the rest takes, and what they make would have
to be read again. They are the contract that the readers are tested against, member by member.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, cast

from ..models import (
    Accepted,
    Batch,
    BatchSummary,
    Credits,
    Image,
    Model,
    Page,
    Shape,
    Style,
    Submission,
    UnreadableError,
    page,
    read,
    read_all,
)
from .answers import Answer
from .arguments import LARGEST_PAGE, checked_count, checked_id, checked_text
from .envelopes import catalog, credit_balance
from .importing import importing

if TYPE_CHECKING:
    from pixola_client.types import Unset

T = TypeVar("T")
V = TypeVar("V", Model, Style, Shape)


class Call(NamedTuple, Generic[T]):
    """One request to the API and the way to read its answer as a `T`."""

    method: str
    path: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    needs_key: bool
    parse: Callable[[Any], T]

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
        except Exception as error:  # whatever else a reader stumbles over, it is the answer that is wrong
            raise answer.unreadable("it does not have the documented form") from error


def _call(request: dict[str, Any], parse: Callable[[Any], T], *, needs_key: bool = True) -> Call[T]:
    """A call from what a generated request builder made."""
    return Call(
        method=request["method"].upper(),
        path=request["url"],
        params=request.get("params", {}),
        body=request.get("json"),
        needs_key=needs_key,
        parse=parse,
    )


# -- the catalog, open to anyone but for the single entries -----------------------------------------------------------


def _catalog(kind: type[V], key: str, body: Any) -> list[V]:
    return list(read_all(kind, catalog(body, key=key)[key]))


def list_models() -> Call[list[Model]]:
    """`GET /models`."""
    with importing():
        from pixola_client.api.models.list_models import _get_kwargs

    return _call(_get_kwargs(), partial(_catalog, Model, "models"), needs_key=False)


def get_model(slug: str) -> Call[Model]:
    """`GET /models/{model}`."""
    with importing():
        from pixola_client.api.models.get_model import _get_kwargs

    return _call(_get_kwargs(checked_id(slug, "model")), partial(read, Model))


def list_styles() -> Call[list[Style]]:
    """`GET /styles`, without the grouping: each style names its category."""
    with importing():
        from pixola_client.api.styles.list_styles import _get_kwargs

    return _call(_get_kwargs(), partial(_catalog, Style, "styles"), needs_key=False)


def get_style(slug: str) -> Call[Style]:
    """`GET /styles/{style}`."""
    with importing():
        from pixola_client.api.styles.get_style import _get_kwargs

    return _call(_get_kwargs(checked_id(slug, "style")), partial(read, Style))


def list_shapes() -> Call[list[Shape]]:
    """`GET /shapes`."""
    with importing():
        from pixola_client.api.shapes.list_shapes import _get_kwargs

    return _call(_get_kwargs(), partial(_catalog, Shape, "shapes"), needs_key=False)


def get_shape(slug: str) -> Call[Shape]:
    """`GET /shapes/{shape}`."""
    with importing():
        from pixola_client.api.shapes.get_shape import _get_kwargs

    return _call(_get_kwargs(checked_id(slug, "shape")), partial(read, Shape))


# -- the account ---------------------------------------------------------------------------------------------------


def get_credits() -> Call[Credits]:
    """`GET /credits`."""
    with importing():
        from pixola_client.api.account.get_credits import _get_kwargs

    return _call(_get_kwargs(), lambda body: read(Credits, credit_balance(body)))


# -- generation ----------------------------------------------------------------------------------------------------


def _accepted(body: Any) -> Batch:
    accepted = read(Accepted, body)  # nothing but the id counts: what else is said may not put a paid batch in doubt
    return Batch(accepted.batch_id, extra=accepted.extra)


def create_generation(submission: Submission) -> Call[Batch]:
    """`POST /generate`: what is None is not sent, so that the service's own defaults hold."""
    with importing():
        from pixola_client.api.generation.create_generation import _get_kwargs
        from pixola_client.models import GenerationRequest

    body = GenerationRequest(
        prompt=checked_text(submission.prompt, "prompt"),
        model=_optional(submission.model, "model"),
        style=_optional(submission.style, "style"),
        shape=_optional(submission.shape, "shape"),
        # A quality that is new to us is the service's to refuse.
        quality=cast('Literal["standard", "hd"] | Unset', _optional(submission.quality, "quality")),
    )
    return _call(_get_kwargs(body=body), _accepted)


def _optional(value: str | None, name: str) -> "str | Unset":
    with importing():
        from pixola_client.types import UNSET

    return UNSET if value is None else checked_text(value, name)


# -- history -------------------------------------------------------------------------------------------------------


def _batch(batch_id: str, body: Any) -> Batch:
    if not isinstance(body, dict):
        raise UnreadableError("an object was expected")
    members = {name: raw for name, raw in body.items() if name != "images"}
    return read(Batch, members, batch_id=batch_id, images=read_all(Image, body.get("images"), batch_id=batch_id))


def _batch_page(body: Any) -> Page[BatchSummary]:
    return page(BatchSummary, "batches", body)


def _image_page(body: Any) -> Page[Image]:
    return page(Image, "images", body)


def get_batch(batch_id: str) -> Call[Batch]:
    """`GET /batches/{batchId}`; the answer is taken to be of this batch, whether it repeats the id or not."""
    with importing():
        from pixola_client.api.batches.get_batch import _get_kwargs

    return _call(_get_kwargs(checked_id(batch_id, "batch_id")), partial(_batch, batch_id))


def batch_id_of(batch_or_id: Batch | str) -> str:
    """The id of a batch, checked, or the id itself."""
    return checked_id(batch_or_id.batch_id if isinstance(batch_or_id, Batch) else batch_or_id, "batch_id")


def list_batches(*, limit: int, cursor: int | None) -> Call[Page[BatchSummary]]:
    """`GET /batches`: one page of at most `limit` items, after `cursor`."""
    with importing():
        from pixola_client.api.batches.list_batches import _get_kwargs

    return _call(_get_kwargs(limit=_page_size(limit), cursor=_cursor(cursor)), _batch_page)


def get_image(image_id: str) -> Call[Image]:
    """`GET /images/{imageId}`, which also renews the URL."""
    with importing():
        from pixola_client.api.images.get_image import _get_kwargs

    return _call(_get_kwargs(checked_id(image_id, "image_id")), partial(read, Image))


def list_images(*, limit: int, cursor: int | None, batch_id: str | None = None) -> Call[Page[Image]]:
    """`GET /images`: one page of at most `limit` items, after `cursor`, of one batch or of all."""
    with importing():
        from pixola_client.api.images.list_images import _get_kwargs
        from pixola_client.types import UNSET

    wanted = UNSET if batch_id is None else checked_id(batch_id, "batch_id")
    return _call(_get_kwargs(limit=_page_size(limit), cursor=_cursor(cursor), batch_id=wanted), _image_page)


def _page_size(limit: int) -> int:
    return checked_count(limit, "page_size", least=1, most=LARGEST_PAGE)


def _cursor(cursor: int | None) -> "int | Unset":
    with importing():
        from pixola_client.types import UNSET

    return UNSET if cursor is None else checked_count(cursor, "cursor", least=0)
