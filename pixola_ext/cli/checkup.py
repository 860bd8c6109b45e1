"""What `pixola doctor` looks at. Each check says what it found in a line without secrets."""

import os
import platform
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import httpx

from .._display import printable
from .._hosts import without_query
from .._spec import spec_bytes
from .._version import __version__
from ..errors import PixolaError, UnauthorizedError
from .credentials import stored_key
from .state import folder_of_state

if TYPE_CHECKING:
    from ..client import Pixola
    from .progress import Activity
    from .session import Session

Check = dict[str, str]

_PACKAGES: Final = ("httpx", "attrs", "click", "rich", "pillow", "keyring")
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_MOST_SKEW: Final = 30.0  # seconds; above it `since` and the names of files surprise
_TIMEOUT: Final = 15.0  # seconds for each question


def check(name: str, status: str, detail: str) -> Check:
    """One line of the report; `status` is ok, info, warning or failed."""
    return {"name": name, "status": status, "detail": printable(detail, 300)}


def checks(here: "Session", activity: "Activity") -> list[Check]:
    """All checks, one after the other."""
    found = [*_versions(), *_settings(here), _state()]
    activity.says("asking the service")
    try:
        with here.client(activity) as px:
            return [*found, *_service(here, px.with_options(timeout=_TIMEOUT, max_retries=0))]
    except PixolaError as error:
        return [*found, check("service", "failed", str(error))]


def _versions() -> Iterator[Check]:
    yield check("pixola-ext", "info", __version__)
    yield check("python", "info", f"{platform.python_version()} on {platform.platform()}")
    for name in _PACKAGES:
        try:
            yield check(name, "info", version(name))
        except PackageNotFoundError:
            yield check(name, "info", "not installed")


def _settings(here: "Session") -> Iterator[Check]:
    if here.sandbox:
        yield check("base url", "info", "the sandbox inside this process, from --sandbox")
        return
    source = (
        "--base-url" if here.base_url else "PIXOLA_BASE_URL" if os.environ.get("PIXOLA_BASE_URL") else "the default"
    )
    yield check("base url", "info", f"{without_query(here.service)}, from {source}")
    yield _key(here)
    for name in _PROXIES:
        value = os.environ.get(name) or os.environ.get(name.lower())
        if value:
            yield check(name, "info", without_query(value) if "://" in value else value)


def _key(here: "Session") -> Check:
    if here.api_key or here.api_key_file:
        return check("api key", "ok", f"from {'--api-key-file' if here.api_key_file else '--api-key'}")
    if os.environ.get("PIXOLA_API_KEY"):
        return check("api key", "ok", "from PIXOLA_API_KEY")
    if stored_key(here.service):
        return check("api key", "ok", "from pixola login")
    return check("api key", "failed", "none; pixola login keeps one")


def _state() -> Check:
    folder = folder_of_state()
    if folder is None:
        return check("state folder", "warning", "there is no home folder; set PIXOLA_STATE_DIR")
    source = "PIXOLA_STATE_DIR" if os.environ.get("PIXOLA_STATE_DIR") else "the default"
    probe = folder / f"probe-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"pixola")
        probe.unlink()
    except OSError as error:
        return check("state folder", "failed", f"{folder.parent} cannot be written ({error.strerror}), from {source}")
    return check("state folder", "ok", f"{folder.parent}, from {source}")


def _service(here: "Session", px: "Pixola") -> Iterator[Check]:
    started_at = time.perf_counter()
    try:
        models = px.models.list()
    except PixolaError as error:
        yield check("service", "failed", str(error))
        return
    yield check("service", "ok", f"{len(models)} models in {time.perf_counter() - started_at:.2f} s")
    if not here.sandbox:
        yield _clock(here)
    if here.sandbox or here.key():
        yield _credits(px)
    yield _spec(px)


def _clock(here: "Session") -> Check:
    """The service's clock against ours, by the Date of any answer (RFC 9110, 6.6.1), which is right to a second."""
    try:
        answer = httpx.head(here.service, timeout=_TIMEOUT)
        skew = (datetime.now(UTC) - parsedate_to_datetime(answer.headers["date"])).total_seconds()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, KeyError, ValueError, TypeError, OverflowError):
        return check("clock", "warning", "the service does not tell the time")
    is_near = abs(skew) <= _MOST_SKEW
    side = "ahead of" if skew > 0 else "behind"
    return check("clock", "ok" if is_near else "warning", f"{abs(skew):.0f} s {side} the service's")


def _credits(px: "Pixola") -> Check:
    try:
        found = px.credits()
    except UnauthorizedError as error:
        return check("account", "failed", f"the key is not accepted: {error}; pixola login keeps another")
    except PixolaError as error:
        return check("account", "failed", str(error))
    return check("account", "ok", f"{found.balance} credits, plan {found.plan or 'unknown'}")


def _spec(px: "Pixola") -> Check:
    """The calls of the service's document against those of ours."""
    import json

    try:
        theirs = _calls(px.request("GET", "/openapi.json"))
    except PixolaError as error:
        return check("spec", "warning", f"the service's document cannot be read: {error}")
    ours = _calls(json.loads(spec_bytes()))
    new, gone = theirs - ours, ours - theirs
    if not new and not gone:
        return check("spec", "ok", f"{len(ours)} calls, as in this version")
    told = [f"{what}: {', '.join(sorted(calls))}" for what, calls in (("new", new), ("gone", gone)) if calls]
    return check("spec", "warning", f"the service has other calls than this version; {'; '.join(told)}")


def _calls(document: Any) -> set[str]:
    paths = document.get("paths") if isinstance(document, dict) else None
    verbs = {"get", "post", "put", "patch", "delete"}
    return {
        f"{verb.upper()} {path}"
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(item, dict)
        for verb in item
        if verb in verbs
    }
