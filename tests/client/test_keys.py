"""The key: refused with the reason as people paste it by mistake, and shown nowhere."""

import copy
import logging
import pickle
import traceback

import pytest

from pixola_ext import APIError, ConfigurationError, PixolaError, RequestError, UnauthorizedError
from pixola_ext._key import ApiKey
from pixola_ext.settings import Settings
from tests.support.wire import error, reply

SECRET = "verysecret0123456789"
KEY = f"pxk_{SECRET}"
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in KEY)


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        (f'"{KEY}"', "quotation marks"),
        (f"'{KEY}'", "quotation marks"),
        (f"\u201c{KEY}\u201d", "quotation marks"),
        (f"`{KEY}`", "quotation marks"),
        (f"Bearer {KEY}", "Bearer"),
        (f"bearer {KEY}", "Bearer"),
        (f"Authorization: Bearer {KEY}", "name of a variable or header"),
        (f"PIXOLA_API_KEY={KEY}", "name of a variable or header"),
        (f"export PIXOLA_API_KEY={KEY}", "name of a variable or header"),
        (f"PIXOLA_API_KEY: {KEY}", "name of a variable or header"),
        (f"{KEY}\n", "before or after"),
        (f"{KEY}\r\n", "before or after"),
        (f" {KEY}", "before or after"),
        (f"{KEY}\u00a0", "before or after"),
        ("pxk_…", "placeholder"),
        ("pxk_ab...yz", "placeholder"),
        ("pxk_********", "placeholder"),
        ("pxk_••••1234", "placeholder"),
        ("pxk_xxxxxxxxxxxx", "placeholder"),
        ("<your-api-key>", "placeholder"),
        ("$PIXOLA_API_KEY", "placeholder"),
        ("${PIXOLA_API_KEY}", "placeholder"),
        ("%PIXOLA_API_KEY%", "placeholder"),
        ("{{ api_key }}", "placeholder"),
        (f"{KEY}\u200b", "invisible"),
        (f"\ufeff{KEY}", "invisible"),
        (f"pxk_\u2060{SECRET}", "invisible"),
        (f"{KEY}{KEY}", "two keys"),
        (f"{KEY},{KEY}", "two keys"),
        (f"{KEY} {KEY}", "two keys"),
        (f"{KEY}\n{KEY}", "two keys"),
        (f"pxk_{SECRET}é", "no key has"),
        ("   ", "no API key"),
        (b"pxk_bytes", "expected text, not bytes"),
        (12345678, "expected text, not int"),
    ],
)
def test_a_key_pasted_by_mistake_is_refused_with_the_reason(face, pasted, reason):
    """And without being repeated."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        face.open(pasted)
    assert caught.value.setting == "api_key"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("key", ["pxk_a", "pxk_A-b_c.d~e+f/g==", "sandbox-key", "0" * 64])
def test_whatever_can_be_a_key_is_one(key):
    """Nothing is presumed of its form."""
    assert ApiKey(key).problem is None


FAULTY = [
    {"base_url": "nonsense"},
    {"timeout": -1},
    {"app_info": "a\nb"},
    {"max_retries": -1},
    {"on_retry": 7},
    {"allow_http": "yes"},
    {"http_client": object()},
]


def shown(failure):
    """Everything that a traceback with local variables shows of our frames and those below."""
    link, found = failure, []
    while link is not None:
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if frame.f_globals["__name__"] != __name__ and not frame.f_globals["__name__"].startswith("tests."):
                found += [repr(value) for value in frame.f_locals.values()]
        link = link.__cause__ or link.__context__
    return "\n".join(found)


@pytest.mark.parametrize("options", FAULTY, ids=lambda options: next(iter(options)))
def test_no_frame_of_a_configuration_error_holds_the_key(face, options):
    """As error trackers record them: with every local variable."""
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        face.kind(KEY, **options)
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize("pasted", [f"{KEY}\n", f'"{KEY}"', f"Bearer {KEY}"])
def test_no_frame_of_a_refused_key_holds_it(face, pasted):
    """Neither given nor from the environment."""
    with pytest.raises(ConfigurationError) as caught:
        face.kind(pasted)
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize("pasted", [f"{KEY}\n", f'"{KEY}"'])
def test_no_frame_of_a_refused_key_of_the_environment_holds_it(face, monkeypatch, pasted):
    """The environment itself is in no variable."""
    monkeypatch.setenv("PIXOLA_API_KEY", pasted)
    with pytest.raises(ConfigurationError) as caught:
        face.kind()
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    "answer", [None, b"nonsense\r\n\r\n", reply(b"x" * 50, content_encoding="gzip"), error(500, "x")]
)
def test_no_frame_of_a_failed_request_holds_the_key(connect, service, answer):
    """Nor of the libraries below, which hold the headers."""
    service.plays(answer)
    with pytest.raises(PixolaError) as caught:
        connect(KEY, service.url, max_retries=0).credits()
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    "spelled", [KEY, ESCAPED, ESCAPED.upper().replace("\\U", "\\u")], ids=["plain", "escaped", "capitals"]
)
@pytest.mark.parametrize("status", [200, 401, 409, 500])
def test_a_key_that_the_server_repeats_is_masked_wherever_its_words_are_kept(connect, service, caplog, spelled, status):
    """Message, code, request id, body, values: a mask stands in its place."""
    caplog.set_level(logging.DEBUG, "pixola_ext")
    body = '{"error": {"code": "K", "message": "wrong key: K"}, "plan": "K", "balance": 1, "extra K": "K"}'
    service.plays(reply(body.replace("K", spelled).encode(), status, x_request_id=KEY))
    px = connect(KEY, service.url, max_retries=0)
    try:
        found = px.credits()
    except APIError as caught:
        found = caught
        assert "pxk_…" in str(caught)
        assert caught.request_id == "pxk_…"
    kept = [repr(found), str(found), repr(pickle.loads(pickle.dumps(found))), repr(vars(copy.copy(found))), caplog.text]
    assert not any(SECRET in each for each in kept)


def test_a_key_in_a_page_that_is_no_json_is_masked(connect, service):
    """In the excerpt that the error shows."""
    service.plays(reply(f"<html>your key {KEY} is fine</html>".encode()))
    with pytest.raises(PixolaError) as caught:
        connect(KEY, service.url, max_retries=0).credits()
    assert "pxk_…" in caught.value.body
    assert SECRET not in repr(vars(caught.value))


def test_a_key_in_a_broken_header_is_not_quoted(connect, service):
    """The parser's error repeats what it cannot read; ours does not, and does not carry the parser's."""
    service.plays(f"HTTP/1.1 200 OK\r\n key {KEY}\r\n\r\n".encode())
    with pytest.raises(RequestError) as caught:
        connect(KEY, service.url, max_retries=0).credits()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_short_key_is_not_masked(connect, service):
    """It is no secret, and to replace it everywhere would leave nothing of the answer."""
    service.plays(error(401, "unauthorized", "a bad key"))
    with pytest.raises(UnauthorizedError, match="a bad key"):
        connect("a", service.url, max_retries=0).credits()


def test_the_key_is_in_no_repr_and_no_pickle():
    """Neither by itself nor in the settings; it is not pickled at all."""
    assert SECRET not in repr(Settings.resolve(KEY)) + repr(ApiKey(KEY)) + ApiKey(KEY).fingerprint
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(ApiKey(KEY))
    assert ApiKey(KEY) == ApiKey(KEY) != ApiKey("pxk_other")
