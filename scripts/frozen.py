"""Freeze the command and a program that uses the library with PyInstaller, as a folder and as one file, and run them.

    python scripts/frozen.py

PyInstaller and the package, built as a wheel is, go into an environment of their own under build/frozen.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "build" / "frozen"
_PYINSTALLER: Final = "pyinstaller~=6.16"

_PROGRAMS: Final = {
    "pixola": "from pixola_ext.cli import main\n\nmain()\n",
    "user": (
        "import sys\n\nimport pixola_ext\n\n"
        "with pixola_ext.Pixola.sandbox() as px:\n"
        "    batch = px.generate('a fox', model='flux-2')\n"
        "    print(*px.save(batch, sys.argv[1]))\n"
        "    print(pixola_ext.spec()['openapi'], len(px.models.list()))\n"
    ),
}


def run(*words: str | Path, cwd: Path = FOLDER) -> str:
    """What a program prints; ends this one if it fails."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PIXOLA_", "FORCE_COLOR"))}
    settings["PIXOLA_STATE_DIR"] = str(FOLDER / "state")
    done = subprocess.run(  # noqa: S603  (programs that are named here)
        [str(word) for word in words], cwd=cwd, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def environment() -> Path:
    """The Python of an environment with this package and PyInstaller."""
    venv.create(FOLDER / "env", with_pip=True, clear=True)
    python = FOLDER / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", f"{ROOT}[cli,sandbox]", _PYINSTALLER)
    return python


def freeze(python: Path, name: str, form: str) -> Path:
    """The frozen program; `form` is onedir or onefile."""
    source = FOLDER / f"{name}.py"
    source.write_text(_PROGRAMS[name], encoding="utf-8")
    out = FOLDER / form
    paths = ("--distpath", out, "--workpath", FOLDER / "work", "--specpath", FOLDER)
    run(python, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", f"--{form}", *paths, source)
    program = f"{name}.exe" if os.name == "nt" else name
    return out / program if form == "onefile" else out / name / program


def try_command(program: Path) -> None:
    """Every command is there, makes pictures and prints the document."""
    out = program.parent / "pictures"
    made = json.loads(run(program, "--sandbox", "--json", "generate", "a fox", "-m", "flux-2", "-o", out))
    if not Path(made["images"][0]["path"]).is_file():
        sys.exit(f"{program}: no picture")
    if run(program, "spec").strip() != (ROOT / "openapi.json").read_text("utf-8").strip():
        sys.exit(f"{program}: another document")
    for path in (ROOT / "pixola_ext" / "cli" / "commands").glob("[!_]*.py"):
        run(program, path.stem, "--help")
    for words in (("--sandbox", "models"), ("--sandbox", "call"), ("--sandbox", "doctor"), ("skill",)):
        run(program, *words)


def main() -> None:
    """Both programs in both forms."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = environment()
    for form in ("onedir", "onefile"):
        try_command(freeze(python, "pixola", form))
        printed = run(freeze(python, "user", form), FOLDER / form / "saved")
        print(f"{form}: the command and a program run; {printed.splitlines()[-1]}")


if __name__ == "__main__":
    main()
