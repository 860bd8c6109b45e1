"""Our own client against Prism: `mock` answers from the examples of openapi.json, `proxy` checks every exchange."""

import sys
import tempfile

from pixola_ext import NotFoundError, Pixola


def main(mode: str) -> None:
    """Fail with an assertion if an answer is not what the document says."""
    with Pixola() as px, tempfile.TemporaryDirectory() as folder:
        assert px.models.get(px.models.list()[0].slug).slug
        assert px.styles.get(px.styles.list()[0].slug).slug
        assert px.shapes.get(px.shapes.list()[0].slug).slug
        assert px.credits().balance > 0
        batch = px.generate("A lighthouse", quality="hd", wait_timeout=30)
        assert batch.status == "complete"
        assert next(iter(px.batches.list(limit=1))).batch_id
        image = next(iter(px.images.list(limit=1)))
        assert px.images.get(image.image_id).image_id == image.image_id
        if mode == "proxy":  # the pictures of the examples are nowhere
            assert px.save(batch, folder)
            try:
                px.models.get("none")
            except NotFoundError:
                return
            raise AssertionError("an unknown model is no error")


main(sys.argv[1])
