"""What the environment says of proxies and certificates: read as curl reads it, or refused by the variable's name."""

import ipaddress
import os
import re
import ssl
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.request import getproxies

import httpx

from .._hosts import address, checked_url
from ..errors import ConfigurationError

_SCHEMES: Final = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5"}  # to those of httpx
_SYSTEM: Final = "the system's proxy settings"


def _defined(*variables: str) -> tuple[str, str] | None:
    """The first of the variables that is set, and its value: the lower-case spelling before the other, as curl does."""
    spellings = (spelling for variable in variables for spelling in (variable, variable.upper()))
    return next(((name, os.environ[name]) for name in spellings if name in os.environ), None)


# -- proxies -------------------------------------------------------------------------------------------------------


def proxy_for(scheme: str, host: str) -> httpx.Proxy | None:
    """The proxy that the environment wants between this machine and `host`; None for a direct connection.

    Raises `ConfigurationError` for one that cannot be used.
    """
    found = _defined(f"{scheme}_proxy")
    if found is not None and found[0] == "HTTP_PROXY" and "REQUEST_METHOD" in os.environ:
        found = None  # in a CGI script it is a header of the request, set by its sender
    found = found or _defined("all_proxy") or (_SYSTEM, getproxies().get(scheme, ""))
    variable, value = found
    if not value.strip() or is_exempt(host):
        return None
    return _proxy(variable, value.strip())


def _proxy(variable: str, value: str) -> httpx.Proxy:
    # Messages never repeat the value: it may hold a password.
    named, separator, rest = value.partition("://")
    scheme = _SCHEMES.get(named.lower() if separator else "http")
    if scheme is None:
        supported = ", ".join(_SCHEMES)
        raise ConfigurationError(f"{variable}: the scheme of this proxy is none of {supported}", setting=variable)
    if scheme == "socks5" and find_spec("socksio") is None:
        raise ConfigurationError(f"{variable}: a SOCKS proxy needs `pip install 'httpx[socks]'`", setting=variable)
    try:
        url = checked_url(f"{scheme}://{rest if separator else value}")
        return httpx.Proxy(url, ssl_context=certificates() if scheme == "https" else None)
    except ValueError as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{variable}: {error}", setting=variable) from None


def is_exempt(host: str) -> bool:
    """Whether `no_proxy` lists `host`: a name with all names under it, an address, a network (`10.0.0.0/8`), or `*`."""
    _, value = _defined("no_proxy") or ("", "")
    return any(_matches(entry, host) for entry in re.split(r"[\s,]+", value) if entry)


def _matches(entry: str, host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower()
    pattern = entry.lower().rpartition("://")[2]
    pattern = re.sub(r"^\[(.*)\](:\d*)?$|^([^:]*):\d*$", r"\1\3", pattern)  # without brackets and port
    if pattern == "*":
        return True
    found = address(name)
    if found is not None:
        try:
            return found in ipaddress.ip_network(pattern, strict=False)
        except ValueError:
            return False
    pattern = pattern.removeprefix("*").strip(".")
    return bool(pattern) and (name == pattern or name.endswith(f".{pattern}"))


# -- certificates --------------------------------------------------------------------------------------------------


def certificates() -> ssl.SSLContext:
    """How servers are verified: as SSL_CERT_FILE, CURL_CA_BUNDLE and SSL_CERT_DIR say, else by Mozilla's list.

    Raises `ConfigurationError` for a variable that leads nowhere.
    """
    found = next(
        ((name, os.environ[name]) for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE") if os.environ.get(name)), None
    )
    variable, file = found or ("SSL_CERT_FILE", None)
    return _context(variable, file, os.environ.get("SSL_CERT_DIR") or None, os.environ.get("SSLKEYLOGFILE"))


@cache  # 16 ms and 471 kB: one for all clients
def _context(variable: str, file: str | None, folder: str | None, key_log: str | None) -> ssl.SSLContext:
    if folder is not None and not any(Path(each).is_dir() for each in folder.split(os.pathsep)):
        raise _unusable("SSL_CERT_DIR", "there is no such folder")
    try:
        if file is not None:
            Path(file).open("rb").close()
    except (OSError, ValueError) as error:
        raise _unusable(variable, _reason(error)) from None
    try:
        if file is None and folder is None:
            return httpx.create_ssl_context(trust_env=False)
        return ssl.create_default_context(cafile=file, capath=folder)
    except ssl.SSLError:
        raise _unusable(variable, "it holds no certificates") from None
    except OSError as error:
        raise _unusable("SSLKEYLOGFILE" if key_log else variable, _reason(error)) from None


def _unusable(variable: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{variable}: cannot be used, {reason}", setting=variable)


def _reason(error: Exception) -> str:
    return (error.strerror or "").lower() or "it cannot be read" if isinstance(error, OSError) else "it cannot be read"
