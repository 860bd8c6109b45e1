"""Completion scripts, and where shells look for them."""

from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import get_completion_class

from .root import root

_VARIABLE: Final = "_PIXOLA_COMPLETE"


def script(shell: str) -> str:
    """The completion script for a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    made: Any = kind(root, {}, "pixola", _VARIABLE)
    return str(made.source_template % made.source_vars())  # `source()` of bash runs bash to learn its version


def installed(shell: str, text: str, home: Path) -> tuple[Path, str]:
    """Write the script where the shell looks for it; the file, and what is left to do."""
    path, hint = {
        "bash": (
            home / ".local/share/bash-completion/completions/pixola",
            "open a new shell (the package bash-completion loads it; without that, add to ~/.bashrc: . "
            "~/.local/share/bash-completion/completions/pixola)",
        ),
        "zsh": (home / ".zfunc/_pixola", "add to ~/.zshrc before compinit: fpath+=~/.zfunc"),
        "fish": (home / ".config/fish/completions/pixola.fish", "open a new shell"),
        "powershell": (
            home / ".config/pixola/completion.ps1",
            "add to your $PROFILE: . ~/.config/pixola/completion.ps1",
        ),
    }[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path, hint
