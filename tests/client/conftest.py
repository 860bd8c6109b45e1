"""An image whose picture is on the scripted service."""

import pytest

from pixola_ext import Image
from tests.support.wire import Wire


@pytest.fixture
def image(service: Wire) -> Image:
    """A finished one, with a signed URL."""
    return Image("im_1", url=f"{service.origin}/im_1.png?signature=secret", model="flux-2", status="complete")
