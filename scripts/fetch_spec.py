"""Replaces openapi.json by the live document and says what the change means for clients.

    python scripts/fetch_spec.py [--from URL-or-FILE] [--to openapi.json] [--allow-removal] [--strict]

A document that is not whole, not OpenAPI 3.0 or 3.1 or not valid is refused with exit code 1 and changes nothing; so is
one without an operation that is there now, unless --allow-removal is given, and with --strict one that lacks anything
that the API reference promises. Nothing is written either if only the time
of fetching would change. A breaking change is no failure: the report tells it. Flaws that the normaliser does not mind,
such as an operation id that is there twice, are reported and accepted.

Where the document came from stands in `info.x-source`, last in `info`: `url` without user, password and query (of a
file its name), `fetched` in UTC, the `sha256` of the document without this note, and the `etag`, if there was one. The
next fetch from exactly this URL asks by it, as long as the document is still the one that was fetched. A document that
lacks the note gets it, even if nothing else changed. The form it is written in makes a git diff the change.
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import field, frozen
from comparing.changes import Change
from comparing.documents import compare, operations
from comparing.reports import render
from comparing.servers import without_sandbox
from document.downloading import TIMEOUT, Downloaded, download
from document.loading import SOURCE, RefusedError, checked, formatted, parsed, public, without_source, written_alike
from document.references import mapping
from normalising.document import UnusableDocumentError, normalise

DEFAULT_SOURCE: Final = "https://www.pixola.ai/api/v1/openapi.json"
DEFAULT_TARGET: Final = Path(__file__).parent.parent / "openapi.json"
_LONGEST: Final = 300  # characters of a complaint; validators quote whole documents


@frozen
class Outcome:
    """What became of the target: `verdict` in a few words, the changes if it was replaced, and harmless flaws."""

    verdict: str
    changes: list[Change] = field(factory=list)
    flaws: list[str] = field(factory=list)


def fetch(
    source: str,
    target: Path,
    *,
    client: httpx.Client,
    allow_removal: bool = False,
    strict: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Replace `target` by the document at `source`, a URL or a file; raises `RefusedError` and leaves it as it was."""
    present = _present(target)
    before = without_source(present or {})
    is_url = re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source) is not None
    if is_url:
        answer = download(client, source, _known_etag(_origin(present), source, before))
    else:
        answer = Downloaded(_read(Path(source)), etag=None)
    if answer is None:
        return Outcome("unchanged")
    taken, flaws = checked(parsed(answer.body))
    document = without_sandbox(without_source(taken))
    same = written_alike(before, document)
    if same and _origin(present):
        return Outcome("unchanged", flaws=flaws)
    if not allow_removal:
        _refuse_removal(before, document)
    if strict:
        _refuse_lack(document)
    changes = compare(before, document) if present else []
    origin = {
        "url": public(source) if is_url else Path(source).name,
        "fetched": f"{now():%Y-%m-%dT%H:%M:%SZ}",
        "sha256": _digest(document),
        **({"etag": answer.etag} if answer.etag else {}),
    }
    _write(target, formatted({**document, "info": {**document["info"], SOURCE: origin}}))
    verdict = "replaced" if present else f"new, with {len(operations(document))} operations"
    return Outcome("unchanged but for its source" if same else verdict, changes, flaws)


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(formatted(document)).hexdigest()


def _present(target: Path) -> dict[str, Any] | None:
    """The document that would be replaced; what is not one would be lost, so it is not replaced."""
    try:
        document = json.loads(target.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise RefusedError(f"{target.name} cannot be read, so it is not replaced: {error}") from error
    if not isinstance(document, dict) or "openapi" not in document:
        raise RefusedError(f"{target.name} is not an OpenAPI document, so it is not replaced")
    return document


def _origin(present: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return mapping(mapping(mapping(present).get("info")).get(SOURCE))


def _known_etag(origin: Mapping[str, Any], source: str, before: Mapping[str, Any]) -> str | None:
    """The ETag of the last fetch, if it was of exactly this URL and what it brought is still here.

    A URL with a query or a user is never exactly it.
    """
    etag = origin.get("etag")
    if not isinstance(etag, str) or not etag.isascii() or origin.get("url") != source:
        return None
    return etag if origin.get("sha256") == _digest(before) else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{path.name} cannot be read: {error.strerror}") from error


def _refuse_removal(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    known, now = operations(before), operations(after)
    if gone := sorted(known[key] for key in known.keys() - now.keys()):
        raise RefusedError(f"the document lacks {', '.join(gone)}; --allow-removal takes it all the same")


def _refuse_lack(document: Mapping[str, Any]) -> None:
    try:
        lacks = normalise(document).lacks
    except UnusableDocumentError as error:
        raise RefusedError(str(error)) from error
    if lacks:
        raise RefusedError("; ".join(lacks))


def _write(target: Path, content: bytes) -> None:
    """Replace the file at once, so that no reader sees half of it; what a link points to is replaced, not the link."""
    real = target.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=real.parent, prefix=f".{real.name}.") as folder:
            part = Path(folder) / real.name
            part.write_bytes(content)
            if real.exists():
                shutil.copymode(real, part)
            part.replace(real)
    except OSError as error:
        raise RefusedError(f"{target.name} cannot be written: {error.strerror}") from error


def main(arguments: list[str] | None = None) -> int:
    """Fetch and report; 1 if the document was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", default=DEFAULT_SOURCE, metavar="URL-or-FILE")
    parser.add_argument("--to", dest="target", type=Path, default=DEFAULT_TARGET, metavar="FILE")
    parser.add_argument("--allow-removal", action="store_true", help="take a document with fewer operations")
    parser.add_argument(
        "--strict", action="store_true", help="refuse a document that lacks what the reference promises"
    )
    options = parser.parse_args(arguments)
    try:
        with httpx.Client(timeout=TIMEOUT) as client:
            take = {"allow_removal": options.allow_removal, "strict": options.strict}
            outcome = fetch(options.source, options.target, client=client, **take)
    except RefusedError as error:
        print(f"fetch_spec: {' '.join(str(error).split())[:_LONGEST]}", file=sys.stderr)
        return 1
    print(f"{options.target.name}: {outcome.verdict}")
    print(*(f"not quite valid: {flaw}" for flaw in outcome.flaws), sep="\n", end="\n" if outcome.flaws else "")
    if outcome.changes:
        print(render(outcome.changes, "text"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
