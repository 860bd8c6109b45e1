"""Moderation, as far as a sandbox needs it: a few words that are always refused."""

import re
from typing import Final

# Prompts with one of these words are refused with `content_flagged`; documented in docs/sandbox.md.
FLAGGED_WORDS: Final = frozenset({"beheading", "gore", "nsfw", "torture"})
_WORDS: Final = re.compile(r"\w+")


def is_flagged(prompt: str) -> bool:
    """Whether moderation refuses a prompt: it holds one of `FLAGGED_WORDS` as a whole word, in any case."""
    return not FLAGGED_WORDS.isdisjoint(_WORDS.findall(prompt.casefold()))
