"""openapi.json is replaced by a whole, valid document only, keeps its form, and says where it came from."""

import json
import os
import stat
import subprocess
import sys

import fetch_spec
import httpx
import pytest
from document.loading import canonical, formatted, public, without_source
from fetch_spec import Outcome, fetch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixola_ext.sandbox.server import SandboxServer
from tests.spec.fetching import DOCUMENT, PRODUCTION, TOP_LEVEL, changed, digest, source_of, without
from tests.support import ROOT
from tests.support.wire import reply


def test_a_document_is_taken_with_its_source(service, take, target):
    """A new document replaces the old one, notes where it came from, and is told by its changes."""
    service.plays(reply(changed(), etag='"v2"'))
    outcome = take()
    assert outcome.verdict == "replaced"
    assert [change.rule for change in outcome.changes] == ["response-property-added"]
    assert source_of(target) == {
        "url": f"{service.url}/openapi.json",
        "fetched": "2026-03-01T12:00:00Z",
        "sha256": digest(changed()),
        "etag": '"v2"',
    }
    assert without_source(json.loads(target.read_bytes())) == changed()
    assert "if-none-match" not in service.heard[0].headers


def test_a_git_diff_is_the_change(service, take, target):
    """The written file differs from the one before in the source and the changed member only."""
    before = target.read_text(encoding="utf-8").splitlines()
    service.plays(reply(json.dumps(changed(), indent=None, sort_keys=False).encode()))
    take()
    after = target.read_text(encoding="utf-8").splitlines()
    assert len(after) - len(before) == 8
    assert target.read_bytes().endswith(b"}\n")


def test_the_same_document_is_left_untouched(service, take, target):
    """Fetched again with the same content, in any order and with a new ETag, the file is not written."""
    service.plays(reply(changed(), etag='"v2"'), reply(dict(reversed(changed().items())), etag='"v3"'))
    take()
    target.touch()
    os.utime(target, (1, 1))
    assert take() == Outcome("unchanged")
    assert target.stat().st_mtime == 1
    assert source_of(target)["etag"] == '"v2"'


def test_a_source_that_the_document_brings_is_not_believed(service, take, target):
    """`x-source` in the fetched document is replaced by where it was really fetched from."""
    document = changed()
    document["info"]["x-source"] = {"url": "https://elsewhere.example", "etag": '"theirs"'}
    service.plays(reply(document))
    take()
    assert "etag" not in source_of(target)
    assert source_of(target)["url"] == f"{service.url}/openapi.json"


def test_the_etag_is_sent_again(service, take, target):
    """The next fetch from the same URL asks whether the ETag still holds; 304 changes nothing."""
    service.plays(reply(changed(), etag='"v2"'), reply(b"", 304, etag='"v2"'))
    take()
    before = target.read_bytes()
    assert take().verdict == "unchanged"
    assert service.heard[1].headers["if-none-match"] == '"v2"'
    assert target.read_bytes() == before


def test_the_etag_is_not_sent_for_a_document_that_was_edited_since(service, take, target):
    """304 would leave the edited one in place for ever."""
    service.plays(reply(changed(), etag='"v2"'))
    take()
    edited = json.loads(target.read_bytes())
    edited["info"]["title"] = "Mine"
    target.write_text(json.dumps(edited), encoding="utf-8")
    assert take().verdict == "replaced"
    assert "if-none-match" not in service.heard[1].headers
    assert json.loads(target.read_bytes())["info"]["title"] == DOCUMENT["info"]["title"]


def test_the_sandbox_is_asked_by_its_etag(client, target):
    """Its document is ours; the second time it answers 304."""
    with SandboxServer(document=DOCUMENT) as server:
        source = f"{server.url}/openapi.json"
        assert fetch(source, target, client=client).verdict == "unchanged but for its source"
        assert "etag" in source_of(target)
        assert fetch(source, target, client=client) == Outcome("unchanged")
        statuses = [entry.status for entry in server.sandbox.journal.entries]
    assert statuses == [200, 304]


def test_harmless_flaws_are_told_and_taken(service, take):
    """An operation id that is there twice is no reason to stay behind; the normaliser gives its own."""
    document = changed()
    document["paths"]["/credits"]["get"]["operationId"] = "list_models"
    service.plays(reply(document))
    outcome = take()
    assert outcome.verdict == "replaced"
    assert len(outcome.flaws) == 1
    assert "list_models" in outcome.flaws[0]


def test_the_etag_of_another_url_is_not_sent(service, take):
    """An ETag holds for the URL that it was fetched from, without any query."""
    service.plays(reply(changed(), etag='"v2"'))
    take()
    take(f"{service.url}/other.json")
    take(f"{service.url}/openapi.json?version=2")
    assert not any("if-none-match" in heard.headers for heard in service.heard)


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
    assert source_of(target) == {
        "url": "downloaded.json",
        "fetched": "2026-03-01T12:00:00Z",
        "sha256": digest(changed()),
    }


def test_the_present_document_is_a_fixed_point(take, target, client):
    """The document fetched onto itself gains its source and nothing else; a second time, nothing at all."""
    assert formatted(DOCUMENT) == formatted(canonical(DOCUMENT))
    before = target.read_text(encoding="utf-8").splitlines()
    assert take(str(target)).verdict == "unchanged but for its source"
    after = target.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(after) if '"x-source"' in line)
    rest = [*after[: start - 1], after[start - 1].removesuffix(","), *after[start + 5 :]]
    assert rest == before
    assert take(str(target)).verdict == "unchanged"


def test_the_committed_document_has_its_form():
    """openapi.json is written the way this command writes it."""
    committed = (ROOT / "openapi.json").read_bytes()
    assert formatted(json.loads(committed)) == committed


def test_a_first_document_is_new(service, take, target):
    """Without a present document there is nothing to compare with."""
    target.unlink()
    service.plays(reply(DOCUMENT))
    assert take() == Outcome("new, with 13 operations")
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


def test_redirects_on_the_loopback_are_followed(service, take, target):
    """A redirect is followed, and the URL that was asked for is noted."""
    service.plays(reply(b"", 302, location="/moved.json"), reply(changed(), etag='"v2"'))
    assert take().verdict == "replaced"
    assert [heard.target for heard in service.heard] == ["/api/v1/openapi.json", "/moved.json"]
    assert source_of(target)["url"] == f"{service.url}/openapi.json"


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
    broken.write_text(json.dumps({**DOCUMENT, "tags": {"name": "x" * 1000}}))
    assert fetch_spec.main(["--from", str(broken), "--to", str(target)]) == 1
    assert len(capsys.readouterr().err) < 400
