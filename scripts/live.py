"""Compares the live service with openapi.json, and reports every difference.

    python scripts/live.py [--spend] [--json]

Asks what can be asked without spending credits, about twenty requests, two seconds apart. With --spend one image is
generated with the cheapest model, followed to its end and downloaded. The key is read from PIXOLA_API_KEY, the address
from PIXOLA_BASE_URL. Nothing that is printed holds a key, a token or the query of a URL.

Exit code 0 without differences, 1 with, 2 if nothing could be compared: no key, a key that is refused, no service.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import asdict, frozen
from comparing.reports import render
from conformance.answers import Conformance, Difference, shortened
from conformance.calls import Calls, Clock, Headers, Pace, RefusedKeyError, UnreachableError
from conformance.generation import Generation, generate
from document.loading import without_source

from pixola_ext._defaults import KEYS_PAGE
from pixola_ext._io.clock import Clock as ClientClock
from pixola_ext.errors import ConfigurationError, PixolaError
from pixola_ext.settings import Settings

DOCUMENT: Final = Path(__file__).parent.parent / "openapi.json"


@frozen
class Report:
    """What was found."""

    base_url: str
    requests: int
    seconds: float
    calls: Calls
    generation: Generation | None
    trouble: str | None = None

    @property
    def differs(self) -> bool:
        """Whether anything was not as documented."""
        return bool(self.calls.conformance.differences or self.calls.changes or self.trouble)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        calls = self.calls
        return {
            "baseUrl": self.base_url,
            "requests": self.requests,
            "seconds": self.seconds,
            "differences": [asdict(each) for each in calls.conformance.differences],
            "documentChanges": [asdict(each) for each in calls.changes],
            "undocumentedHeaders": {
                name: {"count": n, "first": first} for name, (n, first) in calls.headers.seen.items()
            },
            "clockAhead": calls.headers.skew,
            "unchecked": calls.unchecked,
            "generation": None if self.generation is None else asdict(self.generation),
            "trouble": self.trouble,
        }

    def text(self) -> str:
        """For people."""
        calls = self.calls
        lines = [*_differences(calls.conformance.differences)]
        if calls.changes:
            lines += ["", "openapi.json as served, compared with ours:", render(calls.changes, "text")]
        lines += ["", "Headers that openapi.json does not mention:"] if calls.headers.seen else []
        lines += [f"  {name} ({count}): {first}" for name, (count, first) in calls.headers.seen.items()]
        lines += [] if calls.headers.skew is None else [f"The service's clock is {calls.headers.skew:+.0f} s off ours."]
        lines += ["", "Not looked at:", *(f"  {each}" for each in calls.unchecked)] if calls.unchecked else []
        lines += _generation(self.generation) if self.generation is not None else []
        lines += ["", f"The generation ended with: {self.trouble}"] if self.trouble else []
        found, changed = len(calls.conformance.differences), len(calls.changes)
        summary = f"{found} differences, {changed} changes of the document" if self.differs else "no difference"
        lines += ["", f"{self.base_url}: {summary}; {self.requests} requests in {self.seconds:.0f} s"]
        text = "\n".join(lines)
        return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


def _differences(differences: list[Difference]) -> list[str]:
    lines: list[str] = []
    for where in dict.fromkeys(each.where for each in differences):
        lines += ["", where]
        for each in (each for each in differences if each.where == where):
            parts = [f"documented {each.documented}"] if each.documented else []
            parts += [f"found {each.found}"] if each.found else []
            times = f" ({each.count} times)" if each.count > 1 else ""
            example = f"  e.g. {each.example}" if each.example else ""
            lines.append(f"  {each.kind} {each.path}: {', '.join(parts)}{times}{example}".replace(" : ", ": "))
    return lines


def _generation(generation: Generation) -> list[str]:
    lines = ["", f"Generation {generation.batch_id}, seconds since it was submitted:"]
    lines += [f"  {moment.seconds:8.2f}  {moment.what}" for moment in generation.moments]
    return [*lines, "  The picture's headers:", *(f"    {name}: {value}" for name, value in generation.store.items())]


def _key(settings: Settings) -> str:
    return "" if settings.api_key is None else settings.api_key.reveal()


def check(
    settings: Settings, *, spend: bool, clock: Clock | None = None, client_clock: ClientClock | None = None
) -> Report:
    """Look at the service; raises `RefusedKeyError` and `UnreachableError`."""
    document = without_source(json.loads(DOCUMENT.read_bytes()))
    time = clock or Clock()
    started = time.now()
    conformance, pace, headers = Conformance(document, (_key(settings),)), Pace(time), Headers()
    trouble, generation = None, None
    with httpx.Client(trust_env=not settings.is_loopback) as client:
        calls = Calls(settings, conformance, pace, client, headers)
        calls.run()
    if spend:
        try:
            generation = generate(settings, conformance, pace, headers, client_clock or ClientClock())
        except PixolaError as error:
            batch = f" (batch {error.batch_id})" if error.batch_id else ""
            trouble = shortened(f"{type(error).__name__}: {error}", conformance.secrets).strip('"') + batch
    return Report(settings.base_url, pace.requests, round(time.now() - started, 1), calls, generation, trouble)


def main(
    arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ, clock: Clock | None = None
) -> int:
    """Check and report; see above for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spend", action="store_true", help="generate one image; this costs credits")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        settings = Settings.resolve(environ=environ)
    except ConfigurationError as error:
        return _refused(str(error))
    if settings.api_key is None:
        return _refused(f"no API key: create one at {KEYS_PAGE} and set PIXOLA_API_KEY")
    try:
        report = check(settings, spend=options.spend, clock=clock)
    except RefusedKeyError:
        return _refused(f"the service refuses the key in PIXOLA_API_KEY; keys are made at {KEYS_PAGE}")
    except UnreachableError as error:
        return _refused(f"cannot reach {settings.base_url}: {shortened(str(error), (_key(settings),))}")
    print(json.dumps(report.document(), indent=2) if options.json else report.text().lstrip("\n"))
    return 1 if report.differs else 0


def _refused(why: str) -> int:
    print(f"live: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
