"""Lint openapi.json with three independent judges; none may find anything.

    python scripts/lint_spec.py [DOCUMENT]

openapi-spec-validator is a Python package; redocly and spectral come from npm and are run by `npx`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from openapi_spec_validator import OpenAPIV30SpecValidator
from openapi_spec_validator.readers import read_from_filename

ROOT: Final = Path(__file__).resolve().parents[1]
PINS: Final = json.loads((ROOT / "tests/toolchains/package.json").read_text("utf-8"))["dependencies"]
REDOCLY: Final = f"@redocly/cli@{PINS['@redocly/cli']}"
SPECTRAL: Final = f"@stoplight/spectral-cli@{PINS['@stoplight/spectral-cli']}"


def findings(document: Path) -> list[str]:
    """What the judges object to; nothing if the document is fine."""
    content, _ = read_from_filename(str(document))
    found = [f"openapi-spec-validator: {error.message}" for error in OpenAPIV30SpecValidator(content).iter_errors()]
    npx = shutil.which("npx")
    if npx is None:
        return [*found, "redocly, spectral: not run, since npx is not installed (it comes with Node.js)"]
    with tempfile.TemporaryDirectory() as folder:
        ruleset = Path(folder, "spectral.yaml")
        ruleset.write_text('extends: ["spectral:oas"]\n')
        redocly = ["--yes", REDOCLY, "lint", "--extends", "recommended-strict", str(document)]
        package = ["--yes", "--package", SPECTRAL, "spectral", "lint"]
        spectral = [*package, "--fail-severity", "hint", "--ruleset", str(ruleset), str(document)]
        for name, arguments in (("redocly", redocly), ("spectral", spectral)):
            found += _run(name, [npx, *arguments], folder)
    return found


def _run(name: str, command: list[str], folder: str) -> list[str]:
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    ran = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode == 0:
        print(f"{name}: no findings")
        return []
    return [f"{name}:\n{ran.stdout}{ran.stderr}"]


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    found = findings(Path(arguments[0] if arguments else ROOT / "openapi.json").resolve())
    print("\n".join(found) or "openapi-spec-validator: no findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
