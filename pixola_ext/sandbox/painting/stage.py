"""What a scene works with, and the parts that several scenes share."""

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import NamedTuple

from .canvas import Canvas, Point
from .palettes import Colour, Palette, mix


class Light(NamedTuple):
    """Where sun or moon stands, and its radius."""

    x: float
    y: float
    radius: float


class Stage(NamedTuple):
    """A canvas, the colours, a source of chance, and what style and model ask of the composition.

    `heaven` paints the sky, `lift` moves the horizon (in heights), `detail` is a factor on how much there is to see;
    `centred` puts what matters in the middle.
    """

    canvas: Canvas
    palette: Palette
    chance: Random
    heaven: Callable[["Stage", float, Light], None]
    lift: float = 0.0
    detail: float = 1.0
    centred: bool = False

    def horizon(self, low: float, high: float) -> float:
        """A horizon between two heights, moved as asked."""
        return self.chance.uniform(low, high) + self.lift

    def across(self, low: float, high: float) -> float:
        """Where something that matters stands, between two shares of the width."""
        share = self.chance.uniform(low, high)
        return self.canvas.ratio * (0.5 if self.centred else share)

    def count(self, usual: int) -> int:
        """How many of something, at least one."""
        return max(1, round(usual * self.detail))

    def sky(self, horizon: float, light: Light | None = None) -> Light:
        """The sky down to `horizon`, with sun or moon; where the light stands."""
        if light is None:
            chance = self.chance
            x, y = self.across(0.2, 0.8), horizon * chance.uniform(0.4, 0.82)
            light = Light(x, y, chance.uniform(0.045, 0.085))
        self.canvas.bar(-1, horizon, self.canvas.ratio + 1, 2, self.palette.sky[2])
        self.heaven(self, horizon, light)
        return light

    def ground(self, line: list[Point], colour: Colour, bottom: float = 1.2) -> None:
        """Land from a line down to `bottom`."""
        self.canvas.polygon([(0, bottom), *line, (self.canvas.ratio, bottom)], colour)

    def ridge(self, level: float, height: float, rough: float = 0.55) -> list[Point]:
        """A line of hills from edge to edge by midpoint displacement; `rough` from 0 (smooth) to 1."""
        chance, ends, amplitude = self.chance, [self.chance.uniform(-1, 1), self.chance.uniform(-1, 1)], 1.0
        while len(ends) < 257:  # points: finer than a pixel is of no use
            amplitude *= rough
            middles = [(a + b) / 2 + chance.uniform(-amplitude, amplitude) for a, b in pairwise(ends)]
            ends = [value for pair in zip(ends, [*middles, 0.0], strict=True) for value in pair][:-1]
        step = self.canvas.ratio / (len(ends) - 1)
        return [(n * step, level - height * (value + 1) / 2) for n, value in enumerate(ends)]

    def hills(self, top: float, count: int, rough: float) -> None:
        """Rows of hills, the nearer the darker."""
        for n in range(count):
            share = (n + 1) / count
            line = self.ridge(top + (1 - top) * share * 0.75, 0.24 * (1 - 0.45 * share), rough)
            self.ground(line, self.shade(share))

    def shade(self, share: float) -> Colour:
        """The colour of land: far away with 0, near with 1."""
        return mix(mix(self.palette.sky[2], self.palette.far, 0.7), self.palette.near, share)

    def pine(self, x: float, foot: float, height: float, colour: Colour) -> None:
        """A tree."""
        for n in range(4):
            width, y = height * (0.11 + 0.05 * n), foot - height * (1 - 0.22 * n)
            self.canvas.polygon([(x, y), (x - width, y + height * 0.36), (x + width, y + height * 0.36)], colour)
        self.canvas.bar(x - height * 0.02, foot - height * 0.1, x + height * 0.02, foot + 0.01, colour)
