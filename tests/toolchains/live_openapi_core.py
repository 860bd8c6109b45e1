"""openapi-core: every exchange of a round trip is checked and read by the document that the sandbox serves."""

import os
import time
from typing import Any

import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.templating.paths.exceptions import ServerNotFound

URL = os.environ["PIXOLA_BASE_URL"]
SESSION = requests.Session()
SESSION.headers["authorization"] = f"Bearer {os.environ['PIXOLA_API_KEY']}"


def main() -> None:
    """Fail with an assertion or an error of openapi-core if anything is not as the document says."""
    document = SESSION.get(f"{URL}/openapi.json").json()
    api = OpenAPI.from_dict(document)

    def call(method: str, path: str, **options: Any) -> Any:
        request = SESSION.prepare_request(requests.Request(method, f"{URL}{path}", **options))
        asked = api.unmarshal_request(RequestsOpenAPIRequest(request))
        asked.raise_for_errors()
        answer = SESSION.send(request)
        read = api.unmarshal_response(RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(answer))
        read.raise_for_errors()
        return read.data

    assert call("GET", "/models")["models"]
    batch_id = call("POST", "/generate", json={"prompt": "A lighthouse", "quality": "hd"})["batchId"]
    while (batch := call("GET", f"/batches/{batch_id}"))["status"] == "processing":
        time.sleep(0.1)
    assert batch["status"] == "complete"
    image = call("GET", f"/images/{batch['images'][0]['imageId']}")
    assert image["batchId"] == batch_id
    assert requests.get(image["url"], timeout=60).content.startswith(b"\x89PNG")
    assert len(call("GET", "/images", params={"limit": 1})["images"]) == 1
    assert call("GET", "/models/none")["error"]["code"] == "not_found"
    del document["servers"][0]  # what is left is the live service's document: our requests are not of it
    request = RequestsOpenAPIRequest(SESSION.prepare_request(requests.Request("GET", f"{URL}/models")))
    assert [type(each) for each in OpenAPI.from_dict(document).iter_request_errors(request)] == [ServerNotFound]


main()
