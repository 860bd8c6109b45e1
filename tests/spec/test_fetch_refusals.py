"""What is no whole, valid document within the bounds is refused, in a sentence, and the file stays as it was."""

import gzip
import json

import httpx
import pytest
from document import downloading
from document.downloading import download
from document.loading import RefusedError, formatted
from fetch_spec import fetch

from tests.spec.fetching import DOCUMENT, PRODUCTION, RAW, changed
from tests.support.wire import reply


def valid_but(**top):
    return json.dumps({**DOCUMENT, **top}).encode()


REFUSED = {
    "html": (b"<!doctype html><title>Pixola</title>", "HTML or XML, not JSON"),
    "yaml": (b"openapi: 3.0.3\n", "not JSON"),
    "empty": (b"", "not JSON"),
    "cut": (RAW[:-100], "not JSON, or not all of it"),
    "nan": (b'{"openapi": NaN}', "NaN is not a value of JSON"),
    "binary": (b"\xff\xfe\x00\xd8", "not JSON"),
    "deep": (b"[" * 200_000, "not JSON"),
    "list": (b"[]", "JSON, but not an OpenAPI document"),
    "swagger": (b'{"swagger": "2.0", "info": {}, "paths": {}}', "Swagger 2.0, not OpenAPI 3"),
    "no version": (b'{"paths": {}}', "OpenAPI of no version"),
    "version 4": (valid_but(openapi="4.0.0"), "OpenAPI 4.0.0; 3.0 and 3.1 are supported"),
    "version 3.9": (valid_but(openapi="3.9.0"), "OpenAPI 3.9.0; 3.0 and 3.1 are supported"),
    "no info": (json.dumps({**DOCUMENT, "info": None}).encode(), "not valid OpenAPI 3.0.3: info: "),
    "no responses": (valid_but(paths={"/a": {"get": {}}}), "not valid OpenAPI 3.0.3: paths//a/get: "),
    "dangling": (valid_but(components={}), "not valid OpenAPI 3.0.3: "),
    "circle": (valid_but(paths={"/a": {"$ref": "#/paths/~1a"}}), "not valid OpenAPI 3.0.3: "),
    "elsewhere": (
        valid_but(components={"schemas": {"A": {"$ref": "http://169.254.1.1/secret?k=hush"}}}),
        "it refers to http://169.254.1.1/secret",
    ),
    "other file": (valid_but(paths={"/a": {"$ref": "/etc/hostname"}}), "it refers to /etc/hostname"),
    "half a letter": (valid_but(tags=[{"name": "\ud83d"}]), "text that is not Unicode"),
}


@pytest.mark.parametrize(("body", "complaint"), list(REFUSED.values()), ids=list(REFUSED))
def test_what_is_no_valid_document_is_refused(service, refuse, body, complaint):
    """HTML, other texts, other versions and invalid documents are refused, and the file stays as it was."""
    service.plays(reply(body))
    assert complaint in refuse(allow_removal=True)
    assert len(service.heard) == 1


@pytest.mark.parametrize("status", [204, 206, 401, 404, 500, 503])
def test_other_statuses_are_refused(service, refuse, status):
    """Nothing but 200 brings a document, however good the body looks."""
    service.plays(reply(b"" if status == 204 else changed(), status))
    assert refuse() == f"{service.url}/openapi.json answers with status {status}"


def test_a_body_shorter_than_announced_is_refused(service, refuse):
    """An answer that ends too early is refused even if what came is a whole document."""
    body = json.dumps(changed()).encode()
    service.plays(reply(body, content_length=str(len(body) + 1)))
    assert "cannot be fetched: peer closed connection" in refuse()


def test_a_short_body_is_noticed_whatever_brings_it(refuse, target):
    """The announced length is compared even if the transport does not."""
    body = json.dumps(changed()).encode()
    answers = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"content-length": "9999999"}, stream=Short(body))
    )
    with httpx.Client(transport=answers) as mocked, pytest.raises(RefusedError, match="of 9999999 bytes"):
        fetch(str(PRODUCTION), target, client=mocked)
    assert target.read_bytes() == formatted(DOCUMENT)


class Short(httpx.SyncByteStream):
    """A body in one piece."""

    def __init__(self, body):
        self.body = body

    def __iter__(self):
        yield self.body


def test_too_much_is_refused(service, refuse):
    """More than the largest size is not read to its end, compressed or not."""
    body = b" " * (downloading.LARGEST + 1)
    service.plays(reply(body), reply(gzip.compress(body), content_encoding="gzip"))
    assert refuse().endswith(f"answers with more than {downloading.LARGEST} bytes")
    assert refuse().endswith(f"answers with more than {downloading.LARGEST} bytes")


def test_a_drip_ends(service, client):
    """However often a byte comes, everything together has its time."""
    service.plays(reply(changed()))
    passed = iter((0.0, downloading.TOTAL + 1))
    with pytest.raises(RefusedError, match="takes more than 120 seconds"):
        download(client, f"{service.url}/openapi.json", None, clock=lambda: next(passed))


def test_a_compressed_document_is_read(service, take):
    """A service that compresses although it was not asked to is understood."""
    service.plays(reply(gzip.compress(json.dumps(changed()).encode()), content_encoding="gzip"))
    assert take().verdict == "replaced"


def test_a_lost_connection_is_refused(service, refuse):
    """A connection that is closed without an answer is a complaint, not a traceback."""
    service.plays(None)
    assert refuse().startswith(f"{service.url}/openapi.json cannot be fetched: ")


@pytest.mark.parametrize("source", ["ftp://a.example/openapi.json", "http://[broken", "https://"])
def test_impossible_urls_are_refused(refuse, source):
    """Other schemes and malformed URLs are complaints, not tracebacks."""
    assert "cannot be fetched" in refuse(source)


@pytest.mark.parametrize("location", ["http://a.example/openapi.json?hush", "file:///etc/hostname", "ftp://a.example"])
def test_redirects_to_where_others_listen_are_refused(service, refuse, location):
    """A redirect leads to https or to this machine, or nowhere."""
    service.plays(reply(b"", 301, location=location))
    complaint = refuse()
    assert "neither https nor loopback" in complaint
    assert "hush" not in complaint


def test_endless_redirects_are_refused(service, refuse):
    """A circle of redirects ends."""
    service.plays(reply(b"", 302, location="/again"))
    assert refuse().endswith("redirects more than 5 times")


def test_304_without_having_asked_is_refused(service, refuse):
    """A service that answers 304 to an unconditional request has sent no document."""
    service.plays(reply(b"", 304))
    assert refuse().endswith("answers with status 304")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"])
def test_a_target_that_is_no_document_is_not_replaced(service, refuse, target, content):
    """What cannot be compared with is not overwritten, and not even asked for."""
    target.write_bytes(content)
    assert "openapi.json" in refuse()
    assert service.heard == []


def test_missing_files_and_folders_are_refused(service, client, refuse, tmp_path):
    """A file that is not there, and a folder that is not there, are complaints."""
    assert refuse(str(tmp_path / "absent.json")).startswith("absent.json cannot be read: ")
    service.plays(reply(DOCUMENT))
    with pytest.raises(RefusedError, match=r"^x\.json cannot be written: "):
        fetch(f"{service.url}/openapi.json", tmp_path / "absent" / "x.json", client=client)
