"""The API key, kept in an object that never shows it: not in a repr, a traceback with locals, or a server's words."""

import re
from functools import cached_property
from typing import Final

MASK: Final = "pxk_…"  # what stands in its place

EMPTY: Final = "is empty"

_SHORTEST_SECRET: Final = 8  # characters; to replace `a` everywhere would leave nothing of an answer
_INVISIBLE: Final = (  # soft hyphens, joiners, marks of direction, fillers, variation selectors, byte order marks
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_QUOTES: Final = "[\"'`\u00b4\u00ab\u00bb\u2018\u2019\u201c\u201d]"
_PLACEHOLDER: Final = r"…|\.{3}|\*{2,}|•|●|x{6,}|X{6,}|<[^>]*>|\$\{?\w+\}?|%\w+%|\{\{?\s*\w+\s*\}?\}"

# The ways to paste a key wrongly, the first that fits a key without the blanks around it.
_MISTAKES: Final = (
    (rf"(?s:.*){_INVISIBLE}", "holds an invisible character, as copied text may; type or copy it again"),
    (
        r"(?!pxk_)(?:export\s+|set\s+)?[A-Za-z_][A-Za-z0-9_-]*\s*[=:]",
        "begins with the name of a variable or header; give only what follows it",
    ),
    (r"(?i:bearer)\b", "begins with `Bearer`; give the key without it"),
    (rf"{_QUOTES}|.*{_QUOTES}\Z", "has quotation marks around it, which are not part of a key"),
    (rf"(?s:.*)(?:{_PLACEHOLDER})", "is a placeholder or was copied where it is shown shortened; copy the whole key"),
    (
        r"(?s:.*)pxk_(?s:.*)pxk_|(?s:.*)\S[\s,;]+\S",
        "holds a space, a line break or a comma in the middle: is this two keys, or one and something else?",
    ),
)


class ApiKey:
    """A key as the caller gave it, whatever it is; `problem` says what is wrong with it. Equal by value, hashable."""

    def __init__(self, given: object) -> None:
        self._given = given

    def __repr__(self) -> str:
        return f"ApiKey('{MASK}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and self._given == other._given

    def __hash__(self) -> int:
        return hash(self._given)

    def __reduce__(self) -> str:
        raise TypeError("an API key is not pickled; read it from PIXOLA_API_KEY in each process")

    def reveal(self) -> str:
        """The key itself: for the header of a request, and nothing that is kept."""
        return str(self._given)

    @property
    def problem(self) -> str | None:
        """Why this cannot be a key, without repeating any of it; None if it can."""
        return _problem(self._given)

    @cached_property
    def fingerprint(self) -> str:
        """What tells this key from others and cannot be turned back."""
        import hashlib  # noqa: PLC0415  (only what counts requests needs it)

        return hashlib.blake2b(self.reveal().encode(), digest_size=16, person=b"pixola-ext").hexdigest()

    # -- in the words of a server -------------------------------------------------------------------------------------

    def masked(self, text: str) -> str:
        """`text` with a mask wherever it repeats the key."""
        return text.replace(self.reveal(), MASK) if self._is_secret else text

    def masked_bytes(self, content: bytes) -> bytes:
        """`content` with the key replaced; in a JSON document a character may also be written as `\\u0041`."""
        if not self._is_secret:
            return content
        if self._encoded in content:
            content = content.replace(self._encoded, MASK.encode())
        is_escaped = b"\\" in content and (b"\\u00" in content or b"\\/" in content)
        return self._escaped.sub(MASK.encode(), content) if is_escaped else content

    @cached_property
    def _is_secret(self) -> bool:
        return len(self.reveal()) >= _SHORTEST_SECRET

    @cached_property
    def _encoded(self) -> bytes:
        return self.reveal().encode()

    @cached_property
    def _escaped(self) -> re.Pattern[bytes]:
        spellings = (rf"(?:\\?{re.escape(each)}|\\u00(?i:{ord(each):02x}))" for each in self.reveal())
        return re.compile("".join(spellings).encode())


def _problem(given: object) -> str | None:
    if not isinstance(given, str):
        return f"expected text, not {type(given).__name__}"
    key = given.strip()
    if not key:
        return EMPTY
    mistake = next((reason for pattern, reason in _MISTAKES if re.match(pattern, key)), None)
    if mistake is not None:
        return mistake
    if key != given:
        return "has a space or a line break before or after it; was it read from a file with its last line break?"
    if not (key.isascii() and key.isprintable()):
        return "holds a character that no key has; was it copied whole?"
    return None
