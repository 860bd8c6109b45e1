"""The wheel works where the source tree is not, holds what it should and nothing else, and is the same every time."""

import json
import os
import shutil
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
import release

from tests.support import ROOT
from tests.support.installations import Environment, build, unpack

TOPS = {"pixola_ext", "pixola_client"}


def names(wheel: Path) -> list[str]:
    """The files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_packages_and_nothing_else(built: dict[str, Path]) -> None:
    """No test, script, cassette or document of ours, no cache; every source file of both packages."""
    found = [name for name in names(built[".whl"]) if ".dist-info/" not in name]
    assert {name.partition("/")[0] for name in found} == TOPS
    kept = [*(ROOT / "pixola_ext").rglob("*"), *(ROOT / "generated/pixola_client").rglob("*")]
    wanted = {
        path.relative_to(ROOT).as_posix().removeprefix("generated/")
        for path in kept
        if path.is_file() and path.suffix in (".py", ".html", ".md", ".typed", ".css", ".js", ".svg", ".json")
    }
    assert set(found) == wanted | {"pixola_ext/openapi.json"}


def test_both_packages_are_typed(built: dict[str, Path]) -> None:
    """PEP 561."""
    assert {f"{top}/py.typed" for top in TOPS} <= set(names(built[".whl"]))


def test_the_licence_is_declared_and_shipped(built: dict[str, Path]) -> None:
    """PEP 639: an expression, the file, and no classifier."""
    with zipfile.ZipFile(built[".whl"]) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        message = message_from_bytes(archive.read(metadata))
        text = archive.read(metadata.replace("METADATA", "licenses/LICENSE"))
    assert message["License-Expression"] == "MIT"
    assert message.get_all("License-File") == ["LICENSE"]
    assert not [each for each in message.get_all("Classifier", []) if each.startswith("License")]
    assert text == (ROOT / "LICENSE").read_bytes()


def test_the_sdist_holds_what_a_developer_needs(built: dict[str, Path]) -> None:
    """Sources, tests, scripts; nothing that git ignores."""
    with tarfile.open(built[".gz"]) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"pixola_ext", "generated", "tests", "scripts", "openapi.json", "Makefile", "pyproject.toml"} <= tops
    assert not tops & {".venv", ".toolchains", "build", "dist", "demo", ".git", ".mypy_cache", ".pytest_cache"}


def test_the_sdist_builds_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    """Byte for byte."""
    again = build(unpack(built[".gz"], tmp_path), tmp_path / "dist", "--wheel")
    assert again[".whl"].read_bytes() == built[".whl"].read_bytes()


def test_the_same_files_make_the_same_bytes(
    built: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere, later, with other times and permissions of files; and SOURCE_DATE_EPOCH is what moves them."""
    copy = unpack(built[".gz"], tmp_path)
    (copy / "PKG-INFO").unlink()
    for path in copy.rglob("*"):
        os.utime(path, (1, 1_000_000_000))
        path.chmod(path.stat().st_mode & 0o700)
    again = build(copy, tmp_path / "again", "--wheel", "--sdist")
    assert {kind: path.read_bytes() for kind, path in again.items()} == {
        kind: path.read_bytes() for kind, path in built.items()
    }
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    moved = [build(copy, tmp_path / name, "--wheel", "--sdist") for name in ("one", "two")]
    for kind, path in built.items():
        assert moved[0][kind].read_bytes() == moved[1][kind].read_bytes() != path.read_bytes()


def test_the_library_needs_no_extra(core: Environment) -> None:
    """Every public name is there, from the wheel, and so is the document."""
    code = (
        "import pixola_ext, pixola_client, json, sys; [getattr(pixola_ext, name) for name in pixola_ext.__all__];"
        "pixola_ext.Pixola('pxk_1234').close(); json.dump([pixola_ext.__file__, pixola_ext.spec()], sys.stdout)"
    )
    file, document = json.loads(core.python_code(code))
    assert Path(file).is_relative_to(core.folder.resolve())
    assert document == json.loads((ROOT / "openapi.json").read_bytes())


def test_without_its_extra_the_command_says_what_is_missing(core: Environment) -> None:
    """In one line."""
    said = core.run("pixola", "spec", code=1)
    assert said == "pixola: click is missing; install it with: pip install 'pixola-ext[cli]'\n"


def test_the_command_prints_the_document(everything: Environment) -> None:
    """From the wheel, byte for byte."""
    assert everything.run("pixola", "spec") == (ROOT / "openapi.json").read_text("utf-8")


def test_with_the_extras_a_prompt_becomes_a_picture(everything: Environment) -> None:
    """Through the sandbox in the wheel."""
    said = json.loads(everything.run("pixola", "--sandbox", "--json", "generate", "A fox", "--output", "out"))
    picture = everything.folder / "empty" / said["images"][0]["path"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_generated_package_stands_alone(bare: Environment, tmp_path: Path) -> None:
    """Copied into somebody's project it needs nothing of ours."""
    shutil.copytree(ROOT / "generated/pixola_client", tmp_path / "pixola_client")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import httpx;"
        "from pixola_client import AuthenticatedClient; from pixola_client.api.batches import get_batch;"
        "body = {'batchId': 'bt_1', 'status': 'complete', 'images': []};"
        "transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body));"
        "client = AuthenticatedClient('http://x', 'pxk_1', httpx_args={'transport': transport});"
        "print(get_batch.sync('bt_1', client=client).status, 'pixola_ext' in sys.modules)"
    )
    assert bare.python_code(code) == "complete False"


@pytest.mark.parametrize(
    ("tag", "section", "extra", "objection"),
    [
        ("v{}", "[{}]", "", None),
        ("v9.9.9", "[{}]", "", "the tag is v9.9.9"),
        ("", "[{}]", "", "the tag is missing"),
        ("v{}", "[Unreleased]", "", "has no section"),
        ("v{}", "[{}]", "old.whl", "dist/ holds old.whl"),
    ],
)
def test_only_a_whole_release_is_released(
    built: dict[str, Path], tmp_path: Path, tag: str, section: str, extra: str, objection: str | None
) -> None:
    """The tag is the version, the changelog has it, and dist/ holds it alone."""
    version = release.version(ROOT)
    (tmp_path / "pixola_ext").mkdir()
    shutil.copy(ROOT / "pixola_ext/_version.py", tmp_path / "pixola_ext")
    (tmp_path / "CHANGELOG.md").write_text(f"## {section.format(version)}\n")
    (tmp_path / "dist").mkdir()
    for path in built.values():
        shutil.copy(path, tmp_path / "dist")
    if extra:
        (tmp_path / "dist" / extra).touch()
    found = release.objections(tmp_path, tag.format(version))
    assert found == [] if objection is None else objection in found[0]
