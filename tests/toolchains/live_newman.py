"""Runs a Postman collection with newman: as it was imported, then with the ids that it got itself."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from postman import requests

ALL = 13


def run(newman: str, collection: str) -> list[dict[str, Any]]:
    """The executions of all requests, none of which left the sandbox."""
    options = ["--env-var", f"bearerToken={os.environ['PIXOLA_API_KEY']}", "--reporters", "json"]
    subprocess.run([newman, "run", collection, *options, "--reporter-json-export", "run.json"], check=True)
    executions: list[dict[str, Any]] = json.loads(Path("run.json").read_text("utf-8"))["run"]["executions"]
    assert len(executions) == ALL
    host, port = os.environ["PIXOLA_BASE_URL"].split("/")[2].split(":")
    for each in executions:
        url = each["request"]["url"]
        assert (".".join(url["host"]), url["port"]) == (host, port), url
    return executions


def succeeded(executions: list[dict[str, Any]]) -> int:
    """How many were answered with a 2xx."""
    return sum(each["response"]["code"] // 100 == 2 for each in executions)


def ids(executions: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The batch that was submitted and an image that was listed, by the names of the parameters."""
    for each in executions:
        if each["request"]["method"] == "POST" or each["request"]["url"]["path"][-1] == "images":
            answer = json.loads(bytes(each["response"]["stream"]["data"]))
            image = answer.get("images", [{}])[0]
            yield from {**image, **answer}.items()


def fill(collection: str, values: dict[str, str]) -> None:
    """Put values in place of the examples of path parameters, as its user would."""
    made = json.loads(Path(collection).read_text("utf-8"))
    for request in requests(made):
        for variable in request["url"].get("variable", ()):
            variable["value"] = values.get(variable["key"], variable["value"])
    Path(collection).write_text(json.dumps(made), "utf-8")


def main(newman: str) -> None:
    """Fail with an assertion if the collections do not run as docs/toolchains.md says."""
    assert succeeded(run(newman, "default.json")) == 5
    imported = run(newman, "made.json")
    assert succeeded(imported) == 11
    fill("made.json", dict(ids(imported)))
    assert succeeded(run(newman, "made.json")) == ALL


main(*sys.argv[1:])
