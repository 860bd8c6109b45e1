"""Compositions: what a picture shows, drawn in relative coordinates from a palette and a source of chance."""

import math
from collections.abc import Callable
from random import Random
from typing import Final

from .canvas import Canvas, Point
from .palettes import Palette, mix

Scene = Callable[[Canvas, Palette, Random], None]


def ridge(chance: Random, level: float, height: float, ratio: float, rough: float = 0.55) -> list[Point]:
    """A line of hills from edge to edge by midpoint displacement; `rough` from 0 (smooth) to 1."""
    ends = [chance.uniform(-1, 1), chance.uniform(-1, 1)]
    amplitude = 1.0
    while len(ends) < 257:  # noqa: PLR2004  (points: finer than a pixel is of no use)
        amplitude *= rough
        middles = [(a + b) / 2 + chance.uniform(-amplitude, amplitude) for a, b in zip(ends, ends[1:], strict=False)]
        ends = [value for pair in zip(ends, [*middles, 0.0], strict=True) for value in pair][:-1]
    step = ratio / (len(ends) - 1)
    return [(n * step, level - height * (value + 1) / 2) for n, value in enumerate(ends)]


def _ground(canvas: Canvas, line: list[Point], colour: tuple[int, int, int], bottom: float = 1.0) -> None:
    canvas.polygon([(0, bottom), *line, (canvas.ratio, bottom)], colour)


def _sky(canvas: Canvas, palette: Palette, chance: Random, horizon: float) -> Point:
    """The sky down to `horizon`, with sun or moon and clouds; where the light stands."""
    canvas.gradient(palette.sky, 0, horizon)
    x, y = canvas.ratio * chance.uniform(0.25, 0.75), horizon * chance.uniform(0.42, 0.82)
    radius = chance.uniform(0.045, 0.085)
    canvas.glow(x, y, radius * 7, palette.light, 0.75)
    for _ in range(chance.randrange(3, 8)):
        _cloud(canvas, palette, chance, horizon)
    canvas.ellipse(x, y, radius, radius, palette.light)
    return x, y


def _cloud(canvas: Canvas, palette: Palette, chance: Random, horizon: float) -> None:
    x, y = canvas.ratio * chance.random(), horizon * chance.uniform(0.1, 0.8)
    colour = mix(palette.sky[2], palette.light, 0.35)
    for _ in range(chance.randrange(4, 9)):
        width = chance.uniform(0.03, 0.11)
        canvas.ellipse(x + chance.uniform(-0.14, 0.14), y + chance.uniform(-0.008, 0.008), width, width * 0.09, colour)


def _layers(canvas: Canvas, palette: Palette, chance: Random, top: float, count: int, rough: float) -> list[Point]:
    """Hills behind hills, darker towards us; the line of the nearest."""
    line: list[Point] = []
    for n in range(count):
        share = (n + 1) / count
        level = top + (1 - top) * share * 0.75
        line = ridge(chance, level, 0.24 * (1 - 0.45 * share), canvas.ratio, rough)
        _ground(canvas, line, mix(mix(palette.sky[2], palette.far, 0.75), palette.near, share))
    return line


def _pine(canvas: Canvas, x: float, foot: float, height: float, palette: Palette, share: float) -> None:
    colour = mix(palette.far, palette.near, share)
    for n in range(4):
        width, y = height * (0.11 + 0.05 * n), foot - height * (1 - 0.22 * n)
        canvas.polygon([(x, y), (x - width, y + height * 0.36), (x + width, y + height * 0.36)], colour)
    canvas.bar(x - height * 0.02, foot - height * 0.1, x + height * 0.02, foot + 0.01, colour)


def sea(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """A lighthouse on a headland, the light on the water, a sail or two."""
    horizon = chance.uniform(0.56, 0.64)
    sun, _ = _sky(canvas, palette, chance, horizon)
    _ground(canvas, ridge(chance, horizon, 0.06, canvas.ratio), mix(palette.sky[2], palette.far, 0.6), horizon)
    deep = mix(palette.near, palette.sky[0], 0.45)
    canvas.gradient([mix(palette.sky[2], deep, 0.35), mix(palette.sky[1], deep, 0.6), deep], horizon, 1)
    for n in range(90):
        y = horizon + (1 - horizon) * (n / 90) ** 1.4
        spread = 0.02 + (y - horizon) * 0.55
        x, width = sun + chance.uniform(-spread, spread), chance.uniform(0.01, 0.06) * (0.4 + y)
        canvas.ellipse(x, y, width, 0.0012 + (y - horizon) * 0.006, mix(deep, palette.light, 0.75 - n / 180))
    for _ in range(chance.randrange(1, 4)):
        _sail(canvas, palette, chance, horizon)
    _headland(canvas, palette, chance, horizon, left=sun > canvas.ratio / 2)


def _sail(canvas: Canvas, palette: Palette, chance: Random, horizon: float) -> None:
    x, y, size = (
        canvas.ratio * chance.uniform(0.35, 0.9),
        horizon + chance.uniform(0.01, 0.09),
        chance.uniform(0.02, 0.05),
    )
    canvas.polygon([(x, y - size * 1.6), (x, y), (x + size * 0.8, y)], mix(palette.light, palette.sky[2], 0.3))
    canvas.polygon([(x - 0.004, y - size * 1.3), (x - 0.004, y), (x - size * 0.5, y)], palette.accent)
    canvas.polygon(
        [
            (x - size * 0.6, y + 0.004),
            (x + size, y + 0.004),
            (x + size * 0.7, y + size * 0.3),
            (x - size * 0.4, y + size * 0.3),
        ],
        palette.near,
    )


def _headland(canvas: Canvas, palette: Palette, chance: Random, horizon: float, *, left: bool) -> None:
    def at(x: float) -> float:
        return x if left else canvas.ratio - x

    rock = mix(palette.near, palette.far, 0.12)
    reach = min(0.62, canvas.ratio * 0.6)
    shore = [
        (at(reach * n / 24), horizon + 0.03 + 0.3 * (n / 24) ** 2.2 + chance.uniform(-0.012, 0.012)) for n in range(25)
    ]
    canvas.polygon([(at(-0.01), horizon - 0.02), *shore, (at(reach * 0.7), 1.0), (at(-0.01), 1.0)], rock)
    foot, top, x = horizon + 0.07, horizon - chance.uniform(0.3, 0.36), reach * 0.3
    _tower(canvas, palette, at(x), foot, top)
    lamp = (at(x), top - 0.025)
    for spread in (0.05, 0.09):
        far = [(at(x + 1.2), lamp[1] - spread - 0.05), (at(x + 1.2), lamp[1] + spread - 0.05)]
        canvas.polygon([lamp, *far], mix(palette.sky[1], palette.light, 0.16)) if spread < 0.06 else None  # noqa: PLR2004
    canvas.glow(*lamp, 0.13, palette.light, 0.95)
    canvas.ellipse(*lamp, 0.011, 0.014, palette.light)


def _tower(canvas: Canvas, palette: Palette, x: float, foot: float, top: float) -> None:
    white, bands = mix(palette.light, palette.far, 0.12), 6
    for n in range(bands):
        upper, lower = top + (foot - top) * n / bands, top + (foot - top) * (n + 1) / bands
        wide = [0.019 + 0.014 * m / bands for m in (n, n + 1)]
        points = [(x - wide[0], upper), (x + wide[0], upper), (x + wide[1], lower), (x - wide[1], lower)]
        canvas.polygon(points, palette.accent if n % 2 else white)
        shade = [(x + wide[0] * 0.3, upper), (x + wide[0], upper), (x + wide[1], lower), (x + wide[1] * 0.3, lower)]
        canvas.polygon(shade, mix(palette.accent if n % 2 else white, palette.near, 0.35))
    canvas.bar(x - 0.03, top - 0.006, x + 0.03, top + 0.004, palette.near)
    canvas.bar(x - 0.017, top - 0.045, x + 0.017, top - 0.006, mix(palette.near, palette.light, 0.25))
    canvas.polygon([(x - 0.023, top - 0.045), (x, top - 0.082), (x + 0.023, top - 0.045)], palette.near)


def mountains(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Ridges behind a lake, and pines on the near shore."""
    horizon = chance.uniform(0.6, 0.68)
    _sky(canvas, palette, chance, horizon)
    for n in range(4):
        share = n / 4
        line = ridge(chance, horizon - 0.02 + 0.01 * n, 0.46 * (1 - share * 0.72), canvas.ratio, 0.52)
        _ground(
            canvas, line, mix(mix(palette.sky[2], palette.far, 0.55 + share / 2), palette.near, share * 0.7), horizon
        )
    canvas.mirror(horizon, mix(palette.sky[0], palette.near, 0.4), 0.28)
    for _ in range(40):
        y = horizon + (1 - horizon) * chance.random()
        x, width = canvas.ratio * chance.random(), chance.uniform(0.02, 0.12)
        canvas.ellipse(x, y, width, 0.0012, mix(palette.sky[2], palette.far, 0.3))
    shore = ridge(chance, 0.99, 0.13, canvas.ratio, 0.5)
    _ground(canvas, shore, palette.near)
    for _ in range(26):
        x = canvas.ratio * (chance.random() ** 1.6 if chance.random() < 0.5 else 1 - chance.random() ** 1.6)  # noqa: PLR2004
        foot = shore[min(round(x / canvas.ratio * 256), 256)][1]
        _pine(canvas, x, foot + 0.02, chance.uniform(0.1, 0.3), palette, chance.uniform(0.82, 1))


def city(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Towers behind towers, with windows lit, and their reflection in a river."""
    horizon = chance.uniform(0.72, 0.8)
    _sky(canvas, palette, chance, horizon)
    for layer in range(4):
        share = (layer + 1) / 4
        colour = mix(mix(palette.sky[2], palette.far, 0.8), palette.near, share * 0.9)
        x = -0.05
        while x < canvas.ratio:
            width = chance.uniform(0.04, 0.1) * (0.7 + share * 0.5)
            top = horizon - chance.uniform(0.12, 0.5) * (1.1 - share * 0.5)
            _building(canvas, palette, chance, (x, top, x + width, horizon), colour, lit=share > 0.3)  # noqa: PLR2004
            x += width + chance.uniform(-0.02, 0.03) * (1.4 - share)
    canvas.mirror(horizon, mix(palette.near, palette.sky[0], 0.5), 0.42)


def _building(
    canvas: Canvas,
    palette: Palette,
    chance: Random,
    box: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    *,
    lit: bool,
) -> None:
    left, top, right, bottom = box
    canvas.bar(left, top, right, bottom, colour)
    if chance.random() < 0.3:  # noqa: PLR2004  (share of towers with a mast)
        middle = (left + right) / 2
        canvas.line([(middle, top), (middle, top - chance.uniform(0.03, 0.09))], colour, 0.003)
    if not lit:
        return
    window, y = mix(palette.accent, palette.light, 0.6), top + 0.016
    while y < bottom - 0.02:
        x = left + 0.008
        while x < right - 0.01:
            if chance.random() < 0.34:  # noqa: PLR2004  (share of lit windows)
                canvas.bar(x, y, x + 0.005, y + 0.008, mix(window, colour, chance.uniform(0, 0.6)))
            x += 0.012
        y += 0.019


def forest(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Rows of pines fading into the light."""
    _sky(canvas, palette, chance, 0.85)
    for layer in range(6):
        share = (layer + 1) / 6
        line = ridge(chance, 0.5 + 0.5 * share, 0.12, canvas.ratio, 0.5)
        colour = mix(mix(palette.sky[2], palette.far, 0.6), palette.near, share)
        for _ in range(round(34 * canvas.ratio * (1.25 - share))):
            place = chance.randrange(257)
            size = chance.uniform(0.14, 0.3) * (0.5 + share * 0.8)
            _pine(canvas, line[place][0], line[place][1] + 0.03, size, palette._replace(far=colour, near=colour), 1)
        _ground(canvas, line, colour)


def desert(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Dunes with a lit and a shaded side."""
    _sky(canvas, palette, chance, 0.62)
    for layer in range(5):
        share = (layer + 1) / 5
        level, height = 0.5 + 0.4 * share, 0.08 + 0.05 * share
        phase, length = chance.uniform(0, 6.3), chance.uniform(0.7, 1.6)
        line = [
            (x / 128 * canvas.ratio, level + height * math.sin(phase + x / 128 * canvas.ratio * 6.3 / length))
            for x in range(129)
        ]
        lit = mix(mix(palette.light, palette.accent, 0.35), palette.near, share * 0.35)
        _ground(canvas, line, lit)
        for n, (x, y) in enumerate(line[:-1]):
            if line[n + 1][1] > y:  # the side that falls away from the light
                following = line[n + 1]
                canvas.polygon([(x, y), following, (following[0], 1), (x + 0.05, 1)], mix(lit, palette.near, 0.42))
        _ground(canvas, [(x, y + 0.1 + 0.03 * share) for x, y in line], mix(lit, palette.near, 0.16))


def cosmos(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """A ringed planet before clouds of light and stars."""
    dark = mix(palette.near, (4, 4, 12), 0.7)
    canvas.gradient([dark, mix(dark, palette.sky[0], 0.6), dark], 0, 1)
    for _ in range(16):
        colour = chance.choice([palette.accent, palette.sky[1], palette.sky[2], palette.far])
        canvas.glow(canvas.ratio * chance.random(), chance.random(), chance.uniform(0.15, 0.5), colour, 0.34)
    for _ in range(round(420 * canvas.ratio)):
        size = 0.0006 + 0.0022 * chance.random() ** 4
        canvas.ellipse(
            canvas.ratio * chance.random(), chance.random(), size, size, mix(palette.light, dark, chance.random() * 0.7)
        )
    x, y, radius = canvas.ratio * chance.uniform(0.35, 0.65), chance.uniform(0.4, 0.6), chance.uniform(0.17, 0.24)
    canvas.glow(x, y, radius * 1.9, palette.accent, 0.5)
    bands = 40
    for n in range(bands):
        share = n / bands
        colour = mix(mix(palette.light, palette.accent, 0.5 + 0.4 * math.sin(n * 1.7)), dark, share * 0.85)
        canvas.ellipse(
            x + radius * share * 0.35, y + radius * share * 0.3, radius * (1 - share), radius * (1 - share), colour
        )
    for n in range(5):
        wide = radius * (1.55 + 0.09 * n)
        canvas.ring(x, y, wide, wide * 0.22, mix(palette.light, palette.accent, n / 5), 0.004)
    canvas.glow(x, y, radius, mix(palette.light, palette.accent, 0.4), 0.28)


def garden(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """A meadow of flowers in front of hills."""
    _sky(canvas, palette, chance, 0.6)
    _layers(canvas, palette, chance, 0.42, 3, 0.45)
    for n in range(170):
        share = n / 170
        x, y, size = canvas.ratio * chance.random(), 0.66 + 0.4 * share**1.3, 0.006 + 0.045 * share**1.6
        canvas.line(
            [(x, y), (x + size * 0.4, y + size * 4)],
            mix(palette.far, palette.near, 0.5 + share / 2),
            0.0015 + size * 0.08,
        )
        colour = chance.choice(
            [
                palette.accent,
                palette.light,
                mix(palette.accent, palette.light, 0.5),
                mix(palette.accent, palette.sky[0], 0.4),
            ]
        )
        for petal in range(6):
            angle = petal * math.tau / 6 + share * 9
            canvas.ellipse(
                x + size * 0.62 * math.cos(angle), y + size * 0.5 * math.sin(angle), size * 0.42, size * 0.36, colour
            )
        canvas.ellipse(x, y, size * 0.3, size * 0.26, mix(palette.light, palette.near, 0.25))


def animal(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """A fox sitting on a hill before the rising light."""
    canvas.gradient(palette.sky, 0, 1)
    middle, level = canvas.ratio * chance.uniform(0.44, 0.56), chance.uniform(0.4, 0.46)
    canvas.glow(middle, level, 0.62, palette.light, 0.8)
    canvas.ellipse(middle, level, 0.27, 0.27, palette.light)
    _layers(canvas, palette, chance, 0.62, 3, 0.42)
    x, y, fur = middle, 0.74, mix(palette.accent, palette.near, 0.15)
    belly, dark = mix(palette.light, palette.accent, 0.15), mix(palette.near, palette.accent, 0.12)
    for n in range(30):  # the tail, curled around the feet
        angle = 0.2 + n / 30 * 2.6
        size = 0.05 * math.sin(math.pi * (0.12 + n / 34)) + 0.006
        canvas.ellipse(
            x + 0.13 + 0.12 * math.sin(angle),
            y + 0.1 - 0.13 * math.cos(angle) * 0.8,
            size,
            size,
            belly if n < 5 else fur,
        )
    canvas.polygon([(x - 0.055, y - 0.16), (x + 0.05, y - 0.16), (x + 0.15, y + 0.19), (x - 0.12, y + 0.19)], fur)
    canvas.ellipse(x + 0.02, y + 0.09, 0.135, 0.11, fur)
    canvas.polygon([(x - 0.045, y - 0.13), (x + 0.02, y - 0.13), (x + 0.02, y + 0.08), (x - 0.03, y + 0.1)], belly)
    for side in (-1, 1):
        canvas.polygon([(x + side * 0.105, y - 0.36), (x + side * 0.02, y - 0.285), (x + side * 0.1, y - 0.235)], fur)
        canvas.polygon(
            [(x + side * 0.094, y - 0.337), (x + side * 0.045, y - 0.285), (x + side * 0.09, y - 0.25)], dark
        )
        canvas.bar(x + side * 0.05 - 0.022, y + 0.05, x + side * 0.05 + 0.022, y + 0.2, dark)
    canvas.polygon(
        [(x - 0.115, y - 0.26), (x + 0.115, y - 0.26), (x + 0.06, y - 0.17), (x, y - 0.115), (x - 0.06, y - 0.17)], fur
    )
    canvas.polygon(
        [
            (x - 0.1, y - 0.225),
            (x, y - 0.19),
            (x + 0.1, y - 0.225),
            (x + 0.055, y - 0.165),
            (x, y - 0.115),
            (x - 0.055, y - 0.165),
        ],
        belly,
    )
    canvas.ellipse(x, y - 0.125, 0.015, 0.011, dark)
    for side in (-1, 1):
        canvas.ellipse(x + side * 0.043, y - 0.215, 0.01, 0.012, dark)
    _ground(canvas, ridge(chance, 0.99, 0.1, canvas.ratio, 0.4), palette.near)


def geometry(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Circles, arcs and bars in balance."""
    canvas.gradient([palette.sky[2], mix(palette.sky[2], palette.sky[1], 0.3)], 0, 1)
    colours = [palette.accent, palette.near, palette.far, palette.light, palette.sky[0]]
    tilt = chance.uniform(-0.5, 0.5)
    for n in range(11):
        x, y = canvas.ratio * chance.uniform(0.05, 0.95), chance.uniform(0.05, 0.95)
        size, colour = chance.uniform(0.05, 0.26) * (1.2 - n / 16), colours[n % 5]
        kind = n % 4
        if kind == 0:
            canvas.ellipse(x, y, size, size, colour)
        elif kind == 1:
            canvas.line(
                [(x - size * 2, y + tilt * size * 2), (x + size * 2, y - tilt * size * 2)], colour, 0.006 + size * 0.16
            )
        elif kind == 2:  # noqa: PLR2004  (kinds in turn)
            for ring in range(4):
                canvas.ring(x, y, size * (1 - ring / 5), size * (1 - ring / 5), colour, 0.007)
        else:
            canvas.polygon(
                [(x - size, y + size * 0.8), (x + size, y + size * 0.8), (x + size * tilt, y - size)], colour
            )


SCENES: Final[dict[str, Scene]] = {
    "sea": sea,
    "mountains": mountains,
    "city": city,
    "forest": forest,
    "desert": desert,
    "cosmos": cosmos,
    "garden": garden,
    "animal": animal,
    "geometry": geometry,
}

# Words of a prompt that decide the scene; without one, chance does.
SUBJECTS: Final = {
    "sea": (
        "sea",
        "ocean",
        "lighthouse",
        "ship",
        "boat",
        "sail",
        "wave",
        "beach",
        "coast",
        "harbour",
        "harbor",
        "island",
    ),
    "mountains": ("mountain", "lake", "alps", "peak", "valley", "hill", "river", "castle", "volcano"),
    "city": ("city", "street", "tower", "skyline", "robot", "car", "train", "building", "town", "poster"),
    "forest": ("forest", "tree", "wood", "jungle", "pine", "cabin"),
    "desert": ("desert", "dune", "sand", "camel", "canyon", "mars"),
    "cosmos": ("space", "planet", "star", "galaxy", "astronaut", "moon", "cosmos", "rocket", "nebula"),
    "garden": ("flower", "garden", "meadow", "spring", "rose", "bee", "butterfly", "bird"),
    "animal": ("fox", "cat", "dog", "wolf", "animal", "kitten", "puppy", "portrait"),
    "geometry": ("abstract", "geometry", "pattern", "logo", "shape", "icon"),
}
