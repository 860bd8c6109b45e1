"""Addresses of pictures: signed, expiring, renewed by asking again."""

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image as PillowImage

from tests.support.sandboxes import Opened, Reached


def url_of(box: Reached, **options: str) -> str:
    """The URL of a new picture."""
    batch_id = box.submit(**options)
    found: str = box.get(f"/batches/{batch_id}").json()["images"][0]["url"]
    return found


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (1024, 1024)),
        ({"shape": "landscape-wide"}, (1344, 756)),
        ({"shape": "portrait", "quality": "hd"}, (1792, 2390)),
    ],
)
def test_a_picture_has_the_shape_asked_for(box: Reached, options: dict[str, str], size: tuple[int, int]) -> None:
    """HD doubles the side."""
    answer = box.http.get(url_of(box, **options), headers={"authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    with PillowImage.open(io.BytesIO(answer.content)) as picture:
        picture.load()
        assert picture.size == size


def test_an_address_needs_its_signature(box: Reached) -> None:
    """Neither without it nor with another, nor with a later date."""
    url = url_of(box)
    query = parse_qs(urlsplit(url).query)
    bare = url.partition("?")[0]
    assert box.http.get(bare).status_code == 403
    assert box.http.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    later = int(query["expires"][0]) + 1
    assert box.http.get(bare, params={"expires": later, "signature": query["signature"][0]}).status_code == 403
    assert box.http.get(bare, params={"expires": "soon", "signature": "é"}).status_code == 403
    padded = "0" * 20 + query["expires"][0] + "9" * 5000
    assert box.http.get(bare, params={"expires": padded, "signature": query["signature"][0]}).status_code == 403


def test_an_address_expires_and_is_renewed(opened: Opened) -> None:
    """Asking for the image again gives a fresh one."""
    box = opened(url_lifetime=60)
    url = url_of(box)
    box.time.elapsed += 59
    assert box.http.get(url).status_code == 200
    box.time.elapsed += 1
    assert "expired" in box.http.get(url).text
    fresh = box.get("/images").json()["images"][0]["url"]
    assert box.http.get(fresh).status_code == 200


def test_a_picture_is_the_same_every_time(box: Reached) -> None:
    """Byte for byte, with an ETag."""
    url = url_of(box)
    first, second = box.http.get(url), box.http.get(url)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]


def test_styles_have_samples(box: Reached) -> None:
    """Open to everyone, as their URLs say."""
    answer = box.http.get(box.get("/styles/ukiyo-e").json()["image"])
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path", ["/", "/images/nothing.png", "/images/im_1", "/styles/nothing.png", "/styles/../x", "/a/b/c"]
)
def test_what_is_not_there_is_not_found(box: Reached, path: str) -> None:
    """In plain words, as stores answer."""
    answer = box.http.get(box.sandbox.pictures.origin + path)
    assert (answer.status_code, answer.text) == (404, "no such picture\n")


def test_pictures_can_only_be_fetched(box: Reached) -> None:
    """Any other method is refused."""
    assert box.http.delete(url_of(box)).status_code == 405
