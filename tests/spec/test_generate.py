"""generated/ is what openapi.json makes, byte for byte, and a change of either is noticed."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import generate
import pytest

from tests.support.reference import reference

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What openapi.json makes now."""
    folder = tmp_path_factory.mktemp("made")
    generate.generate(ROOT / "openapi.json", folder)
    return folder


@pytest.fixture
def kept(made, tmp_path):
    """A copy of it that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "generated"))


def test_the_committed_package_is_what_the_document_makes(made):
    """Nothing missing, extra or different."""
    assert generate.differences(made, ROOT / "generated") == []


def one_byte(folder):
    path = folder / "pixola_client" / "models" / "batch.py"
    path.write_bytes(path.read_bytes().replace(b"status", b"sTatus", 1))


def one_missing(folder):
    (folder / "pixola_client" / "types.py").unlink()


def one_extra(folder):
    (folder / "pixola_client" / "api" / "left_over.py").touch()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (one_byte, "differs: pixola_client/models/batch.py"),
        (one_missing, "missing: pixola_client/types.py"),
        (one_extra, "extra: pixola_client/api/left_over.py"),
    ],
)
def test_check_fails_and_names_the_file(kept, capsys, monkeypatch, made, spoil, complaint):
    """One byte, one file too few, one too many: each fails, and nothing is written."""
    monkeypatch.setattr(
        generate, "generate", lambda _spec, folder, **_options: shutil.copytree(made, folder, dirs_exist_ok=True) and []
    )
    assert generate.main(["--check", "--output", str(kept)]) == 0
    spoil(kept)
    before = generate._files(kept)
    assert generate.main(["--check", "--output", str(kept)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith(complaint)
    assert generate._files(kept) == before


def test_generating_mends_what_was_spoilt(kept, made):
    """After `make generate` the check passes, whatever there was; run as the command it is."""
    for spoil in (one_byte, one_missing, one_extra):
        spoil(kept)
    command = [sys.executable, ROOT / "scripts" / "generate.py", "--output", kept]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert generate.differences(made, kept) == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"swagger": "2.0"}', "generate: openapi.json: Swagger 2.0 is not supported"),
        ('{"openapi": "3.0.3", "paths": {"/models": {}}}', "the document lacks POST /generate"),
        ("<html>", "generate: openapi.json: Expecting value"),
        (None, "generate: openapi.json cannot be read: No such file or directory"),
    ],
    ids=["swagger", "lacking", "html", "missing"],
)
def test_an_unusable_document_is_refused_and_nothing_is_written(tmp_path, capsys, content, complaint):
    """In one line; the package stays as it was."""
    if content is not None:
        (tmp_path / "openapi.json").write_text(content)
    output = tmp_path / "generated"
    assert generate.main(["--spec", str(tmp_path / "openapi.json"), "--output", str(output)]) == 1
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1
    assert not output.exists()


def test_a_folder_of_other_things_is_not_replaced(tmp_path, capsys):
    """A slip in --output deletes nothing."""
    (tmp_path / "precious").touch()
    assert generate.main(["--output", str(tmp_path)]) == 1
    assert "holds no generated package" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]


def test_a_complaint_of_the_generator_is_a_failure(tmp_path):
    """What it would only warn of, and leave out, is told with its own words."""
    document = tmp_path / "document.json"
    paths = {"/a/{b}": {"get": {"operationId": "a", "responses": {"204": {"description": ""}}}}}
    document.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": paths}))
    with pytest.raises(generate.GenerationError, match=r"(?s)openapi_python_client failed.*Warning"):
        generate._run_generator(document, tmp_path)


def test_other_tools_than_the_pinned_are_refused(monkeypatch, capsys, tmp_path):
    """Another version would write other bytes."""
    monkeypatch.setattr(generate, "version", lambda _tool: "0.0.1")
    assert generate.main(["--check", "--output", str(tmp_path)]) == 1
    assert "0.0.1 is installed, but" in capsys.readouterr().err


def test_the_provenance_names_document_and_tools(made):
    """Whence the package came can be looked up."""
    provenance = json.loads((made / "PROVENANCE.json").read_text())
    assert set(provenance) == {"openapi.json", "openapi-python-client", "ruff"}


def test_no_default_of_the_document_is_sent(made):
    """A default in a signature would go over the wire; only None may stand there, which is not sent."""
    for path in (made / "pixola_client" / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.args.defaults == []
                assert all(ast.unparse(each) == "None" for each in node.args.kw_defaults if each is not None)


def lacking(tmp_path):
    """A document that does not say what a page of batches begins after."""
    document = reference()
    document["paths"]["/batches"]["get"]["parameters"].pop()
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    return ["--spec", str(tmp_path / "openapi.json"), "--output", str(tmp_path / "generated")]


def test_a_lack_is_told_and_only_refused_when_asked_for(tmp_path, capsys):
    """What the reference promises is generated all the same; with --strict nothing is written."""
    arguments = lacking(tmp_path)
    told = "not described: cursor of GET /batches; sent as the reference says"
    assert generate.main([*arguments, "--strict"]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "generated").exists()
    assert generate.main(arguments) == 0
    assert capsys.readouterr().err == f"{told}\n"
    made = tmp_path / "generated" / "pixola_client" / "api" / "batches" / "list_batches.py"
    assert "cursor: int | None = None" in made.read_text()


@pytest.mark.parametrize(
    ("slip", "complaint"),
    [
        ("def broken(:", "importing what was made failed"),
        ("import no_such_module_anywhere", "importing what was made failed"),
        ("BROKEN: int = 'text'", "the type check of what was made failed"),
    ],
    ids=["syntax", "import", "types"],
)
def test_a_template_that_makes_broken_code_leaves_the_tree_as_it_was(
    kept, made, monkeypatch, capsys, tmp_path, slip, complaint
):
    """It is tried before it replaces what is there."""
    templates = Path(shutil.copytree(generate.MODULES, tmp_path / "package"))
    (templates / "errors.py").write_text(f"{(templates / 'errors.py').read_text()}\n{slip}\n")

    def with_slip(_spec, folder, **_options):
        shutil.copytree(made, folder, dirs_exist_ok=True)
        shutil.copytree(templates, folder / generate.PACKAGE, dirs_exist_ok=True)
        return []

    monkeypatch.setattr(generate, "generate", with_slip)
    before = generate._files(kept)
    assert generate.main(["--output", str(kept)]) == 1
    assert complaint in capsys.readouterr().err
    assert generate._files(kept) == before
