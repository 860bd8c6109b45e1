"""Schemathesis over openapi.json, against `pixola sandbox` as a process: what thousands of odd requests find."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.support.command import Served, environment, sandbox
from tests.support.implemented import implemented

PHASES: Final = "examples,coverage,fuzzing,stateful"  # all there are
LEAST: Final = 2000  # cases


def document(served: Served) -> dict[str, Any]:
    """What the sandbox implements of openapi.json, with its slugs as enums: any other slug is refused with 400."""
    found = implemented()
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
    options = [
        "--phases",
        PHASES,
        "--checks",
        "all",
        "--continue-on-failure",
        "--seed",
        str(seed),
        "--max-examples",
        "150",
    ]
    with sandbox("--latency", "0", "--no-rate-limits", "--credits", "1000000000") as served:
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
    return [operation["operationId"] for path in implemented()["paths"].values() for operation in path.values()]
