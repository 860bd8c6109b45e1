"""Space."""

import math
from typing import Final

from ..canvas import Canvas
from ..palettes import Colour, mix
from ..stage import Stage

_COARSE: Final = 16  # clouds of light can be painted so many times smaller


def cosmos(stage: Stage) -> None:
    """A ringed planet and a moon before clouds of light and stars."""
    canvas, palette, chance = stage.canvas, stage.palette, stage.chance
    dark = mix(palette.near, (4, 4, 12), 0.7)
    canvas.soft(lambda far: _nebula(stage, far, dark), _COARSE)
    for _ in range(stage.count(round(420 * canvas.ratio))):
        size = 0.0006 + 0.0022 * chance.random() ** 4
        colour = mix(palette.light, dark, chance.random() * 0.7)
        canvas.ellipse(canvas.ratio * chance.random(), chance.random(), size, size, colour)
    x, y = stage.across(0.35, 0.65), chance.uniform(0.42, 0.58) + stage.lift
    radius = chance.uniform(0.17, 0.24) * min(1, canvas.ratio * 1.2)
    canvas.glow(x, y, radius * 1.9, palette.accent, 0.5)
    tilt = chance.uniform(0.16, 0.3)
    _rings(stage, x, y, radius, tilt, (180, 360))
    _planet(stage, x, y, radius, dark)
    _rings(stage, x, y, radius, tilt, (0, 180))
    side = canvas.ratio * (0.16 if x > canvas.ratio / 2 else 0.84)
    _globe(canvas, side, chance.uniform(0.12, 0.3), chance.uniform(0.03, 0.06), palette.far, dark)


def _nebula(stage: Stage, far: Canvas, dark: Colour) -> None:
    palette, chance = stage.palette, stage.chance
    far.gradient([dark, mix(dark, palette.sky[0], 0.6), dark], 0, 1)
    for _ in range(stage.count(18)):
        colour = chance.choice([palette.accent, palette.sky[1], palette.sky[2], palette.far])
        far.glow(far.ratio * chance.random(), chance.random(), chance.uniform(0.15, 0.5), colour, 0.34)


def _planet(stage: Stage, x: float, y: float, radius: float, dark: Colour) -> None:
    """A ball of gas: belts across, night on one side."""
    canvas, palette = stage.canvas, stage.palette
    phase, belts = stage.chance.uniform(0, math.tau), 36
    for n in range(belts):
        share = n / belts * 2 - 1
        wave = 0.5 + 0.3 * math.sin(share * 9 + phase) + 0.2 * math.sin(share * 23 + phase * 2)
        span = (share, min(share + 2.4 / belts, 1))
        canvas.slice(x, y, radius, span, mix(palette.light, palette.accent, wave))
    rim = [
        (x + radius * 1.01 * math.cos(n / 40 * math.pi), y + radius * 1.01 * math.sin(n / 40 * math.pi))
        for n in range(41)
    ]
    night = []
    for depth in range(6):
        inner = [(left, y + (top - y) * (depth * 0.28 - 0.5) + 0.004) for left, top in reversed(rim)]
        night.append(([*rim, *inner], 1 - 0.78 ** (depth + 1)))
    canvas.veil(night, dark)


def _globe(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, dark: Colour) -> None:
    for n in range(12):
        share = n / 12
        size = radius * (1 - share * 0.8)
        canvas.ellipse(
            x - radius * share * 0.3, y - radius * share * 0.3, size, size, mix(dark, colour, 0.35 + share * 0.6)
        )


def _rings(stage: Stage, x: float, y: float, radius: float, tilt: float, span: tuple[float, float]) -> None:
    for n in range(6):
        wide = radius * (1.5 + 0.1 * n)
        colour = mix(stage.palette.light, stage.palette.accent, n / 6)
        stage.canvas.arc(x, y, wide, wide * tilt, span, colour, 0.006 if n % 3 else 0.002)
