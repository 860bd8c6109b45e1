"""Replaces openapi.json by the live document and says what the change means for clients.

    python scripts/fetch_spec.py [--from URL-or-FILE] [--to openapi.json] [--allow-removal]

A document that is not whole, not OpenAPI 3 or not valid is refused with exit code 1 and changes nothing; so is one
without an operation that is there now, unless --allow-removal is given. Nothing is written either if only the time of
fetching would change. A breaking change is no failure: the report tells it.

Where the document came from stands in `info.x-source`, last in `info`: `url` without user, password and query (of a
file its name), `fetched` in UTC, and the `etag`, if there was one, for the next fetch from exactly this URL. A document
that lacks it gets it, even if nothing else changed.

The written form depends on the document alone, so that a git diff is the change: JSON, indented by 2. Members keep the
order of the fetched document except on the top level (`TOP`, `webhooks`, `components`, others by name), among kinds of
components (`COMPONENTS`, others by name) and among methods of a path (`METHODS`, after all else).
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import field, frozen
from changes import Change, mapping, written
from normalise import METHODS
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from spec_diff import compare, operations, render

DEFAULT_SOURCE: Final = "https://www.pixola.ai/api/v1/openapi.json"
DEFAULT_TARGET: Final = Path(__file__).parent.parent / "openapi.json"
LARGEST: Final = 10_000_000  # bytes
TIMEOUT: Final = 30.0  # seconds without a sign of life
SOURCE: Final = "x-source"
TOP: Final = ("openapi", "info", "externalDocs", "jsonSchemaDialect", "servers", "security", "tags", "paths")
COMPONENTS: Final = ("schemas", "parameters", "requestBodies", "headers", "responses", "securitySchemes")
_MOST_REDIRECTS: Final = 5
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d+){3}|::1")
_LONGEST: Final = 300  # characters of a complaint; validators quote whole documents


class FetchError(Exception):
    """The document was not taken; the message says why."""


@frozen
class Outcome:
    """What became of the target: `verdict` in a few words, and the changes if it was replaced."""

    verdict: str
    changes: list[Change] = field(factory=list)


@frozen
class _Answer:
    body: bytes
    etag: str | None = None


def fetch(
    source: str,
    target: Path,
    *,
    client: httpx.Client,
    allow_removal: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Replace `target` by the document at `source`, a URL or a file; raises `FetchError` and leaves it as it was."""
    present = _present(target)
    is_url = re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source) is not None
    answer = _download(client, source, _known_etag(present, source)) if is_url else _Answer(_read(Path(source)))
    if answer is None:
        return Outcome("unchanged")
    document = without_source(_checked(_parsed(answer.body)))
    before = without_source(present or {})
    same = written(before) == written(document)
    if same and _origin(present):
        return Outcome("unchanged")
    if not allow_removal:
        _refuse_removal(before, document)
    changes = compare(before, document) if present else []
    origin = {"url": public(source) if is_url else Path(source).name, "fetched": f"{now():%Y-%m-%dT%H:%M:%SZ}"}
    origin |= {"etag": answer.etag} if answer.etag else {}
    _write(target, formatted({**document, "info": {**document["info"], SOURCE: origin}}))
    verdict = "replaced" if present else f"new, with {len(operations(document))} operations"
    return Outcome("unchanged but for its source" if same else verdict, changes)


def without_source(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the note where it came from, which is ours."""
    info = {key: value for key, value in mapping(document.get("info")).items() if key != SOURCE}
    return {**document, "info": info} if info else dict(document)


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its top level, kinds of components and methods of paths in their fixed order."""
    made = _ordered(document, TOP, last=("webhooks", "components"))
    for key in ("paths", "webhooks"):
        if isinstance(made.get(key), Mapping):
            made[key] = {path: _by_method(item) for path, item in made[key].items()}
    if isinstance(made.get("components"), Mapping):
        made["components"] = _ordered(made["components"], COMPONENTS)
    return made


def formatted(document: Mapping[str, Any]) -> bytes:
    """The bytes in which a document is kept."""
    try:
        return (json.dumps(canonical(document), indent=2, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError as error:
        raise FetchError("the document holds text that is not Unicode") from error


def _ordered(node: Mapping[str, Any], first: Sequence[str], last: Sequence[str] = ()) -> dict[str, Any]:
    others = sorted(node.keys() - {*first, *last})
    return {key: node[key] for key in (*first, *last, *others) if key in node}


def _by_method(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    others = {key: value for key, value in item.items() if key not in METHODS}
    return {**others, **{method: item[method] for method in METHODS if method in item}}


def public(url: str) -> str:
    """A URL without what may be secret: user, password, query and fragment."""
    return re.sub(r"[?#].*", "", re.sub(r"(?<=://)[^/?#]*@", "", url), flags=re.DOTALL)


def _present(target: Path) -> dict[str, Any] | None:
    """The document that would be replaced; what is not one would be lost, so it is not replaced."""
    try:
        document = json.loads(target.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise FetchError(f"{target.name} cannot be read, so it is not replaced: {error}") from error
    if not isinstance(document, dict) or "openapi" not in document:
        raise FetchError(f"{target.name} is not an OpenAPI document, so it is not replaced")
    return document


def _origin(present: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return mapping(mapping(mapping(present).get("info")).get(SOURCE))


def _known_etag(present: Mapping[str, Any] | None, source: str) -> str | None:
    """The ETag of the last fetch, if it was of exactly this URL; one with a query or a user is never exactly it."""
    origin = _origin(present)
    etag = origin.get("etag")
    return etag if isinstance(etag, str) and etag.isascii() and origin.get("url") == source else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FetchError(f"{path.name} cannot be read: {error.strerror}") from error


def _download(client: httpx.Client, source: str, etag: str | None) -> _Answer | None:
    """What the service answers; None if it is what the ETag stands for."""
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    headers |= {"if-none-match": etag} if etag else {}
    try:
        url = httpx.URL(source)
        for _ in range(_MOST_REDIRECTS + 1):
            with client.stream("GET", url, headers=headers, follow_redirects=False) as response:
                if not response.has_redirect_location:
                    return _answer(response, conditional=etag is not None)
                url = _next(response)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{public(source)} cannot be fetched: {error or type(error).__name__}") from error
    raise FetchError(f"{public(source)} redirects more than {_MOST_REDIRECTS} times")


def _next(response: httpx.Response) -> httpx.URL:
    """Where the answer leads; only to where nobody can listen in."""
    url = response.url.join(response.headers["location"])
    if url.scheme == "https" or (url.scheme == "http" and _LOOPBACK.fullmatch(url.host)):
        return url
    raise FetchError(
        f"{public(str(response.url))} redirects to {public(str(url))}, which is neither https nor loopback"
    )


def _answer(response: httpx.Response, *, conditional: bool) -> _Answer | None:
    if response.status_code == httpx.codes.NOT_MODIFIED and conditional:
        return None
    if response.status_code != httpx.codes.OK:
        raise FetchError(f"{public(str(response.url))} answers with status {response.status_code}")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise FetchError(f"{public(str(response.url))} answers with more than {LARGEST} bytes")
    length = response.headers.get("content-length", "")
    came = response.num_bytes_downloaded or len(body)  # the length is that of what was sent, perhaps compressed
    if length.isdecimal() and came < int(length):
        raise FetchError(f"the answer ends after {came} of {length} bytes")
    return _Answer(bytes(body), response.headers.get("etag"))


def _parsed(body: bytes) -> Any:
    if body.lstrip()[:1] == b"<":
        raise FetchError("that is HTML or XML, not JSON")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"that is not JSON, or not all of it: {error}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value of JSON")


def _checked(document: Any) -> dict[str, Any]:
    """The document, if it is a valid one of OpenAPI 3."""
    if not isinstance(document, dict):
        raise FetchError("that is JSON, but not an OpenAPI document")
    if "swagger" in document:
        raise FetchError(f"that is Swagger {document['swagger']}, not OpenAPI 3; convert it first")
    version = str(document.get("openapi", "of no version"))
    if re.fullmatch(r"3\.\d+\.\d+(-.+)?", version) is None:
        raise FetchError(f"that is OpenAPI {version}, not OpenAPI 3")
    for pointer in _references(document):
        if not pointer.startswith("#"):  # the validator would follow it, to wherever it leads
            raise FetchError(f"the document is not whole, it refers to {public(pointer)}")
    try:
        validate(document)
    except OpenAPIValidationError as error:
        place = "/".join(map(str, error.absolute_path)) or "document"
        raise FetchError(f"not valid OpenAPI {version}: {place}: {error.message}") from error
    except Exception as error:  # whatever else stops the validator, it has not found the document valid
        raise FetchError(f"not valid OpenAPI {version}: {type(error).__name__} {error}") from error
    return document


def _references(document: Any) -> Iterator[str]:
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            left += node.values()
        elif isinstance(node, list):
            left += node


def _refuse_removal(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    known, now = operations(before), operations(after)
    if gone := sorted(known[key] for key in known.keys() - now.keys()):
        raise FetchError(f"the document lacks {', '.join(gone)}; --allow-removal takes it all the same")


def _write(target: Path, content: bytes) -> None:
    """Replace the file at once, so that nobody sees half of it; what a link points to is replaced, not the link."""
    real = target.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=real.parent, prefix=f".{real.name}.") as folder:
            part = Path(folder) / real.name
            part.write_bytes(content)
            if real.exists():
                shutil.copymode(real, part)
            part.replace(real)
    except OSError as error:
        raise FetchError(f"{target.name} cannot be written: {error.strerror}") from error


def main(arguments: list[str] | None = None) -> int:
    """Fetch and report; 1 if the document was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", default=DEFAULT_SOURCE, metavar="URL-or-FILE")
    parser.add_argument("--to", dest="target", type=Path, default=DEFAULT_TARGET, metavar="FILE")
    parser.add_argument("--allow-removal", action="store_true", help="take a document with fewer operations")
    options = parser.parse_args(arguments)
    try:
        with httpx.Client(timeout=TIMEOUT) as client:
            outcome = fetch(options.source, options.target, client=client, allow_removal=options.allow_removal)
    except FetchError as error:
        print(f"fetch_spec: {' '.join(str(error).split())[:_LONGEST]}", file=sys.stderr)
        return 1
    print(f"{options.target.name}: {outcome.verdict}")
    if outcome.changes:
        print(render(outcome.changes, "text"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
