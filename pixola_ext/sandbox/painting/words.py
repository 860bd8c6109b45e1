"""The subject and the time of day of a prompt, by the words in it."""

import re
from collections.abc import Mapping
from random import Random
from typing import Final

# Words of a prompt that decide the light; the first row that fits counts.
TIMES: Final = {
    "dusk": "dusk sunset evening twilight",
    "dawn": "dawn sunrise morning mist misty fog foggy",
    "night": "night moon moonlit midnight stars starry dark",
    "winter": "winter snow snowy ice icy frost frozen christmas",
    "autumn": "autumn fall october leaves harvest",
    "storm": "storm stormy rain rainy thunder lightning grey gray",
    "golden": "golden gold warm",
    "noon": "noon day daylight summer sunny blue bright spring",
}

# Words of a prompt that decide the scene; without one, chance does.
SUBJECTS: Final = {
    "animal": "fox cat dog wolf animal kitten puppy portrait pet bear tiger lion",
    "sea": "sea ocean lighthouse ship boat sail sailing wave waves beach coast harbour harbor island pier",
    "city": "city street tower towers skyline robot car train building town poster cyberpunk office bridge",
    "cosmos": "space planet star galaxy astronaut moon cosmos rocket nebula spaceship universe",
    "garden": "flower flowers garden meadow rose roses bee butterfly bird tulip tulips field picnic",
    "forest": "forest tree trees wood woods jungle pine cabin path deer",
    "desert": "desert dune dunes sand camel canyon mars pyramid",
    "mountains": "mountain mountains lake alps peak valley hill hills river castle volcano landscape",
    "geometry": "abstract geometry pattern logo shape shapes icon",
}


def subject(prompt: str, chance: Random) -> str:
    """The name of the scene for a prompt."""
    return _named(prompt, SUBJECTS, chance)


def time_of_day(prompt: str, chance: Random) -> str:
    """The name of the palette for a prompt."""
    return _named(prompt, TIMES, chance)


def _named(prompt: str, rows: Mapping[str, str], chance: Random) -> str:
    said = set(re.findall(r"[a-z]+", prompt.casefold()))
    by_chance = chance.choice(list(rows))
    return next((name for name, words in rows.items() if not said.isdisjoint(words.split())), by_chance)
