"""Runs all tests in an environment of its own: another Python, other dependencies. Needs uv.

    python scripts/test_with.py [--resolution highest|lowest|lowest-direct] [PYTEST ARGUMENT ...]

It takes the Python that it is run by. `lowest-direct` takes of what pyproject.toml names the oldest that it allows.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
EXTRAS: Final = ".[cli,sandbox,bulk]"


def main() -> int:
    """Run from the command line; the exit code is pytest's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolution", choices=("highest", "lowest", "lowest-direct"), default="highest")
    options, arguments = parser.parse_known_args()
    uv = shutil.which("uv") or sys.exit("test_with: uv is not installed")
    folder = ROOT / "build" / f"test-{sys.version_info.major}.{sys.version_info.minor}-{options.resolution}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    environment = ["--python", python, "--resolution", options.resolution]
    for words in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder],
        [uv, "pip", "install", "--quiet", *environment, "--editable", EXTRAS, "--group", "dev"],
    ):
        subprocess.run(words, cwd=ROOT, check=True)  # noqa: S603  (our own command)
    return subprocess.run([python, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
