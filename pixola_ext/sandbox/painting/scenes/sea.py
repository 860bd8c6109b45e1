"""The sea: a lighthouse, sails, the light on the water."""

from ..palettes import mix
from ..stage import Light, Stage


def sea(stage: Stage) -> None:
    """A lighthouse on a headland, the light on the water, a sail or two."""
    horizon = stage.horizon(0.56, 0.64)
    light = stage.sky(horizon)
    stage.ground(stage.ridge(horizon, 0.06), stage.shade(0.05), horizon)
    _water(stage, horizon, light)
    for _ in range(stage.count(stage.chance.randrange(1, 4))):
        _sail(stage, horizon)
    _headland(stage, horizon, left=light.x > stage.canvas.ratio / 2)


def _water(stage: Stage, horizon: float, light: Light) -> None:
    palette, chance = stage.palette, stage.chance
    deep = mix(palette.near, palette.sky[0], 0.45)
    stage.canvas.gradient([mix(palette.sky[2], deep, 0.35), mix(palette.sky[1], deep, 0.6), deep], horizon, 1)
    glints = stage.count(90)
    for n in range(glints):
        share = n / glints
        y = horizon + (1 - horizon) * share**1.4
        spread = 0.02 + (y - horizon) * 0.55
        x, width = light.x + chance.uniform(-spread, spread), chance.uniform(0.01, 0.06) * (0.4 + y)
        colour = mix(deep, palette.light, 0.75 - share / 2)
        stage.canvas.ellipse(x, y, width, 0.0012 + (y - horizon) * 0.006, colour)


def _sail(stage: Stage, horizon: float) -> None:
    palette, chance = stage.palette, stage.chance
    x, y = stage.canvas.ratio * chance.uniform(0.35, 0.9), horizon + chance.uniform(0.01, 0.09)
    size = chance.uniform(0.02, 0.05)
    left, right, keel = x - size * 0.6, x + size, y + size * 0.3
    stage.canvas.polygon([(x, y - size * 1.6), (x, y), (x + size * 0.8, y)], mix(palette.light, palette.sky[2], 0.3))
    stage.canvas.polygon([(x - 0.004, y - size * 1.3), (x - 0.004, y), (x - size * 0.5, y)], palette.accent)
    hull = [(left, y + 0.004), (right, y + 0.004), (x + size * 0.7, keel), (x - size * 0.4, keel)]
    stage.canvas.polygon(hull, palette.near)


def _headland(stage: Stage, horizon: float, *, left: bool) -> None:
    def at(x: float) -> float:
        return x if left else stage.canvas.ratio - x

    reach = min(0.62, stage.canvas.ratio * 0.6)
    shore = [
        (at(reach * n / 24), horizon + 0.03 + 0.3 * (n / 24) ** 2.2 + stage.chance.uniform(-0.012, 0.012))
        for n in range(25)
    ]
    land = [(at(-0.01), horizon - 0.02), *shore, (at(reach * 0.7), 1.2), (at(-0.01), 1.2)]
    stage.canvas.polygon(land, stage.shade(0.88))
    lower = [(x, y + 0.05 + stage.chance.uniform(0, 0.03)) for x, y in shore]
    stage.canvas.polygon([*lower, (at(reach * 0.62), 1.2), (at(-0.01), 1.2)], stage.palette.near)
    foot, top, x = horizon + 0.07, horizon - stage.chance.uniform(0.3, 0.36), reach * 0.3
    lamp = (at(x), top - 0.025)
    beam = []
    for spread, strength in ((0.08, 0.13), (0.055, 0.24), (0.03, 0.34)):
        far = [(at(x + 2.4), lamp[1] - spread - 0.1), (at(x + 2.4), lamp[1] + spread - 0.1)]
        beam.append(([lamp, *far], strength))
    stage.canvas.veil(beam, stage.palette.light)
    _house(stage, at(x + 0.075), foot + 0.01)
    _tower(stage, at(x), foot, top)
    stage.canvas.glow(*lamp, 0.13, stage.palette.light, 0.95)
    stage.canvas.ellipse(*lamp, 0.011, 0.014, stage.palette.light)


def _house(stage: Stage, x: float, foot: float) -> None:
    wall, roof = mix(stage.palette.light, stage.palette.far, 0.35), mix(stage.palette.accent, stage.palette.near, 0.4)
    stage.canvas.bar(x - 0.035, foot - 0.045, x + 0.035, foot + 0.02, wall)
    stage.canvas.polygon([(x - 0.042, foot - 0.045), (x, foot - 0.08), (x + 0.042, foot - 0.045)], roof)
    stage.canvas.bar(x - 0.008, foot - 0.032, x + 0.008, foot - 0.012, stage.palette.near)


def _tower(stage: Stage, x: float, foot: float, top: float) -> None:
    palette, canvas = stage.palette, stage.canvas
    white, stripes = mix(palette.light, palette.far, 0.12), 6
    for n in range(stripes):
        upper, lower = top + (foot - top) * n / stripes, top + (foot - top) * (n + 1) / stripes
        near, wide = (0.019 + 0.014 * edge / stripes for edge in (n, n + 1))
        colour = palette.accent if n % 2 else white
        canvas.polygon([(x - near, upper), (x + near, upper), (x + wide, lower), (x - wide, lower)], colour)
        shade = [(x + near * 0.3, upper), (x + near, upper), (x + wide, lower), (x + wide * 0.3, lower)]
        canvas.polygon(shade, mix(colour, palette.near, 0.35))
    canvas.bar(x - 0.03, top - 0.006, x + 0.03, top + 0.004, palette.near)
    canvas.bar(x - 0.017, top - 0.045, x + 0.017, top - 0.006, mix(palette.near, palette.light, 0.25))
    canvas.polygon([(x - 0.023, top - 0.045), (x, top - 0.082), (x + 0.023, top - 0.045)], palette.near)
