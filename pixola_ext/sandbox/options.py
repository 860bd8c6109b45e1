"""The options of a sandbox, with the bounds of each value."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import Attribute, field, frozen

from . import checks
from .pictures import DEFAULT_LIFETIME
from .world import FREE_CREDITS

DEFAULT_KEY: Final = "pxk_sandbox"
MOST_CREDITS: Final = 10**12
_LARGEST_SEED: Final = 2**63 - 1  # the largest integer of SQLite
_LARGEST_LATENCY: Final = 10.0**6
_SHORTEST_LIFETIME: Final = 0.001  # seconds
_LONGEST_LIFETIME: Final = 10.0**9


def _checked(check: Callable[..., Any], *bounds: float) -> Callable[[Any, "Attribute[Any]", Any], None]:
    def validate(_options: Any, attribute: "Attribute[Any]", value: Any) -> None:
        check(attribute.name, value, *bounds)

    return validate


def _keys(name: str, value: Iterable[Any]) -> None:
    for each in value:
        checks.key(name, each)


def _together(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(keys)


@frozen
class Options:
    """The options of a sandbox, for its start and every reset. Raises ValueError, naming the field."""

    seed: int = field(default=0, validator=_checked(checks.whole, -_LARGEST_SEED, _LARGEST_SEED))
    api_key: str = field(default=DEFAULT_KEY, validator=_checked(checks.key), repr=False)
    more_keys: tuple[str, ...] = field(default=(), converter=_together, validator=_checked(_keys), repr=False)
    credits: int = field(default=FREE_CREDITS, validator=_checked(checks.whole, 0, MOST_CREDITS))
    latency: float = field(default=0.0, validator=_checked(checks.number, 0, _LARGEST_LATENCY))
    rate_limits: bool = field(default=False, validator=_checked(checks.flag))
    url_lifetime: float = field(
        default=DEFAULT_LIFETIME, validator=_checked(checks.number, _SHORTEST_LIFETIME, _LONGEST_LIFETIME)
    )
    caption: bool = field(default=False, validator=_checked(checks.flag))

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys without duplicates, `api_key` first."""
        return tuple(dict.fromkeys((self.api_key, *self.more_keys)))
