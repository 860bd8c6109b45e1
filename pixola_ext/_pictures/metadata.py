"""Metadata of generated pictures (prompt, model, ids, ...), written into the files without changing a pixel.

PNG gets text chunks and XMP (W3C PNG, 11.3.3), JPEG an APP1 segment with XMP, WebP an `XMP ` chunk (RFC 9649, 2.7).
The XMP holds the properties of IPTC Photo Metadata 2025.1 for generated pictures, and properties in a namespace of
this package. Left unchanged are files with a C2PA manifest, whose signature would no longer match, files that have XMP
already, and other kinds of picture.
"""

import html
import json
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from attrs import asdict, frozen

from .formats import (
    JPEG,
    JPEG_START,
    PNG,
    RIFF_HEADER,
    WEBP,
    BrokenPictureError,
    Buffer,
    Segment,
    jpeg_segments,
    png_chunks,
    webp_chunks,
    webp_end,
)

DIGITAL_SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_NAMESPACE: Final = "urn:pixola-ext:picture:"
_UNWRITABLE: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not in XML 1.0

Piece = bytes | slice  # new bytes, or a range of the original file


@frozen
class Provenance:
    """How a picture was generated, as far as it is known; a member that is None is not written."""

    prompt: str | None = None
    model: str | None = None
    style: str | None = None
    shape: str | None = None
    quality: str | None = None
    image_id: str | None = None
    batch_id: str | None = None
    created_at: datetime | None = None

    def document(self) -> dict[str, str]:
        """The known members as text, and the IPTC digital source type of pictures made by a trained model."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        texts = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in known.items()}
        return {name: _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text) for name, text in texts.items()} | {
            "digital_source_type": DIGITAL_SOURCE_TYPE
        }

    def json(self) -> str:
        """The document as JSON."""
        return json.dumps(self.document(), ensure_ascii=False, indent=2)


def spliced(data: Buffer, suffix: str, provenance: Provenance) -> list[Piece] | None:
    """The parts of the file with `provenance` added; None if the file must stay unchanged."""
    splice = _SPLICES.get(suffix)
    try:
        return splice(data, provenance) if splice else None
    except (_MustStayUnchangedError, BrokenPictureError):
        return None


class _MustStayUnchangedError(Exception):
    """The file has metadata that an addition would break or contradict, or no room for more."""


def _refuse(condition: bool) -> None:  # noqa: FBT001  (reads as a sentence)
    if condition:
        raise _MustStayUnchangedError


# -- XMP -----------------------------------------------------------------------------------------------------------


def xmp(provenance: Provenance) -> bytes:
    """An XMP packet (ISO 16684-1): IPTC's properties, and all known members in the namespace of this package."""
    document = provenance.document()
    iptc = {
        "DigitalSourceType": DIGITAL_SOURCE_TYPE,
        "AIPromptInformation": document.get("prompt"),
        "AISystemUsed": document.get("model"),
    }
    lines = [
        *(_property(f"Iptc4xmpExt:{name}", text) for name, text in iptc.items() if text is not None),
        *(_property(f"pixola:{name}", text) for name, text in document.items() if name != "digital_source_type"),
    ]
    return _PACKET.format(properties="\n".join(lines)).encode()


def _property(name: str, text: str) -> str:
    return f"   <{name}>{html.escape(text, quote=False)}</{name}>"


_PACKET: Final = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:pixola="{_NAMESPACE}">
{{properties}}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


# -- PNG -----------------------------------------------------------------------------------------------------------

_PNG_XMP: Final = b"XML:com.adobe.xmp"


def _png(data: Buffer, provenance: Provenance) -> list[Piece]:
    chunks = png_chunks(data)
    for chunk in chunks:
        _refuse(chunk.name == b"caBX")
        _refuse(chunk.name == b"iTXt" and data[chunk.content : chunk.content + len(_PNG_XMP)] == _PNG_XMP)
    header = chunks[0]
    texts = [(b"Software", "Pixola"), (b"pixola", provenance.json()), (_PNG_XMP, xmp(provenance).decode())]
    if provenance.prompt is not None:
        texts.insert(0, (b"Description", provenance.document()["prompt"]))
    return [slice(0, header.end), *(_png_text(keyword, text) for keyword, text in texts), slice(header.end, len(data))]


def _png_text(keyword: bytes, text: str) -> bytes:
    """An uncompressed iTXt chunk without language."""
    content = b"iTXt" + keyword + b"\0\0\0\0\0" + text.encode()
    return (len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4)


# -- JPEG ----------------------------------------------------------------------------------------------------------

_APP0, _APP1, _APP11 = b"\xe0", b"\xe1", b"\xeb"
_JPEG_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF: Final = b"Exif\0\0"
_JUMBF: Final = b"JP"  # of APP11: boxes of JPEG systems, C2PA manifests among them (ISO 19566-5)
_LONGEST_SEGMENT: Final = 0xFFFF  # bytes, its own length included


def _jpeg(data: Buffer, provenance: Provenance) -> list[Piece]:
    segments = jpeg_segments(data)
    for segment in segments:
        content = data[segment.content : min(segment.end, segment.content + len(_JPEG_XMP))]
        _refuse(segment.name == _APP11 and content.startswith(_JUMBF))
        _refuse(segment.name == _APP1 and content == _JPEG_XMP)
    packet = _JPEG_XMP + xmp(provenance)
    _refuse(len(packet) + 2 > _LONGEST_SEGMENT)
    here = _after_headers(data, segments)
    return [slice(0, here), b"\xff" + _APP1 + (len(packet) + 2).to_bytes(2) + packet, slice(here, len(data))]


def _after_headers(data: Buffer, segments: list[Segment]) -> int:
    """The offset behind JFIF and Exif, which readers expect at the start of the file."""
    here = len(JPEG_START)
    for segment in segments:
        is_exif = segment.name == _APP1 and data[segment.content : segment.content + len(_EXIF)] == _EXIF
        if segment.name != _APP0 and not is_exif:
            return here
        here = segment.end
    return here


# -- WebP ----------------------------------------------------------------------------------------------------------

_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10  # of the first byte of VP8X
_VP8_START: Final = b"\x9d\x01\x2a"
_VP8L_START: Final = 0x2F
_SIDE_BITS: Final = 14  # of a width or height


def _webp(data: Buffer, provenance: Provenance) -> list[Piece]:
    chunks, end = webp_chunks(data), webp_end(data)
    _refuse(end % 2 == 1 or any(chunk.name in {b"C2PA", b"XMP "} for chunk in chunks))
    first = chunks[0]
    if first.name == b"VP8X":
        flags = data[first.content] | _XMP_FLAG
        body: list[Piece] = [data[first.start : first.content] + bytes([flags]), slice(first.content + 1, end)]
        grown = 0
    else:
        header = _extended_header(data, first)
        body = [header, slice(RIFF_HEADER, end)]
        grown = len(header)
    packet = _riff_chunk(b"XMP ", xmp(provenance))
    size = end - 8 + grown + len(packet)
    return [b"RIFF" + size.to_bytes(4, "little") + b"WEBP", *body, packet, slice(end, len(data))]


def _riff_chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def _extended_header(data: Buffer, pixels: Segment) -> bytes:
    """A VP8X chunk (features of the file and size of its canvas) for a file that has none."""
    head = data[pixels.content : pixels.content + 10]
    mask = 2**_SIDE_BITS - 1
    flags = _XMP_FLAG
    if pixels.name == b"VP8L":
        _refuse(len(head) < 5 or head[0] != _VP8L_START)  # noqa: PLR2004  (signature and 4 bytes of header)
        bits = int.from_bytes(head[1:5], "little")
        width, height = bits & mask, bits >> _SIDE_BITS & mask
        flags |= _ALPHA_FLAG if bits >> 2 * _SIDE_BITS & 1 else 0
    else:
        _refuse(head[3:6] != _VP8_START or len(head) < 10)  # noqa: PLR2004  (tag, start code, two sides)
        width, height = ((int.from_bytes(head[at : at + 2], "little") & mask) - 1 for at in (6, 8))
        _refuse(width < 0 or height < 0)
    return _riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little"))


_SPLICES: Final[dict[str, Callable[[Buffer, Provenance], list[Piece]]]] = {PNG: _png, JPEG: _jpeg, WEBP: _webp}


def joined(data: Buffer, pieces: list[Piece]) -> Iterator[bytes]:
    """The bytes of the new file, in blocks of at most 1 MiB or one new piece."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            for start in range(piece.start, piece.stop, _BLOCK_SIZE):
                yield data[start : min(start + _BLOCK_SIZE, piece.stop)]


_BLOCK_SIZE: Final = 2**20  # bytes
