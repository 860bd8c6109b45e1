"""Where requests may go: arithmetic on URLs and hosts, no name is looked up."""

import ipaddress
import socket

import httpx

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
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


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
