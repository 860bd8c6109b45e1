"""Where requests may go: arithmetic on URLs and hosts, no name is looked up."""

import ipaddress
import re
import socket
from collections.abc import Iterator
from typing import Final

import httpx

LARGEST_PORT: Final = 65535

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")  # RFC 1123, and the underscore that is seen in use
_LONGEST_NAME: Final = 253  # characters, RFC 1035

# IPv6 addresses that carry an IPv4 address in their last 32 bits.
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")  # RFC 4291
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")  # RFC 4291
_TRANSLATED: Final = ipaddress.IPv6Network("::ffff:0:0:0/96")  # RFC 2765
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; what DNS64 answers for every host of IPv4
_ISATAP: Final = frozenset({0x5EFE, 0x2005EFE})  # bits 64 to 95, RFC 5214

_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # all that is handed out of IPv6
# What is not on the internet although some version of `ipaddress` calls it global; IANA's special-purpose registries.
_RESERVED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "2001::/23",
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def address(host: str) -> _Address | None:
    """The IP address that `host` spells, in any spelling a resolver takes (`127.1`, `2130706433`, `::ffff:7f00:1`).

    An IPv6 address that only stands for an IPv4 one (mapped, compatible, NAT64, 6to4) is given as that.
    """
    found = _spelled(host)
    return next(_embedded(found), found) if isinstance(found, ipaddress.IPv6Address) else found


def _spelled(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
        except (OSError, ValueError):
            return None


def _embedded(found: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 one carries."""
    low = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if (
        any(found in network for network in (_MAPPED, _TRANSLATED, _NAT64))
        or (found in _COMPATIBLE and int(found) > 1)
        or (int(found) >> 32 & 0xFFFFFFFF) in _ISATAP
    ):
        yield low
    if found.sixtofour is not None:
        yield found.sixtofour


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: localhost, a name under it (RFC 6761) or a loopback address."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    found = address(host)
    return found is not None and found.is_loopback


def is_public(host: str) -> bool:
    """Whether `host` may be on the internet: a name, or an address that is routed there.

    Of an address that carries another one, both have to be.
    """
    if is_loopback(host):
        return False
    found = _spelled(host)
    if isinstance(found, ipaddress.IPv6Address):
        are_carried_global = all(map(_is_global, _embedded(found)))
        stands_for_another = found in _MAPPED or found in _NAT64
        return are_carried_global and (stands_for_another or (found in _UNICAST and _is_global(found)))
    return found is None or _is_global(found)


def _is_global(found: _Address) -> bool:
    is_reserved = any(found in network for network in _RESERVED if network.version == found.version)
    return found.is_global and not (found.is_multicast or is_reserved)


def checked_url(text: str) -> httpx.URL:
    """`text` as a URL that can be connected to; raises `ValueError` with the reason, which repeats none of it."""
    try:
        url = httpx.URL(text)
        host, port = url.raw_host.decode("ascii"), url.port
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError("is not a URL") from error
    if not host:
        raise ValueError("names no host")
    if port is not None and not 0 < port <= LARGEST_PORT:
        raise ValueError(f"names a port that is not between 1 and {LARGEST_PORT}")
    if _spelled(host) is None and not _is_name(host):
        raise ValueError("is not a URL (such a host cannot exist)")
    return url


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels))


def without_query(url: str) -> str:
    """`url` without what may be secret in it: user, query and fragment."""
    try:
        return str(httpx.URL(url).copy_with(username=None, password=None, query=None, fragment=None))
    except (httpx.InvalidURL, ValueError, TypeError):
        return "(an unreadable URL)"
