"""Makes generated/pixola_client from openapi.json; `--check` only compares and names every file that differs.

    python scripts/generate.py [--check] [--strict] [--spec FILE] [--output FOLDER]

The same bytes everywhere: pinned tools, a temporary folder away from the project (whose ruff settings would leak in),
and no file that depends on the machine. What was made is imported and type-checked before it replaces what is there.
What the API reference promises and the document lacks is added and told; with `--strict` it is refused.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Final

from normalising.document import normalise

ROOT: Final = Path(__file__).parent.parent
TEMPLATES: Final = Path(__file__).parent / "generating" / "templates"
MODULES: Final = Path(__file__).parent / "generating" / "package"  # the same for every document
PACKAGE: Final = "pixola_client"
PROVENANCE: Final = "PROVENANCE.json"
_IMPORT_ALL: Final = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for each in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(each.name)
"""
TOOLS: Final = ("openapi-python-client", "ruff")


class GenerationError(Exception):
    """The client could not be generated; the message says why."""


def generate(spec: Path, folder: Path, *, strict: bool = False) -> list[str]:
    """Write the package and its provenance into `folder`; returns the normaliser's report.

    With `strict`, a document that lacks anything that the API reference promises is refused.
    """
    try:
        raw = spec.read_bytes()
        normalised = normalise(json.loads(raw))
    except OSError as error:
        raise GenerationError(f"{spec.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise GenerationError(f"{spec.name}: {error}") from error
    if strict and normalised.lacks:
        raise GenerationError(f"{spec.name}: {'; '.join(normalised.lacks)}")
    document = folder / "normalised.json"
    document.write_text(json.dumps(normalised.document))
    _run_generator(document, folder)
    document.unlink()
    (folder / PACKAGE / "py.typed").touch()
    provenance = {"openapi.json": hashlib.sha256(raw).hexdigest(), **_checked_versions()}
    (folder / PROVENANCE).write_text(json.dumps(provenance, indent=2) + "\n")
    return normalised.report


def _checked_versions() -> dict[str, str]:
    """The versions of the tools; another than the pinned one would write other bytes."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    pins = dict(each.split("==") for each in groups["generate"])
    for tool in TOOLS:
        if version(tool) != pins[tool]:
            raise GenerationError(f"{tool} {version(tool)} is installed, but {pins[tool]} is pinned; run make install")
    return {tool: pins[tool] for tool in TOOLS}


def _run_generator(document: Path, folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps({"package_name_override": PACKAGE, "post_hooks": []}))
    package = folder / PACKAGE
    source = ["--path", document, "--config", config, "--output-path", package, "--custom-template-path", TEMPLATES]
    _run("-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning", *source)
    shutil.copytree(MODULES, package, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    # Run from here and not as the generator's hooks, which it skips, with a warning only, when it cannot find them.
    _run("-m", "ruff", "check", "--isolated", "--no-cache", "--quiet", "--select=I,F401", "--fix", package)
    _run("-m", "ruff", "format", "--isolated", "--no-cache", "--quiet", "--line-length=120", package)
    config.unlink()


def _run(*arguments: str | Path, what: str = "") -> None:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
    if done.returncode != 0:
        raise GenerationError(f"{what or arguments[1]} failed:\n{done.stdout}{done.stderr}")


def verify(folder: Path) -> None:
    """Import every module that was made, and check the types; raises `GenerationError`."""
    _run("-W", "error", "-B", "-c", _IMPORT_ALL, folder, PACKAGE, what="importing what was made")
    cache = Path(os.environ.get("MYPY_CACHE_DIR") or ROOT / ".mypy_cache", "made")  # apart: its modules move
    checking = ("mypy", "--strict", "--cache-dir", cache, "--config-file=", folder / PACKAGE)
    _run("-m", *checking, what="the type check of what was made")


def differences(made: Path, kept: Path) -> list[str]:
    """Every file that is missing from `kept`, too many in it, or different, both ways."""
    wanted, found = _files(made), _files(kept)
    return [
        *(f"missing: {name}" for name in sorted(wanted.keys() - found.keys())),
        *(f"extra: {name}" for name in sorted(found.keys() - wanted.keys())),
        *(f"differs: {name}" for name in sorted(wanted.keys() & found.keys()) if wanted[name] != found[name]),
    ]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _replace(made: Path, kept: Path) -> None:
    """Make `kept` what was made, if it is a folder of ours or none yet."""
    if kept.is_dir() and any(kept.iterdir()) and not (kept / PROVENANCE).exists():
        raise GenerationError(f"{kept.name} holds no generated package, so it is not replaced")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(made, kept)


def main(arguments: list[str] | None = None) -> int:
    """Generate or compare; 0 if all is well, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--strict", action="store_true", help="refuse a document that lacks a promise")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.json")
    parser.add_argument("--output", type=Path, default=ROOT / "generated")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        try:
            report = generate(options.spec, made, strict=options.strict)
            found = differences(made, options.output)
            if found and not options.check:
                verify(made)
                _replace(made, options.output)
        except GenerationError as error:
            print(f"generate: {error}", file=sys.stderr)
            return 1
    print(*report, sep="\n", end="\n" if report else "", file=sys.stderr)
    if options.check:
        print(*(f"generated/ is not what openapi.json makes: {each}" for each in found), sep="\n")
        return 1 if found else 0
    print(*found or ["generated/ is what openapi.json makes"], sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
