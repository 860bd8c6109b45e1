"""Shapes without a subject."""

import math
from collections.abc import Callable
from typing import Final

from ..palettes import Colour, mix
from ..stage import Stage

_Form = Callable[[Stage, float, float, float, Colour], None]


def geometry(stage: Stage) -> None:
    """Circles, arcs and bars in balance."""
    canvas, palette, chance = stage.canvas, stage.palette, stage.chance
    canvas.gradient([palette.sky[2], mix(palette.sky[2], palette.sky[1], 0.3)], 0, 1)
    colours = [palette.accent, palette.near, palette.far, palette.light, palette.sky[0]]
    for n in range(stage.count(13)):
        x, y = canvas.ratio * chance.uniform(0.05, 0.95), chance.uniform(0.05, 0.95)
        _FORMS[n % len(_FORMS)](stage, x, y, chance.uniform(0.06, 0.26) * (1.2 - n / 18), colours[n % 5])


def _disc(stage: Stage, x: float, y: float, size: float, colour: Colour) -> None:
    stage.canvas.ellipse(x, y, size, size, colour)


def _beam(stage: Stage, x: float, y: float, size: float, colour: Colour) -> None:
    angle = stage.chance.choice([-0.7, -0.35, 0.35, 0.7])
    across, down = size * 2 * math.cos(angle), size * 2 * math.sin(angle)
    stage.canvas.line([(x - across, y - down), (x + across, y + down)], colour, 0.006 + size * 0.16)


def _rings(stage: Stage, x: float, y: float, size: float, colour: Colour) -> None:
    for n in range(5):
        stage.canvas.ring(x, y, size * (1 - n / 6), size * (1 - n / 6), colour, 0.007)


def _wedge(stage: Stage, x: float, y: float, size: float, colour: Colour) -> None:
    lean = stage.chance.uniform(-0.6, 0.6)
    stage.canvas.polygon([(x - size, y + size * 0.8), (x + size, y + size * 0.8), (x + size * lean, y - size)], colour)


def _half(stage: Stage, x: float, y: float, size: float, colour: Colour) -> None:
    turn = stage.chance.choice([0.0, math.pi / 2, math.pi, -math.pi / 2])
    rim = [turn + n / 32 * math.pi for n in range(33)]
    stage.canvas.polygon([(x + size * math.cos(angle), y + size * math.sin(angle)) for angle in rim], colour)


_FORMS: Final[tuple[_Form, ...]] = (_disc, _beam, _rings, _wedge, _half)
