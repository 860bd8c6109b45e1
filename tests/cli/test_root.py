"""What all commands have in common: help, shared options, spelling, documents of errors."""

import json
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import command_reference
import pytest

import pixola_ext.cli.commands
from pixola_ext.__pyinstaller import hook_dirs
from pixola_ext._defaults import DEFAULT_TEMPLATE
from pixola_ext._pictures.names import FIELDS
from pixola_ext.cli import exits
from pixola_ext.cli.options import lines_of
from pixola_ext.cli.root import COMMANDS
from tests.support import ROOT
from tests.support.command import Ran

Inside = Callable[..., Ran]


def test_every_module_of_a_command_is_listed() -> None:
    """And nothing is listed that is not there."""
    folder = Path(pixola_ext.cli.commands.__file__).parent
    assert {path.stem for path in folder.glob("[!_]*.py")} == set(COMMANDS)


@pytest.mark.parametrize(("name", "command"), [*command_reference.commands_of(COMMANDS)])
def test_every_command_has_help_with_examples(inside: Inside, name: str, command: click.Command) -> None:
    """Every example begins with a command that exists, and every option says what it does."""
    ran = inside(*name.split(), "--help")
    assert (ran.code, ran.err) == (exits.DONE, "")
    assert isinstance(command, click.Group) or "Examples:" in ran.out
    for line in lines_of(command.epilog or ""):
        assert any(word in COMMANDS for word in shlex.split(line))
    assert all(each.help for each in command.params if isinstance(each, click.Option))
    assert (command.help or "").isascii()


@pytest.mark.parametrize("width", [24, 40, 51, 52, 80, 200])
@pytest.mark.parametrize("words", [(), ("generate",), ("sandbox",), ("rerun",)])
def test_help_fits_the_terminal(inside: Inside, words: tuple[str, ...], width: int) -> None:
    """But for terms, and for examples, which are there to be copied."""
    lines = inside(*words, "--help", COLUMNS=str(width)).out.splitlines()
    long = [line for line in lines if len(line) > width and line.startswith("   ") and "pixola" not in line]
    assert long == []


def test_help_of_generate_names_what_the_library_has(inside: Inside) -> None:
    """The fields and the default of a template."""
    shown = " ".join(inside("generate", "--help").out.split())
    assert " ".join(f"{{{field}}}" for field in FIELDS) in shown
    assert f"[default: {DEFAULT_TEMPLATE}]" in shown


@pytest.mark.parametrize("words", [("--json", "--sandbox", "shapes"), ("shapes", "--sandbox", "--json")])
def test_shared_options_stand_before_or_behind_the_command(inside: Inside, words: tuple[str, ...]) -> None:
    """Both mean the same."""
    assert {each["slug"] for each in inside(*words).json()} >= {"square", "landscape-wide"}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("generat", "x"), "Did you mean generate?"),
        (("modles",), "Did you mean models?"),
        (("generate", "x", "--modle", "y"), "--model"),
        (("--sandbox", "models", "flux2"), "did you mean flux-2"),
        (("--sandbox", "styles", "watercolour"), "did you mean watercolor"),
        (("--sandbox", "shapes", "lanscape-wide"), "did you mean landscape-wide"),
        (("--sandbox", "generate", "x", "--style", "watercolour"), "did you mean watercolor"),
        (("--sandbox", "call", "list_batchs"), "Did you mean list_batches"),
        (("schema", "generat"), "Did you mean generate?"),
    ],
)
def test_what_is_misspelt_is_answered_with_what_is_near(inside: Inside, words: tuple[str, ...], hint: str) -> None:
    """Commands, options, slugs and operations."""
    ran = inside(*words)
    assert ran.code in {exits.USAGE, exits.ERROR}
    assert hint in ran.err + ran.out


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (("nothing",), exits.USAGE, "usage"),
        (("generate",), exits.USAGE, "usage"),
        (("generate", "x", "--nothing"), exits.USAGE, "usage"),
        (("generate", "x"), exits.KEY, "configuration"),
        (("--sandbox", "models", "nothing"), exits.ERROR, "not_found"),
        (("--sandbox", "generate", "x", "-m", "nothing"), exits.USAGE, "unknown_slug"),
        (("--sandbox", "wait", "bt_nothing"), exits.ERROR, "not_found"),
        (("--sandbox", "rerun", "nothing.png"), exits.USAGE, "usage"),
    ],
)
def test_an_error_is_a_document_on_stdout(inside: Inside, words: tuple[str, ...], code: int, word: str) -> None:
    """With --json, whether it comes before or after anything was sent; stderr stays empty."""
    ran = inside("--json", *words)
    error = ran.json()["error"]
    assert (ran.code, ran.err) == (code, "")
    assert error.keys() == {"code", "message", "exit_code", "batch_id", "next"}
    assert (error["code"], error["exit_code"]) == (word, code)
    assert error["next"] is None or error["next"].startswith("pixola ")


def test_jsonl_is_a_document_a_line(inside: Inside) -> None:
    """Of lists, and of an error."""
    lines = inside("--sandbox", "--jsonl", "models").out.splitlines()
    assert len(lines) > 40
    assert json.loads(lines[0])["slug"] == "flux-2"
    assert json.loads(inside("--jsonl", "nothing").out)["error"]["code"] == "usage"


def test_quiet_is_ids_alone(inside: Inside) -> None:
    """One a line, and no word beside."""
    ran = inside("--sandbox", "-q", "models", "--search", "photon")
    assert (sorted(ran.out.split()), ran.err) == (["photon-1", "photon-flash-1"], "")


def test_a_key_on_the_command_line_is_warned_of(inside: Inside, tmp_path: Path) -> None:
    """Other users see it in the list of processes; a file or stdin hides it."""
    (tmp_path / "key").write_text("pxk_abcdefgh\n")
    dead = ("--base-url", "http://127.0.0.1:9/api/v1")
    warning = "--api-key-file hides it"
    assert warning in inside(*dead, "--api-key", "pxk_abcdefgh", "pending").err
    for words, stdin in ((("--api-key-file", "key"), b""), (("--api-key-file", "-"), b"pxk_abcdefgh\n")):
        ran = inside(*dead, *words, "pending", stdin=stdin)
        assert (ran.code, ran.err) == (exits.DONE, "pixola: nothing is pending\n")


@pytest.mark.parametrize(("content", "reason"), [(b"\n", "holds no key"), (None, "cannot read"), (b"\xff", "not text")])
def test_a_file_without_a_key_is_refused(inside: Inside, tmp_path: Path, content: bytes | None, reason: str) -> None:
    """Naming the file."""
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    ran = inside("--api-key-file", "key", "pending")
    assert ran.code == exits.KEY
    assert reason in ran.err


def test_pyinstaller_is_told_of_this_package() -> None:
    """By a hook in the folder that the entry point names; `make frozen` tries it."""
    (folder,) = hook_dirs()
    assert (Path(folder) / "hook-pixola_ext.py").is_file()
    entry_points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert entry_points["pyinstaller40"] == {"hook-dirs": f"{hook_dirs.__module__}:{hook_dirs.__name__}"}
