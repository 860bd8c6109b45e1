"""openapi.json is replaced by a whole, valid document only, keeps its form, and says where it came from."""

import copy
import gzip
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import fetch_spec
import httpx
import pytest
from fetch_spec import FetchError, canonical, fetch, formatted, public
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire import reply, wire

ROOT = Path(__file__).parents[2]
RAW = (ROOT / "openapi.json").read_bytes()
DOCUMENT = fetch_spec.without_source(json.loads(RAW))
TOP_LEVEL = list(DOCUMENT)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRODUCTION = httpx.URL("https://www.pixola.ai/api/v1/openapi.json")


@pytest.fixture
def service():
    """A scripted service."""
    with wire() as running:
        yield running


@pytest.fixture
def client():
    """A client that no proxy of the machine comes between."""
    with httpx.Client(trust_env=False, timeout=5) as opened:
        yield opened


@pytest.fixture
def target(tmp_path):
    """The document as it is now, in a folder of its own."""
    path = tmp_path / "target" / "openapi.json"
    path.parent.mkdir()
    path.write_bytes(formatted(DOCUMENT))
    return path


@pytest.fixture
def take(service, client, target):
    """Fetches from the scripted service at noon."""

    def run(source=None, **options):
        return fetch(source or f"{service.url}/openapi.json", target, client=client, now=lambda: NOON, **options)

    return run


@pytest.fixture
def refuse(take, target):
    """Expects a refusal that leaves the folder as it was, and returns the complaint."""

    def run(source=None, **options):
        before = target.read_bytes()
        with pytest.raises(FetchError) as raised:
            take(source, **options)
        assert target.read_bytes() == before
        assert [each.name for each in target.parent.iterdir()] == [target.name]
        return str(raised.value)

    return run


def changed(**top):
    """The document with a new answer member, and other top-level members."""
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"]["CreditBalance"]["properties"]["renews"] = {"type": "string"}
    return {**document, **top}


def without(*paths):
    document = changed()
    for path in paths:
        del document["paths"][path]
    return document


def source_of(target):
    return json.loads(target.read_bytes())["info"]["x-source"]


def test_a_document_is_taken_with_its_source(service, take, target):
    """A new document replaces the old one, notes where it came from, and is told by its changes."""
    service.plays(reply(changed(), etag='"v2"'))
    outcome = take()
    assert outcome.verdict == "replaced"
    assert [change.rule for change in outcome.changes] == ["response-property-added"]
    assert source_of(target) == {
        "url": f"{service.url}/openapi.json",
        "fetched": "2026-03-01T12:00:00Z",
        "etag": '"v2"',
    }
    assert fetch_spec.without_source(json.loads(target.read_bytes())) == changed()
    assert "if-none-match" not in service.heard[0].headers


def test_a_git_diff_is_the_change(service, take, target):
    """The written file differs from the one before in the source and the changed member only."""
    before = target.read_text(encoding="utf-8").splitlines()
    service.plays(reply(json.dumps(changed(), indent=None, sort_keys=False).encode()))
    take()
    after = target.read_text(encoding="utf-8").splitlines()
    assert len(after) - len(before) == 7
    assert target.read_bytes().endswith(b"}\n")


def test_the_same_document_is_left_untouched(service, take, target):
    """Fetched again with the same content, in any order and with a new ETag, the file is not written."""
    service.plays(reply(changed(), etag='"v2"'), reply(dict(reversed(changed().items())), etag='"v3"'))
    take()
    target.touch()
    os.utime(target, (1, 1))
    assert take() == fetch_spec.Outcome("unchanged")
    assert target.stat().st_mtime == 1
    assert source_of(target)["etag"] == '"v2"'


def test_a_source_that_the_document_brings_is_not_believed(service, take, target):
    """`x-source` in the fetched document is replaced by where it was really fetched from."""
    document = changed()
    document["info"]["x-source"] = {"url": "https://elsewhere.example", "etag": '"theirs"'}
    service.plays(reply(document))
    take()
    assert source_of(target) == {"url": f"{service.url}/openapi.json", "fetched": "2026-03-01T12:00:00Z"}


def test_the_etag_is_sent_again(service, take, target):
    """The next fetch from the same URL asks whether the ETag still holds; 304 changes nothing."""
    service.plays(reply(changed(), etag='"v2"'), reply(b"", 304, etag='"v2"'))
    take()
    before = target.read_bytes()
    assert take().verdict == "unchanged"
    assert service.heard[1].headers["if-none-match"] == '"v2"'
    assert target.read_bytes() == before


def test_the_etag_of_another_url_is_not_sent(service, take):
    """An ETag holds for the URL that it was fetched from, without any query."""
    service.plays(reply(changed(), etag='"v2"'))
    take()
    take(f"{service.url}/other.json")
    take(f"{service.url}/openapi.json?version=2")
    assert not any("if-none-match" in heard.headers for heard in service.heard)


def test_304_without_having_asked_is_refused(service, refuse):
    """A service that answers 304 to an unconditional request has sent no document."""
    service.plays(reply(b"", 304))
    assert refuse().endswith("answers with status 304")


def test_secrets_of_a_url_are_used_but_not_kept(service, take, refuse, target):
    """User, password and query are sent, and stand neither in the document nor in a complaint."""
    secret = service.origin.replace("://", "://me:hush@") + "/openapi.json?token=hush#hush"
    service.plays(reply(changed()), reply({}, 500))
    take(secret)
    assert service.heard[0].target == "/openapi.json?token=hush"
    assert service.heard[0].headers["authorization"].startswith("Basic ")
    assert source_of(target)["url"] == f"{service.origin}/openapi.json"
    assert b"hush" not in target.read_bytes()
    assert "hush" not in refuse(secret)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?k=v", "https://a.example/x"),
        ("https://me:p@ss@a.example/x", "https://a.example/x"),
        ("https://a.example/@x#f", "https://a.example/@x"),
        ("https://a.example?u=b@c", "https://a.example"),
    ],
)
def test_public_urls(url, kept):
    """What may be secret is cut out of a URL, and an @ in its path is not mistaken for it."""
    assert public(url) == kept


def test_a_file_is_taken_by_its_name(take, target, tmp_path):
    """Of a file only the name is noted."""
    given_file = tmp_path / "downloaded.json"
    given_file.write_text(json.dumps(changed()), encoding="utf-8")
    assert take(str(given_file)).verdict == "replaced"
    assert source_of(target) == {"url": "downloaded.json", "fetched": "2026-03-01T12:00:00Z"}


def test_the_present_document_is_a_fixed_point(take, target, client):
    """openapi.json fetched onto itself gains its source and nothing else; a second time, nothing at all."""
    assert formatted(DOCUMENT) == formatted(canonical(DOCUMENT))
    before = target.read_text(encoding="utf-8").splitlines()
    assert take(str(target)).verdict == "unchanged but for its source"
    after = target.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(after) if '"x-source"' in line)
    rest = [*after[: start - 1], after[start - 1].removesuffix(","), *after[start + 4 :]]
    assert rest == before
    assert take(str(target)).verdict == "unchanged"


def test_the_committed_document_has_its_form():
    """openapi.json is written the way this command writes it."""
    assert formatted(json.loads(RAW)) == RAW


def test_a_first_document_is_new(service, take, target):
    """Without a present document there is nothing to compare with."""
    target.unlink()
    service.plays(reply(DOCUMENT))
    assert take() == fetch_spec.Outcome("new, with 13 operations")
    assert source_of(target)["url"] == f"{service.url}/openapi.json"


def swapped(document, chance):
    names = list(document)
    chance.shuffle(names)
    return {name: document[name] for name in names}


@settings(max_examples=25, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_the_form_is_idempotent_and_fixes_the_order(chance):
    """The top level, kinds of components and methods have one order, and a second formatting changes nothing."""
    document = swapped({**DOCUMENT, "x-b": 1, "x-a": 2, "webhooks": {}}, chance)
    document["components"] = swapped({**DOCUMENT["components"], "x-c": {}, "links": {}}, chance)
    operation = DOCUMENT["paths"]["/credits"]["get"]
    methods = {"get": operation, "post": operation, "delete": operation, "summary": "Money"}
    document["paths"] = {**DOCUMENT["paths"], "/credits": swapped(methods, chance)}
    made = canonical(document)
    assert made == document
    assert formatted(made) == formatted(document)
    assert [*made] == [*TOP_LEVEL[:-1], "webhooks", "components", "x-a", "x-b"]
    assert [*made["components"]] == [*DOCUMENT["components"], "links", "x-c"]
    assert [*made["paths"]["/credits"]] == ["summary", "get", "post", "delete"]


def test_text_is_kept_as_it_is(service, take, target):
    """Letters beyond ASCII stand in the file as themselves."""
    service.plays(reply(changed(tags=[{"name": "Größe ✓"}])))
    take()
    assert '"Größe ✓"' in target.read_text(encoding="utf-8")


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
    "version 4": (valid_but(openapi="4.0.0"), "OpenAPI 4.0.0, not OpenAPI 3"),
    "version 3.9": (valid_but(openapi="3.9.0"), "not valid OpenAPI 3.9.0"),
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
    with httpx.Client(transport=answers) as mocked, pytest.raises(FetchError, match="of 9999999 bytes"):
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
    body = b" " * (fetch_spec.LARGEST + 1)
    service.plays(reply(body), reply(gzip.compress(body), content_encoding="gzip"))
    assert refuse().endswith(f"answers with more than {fetch_spec.LARGEST} bytes")
    assert refuse().endswith(f"answers with more than {fetch_spec.LARGEST} bytes")


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


def test_redirects_on_the_loopback_are_followed(service, take, target):
    """A redirect is followed, and the URL that was asked for is noted."""
    service.plays(reply(b"", 302, location="/moved.json"), reply(changed(), etag='"v2"'))
    assert take().verdict == "replaced"
    assert [heard.target for heard in service.heard] == ["/api/v1/openapi.json", "/moved.json"]
    assert source_of(target)["url"] == f"{service.url}/openapi.json"


@pytest.mark.parametrize("location", ["http://a.example/openapi.json?hush", "file:///etc/hostname", "ftp://a.example"])
def test_redirects_to_where_others_listen_are_refused(service, refuse, location):
    """A redirect leads to https or to this machine, or nowhere."""
    service.plays(reply(b"", 301, location=location))
    complaint = refuse()
    assert "neither https nor loopback" in complaint
    assert "hush" not in complaint


def test_redirects_to_https_are_followed(target):
    """From anywhere to https is fine, and a password is not taken along."""
    heard = []

    def answer(request):
        heard.append(request)
        return (
            httpx.Response(200, json=changed())
            if len(heard) > 1
            else httpx.Response(302, headers={"location": str(PRODUCTION)})
        )

    with httpx.Client(transport=httpx.MockTransport(answer)) as mocked:
        assert fetch("http://me:hush@127.0.0.1/x", target, client=mocked).verdict == "replaced"
    assert heard[1].url == PRODUCTION
    assert "authorization" in heard[0].headers
    assert "authorization" not in heard[1].headers


def test_endless_redirects_are_refused(service, refuse):
    """A circle of redirects ends."""
    service.plays(reply(b"", 302, location="/again"))
    assert refuse().endswith("redirects more than 5 times")


def test_removed_operations_are_named(service, refuse, take, target):
    """A document that lacks operations is refused by their names, and taken if that is allowed."""
    service.plays(reply(without("/credits", "/batches/{batchId}")))
    assert "lacks GET /batches/{batchId}, GET /credits; --allow-removal" in refuse()
    outcome = take(allow_removal=True)
    assert [change.rule for change in outcome.changes].count("operation-removed") == 2
    assert "/credits" not in json.loads(target.read_bytes())["paths"]


def test_a_replaced_operation_counts_as_removed(service, refuse):
    """As many operations as before are not enough if one of them is another."""
    document = without("/credits")
    document["paths"]["/balance"] = DOCUMENT["paths"]["/credits"]
    service.plays(reply(document))
    assert "lacks GET /credits;" in refuse()


def test_a_renamed_path_parameter_is_no_removal(service, take):
    """The same path with another name inside is the same operation."""
    text = (
        json.dumps(changed())
        .replace("{batchId}", "{id}")
        .replace('"name": "batchId", "in": "path"', '"name": "id", "in": "path"')
    )
    service.plays(reply(text.encode()))
    assert "path-parameter-renamed" in [change.rule for change in take().changes]


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
    with pytest.raises(FetchError, match=r"^x\.json cannot be written: "):
        fetch(f"{service.url}/openapi.json", tmp_path / "absent" / "x.json", client=client)


def test_the_file_keeps_its_mode_and_its_link(service, take, client, target, tmp_path):
    """Replacing keeps the permissions, and through a link replaces what it points to."""
    target.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    service.plays(reply(changed()))
    assert fetch(f"{service.url}/openapi.json", link, client=client).verdict == "replaced"
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert "renews" in target.read_text(encoding="utf-8")


def run(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "fetch_spec.py"), *map(str, arguments)]
    settings_of_user = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, encoding="utf-8", env=settings_of_user, timeout=60
    )


def test_the_command_reports_breaking_changes_and_succeeds(service, target):
    """A breaking change is written and told, with exit code 0."""
    service.plays(reply(without("/credits")))
    done = run("--from", f"{service.url}/openapi.json", "--to", target, "--allow-removal")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("openapi.json: replaced\nbreaking: 1\n  operation-removed: ")
    assert "GET /credits" in done.stdout
    assert source_of(target)["fetched"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [(b"<html></html>", "HTML"), (json.dumps(without("/credits")).encode(), "lacks GET /credits")],
    ids=["html", "removal"],
)
def test_the_command_refuses_in_one_line(service, target, body, complaint):
    """A refusal is exit code 1, one line on stderr, and an untouched file."""
    service.plays(reply(body))
    before = target.read_bytes()
    done = run("--from", f"{service.url}/openapi.json", "--to", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("fetch_spec: ")
    assert done.stderr.count("\n") == 1
    assert complaint in done.stderr
    assert target.read_bytes() == before


def test_the_command_in_this_process(target, capsys):
    """Unchanged is told in a word, and long complaints are cut to one line."""
    fetch_spec.main(["--from", str(target), "--to", str(target)])
    assert fetch_spec.main(["--from", str(target), "--to", str(target)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "openapi.json: unchanged"
    broken = target.with_name("broken.json")
    broken.write_bytes(valid_but(tags={"name": "x" * 1000}))
    assert fetch_spec.main(["--from", str(broken), "--to", str(target)]) == 1
    assert len(capsys.readouterr().err) < 400
