"""Skies: how the air above the horizon is painted. A style chooses one."""

import math
from typing import Final

from .canvas import Canvas
from .palettes import mix
from .stage import Light, Stage

_FURTHEST: Final = 0.62  # that a glow reaches
_LARGEST: Final = 0.3  # radius of a disc


def plain(stage: Stage, horizon: float, light: Light) -> None:
    """A gradient, a glowing disc, bands of cloud."""
    _shining(stage, horizon, light, 0.75)
    for _ in range(stage.chance.randrange(3, 8)):
        _band(stage, horizon)
    stage.canvas.ellipse(light.x, light.y, light.radius, light.radius, stage.palette.light)


def bare(stage: Stage, horizon: float, light: Light) -> None:
    """One colour and a disc."""
    stage.canvas.bar(-1, -1, stage.canvas.ratio + 1, horizon, mix(stage.palette.sky[1], stage.palette.sky[2], 0.6))
    radius = min(light.radius * 1.7, _LARGEST)
    stage.canvas.ellipse(light.x, light.y, radius, radius, stage.palette.light)


def cumulus(stage: Stage, horizon: float, light: Light) -> None:
    """Towering clouds, lit from one side."""
    _shining(stage, horizon, light, 0.6)
    stage.canvas.ellipse(light.x, light.y, light.radius, light.radius, stage.palette.light)
    white = mix(stage.palette.light, (255, 255, 255), 0.6)
    for _ in range(3):
        x, foot, size = stage.canvas.ratio * stage.chance.random(), horizon + 0.02, stage.chance.uniform(0.16, 0.3)
        puffs = [
            (
                x + stage.chance.uniform(-1, 1) * size * (1.2 - n / 18),
                foot - size * 1.5 * (n / 18),
                size * (0.46 - n / 60),
            )
            for n in range(18)
        ]
        for shift, colour in ((0.0, mix(stage.palette.sky[1], white, 0.45)), (-0.022, white)):
            for left, top, radius in puffs:
                stage.canvas.ellipse(left + shift, top + shift, radius * 0.85, radius * 0.7, colour)


def starry(stage: Stage, horizon: float, light: Light) -> None:
    """Stars and a crescent."""
    _shining(stage, horizon, light, 0.5)
    for _ in range(round(240 * stage.canvas.ratio)):
        x, y = stage.canvas.ratio * stage.chance.random(), horizon * stage.chance.random()
        size = 0.0008 + 0.0026 * stage.chance.random() ** 3
        stage.canvas.ellipse(
            x, y, size, size, mix(stage.palette.sky[0], stage.palette.light, 0.55 + 0.45 * size / 0.0034)
        )
    outer = [math.radians(angle) for angle in range(70, 291, 8)]
    rim = [(light.x + light.radius * math.cos(a), light.y + light.radius * math.sin(a)) for a in outer]
    bite = light.x + light.radius * 0.42  # the centre of what is cut away
    inner = [(bite + (x - light.x) * 0.92, y) for x, y in reversed(rim)]
    stage.canvas.polygon([*rim, *inner], stage.palette.light)


def rays(stage: Stage, horizon: float, light: Light) -> None:
    """Beams around the disc, in two tints."""
    stage.canvas.gradient(stage.palette.sky, 0, horizon)
    tint = mix(stage.palette.sky[1], stage.palette.light, 0.32)
    beams, reach = 28, 3.0 * max(stage.canvas.ratio, 1)
    for n in range(beams):
        angles = [(n + side) * math.tau / beams for side in (0.0, 0.5)]
        rim = [(light.x + reach * math.cos(angle), light.y + reach * math.sin(angle)) for angle in angles]
        stage.canvas.polygon([(light.x, light.y), *rim], tint)
    radius = min(light.radius * 1.5, _LARGEST)
    stage.canvas.ellipse(light.x, light.y, radius, radius, stage.palette.light)
    stage.canvas.ring(light.x, light.y, radius * 1.3, radius * 1.3, stage.palette.light, 0.005)


def stripes(stage: Stage, horizon: float, light: Light) -> None:
    """A large sun cut into stripes."""
    x, radius = light.x, max(light.radius, 0.21)
    top = min(horizon - radius * 1.35, light.y)
    _shining(stage, horizon, Light(x, top, radius / 2), 0.6)
    cuts = [(0.06 + 0.16 * n, 0.06 + 0.16 * n + 0.028 * (n + 1)) for n in range(6)]  # the gaps widen downwards
    edges = [-1.0, *(edge for cut in cuts for edge in cut)]
    for upper, lower in zip(edges[::2], edges[1::2], strict=False):
        for n in range(8):
            span = (upper + (lower - upper) * n / 8, upper + (lower - upper) * (n + 1) / 8)
            colour = mix((255, 226, 120), stage.palette.light, (span[0] + 1) / 2)
            stage.canvas.slice(x, top, radius, (max(span[0], -1), min(span[1] + 0.004, 1)), colour)


def swirls(stage: Stage, horizon: float, light: Light) -> None:
    """Currents of air around the disc."""
    stage.canvas.gradient(stage.palette.sky, 0, horizon)
    centres = [(light.x, light.y, light.radius)]
    centres += [(stage.canvas.ratio * stage.chance.random(), horizon * stage.chance.random(), 0.03) for _ in range(4)]
    tints = [mix(stage.palette.sky[n % 3], stage.palette.light, 0.2 + 0.09 * (n % 4)) for n in range(12)]
    for x, y, core in centres:
        for n in range(12, 0, -1):
            start, size = stage.chance.uniform(0, 360), core + 0.021 * n
            span = (start, start + stage.chance.uniform(170, 330))
            stage.canvas.arc(x, y, size * 1.15, size, span, tints[n - 1], 0.009)
        stage.canvas.ellipse(x, y, core, core, stage.palette.light)


def bands(stage: Stage, horizon: float, light: Light) -> None:
    """Graded from a dark upper edge, with flat ribbons of mist and a full disc."""
    top, middle, low = stage.palette.sky
    stage.canvas.gradient([top, middle, low, low, low], 0, horizon)
    radius = min(light.radius * 1.5, _LARGEST)
    stage.canvas.ellipse(light.x, light.y, radius, radius, stage.palette.light)
    for n in range(4):
        y, x = horizon * (0.35 + 0.17 * n), stage.canvas.ratio * stage.chance.random()
        for offset, width in ((0.0, 0.34), (0.018, 0.24)):
            left, right = x - width * stage.chance.uniform(0.5, 1), x + width * stage.chance.uniform(0.5, 1)
            stage.canvas.bar(left, y + offset, right, y + offset + 0.018, mix(low, (255, 255, 255), 0.45))
            for end in (left, right):
                stage.canvas.ellipse(end, y + offset + 0.009, 0.009, 0.009, mix(low, (255, 255, 255), 0.45))


def _shining(stage: Stage, horizon: float, light: Light, strength: float) -> None:
    """The gradient of the sky and the glow around the light."""

    def paint(far: Canvas) -> None:
        far.bar(-1, -1, far.ratio + 1, 2, stage.palette.sky[2])
        far.gradient(stage.palette.sky, 0, horizon)
        far.glow(light.x, light.y, min(light.radius * 3 + 0.25, _FURTHEST), stage.palette.light, strength)

    stage.canvas.soft(paint)


def _band(stage: Stage, horizon: float) -> None:
    x, y = stage.canvas.ratio * stage.chance.random(), horizon * stage.chance.uniform(0.1, 0.8)
    colour = mix(stage.palette.sky[2], stage.palette.light, 0.35)
    for _ in range(stage.chance.randrange(4, 9)):
        width, shift = stage.chance.uniform(0.03, 0.11), stage.chance.uniform(-0.14, 0.14)
        stage.canvas.ellipse(x + shift, y + stage.chance.uniform(-0.008, 0.008), width, width * 0.09, colour)
