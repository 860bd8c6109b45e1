"""An animal: a fox, its fur in the colours of the light."""

import math
from typing import Final, NamedTuple

from ..canvas import Point
from ..palettes import Colour, mix
from ..stage import Light, Stage

_TAIL: Final = 30  # circles that make the tail
_TIP: Final = 6  # of them, its pale tip


class _Coat(NamedTuple):
    fur: Colour
    shade: Colour
    belly: Colour
    dark: Colour


def animal(stage: Stage) -> None:
    """A fox sitting on a hill before the rising light."""
    palette, chance = stage.palette, stage.chance
    middle, level = stage.across(0.42, 0.58), chance.uniform(0.4, 0.46) + stage.lift * 0.5
    stage.sky(0.8, Light(middle, level, 0.27))
    stage.hills(0.6 + stage.lift, 3, 0.42)
    fur = mix(palette.accent, palette.near, 0.12)
    coat = _Coat(
        fur, mix(fur, palette.near, 0.22), mix(palette.light, palette.accent, 0.15), mix(palette.near, fur, 0.12)
    )
    x, y = middle, 0.74 + stage.lift * 0.5
    _tail(stage, x, y, coat)
    _body(stage, x, y, coat)
    _head(stage, x, y, coat)
    stage.ground(stage.ridge(0.99 + stage.lift * 0.5, 0.1, 0.4), palette.near)


def _tail(stage: Stage, x: float, y: float, coat: _Coat) -> None:
    """The fox's tail, curled around its feet."""
    for n in range(_TAIL):
        angle, size = 0.2 + n / _TAIL * 2.6, 0.05 * math.sin(math.pi * (0.12 + n / 34)) + 0.006
        left, top = x + 0.13 + 0.12 * math.sin(angle), y + 0.1 - 0.104 * math.cos(angle)
        stage.canvas.ellipse(left, top, size, size, coat.belly if n < _TIP else coat.fur)


def _body(stage: Stage, x: float, y: float, coat: _Coat) -> None:
    canvas = stage.canvas
    canvas.ellipse(x + 0.035, y + 0.09, 0.135, 0.115, coat.shade)
    canvas.polygon([(x - 0.06, y - 0.18), (x + 0.06, y - 0.18), (x + 0.13, y + 0.19), (x - 0.12, y + 0.19)], coat.fur)
    canvas.ellipse(x, y + 0.11, 0.115, 0.1, coat.fur)
    bib = [(x - 0.06, y - 0.14), (x + 0.06, y - 0.14), (x + 0.045, y - 0.02), (x, y + 0.07), (x - 0.045, y - 0.02)]
    canvas.polygon(bib, coat.belly)
    for side in (-1, 1):
        canvas.bar(x + side * 0.04 - 0.026, y + 0.03, x + side * 0.04 + 0.026, y + 0.12, coat.fur)
        canvas.bar(x + side * 0.04 - 0.024, y + 0.1, x + side * 0.04 + 0.024, y + 0.2, coat.dark)
    canvas.line([(x, y + 0.06), (x, y + 0.2)], coat.shade, 0.004)


def _head(stage: Stage, x: float, y: float, coat: _Coat) -> None:
    canvas = stage.canvas

    def at(*points: Point) -> list[Point]:
        return [(x + left, y + top) for left, top in points]

    for side in (-1, 1):
        canvas.polygon(at((side * 0.105, -0.36), (side * 0.02, -0.285), (side * 0.1, -0.235)), coat.fur)
        canvas.polygon(at((side * 0.094, -0.337), (side * 0.045, -0.285), (side * 0.09, -0.25)), coat.dark)
    face = at(
        (-0.1, -0.28), (0.1, -0.28), (0.125, -0.225), (0.06, -0.165), (0, -0.115), (-0.06, -0.165), (-0.125, -0.225)
    )
    canvas.polygon(face, coat.fur)
    cheeks = at(
        (-0.125, -0.225), (-0.05, -0.215), (0, -0.17), (0.05, -0.215), (0.125, -0.225), (0.055, -0.165), (0, -0.115)
    )
    canvas.polygon([*cheeks, *at((-0.055, -0.165))], coat.belly)
    canvas.ellipse(x, y - 0.125, 0.016, 0.012, coat.dark)
    for side in (-1, 1):
        canvas.ellipse(x + side * 0.046, y - 0.228, 0.0115, 0.0145, coat.dark)
        canvas.ellipse(x + side * 0.046 + 0.004, y - 0.233, 0.004, 0.004, coat.belly)
