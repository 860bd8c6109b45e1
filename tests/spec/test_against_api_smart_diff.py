"""Our judgement of each change against that of api-smart-diff, an independent tool from npm; who differs, and why.

It is installed once, at exact versions, into a folder of its own in the user's cache. Without npm the comparison is
skipped, but in CI, where it fails.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.spec.change_cases import BREAKING, CASES, COSMETIC, DOCUMENT, SAFE, SEVERAL, changed

PACKAGES = ("api-smart-diff@1.0.6", "allof-merge@0.6.8", "json-crawl@0.5.3")
SCRIPT = Path(__file__).with_name("api_smart_diff.mjs")
# Its words by how bad they are, and what they are in ours; it has others for what it does not judge.
WORDS = {"breaking": BREAKING, "unclassified": "unclassified", "deprecated": SAFE, "non-breaking": SAFE,
         "annotation": COSMETIC}  # fmt: skip
NOTHING = "nothing"

_NULL = "it calls a new null breaking for who sends and safe for who reads, and a lost one the other way round"
_TYPES = "it calls another type or format in an answer safe; but a reader gets something else"
_CLIENTS = "it calls that a note, but a client that goes on as before fails or calls its function by another name"
DISAGREEMENTS = {
    "response-member-nullable": (SAFE, f"{_NULL}; but it is the reader who meets it"),
    "response-null-gone": (BREAKING, f"{_NULL}; but a reader who is ready for it misses nothing"),
    "response-type": (SAFE, _TYPES),
    "response-integer-to-number": (SAFE, _TYPES),
    "response-items-type": (SAFE, _TYPES),
    "response-format": (SAFE, _TYPES),
    "response-enum-any-word": (SAFE, "it sees words removed; without any enum every word may come, also new ones"),
    "response-bound-looser": (BREAKING, "it calls a lost bound breaking; but readers seldom check bounds"),
    "response-closed": (BREAKING, "it calls fewer unknown members breaking; but nobody can rely on those"),
    "response-constraint": (SAFE, "it does not weigh `not`; we cannot either, so we assume the worst"),
    "response-alternative": (NOTHING, "it sees nothing where oneOf comes beside a type; but there is more to read"),
    "request-null-allowed": (BREAKING, f"{_NULL}; but a sender need not use it"),
    "request-enum-wider": (BREAKING, "it sees words removed; without any enum every word is allowed, the old ones too"),
    "request-type": (SAFE, "it calls a string instead of a number safe; but a number that was fine may be refused now"),
    "request-closed": (SAFE, "it calls that safe, but a member that was ignored is refused from now on"),
    "request-member-refused": (SAFE, "it tells the member and the closing apart; together they refuse what was sent"),
    "default-changed": (BREAKING, "it breaks nobody's code; who says nothing gets something else, so it is reported"),
    "default-removed": (BREAKING, "likewise"),
    "parameter-style": (COSMETIC, "it does not know `explode`, which changes how the value is written"),
    "parameter-order": (NOTHING, "it does not report orders; we do, as cosmetic"),
    "enum-order": (NOTHING, "likewise"),
    "operation-id": (COSMETIC, _CLIENTS),
    "server": (COSMETIC, _CLIENTS),
    "server-added": (COSMETIC, "it calls that a note; there is a choice now, which nobody has to make"),
    "success-added": (SAFE, "it calls that safe, but a client that knows one success takes another for an error"),
    "error-removed": (BREAKING, "it misses an answer; an error that no longer happens hurts nobody"),
    "header-optional": (SAFE, "it does not know the direction: what was always there may be missing now"),
    "security-another-way": (BREAKING, "it judges the new scheme alone; the old way in is still there"),
    "example": ("unclassified", "it does not judge examples; people read them, programs do not"),
    "webhook": ("unclassified", "it knows no webhooks; we do not weigh them either, so we assume the worst"),
}  # fmt: skip


def _program(name: str) -> str:
    """Where it is, under whatever ending this machine gives it."""
    if found := shutil.which(name):
        return found
    raise FileNotFoundError(f"there is no {name}")


def _installed() -> Path:
    """The folder with the tool in it; raises `OSError` or `CalledProcessError` if it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pixola-ext"
    folder = cache / PACKAGES[0]
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as part:
            install = [
                _program("npm"),
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                *PACKAGES,
            ]
            subprocess.run(install, cwd=part, check=True, capture_output=True, timeout=120)
            shutil.copytree(part, f"{part}.whole")
            Path(f"{part}.whole").rename(folder)
    return folder


@pytest.fixture(scope="module")
def verdicts():
    """What the tool says of each case, in our words: the worst of what it sees in operations and security schemes."""
    try:
        folder = _installed()
        documents = json.dumps([DOCUMENT, *(changed(case[1]) for case in (*CASES, *SEVERAL))])
        command = [_program("node"), SCRIPT]
        ran = subprocess.run(
            command, cwd=folder, input=documents, check=True, capture_output=True, encoding="utf-8", timeout=120
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"api-smart-diff needs Node.js with npm, and once the network: {error}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    found = zip((*CASES, *SEVERAL), json.loads(ran.stdout), strict=True)
    return {case[0]: _worst(each["type"] for each in diffs if _matters(each["path"])) for case, diffs in found}


def _matters(path):
    """Components are told where they are used; security schemes are used by name."""
    return path[0] != "components" or path[1:2] == ["securitySchemes"]


def _worst(types):
    return WORDS[min(types, key=[*WORDS].index)] if (types := [*types]) else NOTHING


def test_we_agree_but_for_what_the_table_explains(verdicts):
    """Each disagreement is in the table, with its verdict and the reason, and nothing else is."""
    ours = {case[0]: case[2] for case in (*CASES, *SEVERAL)}
    differing = {name: verdict for name, verdict in verdicts.items() if verdict != ours[name]}
    assert differing == {name: verdict for name, (verdict, _) in DISAGREEMENTS.items()}


def test_most_cases_are_not_disputed(verdicts):
    """A check of which everything is excepted would be none."""
    assert len(verdicts) - len(DISAGREEMENTS) >= 50
