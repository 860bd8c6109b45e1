"""Which hosts are public, which are this machine, and which URLs can be connected to at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._hosts import checked_url, is_loopback, is_public

NOT_PUBLIC = {
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "shared by a provider's customers",
    "169.254.169.254": "link-local, where clouds tell secrets",
    "0.0.0.0": "unspecified",
    "127.1": "loopback, short",
    "2130706433": "loopback, one number",
    "0x7f.1": "loopback, hexadecimal",
    "0177.0.0.1": "loopback, octal",
    "224.0.0.1": "multicast",
    "255.255.255.255": "broadcast",
    "240.0.0.1": "reserved",
    "192.0.0.8": "protocol assignments",
    "192.0.2.1": "documentation",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "198.18.0.1": "benchmarks",
    "192.88.99.1": "6to4 relays",
    "::": "unspecified",
    "::1": "loopback",
    "::ffff:10.0.0.1": "mapped",
    "::ffff:a00:1": "mapped",
    "::10.0.0.1": "compatible",
    "::8.8.8.8": "compatible, which is not routed at all",
    "::ffff:0:a00:1": "translated",
    "::ffff:0:808:808": "translated, which is not routed at all",
    "64:ff9b::10.0.0.1": "NAT64",
    "64:ff9b:1::a00:1": "NAT64 of one's own",
    "64:ff9b:1::808:808": "NAT64 of one's own",
    "2002:a00:1::": "6to4",
    "2002:7f00:1::": "6to4 to loopback",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2600:1::5efe:a00:1": "ISATAP",
    "2600:1::200:5efe:a00:1": "ISATAP, globally unique",
    "fe80::5efe:a00:1": "ISATAP, link-local",
    "fc00::1": "unique local",
    "fd00::1": "unique local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local with a zone",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "100::1": "discarded",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation",
    "2001:2::1": "benchmarks",
    "2001:10::1": "ORCHID",
    "2001:20::1": "ORCHID",
    "4000::1": "not handed out",
    "5f00::1": "segment routing",
    "localhost": "this machine",
    "a.localhost.": "this machine",
}
PUBLIC = [
    "8.8.8.8",
    "134744072",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::",
    "cdn.pixola.ai",
    "xn--bcher-kva.example",
]


@pytest.mark.parametrize("host", [*NOT_PUBLIC, *(f"[{host}]" for host in NOT_PUBLIC if ":" in host)])
def test_no_reserved_or_carried_address_is_public(host):
    """Private, reserved and transition ranges, in every spelling a resolver takes."""
    assert not is_public(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_what_is_routed_is_public(host):
    """Names, global addresses, and what NAT64 and 6to4 make of them."""
    assert is_public(host)


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_judged_alike_however_it_is_carried(number):
    """Mapped and behind NAT64, an IPv4 address is public exactly when it is so by itself."""
    alone = is_public(str(number))
    for prefix in ("::ffff:", "64:ff9b::"):
        carried = f"{prefix}{number >> 16:x}:{number & 0xFFFF:x}"
        assert is_public(carried) == alone
        assert is_loopback(carried) == is_loopback(str(number))


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://a..example",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        "https://h:99999/",
        "https://h:0/",
        "https://h:x/",
        "https://h /",
        "https://-a.example",
        "https://[::1",
        "https://[::1]x",
        "https://\ud800.example",
        "https://a\x00b",
        "x" * 70_000,
    ],
)
def test_a_url_that_nothing_can_be_connected_to_is_none(url):
    """The reason repeats none of it."""
    with pytest.raises(ValueError, match=r"^(names|is) [a-zA-Z0-9() ]+$"):
        checked_url(url)


@given(st.text(max_size=30) | st.from_regex(r"https://[a-z0-9.\-\[\]:@%_]{0,20}(:[0-9]{0,6})?/?", fullmatch=True))
def test_any_text_is_a_url_or_a_value_error(text):
    """Whatever a server or a user writes."""
    try:
        checked_url(text)
    except ValueError as error:
        assert str(error)
