"""How a picture came about, in its file: readable by others, with not a pixel touched."""

import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from pixola_ext._pictures.formats import BrokenPictureError, jpeg_segments, picture_suffix, png_chunks, webp_chunks
from pixola_ext._pictures.metadata import DIGITAL_SOURCE_TYPE, Provenance, joined, spliced, xmp
from tests.support.pictures import ALONE, JPEG, KINDS, KNOWN, PNG, SAMPLES, WEBP, described, encoded, pixels

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
OURS = "{urn:pixola-ext:picture:}"
EMBEDDED = [(suffix, content) for suffix, content in SAMPLES if suffix in {".png", ".jpg", ".webp"}]


def properties(packet):
    """The properties of an XMP packet by name."""
    (description,) = ET.fromstring(packet)[0]  # noqa: S314  (our own)
    return {each.tag: each.text for each in description}


def image_data(content):
    """The pieces of a file that hold pixels, as they are in it."""
    walks = {".png": png_chunks, ".jpg": jpeg_segments, ".webp": webp_chunks}
    segments = walks[picture_suffix(content)](content)
    names = {b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"} | {
        bytes([marker]) for marker in (0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xDA)
    }
    return [content[each.start : each.end] for each in segments if each.name in names]


# -- what a picture is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "content"), SAMPLES)
def test_a_whole_picture_is_known_by_its_bytes(suffix, content):
    """Whatever follows its end, and however it was encoded."""
    assert picture_suffix(content) == suffix
    if suffix != ".avif":  # whose boxes go on to the end of the file
        assert picture_suffix(content + b"more") == suffix


@pytest.mark.parametrize(("suffix", "content"), SAMPLES)
def test_a_picture_cut_anywhere_is_none(suffix, content):
    """Not one byte may be missing, also without any announced length."""
    assert {picture_suffix(content[:place]) for place in range(0, len(content), 1 + len(content) // 3000)} == {None}
    assert picture_suffix(content[:-1]) is None


@pytest.mark.parametrize("place", range(len(PNG)))
def test_a_png_with_a_wrong_byte_is_none(place):
    """Checksums tell; every byte counts."""
    changed = bytearray(PNG)
    changed[place] ^= 0x10
    assert picture_suffix(bytes(changed)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Sign in</html>",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"IEND\xaeB`\x82",
        PNG[:33] + PNG[-12:],  # a header and an end
        b"\xff\xd8\xff\xe0\0\x04ab\xff\xd9",
        b"\xff\xd8" + b"\xff" * 50,
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"GIF89a\1\0\1\0\0\0\0;",
        b"\0\0\0\x14ftypavif\0\0\0\0mif1",
    ],
)
def test_what_has_no_pixels_is_no_picture(content):
    """A signature alone, an end alone, or both."""
    assert picture_suffix(content) is None


def test_rare_forms_are_whole_pictures():
    """Fill bytes before a marker, a size of 64 bits, a box that goes on to the end."""
    assert picture_suffix(JPEG[:2] + b"\xff" * 7 + JPEG[2:]) == ".jpg"
    avif = KINDS[".avif"][0]
    place = avif.index(b"mdat") - 4
    size = int.from_bytes(avif[place : place + 4])
    assert place + size == len(avif)
    long = avif[:place] + b"\0\0\0\1mdat" + (size + 8).to_bytes(8) + avif[place + 8 :]
    assert picture_suffix(long) == ".avif"
    assert picture_suffix(long[:-1]) is None
    assert picture_suffix(avif[:place] + b"\0\0\0\0" + avif[place + 4 :]) == ".avif"


def test_a_file_of_nothing_but_pieces_is_given_up():
    """Five million empty chunks would keep us busy for no picture."""
    with pytest.raises(BrokenPictureError, match="too many pieces"):
        jpeg_segments(b"\xff\xd8" + b"\xff\x01" * 200_001)


# -- what is written -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "content"), EMBEDDED)
def test_no_pixel_is_touched(suffix, content):
    """The file is whole, looks the same, and its image data are the very bytes."""
    after = described(content)
    assert picture_suffix(after) == suffix
    assert pixels(after) == pixels(content)
    assert image_data(after) == image_data(content) != []


@pytest.mark.parametrize(("suffix", "content"), EMBEDDED)
def test_others_can_read_it(suffix, content):
    """Pillow finds the XMP, with IPTC's properties and everything that is known."""
    with Pillow.open(io.BytesIO(described(content))) as picture:
        picture.load()
        found = properties(picture.info.get("xmp") or picture.info["XML:com.adobe.xmp"])
    assert found[f"{IPTC}DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert found[f"{IPTC}AIPromptInformation"] == found[f"{OURS}prompt"] == KNOWN.prompt
    assert found[f"{IPTC}AISystemUsed"] == found[f"{OURS}model"] == "flux-2"
    ours = {name.removeprefix(OURS) for name in found if name.startswith(OURS)}
    assert ours == {"prompt", "model", "style", "shape", "quality", "image_id", "batch_id", "created_at"}


def test_a_png_also_has_texts():
    """The prompt as its description, and all of it as JSON."""
    with Pillow.open(io.BytesIO(described(PNG))) as picture:
        assert picture.text["Description"] == KNOWN.prompt
        assert json.loads(picture.text["pixola"]) == KNOWN.document()


def test_what_is_unknown_is_left_out():
    """Only that a model made it is always known."""
    assert Provenance().document() == {"digital_source_type": DIGITAL_SOURCE_TYPE}
    assert properties(xmp(Provenance(image_id="im_1"))) == {
        f"{IPTC}DigitalSourceType": DIGITAL_SOURCE_TYPE,
        f"{OURS}image_id": "im_1",
    }
    assert described(PNG, Provenance()).count(b"Description\0") == 0


def test_jfif_and_exif_stay_in_front():
    """Where their readers look; ours comes behind them."""
    exif = Pillow.Exif()
    exif[0x010E] = "mine"
    content = described(encoded("JPEG", exif=exif))
    assert [segment.name for segment in jpeg_segments(content)][:3] == [b"\xe0", b"\xe1", b"\xe1"]
    with Pillow.open(io.BytesIO(content)) as picture:
        assert picture.getexif()[0x010E] == "mine"


def test_an_animation_keeps_moving():
    """The frames of WebP and PNG are pixels, too."""
    for kind in ("WEBP", "PNG"):
        frames = [Pillow.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
        content = io.BytesIO()
        frames[0].save(content, kind, save_all=True, append_images=frames[1:])
        with Pillow.open(io.BytesIO(described(content.getvalue()))) as picture:
            assert picture.n_frames == 2


@pytest.mark.parametrize("name", ALONE)
def test_signed_or_described_files_are_left_alone(name):
    """A manifest would not match any more, two descriptions contradict."""
    assert picture_suffix(ALONE[name]) is not None
    assert described(ALONE[name]) is None


def test_what_does_not_fit_is_not_cut():
    """A JPEG segment holds 64 kB; a longer prompt stays out of it."""
    long = Provenance(prompt="x" * 70_000)
    assert described(JPEG, long) is None
    assert described(PNG, long) is not None
    assert described(WEBP, long) is not None


@given(prompt=st.text(), sample=st.sampled_from(EMBEDDED))
def test_any_prompt_is_written(prompt, sample):
    """Control characters and halves of characters are replaced, the rest comes back as it was."""
    suffix, content = sample
    after = described(content, Provenance(prompt=prompt))
    assert picture_suffix(after) == suffix
    written = Provenance(prompt=prompt).document()["prompt"]
    assert re.sub("\ufffd", "", written) == re.sub("[^\t\n\r -\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]", "", prompt)
    (packet,) = re.findall(rb"<\?xpacket.*<\?xpacket end=\"w\"\?>", after, re.DOTALL)
    found = properties(packet)[f"{OURS}prompt"] or ""
    assert found == written.replace("\r\n", "\n").replace("\r", "\n")


@given(
    sample=st.sampled_from(SAMPLES),
    edits=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6), st.integers(0, 8)), max_size=4),
)
def test_any_bytes_are_spliced_or_left(sample, edits):
    """Whatever a file is made of: never an exception, and what is a picture stays one."""
    _, content = sample
    for place, new, skipped in edits:
        content = content[: place % len(content)] + new + content[place % len(content) + skipped :]
        if not content:
            return
    suffix = picture_suffix(content)
    for kind in (".png", ".jpg", ".webp", ".gif", None):
        pieces = spliced(content, kind, KNOWN)
        if pieces is not None and kind == suffix:
            assert picture_suffix(b"".join(joined(content, pieces))) == suffix


@given(
    content=st.binary(max_size=200), signature=st.sampled_from([b"", PNG[:8], PNG[:33], JPEG[:2], WEBP[:12], WEBP[:30]])
)
def test_noise_is_no_picture(content, signature):
    """Nor an exception, with any beginning."""
    for kind in (".png", ".jpg", ".webp"):
        spliced(signature + content, kind, KNOWN)
    picture_suffix(signature + content)
