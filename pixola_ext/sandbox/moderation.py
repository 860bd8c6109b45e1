"""Moderation: prompts with one of a few words are refused."""

import re
from typing import Final

# Prompts with one of these words are refused with `content_flagged`; documented in docs/sandbox.md.
FLAGGED_WORDS: Final = frozenset({"beheading", "gore", "nsfw", "torture"})
_WORDS: Final = re.compile(r"\w+")


def is_flagged(prompt: str) -> bool:
    """Whether a prompt has one of `FLAGGED_WORDS` as a whole word, in upper or lower case."""
    return not FLAGGED_WORDS.isdisjoint(_WORDS.findall(prompt.casefold()))
