"""What was written into a picture is read back from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from pixola_ext._pictures.metadata import Provenance, joined, spliced
from pixola_ext._pictures.reading import provenance_of

_WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=50)


@pytest.fixture(scope="module", params=["png", "jpg", "webp"])
def picture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of each kind, without metadata."""
    path: Path = tmp_path_factory.mktemp("pictures") / f"plain.{request.param}"
    PillowImage.new("RGB", (3, 2)).save(path)
    return path


@given(prompt=_WRITABLE, model=_WRITABLE)
def test_what_was_written_is_read(picture: Path, prompt: str, model: str) -> None:
    """In each kind of file, any text."""
    written = Provenance(prompt=prompt, model=model, quality="hd")
    data = picture.read_bytes()
    pieces = spliced(data, picture.suffix, written)
    assert pieces is not None
    described = picture.with_name(f"described{picture.suffix}")
    described.write_bytes(b"".join(joined(data, pieces)))
    assert provenance_of(described) == written
    assert provenance_of(picture) is None


@given(content=st.binary(max_size=300))
def test_any_file_is_read_or_tells_nothing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """No error for a file of any content."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    assert provenance_of(path) is None
