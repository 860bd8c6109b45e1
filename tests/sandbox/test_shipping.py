"""The sandbox without Pillow, from a zip file, and under `python -OO`."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

from pixola_ext.sandbox.pictures import MissingPillowError
from tests.support.command import environment
from tests.support.sandboxes import Opened

ROOT: Final = Path(__file__).parents[2]
INSTALL: Final = "pip install 'pixola-ext[sandbox]'"


@pytest.fixture
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow cannot be imported."""
    for name in [each for each in sys.modules if each.startswith(("PIL", "pixola_ext.sandbox.painting"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)


@pytest.mark.usefixtures("without_pillow")
def test_without_pillow_only_pictures_fail(opened: Opened) -> None:
    """Everything else works; a picture fails with the extra that brings Pillow, over HTTP as an answer."""
    box = opened()
    box.submit()
    (image,) = box.get("/images").json()["images"]
    assert image["status"] == "complete"
    try:
        answer = box.http.get(image["url"])
    except MissingPillowError as error:
        assert box.sandbox.origin == "http://sandbox.localhost"
        assert (error.name, isinstance(error, ImportError)) == ("PIL", True)
        message = str(error)
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (501, "text/plain; charset=utf-8")
        message = answer.text.removesuffix("\n")
    assert message == f"the sandbox draws its pictures with Pillow, which is missing; install it with: {INSTALL}"
    assert box.get("/batches").status_code == 200


def test_another_missing_module_stays_itself() -> None:
    """A fault of the installation is not blamed on Pillow."""
    with pytest.raises(ModuleNotFoundError, match="other") as raised:
        raise MissingPillowError.of(ModuleNotFoundError("other", name="other"))
    assert not isinstance(raised.value, MissingPillowError)


WITHOUT_PILLOW: Final = "import sys; sys.modules['PIL'] = None; from pixola_ext.cli import main; main()"


def test_the_program_says_what_is_missing_before_it_starts() -> None:
    """A server whose pictures fail would be of no use."""
    words = [sys.executable, "-W", "error", "-c", WITHOUT_PILLOW, "sandbox", "--port", "0"]
    ran = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"pixola: PIL is missing; install it with: {INSTALL}\n"


PROGRAM: Final = """
import httpx, pixola_ext
from pixola_ext.sandbox import Sandbox
assert_zip = pixola_ext.__file__.partition(".zip")[1]
box = Sandbox()
with httpx.Client(transport=box.transport, headers={"authorization": f"Bearer {box.api_key}"}) as http:
    batch_id = http.post(f"{box.base_url}/generate", json={"prompt": "a fox"}).json()["batchId"]
    url = http.get(f"{box.base_url}/batches/{batch_id}").json()["images"][0]["url"]
    kinds = [http.get(each).headers["content-type"] for each in (url, box.origin, f"{box.base_url}/openapi.json")]
print(assert_zip, *kinds)
"""


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_it_works_from_a_zip_file(tmp_path: Path, option: str) -> None:
    """Page, document and pictures; without docstrings and assertions, too."""
    archive = tmp_path / "pixola.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(ROOT / "openapi.json", "pixola_ext/openapi.json")
        for path in (ROOT / "pixola_ext").rglob("*"):
            if path.suffix in {".py", ".html"}:
                file.write(path, path.relative_to(ROOT))
    words = [sys.executable, "-W", "error", option, "-c", PROGRAM]
    settings = environment(PYTHONPATH=str(archive))
    ran = subprocess.run(words, cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.split(), ran.stderr) == (
        [".zip", "image/png", "text/html;", "charset=utf-8", "application/json"],
        "",
    )
