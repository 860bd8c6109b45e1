"""docs/cli.md, the schemas and the skill say what the commands do, and every example runs."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
import command_reference
import jsonschema
import pytest

from pixola_ext import Pixola
from pixola_ext._bulk.opening import open_ledger
from pixola_ext.cli import exits
from pixola_ext.cli.options import lines_of
from pixola_ext.cli.root import COMMANDS, root
from pixola_ext.cli.schemas import schema_of
from tests.support.command import PIXOLA, Ran, Served, environment

Inside = Callable[..., Ran]


def test_the_reference_is_that_of_the_commands() -> None:
    """`make fix` writes it."""
    assert command_reference.DOCUMENT.read_text("utf-8") == command_reference.reference()


def test_the_published_schemas_are_those_of_the_commands() -> None:
    """Their files, and no others; a change shows as a change of a published file."""
    published = {path.name: json.loads(path.read_text("utf-8")) for path in command_reference.SCHEMAS.iterdir()}
    assert published == command_reference.schemas()


def _examples() -> Iterator[tuple[str, str]]:
    for name, command in command_reference.commands_of(COMMANDS):
        yield from ((name, line) for line in lines_of(command.epilog or ""))


EXAMPLES: Final = [pytest.param(name, line, id=line) for name, line in _examples() if name != "sandbox"]


@pytest.fixture(scope="module")
def made(served: Served) -> dict[str, str]:
    """A batch and an image of the sandbox, for the ids in examples."""
    with Pixola(served.api_key, served.url, budget=False, journal=False) as px:
        batch = px.generate("a fox")
    return {"bt_EXAMPLE": batch.batch_id, "im_EXAMPLE": batch.images[0].image_id}


@pytest.fixture(scope="module")
def bulk_folder(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bulk run at the sandbox that has ended."""
    folder = tmp_path_factory.mktemp("bulk")
    (folder / "prompts.txt").write_text("a fox\n")
    words = [*PIXOLA, "bulk", "run", "prompts.txt", "-o", "pictures", "-m", "flux-2"]
    subprocess.run(words, cwd=folder, env=environment(**served.settings), capture_output=True, check=True)
    return folder / "pictures"


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_every_example_runs(
    inside: Inside,
    served: Served,
    made: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    name: str,
    line: str,
) -> None:
    """As it stands, but for the ids, with the examples above it done before; those of bulk runs with one that ended."""
    if name.startswith("bulk ") and name != "bulk run":
        shutil.copytree(request.getfixturevalue("bulk_folder"), tmp_path / "pictures")
    for before, each in _examples():
        if before == name:
            command = each
            for example, known in made.items():
                command = command.replace(example, known)
            ran = _run(inside, command, served, tmp_path)
            assert (ran.code, "Traceback" in ran.err) == (exits.DONE, False), each
        if each == line:
            return


def _run(inside: Inside, line: str, served: Served, folder: Path) -> Ran:
    if not {"|", ">"} & set(shlex.split(line)):
        return inside(*shlex.split(line)[1:], **served.settings)
    function = f'pixola() {{ {shlex.join(PIXOLA)} "$@"; }}\n{line}'
    done = subprocess.run(
        ["sh", "-c", function],
        cwd=folder,
        env=environment(**served.settings),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_the_examples_of_the_sandbox_can_be_parsed() -> None:
    """They run until they are interrupted."""
    command = root.get_command(click.Context(root), "sandbox")
    assert command is not None
    for line in lines_of(command.epilog or ""):
        words = shlex.split(line)
        assert command.make_context("sandbox", words[words.index("sandbox") + 1 :]).params


def test_the_commands_of_the_skill_run(inside: Inside, tmp_path: Path) -> None:
    """Every line with a prompt sign, and every other command in it exists with its options."""
    (tmp_path / "prompts.csv").write_text("prompt\na fox\n")
    text = inside("skill").out
    lines = re.findall(r"^\$ (.+)$", text, re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        ran = inside(*shlex.split(line)[1:])
        assert ran.code == exits.DONE, line
    for words in re.findall(r"`pixola ([a-z]+)([^`]*)`", text):
        if words[0] in COMMANDS:
            command = root.get_command(click.Context(root), words[0])
            assert command is not None
            known = {name for each in command.params for name in each.opts} | {"--help"}
            assert {word for word in words[1].split() if word.startswith("-")} <= known
    assert set(re.findall(r"`pixola ([a-z]+)", text)) <= set(COMMANDS)


DOCUMENTS: Final[tuple[tuple[str, ...], ...]] = (
    ("generate", "a fox", "-m", "flux-2"),
    ("generate", "a fox", "--dry-run"),
    ("generate", "a fox", "--no-wait"),
    ("submit", "a fox", "-n", "2"),
    ("models",),
    ("models", "flux-2"),
    ("styles",),
    ("styles", "watercolor"),
    ("shapes",),
    ("shapes", "square"),
    ("batches",),
    ("batches", "bt_EXAMPLE"),
    ("images",),
    ("images", "im_EXAMPLE"),
    ("wait", "bt_EXAMPLE"),
    ("download", "bt_EXAMPLE"),
    ("credits",),
    ("pending",),
    ("reconcile", "--all"),
    ("call",),
    ("call", "get_credits"),
    ("doctor",),
    ("logout",),
    ("spec", "-o", "openapi.json"),
    ("wait", "bt_nothing"),
    ("models", "nothing"),
)


@pytest.mark.parametrize("words", DOCUMENTS, ids=" ".join)
def test_documents_fit_their_schemas(
    inside: Inside, served: Served, made: dict[str, str], words: tuple[str, ...]
) -> None:
    """Of results and of errors; and an error is told from a result."""
    ran = inside("--json", *(made.get(word, word) for word in words), **served.settings)
    schema: Any = schema_of(words[0])
    jsonschema.Draft202012Validator.check_schema(schema)
    document = ran.json()
    jsonschema.validate(document, schema)
    jsonschema.validate(json.loads(inside("schema", words[0]).out), {"type": "object"})
    is_error = isinstance(document, dict) and "error" in document
    assert is_error == (ran.code != exits.DONE)


def test_a_document_of_another_form_does_not_fit() -> None:
    """The schemas say something."""
    for name, document in (("generate", {}), ("models", [{"slug": 1}]), ("credits", {"balance": "1"})):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema_of(name))


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("generate", "--help"), ("bulk", "--help"), ("bulk", "run", "--help")],
)
def test_help_imports_neither_httpx_nor_rich(words: tuple[str, ...]) -> None:
    """Nor anything else that a help text has no use for."""
    code = (
        "import sys\nfrom pixola_ext.cli.root import run\n"
        f"run({list(words)!r})\n"
        "print(sorted({'httpx', 'rich', 'attrs', 'attr', 'sqlalchemy'} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert ran.stderr == "[]\n"


def test_the_status_of_a_bulk_run_loads_no_http_client(tmp_path: Path) -> None:
    """It reads a file, and is asked for often; nor does it load the drawing of a terminal."""
    with closing(open_ledger(tmp_path)):
        pass
    code = (
        "import sys\nfrom pixola_ext.cli.root import run\n"
        f"print(run(['bulk', 'status', {str(tmp_path)!r}]), {{'httpx', 'rich'}} & set(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert ran.stderr.splitlines()[-1] == "0 set()"
