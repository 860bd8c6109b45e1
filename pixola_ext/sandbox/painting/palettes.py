"""Colours: palettes by name, six colours from the top of the sky to the darkest foreground, and the light."""

from typing import Final, NamedTuple

Colour = tuple[int, int, int]


class Palette(NamedTuple):
    """`sky` from top to horizon, `light` of the sun or moon, `far` and `near` ends of the land, `accent` for detail."""

    sky: tuple[Colour, Colour, Colour]
    light: Colour
    far: Colour
    near: Colour
    accent: Colour


def _colour(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _palette(row: str) -> Palette:
    top, middle, horizon, light, far, near, accent = (_colour(text) for text in row.split())
    return Palette((top, middle, horizon), light, far, near, accent)


PALETTES: Final = {
    name: _palette(row)
    for name, row in {
        # time of day, chosen by words of the prompt or by chance
        "dusk": "27355f 8f5d82 f2a36b ffe1a8 8a6a8c 1c2138 f26b4e",
        "dawn": "7fa8c9 f3c5b5 fbe3c0 fff4d6 a5a9c0 3b4a63 e8745b",
        "noon": "3f87c8 8fc3e6 e4f2f5 fffbe6 9fc0c4 24544d f0b23e",
        "night": "0a1030 182a54 3c5680 f4f1dc 3a4d72 070b1c ffcf6b",
        "golden": "5f7f9e e0b57c fbd99a fff3c9 b8946f 3d2c2a c8553d",
        "winter": "a9c3d9 d3e1ea f4f3ef ffffff b7c7d6 465a70 c75146",
        "autumn": "8296a8 d9b98f f5ddb0 fff0c9 b98a5e 4b2a22 d9622b",
        "storm": "2b3440 56646f a9b1ae e7e5da 6f7c84 171d24 d8a24a",
        # what styles bring along
        "paper": "f3ecdd efe3cd e8d7ba 5b4a3a b6a58c 2d2723 a8432f",
        "deco": "10131c 1b2433 2c3b4a e9c46a 46566a 0b0d14 d4a245",
        "nouveau": "d9cba3 cfb98a e9dcb4 fff3cf 8f9a6a 2f4436 b5573a",
        "ukiyo": "2f5d8a 8fb3c4 f0e3c8 d9483b 7fa0ac 1f3149 d9483b",
        "neon": "0b0620 240b4a 5b1a78 ff5cc8 3a1870 080312 22e6ff",
        "vapor": "6a5acd c77dd8 ffb8d9 fff2a8 9a8be0 3b2a6b 4ef0e0",
        "calm": "f4efe6 f1e8da e9dcc8 e39a6f d3c6b4 3f5058 c8664a",
        "bauhaus": "f1e9da f1e9da f1e9da e0a526 2f5f9e 1d1d1f d23a2e",
        "pop": "2bb7d9 7fd9e8 fff04d ff3d7f 3a6ee0 17152e ff3d3d",
        "blueprint": "0f3f78 13498a 1a56a0 dcebff 3f78bb 0a2c58 ffffff",
        "noir": "15161a 2c2e33 6b6d70 f4f2ec 54565a 050506 d9d6cc",
        "silver": "4a4c50 8b8d90 d2d2d0 ffffff 9a9a9a 161617 e4e4e2",
        "earth": "c9b79c d8c6a5 ead9b8 fff0cf a58763 463025 b3532e",
        "gothic": "0d0f1c 1f2440 4a4870 cfd6f5 37395c 05060c 8a2f3c",
        "cosmic": "05040f 1a1140 4a2470 ffd9a0 3b2a75 040309 ff7ab8",
        "solar": "5fb3c9 bfe3cf fdf2c4 fff7b8 8cc08a 1f5a41 f29a3f",
        "candy": "8fd3f4 c5e8f7 ffe9f0 fff6b8 a8d8a8 4a6a8a ff8fab",
        "steam": "4a3b2c 8a6a42 d9b071 ffe3a0 8f7048 21170f b86b2b",
        "dream": "a18cd1 d9b8e6 fbd6df fff5e0 b9a4d9 4f4379 f7a6b9",
    }.items()
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` of `other`."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def blended(one: Palette, other: Palette, share: float) -> Palette:
    """`one` with `share` of `other`, colour by colour."""
    top, middle, horizon = (mix(mine, its, share) for mine, its in zip(one.sky, other.sky, strict=True))
    rest = (mix(mine, its, share) for mine, its in zip(one[1:], other[1:], strict=True))
    return Palette((top, middle, horizon), *rest)
