"""From documents in every style come the same calls, a client that type-checks, and one that passes the client's tests.

What differs between the documents may only be the words for people and how much is said about the answers. Trees that
do the same (their code is equal but for docstrings) are tested once.
"""

import ast
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import generate
import pytest
from normalising.calls import CALLS
from normalising.document import normalise

from tests.spec.documents import ALL

ROOT = Path(__file__).parents[2]
# The tests of the library in which generated values and calls take part; budget, files, hosts and keys know none.
DEPENDENT = [
    *(
        f"tests/client/test_{name}.py"
        for name in (
            *(
                "operations",
                "catalog",
                "history",
                "mutated_answers",
                "any_call",
                "arguments",
                "other_answers",
                "errors",
            ),
            *("submission", "pending", "waiting", "sharing", "saving", "saving_metadata", "notebook", "faces"),
        )
    ),
    "tests/replay",
]
# What reads and sends by the generated package: every call, every value, mutated answers, pages.
CORE = [f"tests/client/test_{name}.py" for name in ("operations", "catalog", "history", "mutated_answers")]
# Holds the generated package against openapi.json, of which the packages here are not made.
OF_OUR_CALLS = "tests/client/test_operations.py::test_every_documented_call_has_a_generated_module"
every_document = pytest.mark.parametrize("name", ALL)


class Trees:
    """Generated packages, each made once; `outcomes` are what was found out about them, by what they do."""

    def __init__(self, folder):
        self._folder = folder
        self.cache = folder / "mypy"
        self.outcomes = {}

    def of(self, name):
        folder = self._folder / name
        if not folder.exists():
            folder.mkdir()
            spec = self._folder / f"{name}.json"
            spec.write_text(json.dumps(ALL[name].document()))
            generate.generate(spec, folder)
        return folder

    def once(self, name, what, run):
        """The outcome of `run` for this tree, or for another that does the same."""
        folder = self.of(name)
        key = (what, code(folder))
        if key not in self.outcomes:
            self.outcomes[key] = run(folder)
        return self.outcomes[key]


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return Trees(tmp_path_factory.mktemp("trees"))


class Silent(ast.NodeTransformer):
    """Removes docstrings, those of attributes too."""

    def visit_Expr(self, node):
        return None if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else node


def code(folder):
    """What the modules of a tree do, without what they tell."""
    modules = sorted((folder / "pixola_client").rglob("*.py"))
    return tuple(
        (path.relative_to(folder).as_posix(), ast.dump(Silent().visit(ast.parse(path.read_text(encoding="utf-8")))))
        for path in modules
    )


def operations(document):
    return {
        (method, path): (each["tags"], each["operationId"])
        for path, item in document["paths"].items()
        for method, each in item.items()
    }


@every_document
def test_the_calls_have_their_names_and_the_rest_is_reported(name):
    """Whatever the style: tag and operation by method and path; nothing else is said than what is to be said."""
    dialect = ALL[name]
    found = normalise(dialect.document())
    named = operations(found.document)
    assert {call: named[call] for call in CALLS} == {call: ([one.tag], one.operation) for call, one in CALLS.items()}
    assert len(found.report) == len(dialect.told)
    for part, line in zip(sorted(dialect.told), sorted(found.report), strict=True):
        assert part in line


@every_document
def test_the_client_is_generated_without_a_warning(name, trees):
    """The generator has no complaint, and every module that the client imports is there."""
    modules = {f"pixola_client/api/{call.tag}/{call.operation}.py" for call in CALLS.values()}
    assert modules - generate._files(trees.of(name)).keys() == set()


@every_document
def test_the_client_type_checks(name, trees):
    """By mypy --strict."""

    def run(folder):
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", trees.cache, folder / "pixola_client"]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout

    assert trees.once(name, "mypy", run).startswith("Success: no issues found")


def passes(folder, suites):
    """The exit code of these tests on a tree, and the end of what they print."""
    settings = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    where = [sys.executable, "-c", "import pixola_client; print(pixola_client.__file__)"]
    imported = subprocess.run(where, capture_output=True, text=True, check=True, cwd=ROOT, env=settings).stdout
    assert Path(imported.strip()).is_relative_to(folder)
    options = ["-q", "-x", "-p", "no:cacheprovider", f"--deselect={OF_OUR_CALLS}"]
    command = [sys.executable, "-m", "pytest", *options, *suites]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=settings)
    return done.returncode, done.stdout[-3000:]


@every_document
def test_the_client_reads_and_sends_by_what_this_document_makes(name, trees):
    """Every call, every value and a thousand mutated answers, on the package that this document makes."""
    returncode, told = trees.once(name, "core", lambda folder: passes(folder, CORE))
    assert returncode == 0, told


@pytest.fixture(scope="module")
def outcomes(trees):
    """What the dependent tests say of each tree that does something else, one on each core at a time."""
    distinct = {code(trees.of(name)): name for name in ALL}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ran = pool.map(lambda name: passes(trees.of(name), DEPENDENT), distinct.values())
        return dict(zip(distinct, ran, strict=True))


@pytest.mark.slow
@every_document
def test_the_client_passes_all_its_tests_on_what_this_document_makes(name, trees, outcomes):
    """Every test in which generated values and calls take part, cassettes of the sandbox too."""
    returncode, told = outcomes[code(trees.of(name))]
    assert returncode == 0, told
