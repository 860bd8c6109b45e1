"""A city."""

from typing import Final, NamedTuple

from ..palettes import Colour, mix
from ..stage import Stage

_MASTS: Final = 0.3  # share of towers with one
_LIT: Final = 0.34  # share of windows


class _Building(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    colour: Colour


def city(stage: Stage) -> None:
    """Towers behind towers, with windows lit, and their reflection in a river."""
    canvas, palette, chance = stage.canvas, stage.palette, stage.chance
    horizon = stage.horizon(0.72, 0.8)
    stage.sky(horizon)
    for layer in range(4):
        share, x = (layer + 1) / 4, -0.05
        while x < canvas.ratio:
            width = chance.uniform(0.04, 0.1) * (0.7 + share * 0.5)
            top = horizon - chance.uniform(0.12, 0.5) * (1.1 - share * 0.5)
            building = _Building(x, top, x + width, horizon, stage.shade(share * 0.9))
            _outside(stage, building)
            if layer:
                _windows(stage, building)
            x += width + chance.uniform(-0.02, 0.03) * (1.4 - share)
    canvas.mirror(horizon, mix(palette.near, palette.sky[0], 0.5), 0.42)
    for _ in range(stage.count(60)):
        y = horizon + (1 - horizon) * chance.random()
        canvas.ellipse(canvas.ratio * chance.random(), y, chance.uniform(0.02, 0.09), 0.0012, stage.shade(0.45))


def _outside(stage: Stage, building: _Building) -> None:
    left, top, right, bottom, colour = building
    stage.canvas.bar(left, top, right, bottom, colour)
    middle, kind = (left + right) / 2, stage.chance.random()
    if kind < _MASTS:
        stage.canvas.line([(middle, top), (middle, top - stage.chance.uniform(0.03, 0.09))], colour, 0.003)
    elif kind < _MASTS * 2:
        inset = (right - left) * 0.22
        stage.canvas.bar(left + inset, top - inset * 1.2, right - inset, top, colour)
    elif kind > 1 - _MASTS / 2:
        stage.canvas.polygon([(left, top), (middle, top - (right - left) * 0.9), (right, top)], colour)


def _windows(stage: Stage, building: _Building) -> None:
    left, top, right, bottom, colour = building
    window, y = mix(stage.palette.accent, stage.palette.light, 0.6), top + 0.016
    while y < bottom - 0.02:
        x = left + 0.008
        while x < right - 0.01:
            if stage.chance.random() < _LIT * stage.detail:
                stage.canvas.bar(x, y, x + 0.005, y + 0.008, mix(window, colour, stage.chance.uniform(0, 0.6)))
            x += 0.012
        y += 0.019
