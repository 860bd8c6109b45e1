"""How exchanges are recorded and replayed: no secret gets in, and a request is found again by its body too.

Headers and query parameters are kept by name, whatever is not known to be harmless is left out or hidden; a body that
cannot be read is not recorded at all.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import vcr
from vcr.persisters.filesystem import CassetteNotFoundError, FilesystemPersister
from vcr.request import Request
from vcr.serialize import deserialize, serialize

CASSETTES: Final = Path(__file__).parent / "cassettes"
API: Final = "http://127.0.0.1:8321"  # what recorded origins are called, whichever ports they had
PICTURES: Final = "http://127.0.0.1:8322"
HIDDEN: Final = "hidden"

_KEPT_REQUEST_HEADERS: Final = frozenset({"accept", "content-type"})
_KEPT_RESPONSE_HEADERS: Final = frozenset(
    {"cache-control", "content-length", "content-type", "date", "etag", "location", "retry-after"}
)
_KEPT_PARAMETERS: Final = frozenset({b"limit", b"cursor", b"batchId", b"expires"})
_QUERY: Final = re.compile(rb"(https?:(?:\\?/){2}[^\s\"'<>?#]*\?)([^\s\"'<>#]+)")  # of a URL, also with \/ as in JSON
_PAIR: Final = re.compile(rb"([^&=]+)(=?)([^&]*)")
_USER: Final = re.compile(rb"(https?:(?:\\?/){2})[^\s\"'<>/?#@\\]*@")
_KEY: Final = re.compile(rb"pxk_[A-Za-z0-9_-]+")
_TOKEN: Final = re.compile(rb"(?i:bearer)\s+[\w.~+/=-]{16,}|eyJ[\w-]+\.[\w-]+\.[\w-]*")


class UnreadableBodyError(Exception):
    """An answer is neither a picture nor text, so nobody can tell what would be recorded."""


def hidden(content: bytes) -> bytes:
    """`content` without keys, tokens, users of URLs and the values of their queries."""
    content = _QUERY.sub(lambda url: url[1] + _PAIR.sub(_hidden_pair, url[2].replace(rb"\u0026", b"&")), content)
    content = _USER.sub(rb"\1", content)
    content = _KEY.sub(b"pxk_" + HIDDEN.encode(), content)
    return _TOKEN.sub(HIDDEN.encode(), content)


def _hidden_pair(pair: re.Match[bytes]) -> bytes:
    return pair[0] if pair[1] in _KEPT_PARAMETERS else pair[1] + b"=" + HIDDEN.encode()


def recorder(origins: Mapping[str, str], mode: str, *, secrets: Iterable[str] = ()) -> vcr.VCR:
    """A VCR that calls the real origins (keys of `origins`) by their recorded names, and hides `secrets` everywhere."""
    names = [(real.encode(), name.encode()) for real, name in origins.items()]
    names += [(secret.encode(), HIDDEN.encode()) for secret in secrets]

    def clean(content: bytes) -> bytes:
        for real, name in names:
            content = content.replace(real, name)
        return hidden(content)

    def clean_request(request: Request) -> Request:
        request.uri = clean(request.uri.encode()).decode()
        request.headers = {name: value for name, value in request.headers.items() if name in _KEPT_REQUEST_HEADERS}
        request.body = clean(request.body) if request.body else request.body
        return request

    def clean_response(response: dict[str, Any]) -> dict[str, Any]:
        kept = {name.lower(): values for name, values in response["headers"].items()}
        headers = {
            name: [clean(value.encode()).decode() for value in kept[name]]
            for name in sorted(kept.keys() & _KEPT_RESPONSE_HEADERS)
        }
        body = response["body"]["string"]
        if not _is_picture(headers):
            body = clean(_readable(body))
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


def prune(folder: Path, names: Iterable[str]) -> None:
    """Remove cassettes that are not called so, and pictures that no cassette shows."""
    known = set(names)
    for cassette in folder.glob("*/*.yaml"):
        if cassette.stem not in known:
            cassette.unlink()
    shown = shown_pictures(folder)
    for picture in (folder / "pictures").glob("*"):
        if picture not in shown:
            picture.unlink()


def shown_pictures(folder: Path) -> set[Path]:
    """The picture files that cassettes refer to."""
    texts = [cassette.read_text("utf-8") for cassette in folder.glob("*/*.yaml")]
    return {folder / name for text in texts for name in re.findall(r"\bpictures/[0-9a-f]{16}\.\w+", text)}


def _readable(body: bytes) -> bytes:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise UnreadableBodyError("the body is neither a picture nor text") from error
    if "\0" in text:
        raise UnreadableBodyError("the body is neither a picture nor text")
    return body


def _is_picture(headers: Mapping[str, list[str]]) -> bool:
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
                response["body"]["string"] = (path.parents[1] / _text(response["body"]["string"])).read_bytes()
        return requests, responses

    @staticmethod
    def save_cassette(cassette_path: str, cassette_dict: Any, serializer: Any) -> None:
        path = Path(cassette_path)
        responses = [_beside(response, path.parents[1]) for response in cassette_dict["responses"]]
        text = serialize({**cassette_dict, "responses": responses}, serializer)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _beside(response: dict[str, Any], folder: Path) -> dict[str, Any]:
    if not _is_picture(response["headers"]):
        return response
    content = response["body"]["string"]
    suffix = re.sub(r"\W.*", "", response["headers"]["content-type"][0].partition("/")[2])
    name = f"pictures/{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return {**response, "body": {"string": name}}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
