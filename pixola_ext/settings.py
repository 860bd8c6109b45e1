"""Settings: what the caller gave, else the environment, else the default; checked before anything is sent."""

import operator
import os
import platform
import re
from collections.abc import Awaitable, Callable, Mapping
from numbers import Integral, Real
from typing import Any, Final, NamedTuple

import httpx
from attrs import evolve, field, frozen

from ._hosts import is_loopback
from ._version import __version__
from .errors import ConfigurationError, PixolaError

DEFAULT_BASE_URL: Final = "https://www.pixola.ai/api/v1"  # API reference, "Base URL"
KEYS_PAGE: Final = "https://www.pixola.ai/settings"  # API reference, where keys are created
DEFAULT_TIMEOUT: Final = 180.0  # seconds for one call with its retries; room for one Retry-After of 120 s
DEFAULT_WAIT_TIMEOUT: Final = 900.0  # seconds for a batch to finish
DEFAULT_MAX_RETRIES: Final = 4
DEFAULT_TEMPLATE: Final = "{date}-{model}-{slug}-{image_id}"  # of file names; see `_names.Template`

NO_KEY: Final = (
    f"no API key: create one at {KEYS_PAGE} and set PIXOLA_API_KEY, pass api_key, or use the sandbox, which needs none"
)


class RequestEvent(NamedTuple):
    """A request about to be sent: `attempt` counts from 1, `path` is below the base URL and holds no secret."""

    method: str
    path: str
    attempt: int


class ResponseEvent(NamedTuple):
    """The outcome of an attempt: its status, or None if no usable answer came, `duration` seconds after it was sent.

    Each `RequestEvent` whose request was not interrupted is followed by one of these.
    """

    method: str
    path: str
    attempt: int
    status: int | None
    duration: float


class RetryEvent(NamedTuple):
    """A request that failed with `error` and will be repeated in `delay` seconds; `attempt` is the one that failed."""

    method: str
    path: str
    attempt: int
    delay: float
    error: PixolaError


OnRequest = Callable[[RequestEvent], Awaitable[None] | None]
OnResponse = Callable[[ResponseEvent], Awaitable[None] | None]
OnRetry = Callable[[RetryEvent], Awaitable[None] | None]


@frozen
class Policy:
    """How long one call may take in all, in seconds, how often it is repeated, and who is told of it.

    With `is_budgeted`, every request waits for its turn in the budget of the key.
    """

    timeout: float
    max_retries: int
    is_budgeted: bool = False
    wait_for_quota: bool = False
    on_request: OnRequest | None = field(default=None, repr=False)
    on_response: OnResponse | None = field(default=None, repr=False)
    on_retry: OnRetry | None = field(default=None, repr=False)


def _plain_number(value: Any) -> Any:
    """A number of numpy and the like as Python's own; other values are checked later, and refused by name."""
    if isinstance(value, bool):
        return value
    try:
        return operator.index(value)
    except TypeError:
        return float(value) if isinstance(value, Real) and not isinstance(value, Integral) else value


@frozen
class Settings:
    """Everything a client is configured with. Durations are seconds."""

    api_key: str | None = field(repr=lambda key: "None" if key is None else "'pxk_…'")
    base_url: str
    timeout: float = field(default=DEFAULT_TIMEOUT, converter=_plain_number)
    wait_timeout: float = field(default=DEFAULT_WAIT_TIMEOUT, converter=_plain_number)
    max_retries: int = field(default=DEFAULT_MAX_RETRIES, converter=_plain_number)
    on_request: OnRequest | None = field(default=None, repr=False)
    on_response: OnResponse | None = field(default=None, repr=False)
    on_retry: OnRetry | None = field(default=None, repr=False)
    app_info: str | None = None
    budget: bool = True
    journal: bool = True
    wait_for_quota: bool = False

    def __attrs_post_init__(self) -> None:
        for name in ("timeout", "wait_timeout"):
            _check_duration(getattr(self, name), name)
        if not isinstance(self.max_retries, int) or isinstance(self.max_retries, bool) or self.max_retries < 0:
            raise ConfigurationError("max_retries: must be a whole number from 0", setting="max_retries")
        for name in ("on_request", "on_response", "on_retry"):
            if getattr(self, name) is not None and not callable(getattr(self, name)):
                raise ConfigurationError(f"{name}: must be callable", setting=name)
        if self.app_info is not None and not _APP_INFO.fullmatch(self.app_info):
            raise ConfigurationError("app_info: must be like my-app/1.2 (my-site.example)", setting="app_info")

    @classmethod
    def resolve(
        cls,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        **options: Any,
    ) -> "Settings":
        """Settings from arguments and environment; raises `ConfigurationError` for what cannot work."""
        key = api_key if api_key is not None else environ.get("PIXOLA_API_KEY") or None
        url = base_url if base_url is not None else environ.get("PIXOLA_BASE_URL") or DEFAULT_BASE_URL
        return cls(_checked_key(key), _checked_base_url(url), **options)

    def changed(self, **options: object) -> "Settings":
        """A copy with these options instead of ours; None leaves one as it is."""
        given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        return evolve(self, **given)

    @property
    def policy(self) -> Policy:
        """What bounds one call."""
        return Policy(
            timeout=self.timeout,
            max_retries=self.max_retries,
            is_budgeted=self.is_budgeted,
            wait_for_quota=self.wait_for_quota,
            on_request=self.on_request,
            on_response=self.on_response,
            on_retry=self.on_retry,
        )

    @property
    def is_budgeted(self) -> bool:
        """Whether requests are counted: only a key has limits."""
        return self.budget and self.api_key is not None

    @property
    def origin(self) -> str:
        """Scheme, host and port of the service."""
        return str(httpx.URL(self.base_url).copy_with(raw_path=b"")).rstrip("/")

    @property
    def is_loopback(self) -> bool:
        """Whether the service is on this machine, as the sandbox is."""
        return is_loopback(httpx.URL(self.base_url).host)

    def headers(self) -> dict[str, str]:
        """The headers of every request to the API."""
        agent = USER_AGENT if self.app_info is None else f"{USER_AGENT} {self.app_info}"
        headers = {"User-Agent": agent, "Accept": "application/json"}
        return headers if self.api_key is None else {**headers, "Authorization": f"Bearer {self.api_key}"}


_APP_INFO: Final = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")  # what a header may hold; RFC 9110 asks for name/version
USER_AGENT: Final = f"pixola-ext/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"


def _check_duration(value: object, name: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ConfigurationError(f"{name}: must be a finite number of seconds above 0", setting=name)


def _checked_key(key: object) -> str | None:
    if key is None:
        return None
    # The message never repeats the key: it may end up in a log.
    if not isinstance(key, str):
        raise ConfigurationError(f"api_key: expected text, not {type(key).__name__}", setting="api_key")
    if not key:
        raise ConfigurationError(NO_KEY, setting="api_key")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError(
            "api_key: holds a space, a line break or another character that no key has; was it copied whole?",
            setting="api_key",
        )
    return key


def _checked_base_url(text: object) -> str:
    if not isinstance(text, str):
        raise ConfigurationError(f"base_url: expected text, not {type(text).__name__}", setting="base_url")
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError("base_url: is not a URL", setting="base_url") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(
            f"base_url: must start with https:// (the default is {DEFAULT_BASE_URL})", setting="base_url"
        )
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError("base_url: must not hold a user, a query or a fragment", setting="base_url")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ConfigurationError(
            "base_url: http would send your API key unencrypted; use https (http is for this machine only)",
            setting="base_url",
        )
    return str(url).rstrip("/")
