"""The formats of picture files: which kind a file is, and whether it is complete. No pixel is decoded.

A file is parsed from its first byte to the mark that ends a picture, whatever length a server announced: PNG chunks
with their checksums (W3C PNG, 5.3), JPEG segments and scans (ITU T.81, B.1), WebP chunks (RFC 9649, 2), GIF blocks
(GIF89a, appendix A) and AVIF boxes (ISO 14496-12, 4.2). Bytes after the end are
ignored.
"""

import zlib
from collections.abc import Callable, Iterator
from mmap import mmap
from typing import Final, NamedTuple

Buffer = bytes | mmap  # what is parsed; a slice of either is bytes

PNG: Final = ".png"
JPEG: Final = ".jpg"
WEBP: Final = ".webp"
GIF: Final = ".gif"
AVIF: Final = ".avif"

_MAX_SEGMENTS: Final = 200_000  # 64 MiB in usual segments of 8 KiB are 8,192; more would only cost time
_CHECKSUM_STEP: Final = 2**20  # bytes of one step of a checksum


class BrokenPictureError(ValueError):
    """The bytes are not a complete picture of their kind."""


class Segment(NamedTuple):
    """A chunk, segment or box of a file, by its offsets; `end` includes its checksum or padding."""

    name: bytes
    start: int
    content: int
    end: int


def picture_suffix(data: Buffer) -> str | None:
    """`.png`, `.jpg`, `.webp`, `.gif` or `.avif` for a complete picture; None for anything else."""
    for suffix, (is_kind, walk) in _KINDS.items():
        if is_kind(data[:16]):
            try:
                walk(data)
            except BrokenPictureError:
                return None
            return suffix
    return None


def _require(condition: bool, problem: str) -> None:  # noqa: FBT001  (reads as a sentence)
    if not condition:
        raise BrokenPictureError(problem)


def _number(data: Buffer, position: int, size: int, *, little: bool = False) -> int:
    digits = data[position : position + size]
    _require(len(digits) == size, "it ends too early")
    return int.from_bytes(digits, "little" if little else "big")


def _bounded(segments: Iterator[Segment]) -> list[Segment]:
    found = []
    for segment in segments:
        found.append(segment)
        _require(len(found) <= _MAX_SEGMENTS, "it has too many pieces")
    return found


# -- PNG -----------------------------------------------------------------------------------------------------------

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_SIZE: Final = 13  # bytes of IHDR


def png_chunks(data: Buffer) -> list[Segment]:
    """Every chunk from IHDR to IEND, lengths and checksums verified."""
    chunks = _bounded(_png_chunks(data))
    first = chunks[0]
    _require(first.name == b"IHDR" and first.end - first.content == _HEADER_SIZE + 4, "it has no header")
    _require(any(chunk.name == b"IDAT" for chunk in chunks), "it has no pixels")
    return chunks


def _png_chunks(data: Buffer) -> Iterator[Segment]:
    name, position = b"", len(PNG_SIGNATURE)
    while name != b"IEND":
        content = position + 8
        name, end = data[position + 4 : content], content + _number(data, position, 4) + 4
        _require(end <= len(data), "it ends within a chunk")
        _require(_checksum(data, position + 4, end - 4) == _number(data, end - 4, 4), "a checksum is wrong")
        yield Segment(name, position, content, end)
        position = end


def _checksum(data: Buffer, start: int, end: int) -> int:
    crc = 0
    for position in range(start, end, _CHECKSUM_STEP):
        crc = zlib.crc32(data[position : min(position + _CHECKSUM_STEP, end)], crc)
    return crc


# -- JPEG ----------------------------------------------------------------------------------------------------------

JPEG_START: Final = b"\xff\xd8"
_JPEG_END: Final = b"\xd9"
_SCAN: Final = b"\xda"
_WITHOUT_LENGTH: Final = frozenset(
    [b"\x01", *(bytes([0xD0 + number]) for number in range(8))]
)  # TEM, RST: no length follows
_FRAMES: Final = frozenset(bytes([0xC0 + number]) for number in range(16)) - {b"\xc4", b"\xc8", b"\xcc"}


def jpeg_segments(data: Buffer) -> list[Segment]:
    """Every segment from the start of image to its end, named by its marker; a scan includes its pixels."""
    segments = _bounded(_jpeg_segments(data))
    names = {segment.name for segment in segments}
    _require(_SCAN in names and not names.isdisjoint(_FRAMES), "it has no pixels")
    return segments


def _jpeg_segments(data: Buffer) -> Iterator[Segment]:
    name, position = b"", len(JPEG_START)
    while name != _JPEG_END:
        start = position
        _require(data[position : position + 1] == b"\xff", "a marker is missing")
        while data[position + 1 : position + 2] == b"\xff":  # fill bytes
            position += 1
        name, content = data[position + 1 : position + 2], position + 4
        if name in _WITHOUT_LENGTH or name == _JPEG_END:
            position, content = position + 2, position + 2
        else:
            length = _number(data, position + 2, 2)
            position += 2 + length
            _require(length >= 2 and position <= len(data), "it ends within a segment")  # noqa: PLR2004  (itself)
        if name == _SCAN:
            position = _scan_end(data, position)
        yield Segment(name, start, content, position)


def _scan_end(data: Buffer, position: int) -> int:
    while (position := data.find(b"\xff", position)) >= 0:
        after = data[position + 1 : position + 2]
        if after == b"\xff":
            position += 1
        elif after == b"\x00" or after in _WITHOUT_LENGTH:
            position += 2
        else:
            return position
    raise BrokenPictureError("it ends within its pixels")


# -- WebP ----------------------------------------------------------------------------------------------------------

RIFF_HEADER: Final = 12  # bytes: RIFF, size, WEBP
_VP8X_SIZE: Final = 10  # bytes: flags and the two sides of the canvas
_WEBP_PIXELS: Final = frozenset({b"VP8 ", b"VP8L", b"ANMF"})


def webp_end(data: Buffer) -> int:
    """Where the container ends, by its own header."""
    return 8 + _number(data, 4, 4, little=True)


def webp_chunks(data: Buffer) -> list[Segment]:
    """Every chunk of the container."""
    chunks = _bounded(_webp_chunks(data))
    _require(bool(chunks) and chunks[0].name in {b"VP8 ", b"VP8L", b"VP8X"}, "it has no header")
    _require(chunks[0].name != b"VP8X" or chunks[0].end - chunks[0].content >= _VP8X_SIZE, "its header is short")
    _require(any(chunk.name in _WEBP_PIXELS for chunk in chunks), "it has no pixels")
    return chunks


def _webp_chunks(data: Buffer) -> Iterator[Segment]:
    position, total = RIFF_HEADER, webp_end(data)
    _require(total <= len(data), "it ends within its container")
    while position < total:
        content = position + 8
        end = content + _number(data, position + 4, 4, little=True)
        _require(content <= total and end <= total, "it ends within a chunk")
        end = min(end + end % 2, total)  # chunks are padded to even sizes; the last padding may be missing
        yield Segment(data[position : position + 4], position, content, end)
        position = end


# -- GIF and AVIF --------------------------------------------------------------------------------------------------

_GIF_HEADER: Final = 13  # bytes: signature and logical screen
_GIF_IMAGE: Final = 10  # bytes of an image descriptor with its introducer


def _walk_gif(data: Buffer) -> None:
    position, pixels = _GIF_HEADER + _colour_table_size(data, 10), False
    while (kind := data[position : position + 1]) != b";":
        if kind == b",":
            pixels = True
            position = _after_blocks(data, position + _GIF_IMAGE + _colour_table_size(data, position + 9) + 1)
        else:
            _require(kind == b"!", "it ends within its pixels")
            position = _after_blocks(data, position + 2)
    _require(pixels, "it has no pixels")


def _colour_table_size(data: Buffer, flags: int) -> int:
    """Bytes of the colour table that the flags at this offset announce."""
    packed = _number(data, flags, 1)
    return 3 * 2 ** (packed % 8 + 1) if packed & 0x80 else 0


def _after_blocks(data: Buffer, position: int) -> int:
    while size := _number(data, position, 1):
        position += 1 + size
    return position + 1


def _walk_avif(data: Buffer) -> None:
    names = {box.name for box in _bounded(_boxes(data))}
    _require({b"meta", b"mdat"} <= names, "it has no pixels")


def _boxes(data: Buffer) -> Iterator[Segment]:
    position = 0
    while position < len(data):
        size, content = _number(data, position, 4), position + 8
        if size == 1:  # a long box: its size follows
            size, content = _number(data, position + 8, 8), position + 16
        end = position + size if size else len(data)
        _require(content <= end <= len(data), "it ends within a box")
        yield Segment(data[position + 4 : position + 8], position, content, end)
        position = end


_KINDS: Final[dict[str, tuple[Callable[[bytes], bool], Callable[[Buffer], object]]]] = {
    PNG: (lambda head: head.startswith(PNG_SIGNATURE), png_chunks),
    JPEG: (lambda head: head.startswith(JPEG_START + b"\xff"), jpeg_segments),
    WEBP: (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", webp_chunks),
    GIF: (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _walk_gif),
    AVIF: (lambda head: head[4:12] in {b"ftypavif", b"ftypavis"}, _walk_avif),
}
SUFFIXES: Final = frozenset({*_KINDS, ".jpeg"})
