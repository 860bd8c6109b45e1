"""openapi-generator, target python: submit, poll, read an image through the package made from openapi.json."""

import os
import time

import urllib3
from openapi_client import ApiClient, BatchStatus, Configuration, GenerationRequest, Quality
from openapi_client.api import BatchesApi, GenerationApi, ImagesApi, ModelsApi
from openapi_client.exceptions import NotFoundException


def main() -> None:
    """Fail with an assertion if anything is not as the document says."""
    settings = Configuration(host=os.environ["PIXOLA_BASE_URL"], access_token=os.environ["PIXOLA_API_KEY"])
    with ApiClient(settings) as client:
        request = GenerationRequest(prompt="A lighthouse", quality=Quality.HD)
        batch_id = GenerationApi(client).create_generation(request).batch_id
        while (batch := BatchesApi(client).get_batch(batch_id)).status is BatchStatus.PROCESSING:
            time.sleep(0.1)
        assert batch.status is BatchStatus.COMPLETE
        image = ImagesApi(client).get_image(batch.images[0].image_id)
        assert image.batch_id == batch_id
        assert image.url is not None
        assert urllib3.request("GET", image.url).data.startswith(b"\x89PNG")
        assert len(ImagesApi(client).list_images(limit=1).images) == 1
        try:
            ModelsApi(client).get_model("none")
        except NotFoundException:
            return
    raise AssertionError("an unknown model is no error")


main()
