"""Schemathesis over the API reference, against a sandbox's HTTP server: what thousands of odd requests find."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from pixola_ext.sandbox.server import SandboxServer
from tests.support.command import environment
from tests.support.measuring import unmeasured
from tests.support.reference import reference

PHASES: Final = "examples,coverage,fuzzing,stateful"  # all there are
LEAST: Final = 2000  # cases


def document(served: SandboxServer) -> dict[str, Any]:
    """The reference with its slugs as enums: any other slug is refused with 400."""
    found = reference()
    members = found["components"]["schemas"]["GenerationRequest"]["properties"]
    with httpx.Client(trust_env=False, base_url=served.url) as http:
        models, styles, shapes = (http.get(f"/{name}").json()[name] for name in ("models", "styles", "shapes"))
    members["model"]["enum"] = [model["slug"] for model in models]
    members["style"]["enum"] = [style["slug"] for group in styles for style in group["styles"]]
    members["shape"]["enum"] = [shape["slug"] for shape in shapes]
    return found


@pytest.mark.fuzz
def test_schemathesis_finds_nothing(tmp_path: Path, seed: int) -> None:
    """All phases, every check: nothing undocumented, nothing valid refused, nothing else accepted, no server error."""
    command = [Path(sys.executable).with_name("schemathesis"), "--no-color", "run", "openapi.json"]
    options = ["--phases", PHASES, "--checks", "all", "--continue-on-failure", "--max-examples", "150"]
    with unmeasured(), SandboxServer(document=reference(), credits=10**9) as served:
        (tmp_path / "openapi.json").write_text(json.dumps(document(served)))
        target = ["--url", served.url, "--header", f"Authorization: Bearer {served.api_key}"]
        ran = subprocess.run(
            [*command, *target, *options, "--seed", str(seed)],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (count,) = re.findall(r"(\d+) generated", ran.stdout)
    assert int(count) >= LEAST, ran.stdout
    assert f"Tested: {len(operations())}" in ran.stdout


def operations() -> list[str]:
    """The ids of all operations."""
    return [operation["operationId"] for path in reference()["paths"].values() for operation in path.values()]
