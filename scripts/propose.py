"""Makes a pull request of what regenerate.py found, always rebuilt from main; needs git, and gh with a token.

    python scripts/propose.py [--input build/regenerate] [--remote origin]

There is one branch and one pull request. A later run replaces both; if the document is again what main has, the pull
request is closed. A pull request of a client that fails is a draft.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
BASE: Final = "main"
BRANCH: Final = "spec/live"
AUTHOR: Final = ("-c", "user.name=github-actions[bot]", "-c", "user.email=github-actions[bot]@users.noreply.github.com")
LABELS: Final = {
    "spec": ("1d76db", "The live OpenAPI document changed"),
    "breaking": ("b60205", "Clients of the API must change"),
    "safe": ("0e8a16", "Clients of the API go on working"),
    "cosmetic": ("c5def5", "Only texts, examples, order"),
    "failing": ("d93f0b", "Generation or tests fail with the new document"),
}
_OURS: Final = ".[] | select(.isCrossRepository | not) | .number"  # a fork may have a branch of that name
Command = Callable[..., str]


def command(name: str) -> Command:
    """A program in the project: called with its words, it returns what it prints and raises if it fails."""

    def call(*words: str | Path) -> str:
        program = shutil.which(name) or name
        done = subprocess.run([program, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        return done.stdout.strip()

    return call


def propose(found: Path, remote: str, git: Command, gh: Command) -> str:
    """Bring the pull request to what was found; says what was done."""
    outcome: dict[str, Any] = json.loads((found / "outcome.json").read_text("utf-8"))
    number = gh("pr", "list", "--head", BRANCH, "--state", "open", "--json", "number,isCrossRepository", "--jq", _OURS)
    if not outcome["changed"]:
        if number:
            gh("pr", "close", number, "--delete-branch", "--comment", "The live document is again what main has.")
        return f"pull request {number} is closed" if number else "nothing to propose"
    _push(found / "regenerate.patch", outcome["title"], remote, git)
    for label, (colour, description) in LABELS.items():
        gh("label", "create", label, "--force", "--color", colour, "--description", description)
    text = ("--title", outcome["title"], "--body-file", found / "report.md")
    if number:
        labels = [word for label in outcome["labels"] for word in ("--add-label", label)]
        labels += [word for label in LABELS.keys() - set(outcome["labels"]) for word in ("--remove-label", label)]
        gh("pr", "edit", number, *text, *labels)
        gh("pr", "ready", number, *(["--undo"] if outcome["failing"] else []))
        return f"pull request {number} is rebuilt"
    labels = [word for label in outcome["labels"] for word in ("--label", label)]
    draft = ["--draft"] if outcome["failing"] else []
    gh("pr", "create", "--base", BASE, "--head", BRANCH, *text, *labels, *draft)
    return "a pull request is opened"


def _push(patch: Path, title: str, remote: str, git: Command) -> None:
    """One commit on top of the remote's main, whatever the branch was before."""
    git("fetch", "--quiet", remote, BASE)
    git("switch", "--quiet", "--force-create", BRANCH, "FETCH_HEAD")
    git("apply", "--index", patch.resolve())
    git(*AUTHOR, "commit", "--quiet", "--message", title)
    git("push", "--quiet", "--force", remote, f"HEAD:refs/heads/{BRANCH}")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, default=ROOT / "build/regenerate", metavar="FOLDER")
    parser.add_argument("--remote", default="origin", metavar="NAME")
    options = parser.parse_args(arguments)
    print(propose(options.input, options.remote, command("git"), command("gh")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
