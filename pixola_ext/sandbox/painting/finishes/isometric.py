"""A small world in parallel projection."""

from typing import Final

from PIL import Image, ImageDraw

from ..canvas import Point
from ..palettes import Colour, mix
from ..studio import Size, Studio, mask, pixels
from ..tones import grade, mapped

_BLACK: Final[Colour] = (0, 0, 0)


def diorama(image: Image.Image, studio: Studio) -> Image.Image:
    """Two walls and the floor of a box, cut open: the picture on the walls, little things on the floor."""
    width, height = image.size
    pale, air = studio.palette.light, studio.palette.sky[1]
    world = mapped(Image.linear_gradient("L").resize(image.size), [mix(pale, air, 0.25), mix(pale, air, 0.6)])
    side = min(width * 0.44, height * 0.5)  # of the floor, seen from above: a rhombus twice as wide as high
    x, top, tall = width / 2, height * 0.5 - side * 0.95, side * 0.95
    left, back, right = (x - side, top + side / 2), (x, top), (x + side, top + side / 2)
    halves = (image.crop((0, 0, width // 2, height)), image.crop((width // 2, 0, width, height)))
    for half, start, end, light in ((halves[0], left, back, -6), (halves[1], back, right, 14)):
        wall = grade(_sheared(half, start, end, tall, image.size), lift=light)
        world = Image.composite(wall, world, _cut(image.size, [start, end, _below(end, tall), _below(start, tall)]))
    _floor(world, studio, [_below(corner, tall) for corner in (back, right, (x, top + side), left)], side)
    return world


def _below(point: Point, way: float) -> Point:
    return point[0], point[1] + way


def _cut(size: Size, points: list[Point]) -> Image.Image:
    def draw(pen: ImageDraw.ImageDraw, large: Size) -> None:
        scale = large[0] / size[0]
        pen.polygon([(x * scale, y * scale) for x, y in points], fill=255)

    return mask(size, draw)


def _sheared(wall: Image.Image, start: Point, end: Point, tall: float, size: Size) -> Image.Image:
    """A picture as a wall from `start` to `end` (its upper corners), `tall` pixels high."""
    across = (end[0] - start[0]) / wall.width
    slope = (end[1] - start[1]) / (end[0] - start[0])
    down = wall.height / tall
    data = (1 / across, 0, -start[0] / across, -slope * down, down, -(start[1] - slope * start[0]) * down)
    return wall.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def _floor(world: Image.Image, studio: Studio, corners: list[Point], side: float) -> None:
    """A slab whose corners are at the back, the right, the front and the left."""
    palette, deep, pen = studio.palette, pixels(world, 46), ImageDraw.Draw(world)
    _, right, front, left = corners
    pen.polygon([left, front, _below(front, deep), _below(left, deep)], fill=mix(palette.near, palette.far, 0.35))
    pen.polygon([front, right, _below(right, deep), _below(front, deep)], fill=mix(palette.near, _BLACK, 0.2))
    pen.polygon(corners, fill=mix(palette.far, palette.near, 0.35))
    places = [(studio.chance.uniform(0.1, 0.9), studio.chance.uniform(0.1, 0.9)) for _ in range(16)]
    for along, down in sorted(places, key=sum):  # those behind first
        x, y = corners[0][0] + (along - down) * side, corners[0][1] + (along + down) * side / 2
        colour = studio.chance.choice([palette.accent, palette.far, mix(palette.light, palette.far, 0.3)])
        _tree(pen, x, y, side * studio.chance.uniform(0.05, 0.09), colour)


def _tree(pen: ImageDraw.ImageDraw, x: float, y: float, size: float, colour: Colour) -> None:
    foot, tip = (x, y + size * 0.25), (x, y - size * 1.9)
    pen.polygon([(x - size * 0.5, y), foot, tip], fill=colour)
    pen.polygon([(x + size * 0.5, y), foot, tip], fill=mix(colour, _BLACK, 0.3))
