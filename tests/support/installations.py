"""What users get: wheel and sdist, built without a network, and installed where no source tree is."""

import os
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CORE: Final = ("httpx", "attrs", "python-dateutil", "anyio", "sniffio")


def build(source: Path, output: Path, *kinds: str) -> dict[str, Path]:
    """Build with the tools that are here; returns the files by their last suffix."""
    words = [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", str(output), str(source)]
    subprocess.run(words, capture_output=True, check=True)
    return {path.suffix: path for path in output.iterdir() if path.suffix in (".whl", ".gz")}


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist, which holds plain files in one folder; returns that folder."""
    # Not with extractall(filter="data"): Python 3.11 has it from 3.11.4 on, Debian 12 comes with 3.11.2.
    with tarfile.open(sdist) as archive:
        for member in archive:
            target = folder / member.name
            content = archive.extractfile(member)
            assert member.isreg(), member.name
            assert target.resolve().is_relative_to(folder.resolve()), member.name
            assert content is not None
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
            target.chmod(member.mode & 0o777)
    (top,) = folder.iterdir()
    return top


def required(names: Iterable[str]) -> dict[str, Distribution]:
    """The distributions of these names and of all that they require, without extras."""
    found: dict[str, Distribution] = {}
    left = list(names)
    while left:
        name = canonicalize_name(left.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        needs = map(Requirement, found[name].requires or ())
        left += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


@attrs.frozen
class Environment:
    """A virtual environment far from the source tree."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(self, *words: str, code: int = 0) -> str:
        """Run a program of it in an empty folder; returns stdout, or stderr if it shall fail. Warnings are errors."""
        here = self.folder / "empty"
        here.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PIXOLA_", "PYTHON"))}
        program = self.python.parent / words[0]
        done = subprocess.run(
            [str(program), *words[1:]],
            cwd=here,
            env={**kept, "PYTHONWARNINGS": "error", "PIXOLA_STATE_DIR": str(self.folder / "state")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    def python_code(self, code: str) -> str:
        """Run a program text."""
        return self.run(self.python.name, "-I", "-c", code).strip()


def environment(folder: Path, wheel: Path | None, names: Iterable[str]) -> Environment:
    """An environment with these distributions, copied from ours since there is no network, and the wheel."""
    venv.create(folder, with_pip=False)
    made = Environment(folder)
    site = Path(made.python_code("import sysconfig; print(sysconfig.get_path('purelib'))"))
    for each in required(names).values():
        for file in each.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = site / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(Path(str(file.locate())).read_bytes())
    pip = [sys.executable, "-m", "pip", "--python", str(made.python)]
    if wheel:
        install = [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run(install, capture_output=True, check=True)
    checked = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    return made
