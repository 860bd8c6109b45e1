"""Checks that dist/ may be released under a tag and writes the parts list (CycloneDX) of what users get.

    python scripts/release.py v1.2.3

The tag must be the version and have a section in CHANGELOG.md, and dist/ must hold exactly its wheel and its sdist. The
parts list goes to build/sbom.json: the wheel and what the library needs, as installed now.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SBOM: Final = Path("build/sbom.json")


def version(root: Path) -> str:
    """The version of the package."""
    found = re.search(r'^__version__\b.*= "(.+)"$', (root / "pixola_ext/_version.py").read_text("utf-8"), re.MULTILINE)
    return found[1] if found else ""


def objections(root: Path, tag: str) -> list[str]:
    """Why this must not be released; nothing if it may."""
    wanted = version(root)
    files = {path.name for path in (root / "dist").glob("*")}
    names = {f"pixola_ext-{wanted}-py3-none-any.whl", f"pixola_ext-{wanted}.tar.gz"}
    section = rf"^## \[{re.escape(wanted)}\]"
    has_section = re.search(section, (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    return [
        *([f"the tag is {tag or 'missing'}, the version {wanted}"] if tag != f"v{wanted}" else []),
        *([] if has_section else [f"CHANGELOG.md has no section [{wanted}]"]),
        *([f"dist/ holds {', '.join(sorted(files)) or 'nothing'}"] if files != names else []),
    ]


def write_sbom(root: Path) -> None:
    """Install the wheel by itself and list what is there."""
    folder = root / "build" / "sbom"
    venv.create(folder, clear=True, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wheel = next((root / "dist").glob("*.whl"))
    listing = ["--output-reproducible", "--of", "JSON", "-o", str(root / SBOM), "--pyproject", "pyproject.toml"]
    for words in (
        ["pip", "--python", str(python), "install", "--quiet", str(wheel)],
        ["cyclonedx_py", "environment", *listing, str(python)],
    ):
        subprocess.run([sys.executable, "-m", *words], cwd=root, check=True)  # noqa: S603  (our own commands)
    shutil.rmtree(folder)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run from the command line."""
    found = objections(root, arguments[0] if arguments else "")
    if found:
        print(*(f"release: {each}" for each in found), sep="\n", file=sys.stderr)
        return 1
    write_sbom(root)
    print(f"release: dist/ is {arguments[0]}; its parts are in {SBOM}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
