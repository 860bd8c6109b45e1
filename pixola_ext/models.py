"""The values of this package: frozen, hashable, picklable, with no client inside.

They are read from decoded JSON, each member by its own reader. A member that is absent, null or of another type is
None, and what was there is kept in `extra` beside the members we do not know. Only an identity (a slug or an id) is
required: without it the answer is refused. That the generated parsers find the same members is tested.

Pages hold a hundred of them: they have no slots because they are made a third faster without.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar, cast

from attrs import NOTHING, AttrsInstance, evolve, field, fields, frozen

from ._display import Shown, ShownItems, ShownPicture
from ._timing import instant

T = TypeVar("T")
V = TypeVar("V", bound=AttrsInstance)

PROCESSING: Final = "processing"
COMPLETE: Final = "complete"
FAILED: Final = "failed"
REJECTED: Final = "rejected"
TERMINAL: Final = frozenset({COMPLETE, FAILED, REJECTED})  # any other word means: not finished yet
STANDARD: Final = "standard"
HD: Final = "hd"


class Extra(Mapping[str, Any]):
    """The members of an answer that have no attribute of their own, by the API's names; read-only."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any] | None = None) -> None:
        self._members = dict(members or {})

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return repr(self._members)


_NOTHING: Final = Extra()


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) else None


def _name(raw: object) -> str | None:
    return raw if isinstance(raw, str) and raw else None


def _number(raw: object) -> int | None:
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _flag(raw: object) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _texts(raw: object) -> tuple[str, ...] | None:
    return tuple(raw) if isinstance(raw, list) and all(isinstance(each, str) for each in raw) else None


def _member(reader: Callable[[object], Any], default: Any = None) -> Any:
    """A member of an answer with what reads it; `default` stands for one that is absent or unreadable."""
    return field(default=default, metadata={"reader": reader})


def _identity(reader: Callable[[object], Any] = _name) -> Any:
    """A member without which the value would be of no use."""
    return field(metadata={"reader": reader, "identity": True})


def _extra() -> Any:
    return field(default=_NOTHING, hash=False, repr=False)


class UnreadableError(ValueError):
    """An answer lacks what every value needs; the link turns this into `UnexpectedResponseError`."""


def api_name(name: str) -> str:
    """What the API calls the member that is `name` here."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


# Readers that take a value of exactly this type as it is; nearly every member is one, and need not be read at all.
_EXACT: Final[Mapping[Callable[[object], Any], type]] = {_text: str, _number: int, _flag: bool}


class _Plan(NamedTuple):
    """How a value is read: its members in order, each with the API's name, ours, the type that needs no reading, the
    reader of any other, and the default, which is `NOTHING` for an identity; and all the API's names.
    """

    members: Sequence[tuple[str, str, type | None, Callable[[object], Any], Any]]
    names: frozenset[str]


@cache
def _plan(kind: type[AttrsInstance]) -> _Plan:
    known = [each for each in fields(kind) if "reader" in each.metadata]
    readers = [each.metadata["reader"] for each in known]
    members = [
        (api_name(each.name), each.name, _EXACT.get(reader), reader, each.default)
        for each, reader in zip(known, readers, strict=True)
    ]
    return _Plan(members, frozenset(api_name(each.name) for each in known))


def read(kind: type[V], source: object, **known: Any) -> V:
    """A value of `kind` from a JSON object; `known` stands in for members that it lacks."""
    if not isinstance(source, dict):
        raise UnreadableError(f"an object was expected for {kind.__name__}")
    plan, values = _plan(kind), []
    unread = {} if plan.names.issuperset(source) else {name: source[name] for name in source if name not in plan.names}
    for name, member, exact, reader, default in plan.members:
        raw = value = source.get(name)
        if type(raw) is not exact:
            value = None if raw is None else reader(raw)
            if value is None:
                if raw is not None:
                    unread[name] = raw
                value = known.get(member, default)
                if value is NOTHING:
                    raise UnreadableError(f"{name} is missing or of the wrong type")
        values.append(value)
    make = cast("Callable[..., V]", kind)
    return make(*values, Extra(unread) if unread else _NOTHING)


def read_all(kind: type[V], source: object, **known: Any) -> tuple[V, ...]:
    """Values of `kind` from a JSON array of objects; an absent one is empty."""
    if source is None:
        return ()
    if not isinstance(source, list):
        raise UnreadableError(f"a list of {kind.__name__} was expected")
    return tuple([read(kind, each, **known) for each in source])


@frozen(slots=False)
class Pricing:
    """Price of one image in credits."""

    standard: int | None = _member(_number)
    hd: int | None = _member(_number)
    extra: Mapping[str, Any] = _extra()


def _pricing(raw: object) -> Pricing | None:
    return read(Pricing, raw) if isinstance(raw, dict) else None


@frozen(slots=False)
class Model(Shown):
    """An image model, from `GET /models`. `released` is a date as the service writes it (ISO 8601)."""

    _shown: ClassVar = ("slug", "name", "pricing", "best_for")

    slug: str = _identity()
    name: str | None = _member(_text)
    best_for: str | None = _member(_text)
    description: str | None = _member(_text)
    tags: tuple[str, ...] = _member(_texts, ())
    released: str | None = _member(_text)
    pricing: Pricing | None = _member(_pricing)
    researcher: str | None = _member(_text)
    researcher_url: str | None = _member(_text)
    urls: tuple[str, ...] = _member(_texts, ())
    sample_prompts: tuple[str, ...] = _member(_texts, ())
    extra: Mapping[str, Any] = _extra()


@frozen(slots=False)
class Style(Shown):
    """A style preset, from `GET /styles`; `prompt` is the text it adds to a prompt, `image` the URL of a sample."""

    _shown: ClassVar = ("slug", "name", "category")

    slug: str = _identity()
    name: str | None = _member(_text)
    category: str | None = _member(_text)
    prompt: str | None = _member(_text)
    alias: str | None = _member(_text)
    image: str | None = _member(_text)
    extra: Mapping[str, Any] = _extra()


@frozen(slots=False)
class Shape(Shown):
    """An aspect ratio, from `GET /shapes`; `width` and `height` are pixels at standard quality, where known."""

    _shown: ClassVar = ("slug", "name", "aspect_ratio", "width", "height")

    slug: str = _identity()
    name: str | None = _member(_text)
    aspect_ratio: str | None = _member(_text)
    width: int | None = _member(_number)
    height: int | None = _member(_number)
    extra: Mapping[str, Any] = _extra()


@frozen(slots=False)
class Credits(Shown):
    """Credits left on the account and its subscription plan, from `GET /credits`."""

    _shown: ClassVar = ("balance", "plan")

    balance: int = _identity(_number)
    plan: str | None = _member(_text)
    extra: Mapping[str, Any] = _extra()


@frozen(slots=False)
class Submission:
    """What was submitted; what was left to the service is None."""

    prompt: str
    model: str | None = None
    style: str | None = None
    shape: str | None = None
    quality: str | None = None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Submission | None":
        """What the body of a request to generate says, as far as it is known here; None without a prompt."""
        known = {each.name: request[each.name] for each in fields(cls) if each.name in request}
        return cls(**known) if "prompt" in known else None


def _submission() -> Any:
    return field(default=None, eq=False, repr=False)  # what we know beside the answer makes it no other answer


@frozen(slots=False)
class Image(ShownPicture):
    """One image. `url` is where it can be downloaded and may expire; `credits_charged` counts once it completes.

    Which members are known depends on the call: `images.get` gives the prompt, `images.list` whether it is a
    favourite, a batch neither of them. `submission` is known if the client that gave this has submitted it.
    """

    _shown: ClassVar = ("image_id", "model", "status", "title", "credits_charged", "created_at")

    image_id: str = _identity()
    batch_id: str | None = _member(_text)
    url: str | None = _member(_text)
    title: str | None = _member(_text)
    prompt: str | None = _member(_text)
    model: str | None = _member(_text)
    status: str | None = _member(_text)
    created_at: datetime | None = _member(instant)
    credits_charged: int | None = _member(_number)
    is_favorite: bool | None = _member(_flag)
    extra: Mapping[str, Any] = _extra()
    submission: Submission | None = _submission()

    @property
    def is_complete(self) -> bool:
        """Whether the picture is there."""
        return self.status == COMPLETE


def _images(raw: object) -> tuple[Image, ...]:
    return read_all(Image, raw)


@frozen(slots=False)
class Batch(ShownItems):
    """What one submission made, from `GET /batches/{batchId}`. `status` may be a word not known here.

    `submission` is known if it came from `submit` or `generate`, or from `wait` for such a batch.
    """

    batch_id: str = _identity()
    status: str = _member(_text, PROCESSING)
    images: tuple[Image, ...] = _member(_images, ())
    extra: Mapping[str, Any] = _extra()
    submission: Submission | None = _submission()

    @property
    def is_terminal(self) -> bool:
        """Whether the status is one of the three that are final."""
        return self.status in TERMINAL

    @property
    def completed(self) -> tuple[Image, ...]:
        """The images that are there."""
        return tuple(image for image in self.images if image.is_complete)

    @property
    def unfinished(self) -> tuple[Image, ...]:
        """The images that are not there: still in the making, or failed."""
        return tuple(image for image in self.images if not image.is_complete)

    def _shown_items(self) -> Sequence[Any]:
        return self.images

    def _shown_title(self) -> str:
        return f"{self.batch_id}: {self.status}"

    def submitted_as(self, submission: Submission | None) -> "Batch":
        """The same, with what was submitted for it and for its images."""
        if submission is None:
            return self
        images = tuple(evolve(image, submission=submission) for image in self.images)
        return evolve(self, images=images, submission=submission)


@frozen(slots=False)
class Accepted:
    """The answer to a submission, from `POST /generate`."""

    batch_id: str = _identity()
    extra: Mapping[str, Any] = _extra()


@frozen(slots=False)
class BatchSummary(Shown):
    """A batch as the list shows it, from `GET /batches`."""

    _shown: ClassVar = ("batch_id", "status", "prompt", "quality", "image_count", "created_at")

    batch_id: str = _identity()
    status: str = _member(_text, PROCESSING)
    prompt: str | None = _member(_text)
    quality: str | None = _member(_text)
    image_count: int | None = _member(_number)
    created_at: datetime | None = _member(instant)
    extra: Mapping[str, Any] = _extra()

    @property
    def is_terminal(self) -> bool:
        """Whether the status is one of the three that are final."""
        return self.status in TERMINAL


@frozen(slots=False)
class Page(ShownItems, Generic[T]):
    """One page of a history; `next_cursor` goes into the request for the next one."""

    items: tuple[T, ...]
    next_cursor: int | None
    has_more: bool

    def _shown_items(self) -> Sequence[Any]:
        return self.items


class Entries(ShownItems, list[T]):
    """A whole list, as any other, but a notebook shows it as a table."""

    def _shown_items(self) -> Sequence[Any]:
        return self


def page(kind: type[V], name: str, source: object) -> Page[V]:
    """A page from a JSON object that has its items, of `kind`, under `name`."""
    if not isinstance(source, dict):
        raise UnreadableError(f"an object with {name} was expected")
    if name not in source:  # `{}` is no page, and must never look like the end of a history
        raise UnreadableError(f"{name} is missing")
    raw = source.get("nextCursor")
    next_cursor = int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() else _number(raw)
    has_more = _flag(source.get("hasMore"))
    items = read_all(kind, source.get(name))
    return Page(items, next_cursor, next_cursor is not None if has_more is None else has_more)
