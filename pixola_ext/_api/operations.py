"""The calls of the API as values: what to send, and how to read the answer. Nothing here sends or waits.

A `Call` is made of a generated `Operation`. The thirteen calls of the API reference have a function each: it checks
the arguments and reads the answer as a value of `models` or `catalog`, with more behaviour than the generated one.
Generated modules are imported with the first call that needs them: all of them take longer than everything else.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from attrs import evolve
from pixola_client.errors import UnreadableError
from pixola_client.operation import SAFE_METHODS, Operation
from pixola_client.reading import NO_EXTRA, Extra, integer, opened, required_entries

from .._display import printable
from ..errors import ConfigurationError
from ..models import Batch, BatchSummary, Credits, GenerationRequest, Image, Page
from .answers import Answer
from .arguments import (
    LARGEST_PAGE,
    checked_count,
    checked_id,
    checked_json,
    checked_members,
    checked_method,
    checked_path,
    checked_text,
)
from .envelopes import catalog, credit_balance
from .importing import importing

if TYPE_CHECKING:
    from ..catalog import Model, Shape, Style

_OPTIONS: Final = ("model", "style", "shape", "quality")  # parameters; what the document adds is not among them

T = TypeVar("T")
Entry = TypeVar("Entry", "Model", "Style", "Shape")
Item = TypeVar("Item", BatchSummary, Image)


class Call(NamedTuple, Generic[T]):
    """One request to the API and the way to read its answer as a `T`; `parse` is given None for an empty body."""

    method: str
    path: str
    params: Mapping[str, Any]
    body: Any
    needs_key: bool
    parse: Callable[[Any], T]

    @property
    def is_safe(self) -> bool:
        """Whether the method only asks (RFC 9110, 9.2.1), so that it may be repeated after any failure that passes."""
        return self.method in SAFE_METHODS

    def read(self, answer: Answer) -> T:
        """The value in `answer`; raises `APIError` for an error answer, `UnexpectedResponseError` for nonsense."""
        body = answer.json()
        try:
            return self.parse(body)
        except UnreadableError as error:
            raise answer.unreadable(str(error)) from error
        except Exception as error:  # whatever else a reader stumbles over, it is the answer that is wrong
            raise answer.unreadable("it does not have the documented form") from error


def call_of(operation: Operation[T], parse: Callable[[Any], T] | None = None) -> Call[T]:
    """A generated operation as a call, read by `parse` instead of its own reader if there is one."""
    if not isinstance(operation, Operation):
        raise ConfigurationError(
            f"operation: expected what an `operation(...)` of pixola_client returns, not {type(operation).__name__}",
            setting="operation",
        )
    return _call(operation, parse or operation.read)


def _call(operation: Operation[Any], parse: Callable[[Any], T]) -> Call[T]:
    return Call(
        method=operation.method,
        path=operation.path,
        params=operation.params,
        body=operation.json,
        needs_key=operation.needs_key,
        parse=parse,
    )


def any_call(method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None) -> Call[Any]:
    """A call that no document describes; `path` is below the base URL. The answer is its JSON, None for no body."""
    return Call(
        method=checked_method(method),
        path=checked_path(path),
        params=dict(params or {}),
        body=checked_json(json, "json"),
        needs_key=False,
        parse=lambda body: body,
    )


# -- the catalog, open to anyone but for the single entries -----------------------------------------------------------


def _catalog(kind: type[Entry], key: str, body: Any) -> list[Entry]:
    return [kind.from_dict(each) for each in catalog(body, key=key)[key]]


def list_models() -> "Call[list[Model]]":
    """`GET /models`."""
    with importing():
        from pixola_client.api.models.list_models import operation

        from ..catalog import Model

    return _call(operation(), partial(_catalog, Model, "models"))


def get_model(slug: str) -> "Call[Model]":
    """`GET /models/{model}`."""
    with importing():
        from pixola_client.api.models.get_model import operation

        from ..catalog import Model

    return _call(operation(checked_id(slug, "model")), Model.from_dict)


def list_styles() -> "Call[list[Style]]":
    """`GET /styles`, without the grouping: each style names its category."""
    with importing():
        from pixola_client.api.styles.list_styles import operation

        from ..catalog import Style

    return _call(operation(), partial(_catalog, Style, "styles"))


def get_style(slug: str) -> "Call[Style]":
    """`GET /styles/{style}`."""
    with importing():
        from pixola_client.api.styles.get_style import operation

        from ..catalog import Style

    return _call(operation(checked_id(slug, "style")), Style.from_dict)


def list_shapes() -> "Call[list[Shape]]":
    """`GET /shapes`."""
    with importing():
        from pixola_client.api.shapes.list_shapes import operation

        from ..catalog import Shape

    return _call(operation(), partial(_catalog, Shape, "shapes"))


def get_shape(slug: str) -> "Call[Shape]":
    """`GET /shapes/{shape}`."""
    with importing():
        from pixola_client.api.shapes.get_shape import operation

        from ..catalog import Shape

    return _call(operation(checked_id(slug, "shape")), Shape.from_dict)


# -- the account ---------------------------------------------------------------------------------------------------


def get_credits() -> Call[Credits]:
    """`GET /credits`."""
    with importing():
        from pixola_client.api.account.get_credits import operation

    return _call(operation(), lambda body: Credits.from_dict(credit_balance(body)))


# -- generation ----------------------------------------------------------------------------------------------------


def _accepted(body: Any) -> Batch:
    with importing():
        from pixola_client.models.generation_accepted import GenerationAccepted

    accepted = GenerationAccepted.from_dict(body)  # nothing but the id counts: the rest may not put a batch in doubt
    members = {name: value for name, value in opened(body, "GenerationAccepted").items() if name != "batchId"}
    return Batch(accepted.batch_id, extra=Extra(members) if members else NO_EXTRA)


def generation_request(
    prompt: str | GenerationRequest,
    *,
    model: str | None = None,
    style: str | None = None,
    shape: str | None = None,
    quality: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> GenerationRequest:
    """A request to generate, checked: of its members, or a whole one of which the given members are replaced.

    `extra` has members that `GenerationRequest` lacks. Raises `ConfigurationError`.
    """
    given: dict[str, Any] = {"model": model, "style": style, "shape": shape, "quality": quality}
    given = {name: value for name, value in given.items() if value is not None}
    whole = prompt if isinstance(prompt, GenerationRequest) else GenerationRequest(prompt)
    members = {**whole.extra, **checked_members(extra, ("prompt", *_OPTIONS))}
    made = evolve(whole, **given, extra=Extra(members) if members else NO_EXTRA)
    checked_text(made.prompt, "prompt")
    for name in _OPTIONS:  # a quality that is new to us is the service's to refuse
        if getattr(made, name) is not None:
            checked_text(getattr(made, name), name)
    checked_json(made.to_dict(), "extra")
    return made


def create_generation(request: GenerationRequest) -> Call[Batch]:
    """`POST /generate`: what is None is not sent, so that the service's own defaults hold."""
    with importing():
        from pixola_client.api.generation.create_generation import operation

    return _call(operation(request), _accepted)


def as_submission(call: Call[Any]) -> Call[Batch] | None:
    """The same request read as `create_generation` reads it; None for one that submits nothing."""
    is_one = (call.method, call.path) == ("POST", "/generate") and isinstance(call.body, Mapping)
    return call._replace(parse=_accepted) if is_one and isinstance(call.body.get("prompt"), str) else None


# -- history -------------------------------------------------------------------------------------------------------


def _of(name: str, wanted: str, body: Any) -> Any:
    """`body`, unless it names another id than was asked for: then it is the answer to another request."""
    answered = body.get(name) if isinstance(body, dict) else None
    if isinstance(answered, str) and answered != wanted:
        raise UnreadableError(f"{name} is {printable(repr(answered), 80)}, which was not asked for")
    return body


def _batch(batch_id: str, body: Any) -> Batch:
    source = opened(_of("batchId", batch_id, body), "Batch")
    images = source.get("images")
    if isinstance(images, list):
        images = [{"batchId": batch_id, **each} if isinstance(each, dict) else each for each in images]
    return Batch.from_dict({**source, "batchId": batch_id, "images": images})


def _page(kind: type[Item], name: str, body: Any) -> Page[Item]:
    source = opened(body, f"a page of {name}")
    items = required_entries(kind, source, name)  # `{}` is no page, and must never look like the end of a history
    raw = source.get("nextCursor")
    next_cursor = int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() else integer(raw)
    has_more = source.get("hasMore")
    others = {member: source[member] for member in source if member not in (name, "nextCursor", "hasMore")}
    return Page(
        items,
        next_cursor,
        has_more if isinstance(has_more, bool) else next_cursor is not None,
        Extra(others) if others else NO_EXTRA,
    )


def get_batch(batch_id: str) -> Call[Batch]:
    """`GET /batches/{batchId}`; the answer is taken to be of this batch, whether it repeats the id or not."""
    with importing():
        from pixola_client.api.batches.get_batch import operation

    return _call(operation(checked_id(batch_id, "batch_id")), partial(_batch, batch_id))


def batch_id_of(batch_or_id: Batch | str) -> str:
    """The id of a batch, checked, or the id itself."""
    return checked_id(batch_or_id.batch_id if isinstance(batch_or_id, Batch) else batch_or_id, "batch_id")


def list_batches(*, limit: int, cursor: int | None) -> Call[Page[BatchSummary]]:
    """`GET /batches`: one page of at most `limit` items, after `cursor`."""
    with importing():
        from pixola_client.api.batches.list_batches import operation

    return _call(operation(limit=_page_size(limit), cursor=_cursor(cursor)), partial(_page, BatchSummary, "batches"))


def get_image(image_id: str) -> Call[Image]:
    """`GET /images/{imageId}`, which also renews the URL."""
    with importing():
        from pixola_client.api.images.get_image import operation

    return _call(
        operation(checked_id(image_id, "image_id")), lambda body: Image.from_dict(_of("imageId", image_id, body))
    )


def list_images(*, limit: int, cursor: int | None, batch_id: str | None = None) -> Call[Page[Image]]:
    """`GET /images`: one page of at most `limit` items, after `cursor`, of one batch or of all."""
    with importing():
        from pixola_client.api.images.list_images import operation

    wanted = None if batch_id is None else checked_id(batch_id, "batch_id")
    return _call(
        operation(limit=_page_size(limit), cursor=_cursor(cursor), batch_id=wanted), partial(_page, Image, "images")
    )


def _page_size(limit: int) -> int:
    return checked_count(limit, "page_size", least=1, most=LARGEST_PAGE)


def _cursor(cursor: int | None) -> int | None:
    return None if cursor is None else checked_count(cursor, "cursor", least=0)
