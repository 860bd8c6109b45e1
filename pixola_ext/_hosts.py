"""Where requests may go: arithmetic on URLs and hosts, no name is looked up."""

import ipaddress
import socket
from typing import Final

import httpx

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(host: str) -> _Address | None:
    """The IP address that `host` spells, in any spelling a resolver takes (`127.1`, `2130706433`, `::ffff:7f00:1`)."""
    try:
        found: _Address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        try:
            found = ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
        except (OSError, ValueError):
            return None
    return (_embedded(found) or found) if isinstance(found, ipaddress.IPv6Address) else found


def _embedded(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, compatible (RFC 4291), 6to4 (3056) or NAT64 (6052)."""
    if found in _NAT64 or (found in _COMPATIBLE and int(found) > 1):
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: localhost, a name under it (RFC 6761) or a loopback address."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    found = address(host)
    return found is not None and found.is_loopback


def is_public(host: str) -> bool:
    """Whether `host` may be on the internet: a name, or an address that is routed there."""
    if is_loopback(host):
        return False
    found = address(host)
    return found is None or (found.is_global and not found.is_multicast)


def without_query(url: str) -> str:
    """`url` without what may be secret in it: user, query and fragment."""
    try:
        return str(httpx.URL(url).copy_with(username=None, password=None, query=None, fragment=None))
    except (httpx.InvalidURL, ValueError, TypeError):
        return "(an unreadable URL)"
