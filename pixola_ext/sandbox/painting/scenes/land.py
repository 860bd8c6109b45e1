"""Land: mountains, forest, desert, garden."""

import math
from typing import Final

from ..palettes import mix
from ..stage import Stage

_PETALS: Final = 6


def mountains(stage: Stage) -> None:
    """Ridges behind a lake, and pines on the near shore."""
    canvas, palette, chance = stage.canvas, stage.palette, stage.chance
    horizon = stage.horizon(0.58, 0.66)
    stage.sky(horizon)
    peaks = stage.ridge(horizon - 0.1, 0.38, 0.6)
    stage.ground(peaks, stage.shade(0), horizon)
    snow = [(x, min(y + 0.02 + chance.uniform(0, 0.035), horizon)) for x, y in peaks]
    canvas.polygon([*peaks, *reversed(snow)], mix(palette.light, palette.sky[2], 0.3))
    for n in range(1, 4):
        share = n / 4
        stage.ground(
            stage.ridge(horizon + 0.01 * n, 0.34 * (1 - share * 0.72), 0.52), stage.shade(share * 0.7), horizon
        )
    canvas.mirror(horizon, mix(palette.sky[0], palette.near, 0.4), 0.28)
    for _ in range(stage.count(40)):
        x, y = canvas.ratio * chance.random(), horizon + (1 - horizon) * chance.random()
        canvas.ellipse(x, y, chance.uniform(0.02, 0.12), 0.0012, mix(palette.sky[2], palette.far, 0.3))
    shore = stage.ridge(1.0, 0.13, 0.5)
    stage.ground(shore, palette.near)
    for _ in range(stage.count(26)):
        edge = chance.random() ** 1.6
        place = edge if chance.random() < 0.5 else 1 - edge  # both sides, the middle open
        foot = shore[min(round(place * 256), 256)][1]
        stage.pine(canvas.ratio * place, foot + 0.02, chance.uniform(0.1, 0.3), stage.shade(chance.uniform(0.8, 1)))


def forest(stage: Stage) -> None:
    """Rows of pines fading into the light."""
    stage.sky(0.85 + stage.lift)
    for layer in range(6):
        share = (layer + 1) / 6
        line = stage.ridge(0.5 + 0.5 * share + stage.lift, 0.12, 0.5)
        for _ in range(stage.count(round(34 * stage.canvas.ratio * (1.25 - share)))):
            x, foot = line[stage.chance.randrange(257)]
            stage.pine(x, foot + 0.03, stage.chance.uniform(0.14, 0.3) * (0.5 + share * 0.8), stage.shade(share))
        stage.ground(line, stage.shade(share))


def desert(stage: Stage) -> None:
    """Dunes with a lit and a shaded side."""
    canvas, palette, chance = stage.canvas, stage.palette, stage.chance
    level = stage.horizon(0.54, 0.62)
    stage.sky(level + 0.04)
    dunes = stage.count(5)
    for dune in range(dunes):
        share = (dune + 1) / dunes
        crest, top = canvas.ratio * chance.uniform(0.1, 0.9), level + (1 - level) * 0.8 * (share - 0.2)
        height, reach = 0.07 + 0.06 * share, canvas.ratio * chance.uniform(0.45, 0.7)
        lit = mix(mix(palette.light, palette.accent, 0.3), palette.near, share * 0.3)
        line = [
            (
                x / 128 * canvas.ratio,
                top + height * (1 - math.exp(-(((x / 128 * canvas.ratio - crest) / reach) ** 2) * 4)),
            )
            for x in range(129)
        ]
        stage.ground(line, lit)
        lee = [point for point in line if point[0] >= crest]  # the side that falls away from the light
        bend = [(x - (x - crest) * 0.55 - (y - top) * 0.6, y + (x - crest) * 0.42) for x, y in lee]
        if lee:
            canvas.polygon([*lee, *reversed(bend)], mix(lit, palette.near, 0.45))
        for _ in range(stage.count(5)):
            y, x = top + height + chance.uniform(0.01, 0.12), canvas.ratio * chance.random()
            canvas.line([(x, y), (x + 0.14, y + 0.008), (x + 0.3, y)], mix(lit, palette.near, 0.14), 0.0022)


def garden(stage: Stage) -> None:
    """A meadow of flowers in front of hills."""
    stage.sky(0.6 + stage.lift)
    stage.hills(0.42 + stage.lift, 3, 0.45)
    flowers = stage.count(170)
    for n in range(flowers):
        share = n / flowers
        y = 0.66 + stage.lift + (0.4 - stage.lift) * share**1.3
        _flower(stage, stage.canvas.ratio * stage.chance.random(), y, 0.006 + 0.045 * share**1.6, share)


def _flower(stage: Stage, x: float, y: float, size: float, share: float) -> None:
    canvas, palette = stage.canvas, stage.palette
    stem = mix(palette.far, palette.near, 0.5 + share / 2)
    canvas.line([(x, y), (x + size * 0.4, y + size * 4)], stem, 0.0015 + size * 0.08)
    half, third = mix(palette.accent, palette.light, 0.5), mix(palette.accent, palette.sky[0], 0.4)
    colour = stage.chance.choice([palette.accent, palette.light, half, third])
    for petal in range(_PETALS):
        angle = petal * math.tau / _PETALS + share * 9
        left, top = x + size * 0.62 * math.cos(angle), y + size * 0.5 * math.sin(angle)
        canvas.ellipse(left, top, size * 0.42, size * 0.36, colour)
    canvas.ellipse(x, y, size * 0.3, size * 0.26, mix(palette.light, palette.near, 0.25))
