"""Wheel and sdist of the working tree, and environments in which they are installed."""

from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.installations import CORE, Environment, build, environment


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel and sdist of the working tree."""
    return build(ROOT, tmp_path_factory.mktemp("dist"), "--wheel", "--sdist")


@pytest.fixture(scope="session")
def core(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with what the library needs and nothing else."""
    return environment(tmp_path_factory.mktemp("core"), built[".whl"], CORE)


@pytest.fixture(scope="session")
def everything(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with all extras."""
    extras = ("click", "rich", "pillow", "starlette", "uvicorn", "anyio", "sniffio")
    return environment(tmp_path_factory.mktemp("everything"), built[".whl"], [*CORE, *extras])


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What the generated package needs, without the wheel."""
    return environment(tmp_path_factory.mktemp("bare"), None, CORE)
