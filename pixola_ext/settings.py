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

from ._defaults import DEFAULT_BASE_URL, KEYS_PAGE
from ._hosts import checked_url, is_loopback
from ._key import EMPTY, ApiKey
from ._version import __version__
from .errors import ConfigurationError, PixolaError
from .models import Batch

DEFAULT_TIMEOUT: Final = 180.0  # seconds for one call with its retries; room for one Retry-After of 120 s
DEFAULT_WAIT_TIMEOUT: Final = 900.0  # seconds for a batch to finish
DEFAULT_MAX_RETRIES: Final = 4

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
OnUpdate = Callable[[Batch], Awaitable[None] | None]


class Policy(NamedTuple):
    """How long one call may take in all, in seconds, how often it is repeated, and who is told of it.

    With `is_budgeted`, every request waits for its turn in the budget of the key. Submissions leave a share of each
    minute to polling, unless `leaves_share` is off because the caller plans both.
    """

    timeout: float
    max_retries: int
    is_budgeted: bool = False
    wait_for_quota: bool = False
    leaves_share: bool = True
    on_request: OnRequest | None = None
    on_response: OnResponse | None = None
    on_retry: OnRetry | None = None


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

    api_key: ApiKey | None
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
    allow_http: bool = False
    database_url: str | None = field(default=None, repr=False)  # it may hold a password

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
        api_key: str | ApiKey | None = None,
        base_url: str | None = None,
        *,
        allow_http: bool | None = None,
        database_url: str | None = None,
        environ: Mapping[str, str] | None = None,
        **options: Any,
    ) -> "Settings":
        """Settings from arguments and environment; raises `ConfigurationError` for what cannot work."""
        given = hidden(api_key)
        del api_key  # tracebacks show local variables
        found = _from_environment(os.environ if environ is None else environ)
        url = base_url if base_url is not None else found.base_url or DEFAULT_BASE_URL
        may_be_open = _is_on(found.allow_http, "PIXOLA_ALLOW_HTTP") if allow_http is None else allow_http
        database = found.database_url if database_url is None else database_url
        return cls(
            _checked_key(given or found.api_key),
            _checked_base_url(url, may_be_open),
            allow_http=may_be_open,
            database_url=_checked_database_url(database),
            **options,
        )

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
        return is_loopback(httpx.URL(self.base_url).raw_host.decode("ascii"))

    @property
    def unencrypted_host(self) -> str | None:
        """The host that is not this machine and yet is reached over http, because the caller allowed it."""
        url = httpx.URL(self.base_url)
        return None if url.scheme == "https" or self.is_loopback else url.raw_host.decode("ascii")

    def headers(self) -> dict[str, str]:
        """The headers of every request to the API but for the one with the key."""
        agent = USER_AGENT if self.app_info is None else f"{USER_AGENT} {self.app_info}"
        return {"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"}


_APP_INFO: Final = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")  # what a header may hold; RFC 9110 asks for name/version
USER_AGENT: Final = f"pixola-ext/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"


def _check_duration(value: object, name: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ConfigurationError(f"{name}: must be a finite number of seconds above 0", setting=name)


def hidden(api_key: object) -> ApiKey | None:
    """`api_key` in an object that does not show it; to be called before anything can fail."""
    return api_key if api_key is None or isinstance(api_key, ApiKey) else ApiKey(api_key)


def _checked_key(key: ApiKey | None) -> ApiKey | None:
    problem = None if key is None else key.problem
    if problem is not None:
        hint = NO_KEY if problem == EMPTY else f"api_key: {problem}"
        raise ConfigurationError(hint, setting="api_key")
    return key


class _Environment(NamedTuple):
    api_key: ApiKey | None
    base_url: str | None
    allow_http: str | None
    database_url: str | None


def _from_environment(environ: Mapping[str, str]) -> _Environment:
    key = hidden(environ.get("PIXOLA_API_KEY") or None)
    names = ("PIXOLA_BASE_URL", "PIXOLA_ALLOW_HTTP", "PIXOLA_DATABASE_URL")
    return _Environment(key, *(environ.get(name) for name in names))


def _checked_database_url(text: object) -> str | None:
    """The URL of the database that machines share; None for an empty one. What it names is checked on first use."""
    if text is not None and not isinstance(text, str):
        raise ConfigurationError(f"database_url: expected text, not {type(text).__name__}", setting="database_url")
    return (text or "").strip() or None


def _is_on(value: str | None, variable: str) -> bool:
    switch = (value or "0").strip().lower()
    if switch not in _SWITCHES:
        raise ConfigurationError(f"{variable}: must be 1 or 0", setting="allow_http")
    return _SWITCHES[switch]


_SWITCHES: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _checked_base_url(text: object, allow_http: object) -> str:
    if not isinstance(text, str):
        raise ConfigurationError(f"base_url: expected text, not {type(text).__name__}", setting="base_url")
    text = text.strip()
    if any(character.isspace() for character in text):
        raise ConfigurationError("base_url: holds a space", setting="base_url")
    try:
        url = checked_url(text)
    except ValueError as error:
        reason = "must start with https://" if "://" not in text else error
        raise ConfigurationError(
            f"base_url: {reason} (the default is {DEFAULT_BASE_URL})", setting="base_url"
        ) from None
    if url.scheme not in ("http", "https"):
        raise ConfigurationError(
            f"base_url: must start with https:// (the default is {DEFAULT_BASE_URL})", setting="base_url"
        )
    if url.userinfo or "@" in text or "?" in text or "#" in text:
        raise ConfigurationError("base_url: must not hold a user, a query or a fragment", setting="base_url")
    if not isinstance(allow_http, bool):
        raise ConfigurationError("allow_http: must be True or False", setting="allow_http")
    if url.scheme == "http" and not allow_http and not is_loopback(url.raw_host.decode("ascii")):
        raise ConfigurationError(
            "base_url: http would send your API key unencrypted; use https, or allow_http=True "
            "(PIXOLA_ALLOW_HTTP=1) in a network that you trust",
            setting="base_url",
        )
    return str(url).rstrip("/")
