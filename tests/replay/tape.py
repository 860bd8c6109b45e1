"""How exchanges are recorded and replayed: no secret gets in, and a request is found again by its body too."""

import hashlib
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import vcr
from vcr.persisters.filesystem import CassetteNotFoundError, FilesystemPersister
from vcr.request import Request
from vcr.serialize import deserialize, serialize

CASSETTES: Final = Path(__file__).parent / "cassettes"
API: Final = "http://127.0.0.1:8321"  # what recorded origins are called, whichever ports they had
PICTURES: Final = "http://127.0.0.1:8322"
HIDDEN: Final = "hidden"

_KEPT_REQUEST_HEADERS: Final = frozenset({"accept", "content-type"})
_DROPPED_RESPONSE_HEADERS: Final = frozenset({"set-cookie", "server", "x-request-id", "content-encoding"})
_SECRETS: Final = (
    (re.compile(rb"(signature|sig|token|X-Amz-[A-Za-z]+)=[^&\"'\\\s]+", re.IGNORECASE), rb"\1=" + HIDDEN.encode()),
    (re.compile(rb"pxk_[A-Za-z0-9_-]+"), b"pxk_" + HIDDEN.encode()),
)


def recorder(origins: dict[str, str], mode: str) -> vcr.VCR:
    """A VCR that calls the real origins (keys of `origins`) by their recorded names (values)."""
    names = [(real.encode(), name.encode()) for real, name in origins.items()]

    def clean(content: bytes) -> bytes:
        for real, name in names:
            content = content.replace(real, name)
        for secret, replacement in _SECRETS:
            content = secret.sub(replacement, content)
        return content

    def clean_request(request: Request) -> Request:
        request.uri = clean(request.uri.encode()).decode()
        request.headers = {name: value for name, value in request.headers.items() if name in _KEPT_REQUEST_HEADERS}
        request.body = clean(request.body) if request.body else request.body
        return request

    def clean_response(response: dict[str, Any]) -> dict[str, Any]:
        kept = {n.lower(): v for n, v in response["headers"].items() if n.lower() not in _DROPPED_RESPONSE_HEADERS}
        headers = {name: [clean(value.encode()).decode() for value in values] for name, values in kept.items()}
        body = response["body"]["string"]
        if not _is_picture(headers):
            body = clean(body)
        headers["content-length"] = [str(len(body))]
        return {**response, "headers": headers, "body": {"string": body}}

    tape = vcr.VCR(
        record_mode=mode,
        match_on=("method", "scheme", "host", "port", "path", "query", "body"),
        decode_compressed_response=True,
        before_record_request=clean_request,
        before_record_response=clean_response,
    )
    tape.register_persister(_BesidePictures)
    return tape


def _is_picture(headers: dict[str, list[str]]) -> bool:
    return any(value.startswith("image/") for value in headers.get("content-type", []))


class _BesidePictures(FilesystemPersister):
    """Cassettes whose pictures are files beside them, named by their content, so that one can look at them."""

    @classmethod
    def load_cassette(cls, cassette_path: str, serializer: Any) -> Any:
        path = Path(cassette_path)
        if not path.is_file():
            raise CassetteNotFoundError
        requests, responses = deserialize(path.read_text("utf-8"), serializer)
        for response in responses:
            if _is_picture(response["headers"]):
                response["body"]["string"] = (CASSETTES / _text(response["body"]["string"])).read_bytes()
        return requests, responses

    @staticmethod
    def save_cassette(cassette_path: str, cassette_dict: Any, serializer: Any) -> None:
        path = Path(cassette_path)
        responses = [_beside(response) for response in cassette_dict["responses"]]
        text = serialize({**cassette_dict, "responses": responses}, serializer)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _beside(response: dict[str, Any]) -> dict[str, Any]:
    if not _is_picture(response["headers"]):
        return response
    content = response["body"]["string"]
    suffix = response["headers"]["content-type"][0].partition("/")[2]
    name = f"pictures/{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
    (CASSETTES / "pictures").mkdir(parents=True, exist_ok=True)
    (CASSETTES / name).write_bytes(content)
    return {**response, "body": {"string": name}}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
