"""Keys that are kept, the checkup, completion, and pictures made again."""

import json
import stat
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PillowImage

from pixola_ext.cli import exits
from pixola_ext.cli.credentials import keys_file
from pixola_ext.cli.root import run
from tests.support.command import Ran, Served
from tests.support.wire import Wire, error, reply

Inside = Callable[..., Ran]
KEY = "pxk_abcdefgh"


def test_a_key_is_kept_for_its_service_alone(inside: Inside, service: Wire) -> None:
    """In a file that only the user can read; another service never gets it."""
    service.script = lambda _heard: reply({"balance": 7})
    base = ("--base-url", service.url)
    ran = inside("--json", *base, "login", stdin=f"{KEY}\n".encode())
    path = keys_file()
    assert path is not None
    assert ran.json() == {"service": service.url, "stored_in": str(path), "balance": 7}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert inside(*base, "credits", "--no-spent").code == exits.DONE
    assert service.heard[-1].headers["authorization"] == f"Bearer {KEY}"
    assert inside("--base-url", f"{service.url}/other", "credits").code == exits.KEY
    assert inside("--json", *base, "logout").json()["forgotten"] is True
    assert inside(*base, "credits").code == exits.KEY
    assert inside("--json", *base, "logout").json()["forgotten"] is False


@pytest.mark.parametrize("key", [b"", b"two keys", b"'pxk_abcdefgh'"])
def test_what_is_no_key_is_not_kept(inside: Inside, key: bytes) -> None:
    """Nothing is sent and nothing is written."""
    assert inside("login", "--no-check", stdin=key).code == exits.KEY
    path = keys_file()
    assert path is not None
    assert not path.exists()


def test_a_key_that_the_service_refuses_is_not_kept(inside: Inside, service: Wire) -> None:
    """It would only fail later."""
    service.script = lambda _heard: error(401, "unauthorized", f"{KEY} is wrong")
    ran = inside("--base-url", service.url, "login", stdin=KEY.encode())
    assert (ran.code, KEY in ran.err) == (exits.KEY, False)
    assert inside("--base-url", service.url, "credits").code == exits.KEY


def test_a_keyring_is_preferred(inside: Inside, monkeypatch: pytest.MonkeyPatch, service: Wire) -> None:
    """When the extra is installed and the system has one."""
    kept: dict[tuple[str, str], str] = {}
    keyring: Any = types.ModuleType("keyring")
    fail: Any = types.ModuleType("keyring.backends.fail")
    fail.Keyring = type("Keyring", (), {})
    keyring.get_keyring = object
    keyring.set_password = lambda name, service, key: kept.update({(name, service): key})
    keyring.get_password = lambda name, service: kept.get((name, service))
    keyring.delete_password = lambda name, service: kept.pop((name, service))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.backends", types.ModuleType("keyring.backends"))
    monkeypatch.setitem(sys.modules, "keyring.backends.fail", fail)
    service.script = lambda _heard: reply({"balance": 7})
    base = ("--base-url", service.url)
    assert "keyring of this system" in inside(*base, "login", stdin=KEY.encode()).out
    assert kept == {("pixola", service.url): KEY}
    path = keys_file()
    assert path is not None
    assert not path.exists()
    assert inside(*base, "credits", "--no-spent").code == exits.DONE
    assert inside(*base, "logout").code == exits.DONE
    assert kept == {}
    keyring.get_keyring = fail.Keyring
    assert str(path) in inside(*base, "login", stdin=KEY.encode()).out


def test_the_doctor_tells_where_settings_come_from(inside: Inside, served: Served) -> None:
    """And shows no secret."""
    ran = inside("--json", "doctor", **served.settings)
    checks = {each["name"]: each for each in ran.json()["checks"]}
    assert (ran.code, ran.json()["is_healthy"]) == (exits.DONE, True)
    assert checks["base url"]["detail"] == f"{served.url}, from PIXOLA_BASE_URL"
    assert checks["api key"]["detail"] == "from PIXOLA_API_KEY"
    for name in ("state folder", "service", "clock", "account", "spec"):
        assert checks[name]["status"] == "ok", checks[name]
    assert served.api_key not in ran.out


@pytest.mark.parametrize(
    ("answer", "name"),
    [(error(500, "x"), "service"), (reply(b"<html>"), "service"), (reply({"models": []}), "account")],
)
def test_the_doctor_finds_what_is_wrong(inside: Inside, service: Wire, answer: bytes, name: str) -> None:
    """And exits with 1."""
    service.script = lambda _heard: answer
    ran = inside("--json", "doctor", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY=KEY)
    assert (ran.code, ran.json()["is_healthy"]) == (exits.ERROR, False)
    assert name in {each["name"] for each in ran.json()["checks"] if each["status"] == "failed"}


def test_the_doctor_sees_calls_that_are_new(inside: Inside, service: Wire) -> None:
    """In the service's own document."""
    document = {"openapi": "3.0.3", "paths": {"/upscale": {"post": {}}}}
    service.script = lambda heard: reply(
        document if heard.target.endswith("openapi.json") else {"balance": 1, "models": []}
    )
    ran = inside("--json", "doctor", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY=KEY)
    (spec,) = (each for each in ran.json()["checks"] if each["name"] == "spec")
    assert (spec["status"], "new: POST /upscale" in spec["detail"]) == ("warning", True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_is_printed_or_installed(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> None:
    """For each shell, the same script."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    printed = inside("completion", shell)
    assert (printed.code, "_PIXOLA_COMPLETE" in printed.out) == (exits.DONE, True)
    installed = inside("--json", "completion", shell, "--install")
    assert Path(installed.json()["path"]).read_text("utf-8").strip() == printed.out.strip()


def complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    """What bash is told for the last word of the line."""
    words = line.split(" ")
    monkeypatch.setenv("_PIXOLA_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    with pytest.raises(SystemExit):
        run([])
    monkeypatch.delenv("_PIXOLA_COMPLETE")
    return [each.partition(",")[2] for each in capsys.readouterr().out.split()]


def test_commands_options_and_slugs_are_completed(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], served: Served
) -> None:
    """Slugs from the catalog in the state folder; nothing is sent."""
    assert complete(monkeypatch, capsys, "pixola gen") == ["generate"]
    assert "--model" in complete(monkeypatch, capsys, "pixola generate --mo")
    assert complete(monkeypatch, capsys, "pixola generate -m flux-2") == []
    assert inside("models", **served.settings).code == exits.DONE
    assert "flux-2" in complete(monkeypatch, capsys, "pixola generate -m flux-2")


def test_a_picture_tells_how_to_make_it_again(inside: Inside) -> None:
    """Options change what they name."""
    prompt = 'a <fox> & "friends" 狐'
    made = inside("--sandbox", "generate", prompt, "-m", "flux-2", "-s", "anime", "--shape", "square", "-o", "fox.png")
    assert made.code == exits.DONE
    expected = {"prompt": prompt, "model": "flux-2", "style": "anime", "shape": "square", "quality": "hd"}
    ran = inside("--sandbox", "--json", "rerun", "fox.png", "--hd", "--dry-run")
    assert ran.json() == {"requests": [expected], "credits": 24}
    other = inside("--sandbox", "--json", "rerun", "fox.png", "-m", "sana-1.6b", "--prompt", "a cat", "--dry-run")
    assert other.json()["requests"] == [{"prompt": "a cat", "model": "sana-1.6b", "style": "anime", "shape": "square"}]


def test_the_service_tells_the_prompt_of_a_picture_that_was_fetched_later(inside: Inside, served: Served) -> None:
    """By the id in the file."""
    batch = inside("submit", "a fox", "-m", "flux-2", **served.settings).out.strip()
    assert inside("wait", batch, "-o", "fox.png").code == exits.DONE
    ran = inside("--json", "rerun", "fox.png", "--dry-run")
    assert ran.json()["requests"] == [{"prompt": "a fox", "model": "flux-2"}]
    assert "style and shape are not known" in ran.err


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_tells_nothing_is_refused(inside: Inside, tmp_path: Path, content: bytes) -> None:
    """Unless the file beside it does."""
    (tmp_path / "fox.png").write_bytes(content)
    assert inside("--sandbox", "rerun", "fox.png").code == exits.ERROR
    (tmp_path / "fox.png.json").write_text(json.dumps({"prompt": "a fox", "batch_id": 3}))
    ran = inside("--sandbox", "--json", "rerun", "fox.png", "--dry-run")
    assert ran.json()["requests"] == [{"prompt": "a fox"}]


def test_a_picture_without_metadata_is_refused(inside: Inside, tmp_path: Path) -> None:
    """It has none to read."""
    PillowImage.new("RGB", (1, 1)).save(tmp_path / "plain.webp")
    assert inside("--sandbox", "rerun", "plain.webp").code == exits.ERROR


def test_a_wrong_key_is_told_with_its_place(inside: Inside, service: Wire, tmp_path: Path) -> None:
    """`pixola login` is the way on only where it changes something: not while a variable has precedence."""
    service.script = lambda _heard: error(401, "unauthorized")
    base = {"PIXOLA_BASE_URL": service.url, "PIXOLA_STATE_DIR": str(tmp_path / "state")}
    of_variable = inside("credits", PIXOLA_API_KEY="pxk_abcdefgh", **base)
    assert (of_variable.code, "(the key is from PIXOLA_API_KEY)" in of_variable.err) == (exits.KEY, True)
    assert "next:" not in of_variable.err
    kept = inside("login", "--no-check", stdin=b"pxk_hgfedcba")
    assert (kept.code, "PIXOLA_API_KEY is set and has precedence" in kept.err) == (exits.DONE, True)
    of_login = inside("credits", PIXOLA_API_KEY="")
    assert (of_login.code, "next: pixola login" in of_login.err) == (exits.KEY, True)
