"""Every URL of a picture ends in a file or in `DownloadError`, whatever resolvers and event loops think of it."""

import asyncio
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixola_ext import AsyncPixola, DownloadError, Image, Pixola

ODD = [
    "https://a..example/a.png",
    "https://xn--a.example/a.png",
    "https://xn--/a.png",
    "https://h.example:99999/a.png",
    "https://h.example:-1/a.png",
    f"https://{'a' * 64}.example/a.png",
    f"https://{'a.' * 140}example/a.png",
    "https://.example/a.png",
    "https://example../a.png",
    "https://\u0130.example/a.png",
    "https://\ufe0f.example/a.png",
    "https://a\u3002b/a.png",
    "https://[::1%25eth0]/a.png",
    "https://[v1.x]/a.png",
    "https://user:pw@/a.png",
    "https://h.example\\@10.0.0.1/a.png",
    "https:\\\\h.example/a.png",
    "https:h.example",
    "//h.example/a.png",
    "\ud800",
    "x" * 100_000,
]
URLS = st.one_of(
    st.text(max_size=40),
    st.builds(
        "https://{}{}{}".format,
        st.one_of(st.text(max_size=20), st.from_regex(r"(xn--)?[a-z0-9._-]{0,70}(\.example)?", fullmatch=True)),
        st.sampled_from(["", ":", ":0", ":80", ":99999", ":1e3", ":٣"]),
        st.sampled_from(["", "/a.png", "?", "#", "/\x00", "/%zz"]),
    ),
)


@pytest.fixture
def nowhere(monkeypatch):
    """No name resolves; what a resolver refuses to look up, it refuses as ever."""

    def getaddrinfo(host, _port, *_args, **_kwargs):
        (host if isinstance(host, str) else host.decode()).encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("url", ODD, ids=range(len(ODD)))
def test_an_odd_url_is_an_error_of_ours(connect, tmp_path, url):
    """And leaves no file."""
    with pytest.raises(DownloadError) as caught:
        connect("pxk_1", max_retries=0).save(Image("im_1", url=url), tmp_path)
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("kind", [Pixola, AsyncPixola])
def test_any_url_is_an_error_of_ours(tmp_path, kind):
    """Drawn at random."""
    px = kind("pxk_1", budget=False, max_retries=0)
    with asyncio.Runner() as runner:

        def run(method, *arguments):
            return runner.run(method(*arguments)) if kind is AsyncPixola else method(*arguments)

        @settings(max_examples=60, deadline=None)
        @given(URLS)
        def check(url):
            with pytest.raises(DownloadError):
                run(px.save, Image("im_1", url=url or " "), tmp_path)

        check()
        run(px.aclose if kind is AsyncPixola else px.close)
