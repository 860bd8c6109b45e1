"""The styles, row by row: sky, palette, and the finishes in the order in which they are carried out."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from . import skies
from .finishes import cells, craft, digital, drawing, frames, isometric, movements, ornaments, paint, photo, printing
from .finishes.paint import graded
from .stage import Light, Stage
from .studio import Finish


class Style(NamedTuple):
    """How a style is carried out.

    `palette` replaces that of the time of day by `share`; `scene` overrules the prompt; `detail` and `zoom` are factors
    on what the model asks for; `centred` puts what matters in the middle of the picture.
    """

    finishes: tuple[Finish, ...]
    palette: str | None = None
    share: float = 0.8
    heaven: Callable[[Stage, float, Light], None] = skies.plain
    scene: str | None = None
    detail: float = 1.0
    zoom: float = 1.0
    centred: bool = False


STYLES: Final[dict[str, Style]] = {
    "no-style": Style((photo.lens,)),
    # painting
    "watercolor": Style((paint.washes, paint.deckled)),
    "oil-painting": Style(
        (
            partial(graded, saturation=1.15, contrast=1.08),
            partial(paint.strokes, length=36, width=9),
            partial(paint.impasto, depth=0.42),
            partial(paint.canvas, depth=0.16),
        )
    ),
    "acrylic": Style(
        (
            partial(graded, saturation=1.45, contrast=1.15),
            partial(paint.pigment, colours=14, chalk=0),
            partial(paint.strokes, length=60, width=14, density=0.3, wander=0.1, jitter=9),
        )
    ),
    "gouache": Style((partial(paint.pigment, colours=11, chalk=0.55), partial(craft.sheeted, depth=0.05))),
    "impressionism": Style(
        (
            partial(graded, saturation=1.3, contrast=0.9, lift=24),
            partial(paint.strokes, length=22, width=8, wander=1.1, jitter=30),
            partial(paint.impasto, depth=0.25),
        ),
        heaven=skies.cumulus,
    ),
    "expressionism": Style(
        (
            paint.distorted,
            partial(graded, saturation=2.0, contrast=1.25),
            partial(paint.strokes, length=60, width=9, wander=0.9, jitter=20),
            partial(paint.impasto, depth=0.5),
        ),
        heaven=skies.swirls,
    ),
    "fresco": Style((paint.plaster,), palette="earth", share=0.55),
    "ink-wash": Style(
        (partial(paint.wobbled, reach=4), paint.ink, ornaments.seal), palette="dawn", share=0.7, detail=0.6
    ),
    # drawing
    "pencil-sketch": Style((drawing.graphite,)),
    "charcoal": Style((drawing.charcoal,)),
    "pastel": Style((partial(paint.strokes, length=24, width=8, density=0.5, wander=0.3), drawing.chalk)),
    "line-art": Style((drawing.contour,), heaven=skies.bare, detail=0.6),
    "cross-hatching": Style((drawing.cross_hatching,)),
    "crayon": Style((partial(paint.wobbled, reach=7), drawing.crayon), detail=0.6),
    "blueprint": Style((drawing.blueprint,), palette="blueprint", share=1.0, heaven=skies.bare, detail=0.6),
    # print
    "woodcut": Style(
        (partial(printing.carved, pitch=13, colour=(26, 24, 22), sheet=(243, 236, 220)),), heaven=skies.rays
    ),
    "linocut": Style((printing.gouged,), heaven=skies.rays),
    "screen-print": Style((partial(printing.registered, colours=6, slip=5),), heaven=skies.bare),
    "risograph": Style((printing.riso,)),
    "etching": Style((printing.etched, frames.plate_mark)),
    "ukiyo-e": Style(
        (
            partial(drawing.outlined, thickness=2.2),
            partial(paint.pigment, colours=12, chalk=0.5),
            ornaments.seal,
            partial(craft.sheeted, depth=0.05),
        ),
        palette="ukiyo",
        heaven=skies.bands,
    ),
    "stamp": Style((partial(printing.worn, colour=(164, 44, 40), sheet=(238, 229, 208)), craft.perforated), detail=0.6),
    # movements
    "art-deco": Style((movements.symmetrical, frames.fans), palette="deco", share=0.9, heaven=skies.rays, centred=True),
    "art-nouveau": Style(
        (partial(drawing.outlined, thickness=3), partial(paint.pigment, colours=12, chalk=0.3), frames.whiplash),
        palette="nouveau",
        heaven=skies.swirls,
    ),
    "bauhaus": Style((movements.composed,), palette="bauhaus", share=1.0, heaven=skies.bare, detail=0.5),
    "cubism": Style((movements.many_views, partial(paint.canvas, depth=0.2)), palette="earth", share=0.4),
    "surrealism": Style((movements.floating,), palette="dream", share=0.45, detail=0.4),
    "pop-art": Style(
        (partial(printing.halftone, pitch=14, colours=6, outline=4.5),),
        palette="pop",
        share=0.95,
        heaven=skies.rays,
    ),
    "minimalism": Style(
        (partial(paint.planes, colours=8),), palette="calm", share=0.85, heaven=skies.bare, detail=0.15
    ),
    "constructivism": Style((partial(movements.tilted, degrees=14), movements.agitated), heaven=skies.rays),
    "baroque": Style((movements.chiaroscuro, frames.gilded), palette="golden", share=0.4),
    "pointillism": Style((partial(cells.dotted, radius=11),)),
    "abstract": Style((partial(paint.strokes, length=90, width=3, density=0.12, jitter=50),), scene="geometry"),
    "op-art": Style((printing.lines_of_tone,), heaven=skies.bare, detail=0.4),
    # illustration
    "anime": Style(
        (
            partial(graded, saturation=1.4, contrast=1.06, lift=8),
            partial(drawing.outlined, thickness=2, colour=(44, 32, 60)),
            ornaments.sparkles,
        ),
        heaven=skies.cumulus,
    ),
    "manga": Style((printing.screentone,), heaven=skies.rays),
    "comic-book": Style(
        (partial(printing.halftone, pitch=9, colours=9, outline=6, sheet=(244, 232, 200)),),
        heaven=skies.bare,
    ),
    "storybook": Style(
        (
            partial(graded, warmth=14, lift=14, contrast=0.9),
            partial(paint.strokes, length=20, width=6, density=0.8, wander=1),
            partial(paint.deckled, margin=50),
        ),
        heaven=skies.cumulus,
    ),
    "flat-vector": Style((partial(graded, saturation=1.2),), heaven=skies.bare),
    "isometric": Style((isometric.diorama,), heaven=skies.bare),
    "pixel-art": Style((partial(cells.pixelated, cell=11, colours=18),)),
    "low-poly": Style((partial(cells.facets, cell=32, light=0.07),)),
    "chibi": Style(
        (
            partial(cells.pillowed, colours=16),
            partial(drawing.outlined, thickness=5, colour=(92, 58, 84)),
            partial(ornaments.sparkles, count=20),
        ),
        palette="candy",
        share=0.7,
        heaven=skies.cumulus,
        detail=0.6,
        zoom=1.2,
    ),
    "paper-cut": Style((partial(craft.layers, sheets=6, depth=9),)),
    # photography
    "photorealistic": Style(
        (
            partial(graded, saturation=1.15, contrast=1.14),
            partial(photo.lens, bloom=0.6, falloff=0.5, grain=0.08),
        ),
    ),
    "black-and-white": Style((photo.silver, partial(photo.lens, grain=0.1))),
    "film-noir": Style(
        (photo.blinds, partial(photo.silver, contrast=1.45), partial(photo.grain, amount=0.12)),
        palette="noir",
        share=0.6,
    ),
    "polaroid": Style((photo.instant,)),
    "macro": Style((photo.shallow,), zoom=1.45),
    "long-exposure": Style((photo.streaked, photo.lens), palette="night", share=0.45),
    "double-exposure": Style((photo.doubled,)),
    "infrared": Style((photo.heat, partial(photo.grain, amount=0.08))),
    "tilt-shift": Style((photo.miniature,), palette="noon", share=0.4),
    # digital
    "cyberpunk": Style(
        (partial(graded, saturation=1.3, contrast=1.15), digital.rain, photo.lens), palette="neon", share=0.75
    ),
    "synthwave": Style((digital.lattice, digital.scanlines), palette="neon", share=0.95, heaven=skies.stripes),
    "vaporwave": Style(
        (digital.haze, ornaments.window, partial(digital.scanlines, depth=0.18)), palette="vapor", heaven=skies.stripes
    ),
    "glitch": Style((digital.torn,)),
    "holographic": Style((digital.foil,)),
    "neon": Style((digital.tubes,), palette="neon", share=0.5),
    "3d-render": Style((digital.rounded,), heaven=skies.cumulus),
    "claymation": Style((craft.clay,), heaven=skies.bare, detail=0.6),
    "voxel": Style((partial(cells.cubes, cell=24),)),
    # craft
    "origami": Style((partial(cells.folded, cell=58),), heaven=skies.bare),
    "stained-glass": Style((partial(cells.glass, cell=62),), heaven=skies.rays),
    "mosaic": Style((partial(cells.tiles, cell=22),)),
    "embroidery": Style((partial(craft.stitched, length=44),), heaven=skies.bare),
    "knitted": Style((partial(craft.knitted, stitch=17),), heaven=skies.bare),
    "felt": Style((craft.felted,), heaven=skies.bare),
    "ceramic": Style((craft.glazed, partial(cells.bricks, cell=250))),
    "marble": Style((craft.marbled,)),
    "tapestry": Style((partial(craft.woven, pitch=8),), palette="nouveau", share=0.35),
    # mood
    "steampunk": Style((partial(photo.lens, falloff=0.6), ornaments.gears), palette="steam", share=0.85),
    "gothic": Style((photo.lens, frames.arch), palette="gothic", share=0.85, heaven=skies.starry),
    "fairytale": Style(
        (partial(digital.haze, share=0.3), partial(ornaments.sparkles, count=110)),
        palette="dream",
        share=0.6,
        heaven=skies.starry,
    ),
    "cosmic": Style(
        (digital.nebula, partial(ornaments.sparkles, count=60, colour=(220, 226, 255))),
        palette="cosmic",
        share=0.8,
        heaven=skies.starry,
    ),
    "solarpunk": Style(
        (partial(photo.lens, falloff=0.1), ornaments.vines), palette="solar", share=0.8, heaven=skies.cumulus
    ),
    "dreamlike": Style((movements.brightened,), palette="dream", share=0.35),
}
