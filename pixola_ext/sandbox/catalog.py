"""The catalog of the sandbox: models, styles and shapes, named after what exists publicly.

Slugs, names, makers and release dates are public knowledge; prices, waiting times and texts are invented.
"""

from functools import cache
from typing import Any, Final, NamedTuple


class Model(NamedTuple):
    """One model. Prices are credits per image, `seconds` the median time of a standard image."""

    slug: str
    name: str
    maker: str
    released: str
    standard: int
    hd: int
    seconds: float
    images: int  # pictures in one batch
    best_for: str


class Style(NamedTuple):
    """One style preset."""

    slug: str
    name: str
    category: str
    prompt: str
    alias: str | None


class Shape(NamedTuple):
    """One aspect ratio, with its size in pixels at standard quality."""

    slug: str
    name: str
    ratio: str
    width: int
    height: int


DEFAULT_MODEL: Final = "flux-2"
DEFAULT_STYLE: Final = "no-style"
DEFAULT_SHAPE: Final = "square"

_MAKERS: Final = {
    "Adobe": "https://www.adobe.com",
    "Alibaba": "https://qwen.ai",
    "Black Forest Labs": "https://bfl.ai",
    "Bria": "https://bria.ai",
    "ByteDance": "https://seed.bytedance.com",
    "Google DeepMind": "https://deepmind.google",
    "HiDream": "https://hidream.ai",
    "Ideogram": "https://ideogram.ai",
    "Krea": "https://www.krea.ai",
    "Kuaishou": "https://www.kuaishou.com",
    "Leonardo": "https://leonardo.ai",
    "Luma": "https://lumalabs.ai",
    "Midjourney": "https://www.midjourney.com",
    "MiniMax": "https://www.minimax.io",
    "NVIDIA": "https://www.nvidia.com",
    "OpenAI": "https://openai.com",
    "Playground": "https://playground.com",
    "Recraft": "https://www.recraft.ai",
    "Reve": "https://reve.com",
    "Stability AI": "https://stability.ai",
    "Tencent": "https://hunyuan.tencent.com",
    "xAI": "https://x.ai",
}

_MODELS: Final = (
    Model("flux-2", "FLUX.2", "Black Forest Labs", "2025-11-25", 12, 24, 8.0, 1, "photorealism and fine detail"),
    Model("flux-2-pro", "FLUX.2 Pro", "Black Forest Labs", "2025-11-25", 20, 40, 11.0, 1, "product shots"),
    Model("flux-1.1-pro-ultra", "FLUX 1.1 Pro Ultra", "Black Forest Labs", "2024-11-06", 18, 30, 10.0, 1, "prints"),
    Model("flux-1.1-pro", "FLUX 1.1 Pro", "Black Forest Labs", "2024-10-02", 12, 22, 6.0, 1, "everyday realism"),
    Model("flux-1-kontext", "FLUX.1 Kontext", "Black Forest Labs", "2025-05-29", 14, 26, 9.0, 1, "consistent subjects"),
    Model("flux-1-krea", "FLUX.1 Krea", "Krea", "2025-07-31", 10, 20, 7.0, 1, "a natural, unpolished look"),
    Model("flux-1-dev", "FLUX.1 Dev", "Black Forest Labs", "2024-08-01", 8, 16, 6.0, 1, "open experiments"),
    Model("flux-1-schnell", "FLUX.1 Schnell", "Black Forest Labs", "2024-08-01", 2, 4, 1.5, 1, "quick sketches"),
    Model("gpt-image-1.5", "GPT Image 1.5", "OpenAI", "2025-12-16", 24, 60, 18.0, 1, "long, exact instructions"),
    Model("gpt-image-1", "GPT Image 1", "OpenAI", "2025-04-23", 20, 50, 22.0, 1, "text inside pictures"),
    Model("gpt-image-1-mini", "GPT Image 1 Mini", "OpenAI", "2025-10-06", 6, 15, 12.0, 1, "text at a low price"),
    Model("dall-e-3", "DALL-E 3", "OpenAI", "2023-10-19", 12, 24, 14.0, 1, "playful illustration"),
    Model("imagen-4", "Imagen 4", "Google DeepMind", "2025-05-20", 12, 24, 7.0, 1, "clean commercial light"),
    Model("imagen-4-ultra", "Imagen 4 Ultra", "Google DeepMind", "2025-06-24", 18, 36, 11.0, 1, "close adherence"),
    Model("imagen-4-fast", "Imagen 4 Fast", "Google DeepMind", "2025-08-14", 5, 10, 3.0, 1, "many drafts"),
    Model("imagen-3", "Imagen 3", "Google DeepMind", "2024-08-15", 10, 20, 8.0, 1, "soft natural scenes"),
    Model("nano-banana", "Nano Banana", "Google DeepMind", "2025-08-26", 10, 20, 6.0, 1, "conversational edits"),
    Model("nano-banana-pro", "Nano Banana Pro", "Google DeepMind", "2025-11-20", 28, 56, 16.0, 1, "infographics"),
    Model("seedream-4.5", "Seedream 4.5", "ByteDance", "2025-12-03", 12, 22, 9.0, 1, "posters with typography"),
    Model("seedream-4", "Seedream 4", "ByteDance", "2025-09-09", 9, 18, 8.0, 1, "large formats"),
    Model("seedream-3", "Seedream 3", "ByteDance", "2025-04-16", 7, 14, 6.0, 1, "bright, dense scenes"),
    Model("ideogram-3", "Ideogram 3", "Ideogram", "2025-03-26", 16, 28, 10.0, 1, "lettering and logos"),
    Model("ideogram-3-turbo", "Ideogram 3 Turbo", "Ideogram", "2025-03-26", 8, 14, 4.0, 1, "lettering drafts"),
    Model("recraft-v3", "Recraft V3", "Recraft", "2024-10-30", 10, 20, 8.0, 1, "brand illustration"),
    Model("recraft-20b", "Recraft 20B", "Recraft", "2024-03-13", 6, 12, 6.0, 1, "icons"),
    Model("stable-image-ultra", "Stable Image Ultra", "Stability AI", "2024-04-17", 18, 32, 10.0, 1, "rich lighting"),
    Model("stable-diffusion-3.5-large", "SD 3.5 Large", "Stability AI", "2024-10-22", 12, 22, 7.0, 1, "varied styles"),
    Model("stable-diffusion-3.5-medium", "SD 3.5 Medium", "Stability AI", "2024-10-29", 6, 12, 5.0, 1, "small budgets"),
    Model("stable-diffusion-xl", "SDXL", "Stability AI", "2023-07-26", 3, 6, 4.0, 2, "the classic open look"),
    Model("qwen-image", "Qwen Image", "Alibaba", "2025-08-04", 6, 12, 9.0, 1, "multilingual text"),
    Model("z-image-turbo", "Z-Image Turbo", "Alibaba", "2025-11-26", 2, 4, 2.0, 1, "instant previews"),
    Model("wan-2.2-image", "Wan 2.2 Image", "Alibaba", "2025-07-28", 5, 10, 8.0, 1, "cinematic stills"),
    Model("hunyuan-image-3", "Hunyuan Image 3", "Tencent", "2025-09-28", 14, 26, 15.0, 1, "complex compositions"),
    Model("hunyuan-image-2.1", "Hunyuan Image 2.1", "Tencent", "2025-09-09", 8, 16, 10.0, 1, "2K scenes"),
    Model("hidream-i1", "HiDream I1", "HiDream", "2025-04-07", 8, 16, 9.0, 1, "fantasy worlds"),
    Model("photon-1", "Photon", "Luma", "2024-12-01", 5, 10, 6.0, 1, "dreamy atmosphere"),
    Model("photon-flash-1", "Photon Flash", "Luma", "2024-12-01", 2, 4, 2.0, 1, "fast mood boards"),
    Model("bria-3.2", "Bria 3.2", "Bria", "2025-06-18", 8, 16, 7.0, 1, "licensed, safe content"),
    Model("minimax-image-01", "MiniMax Image-01", "MiniMax", "2025-02-15", 3, 6, 6.0, 1, "portraits"),
    Model("kolors-2", "Kolors 2", "Kuaishou", "2025-04-15", 7, 14, 8.0, 1, "vivid colour"),
    Model("playground-v2.5", "Playground v2.5", "Playground", "2024-02-27", 3, 6, 4.0, 2, "saturated aesthetics"),
    Model("sana-1.6b", "Sana 1.6B", "NVIDIA", "2024-10-14", 2, 4, 1.2, 1, "very large pictures"),
    Model("grok-2-image", "Grok 2 Image", "xAI", "2024-12-09", 14, 24, 7.0, 1, "bold subjects"),
    Model("firefly-image-4", "Firefly Image 4", "Adobe", "2025-04-24", 10, 20, 9.0, 1, "commercial work"),
    Model("lucid-origin", "Lucid Origin", "Leonardo", "2025-08-05", 7, 14, 6.0, 1, "graphic design"),
    Model("phoenix-1", "Phoenix 1", "Leonardo", "2024-06-13", 8, 16, 8.0, 1, "coherent prompts"),
    Model("midjourney-v7", "Midjourney V7", "Midjourney", "2025-04-03", 8, 16, 25.0, 4, "painterly mood"),
    Model("reve-image-1", "Reve Image 1", "Reve", "2025-03-24", 6, 12, 7.0, 1, "prompt fidelity"),
)

_STYLES: Final = {
    "None": "no-style|just the prompt",
    "Painting": """watercolor:aquarelle|soft washes, bleeding edges, paper grain
        oil-painting|thick visible brushwork on canvas
        acrylic|flat opaque layers, crisp edges
        gouache|matte pigment, simplified planes
        impressionism|broken colour, fleeting light
        expressionism|distorted form, raw colour
        fresco|pigment in plaster, fine cracks
        ink-wash:sumi-e|black ink, wet gradients, empty space""",
    "Drawing": """pencil-sketch|graphite lines and soft hatching
        charcoal|smudged blacks on rough paper
        pastel|powdery chalk colour
        line-art|one clean contour, no shading
        cross-hatching|tone from crossing pen strokes
        crayon|waxy childlike strokes
        blueprint|white construction lines on cyan""",
    "Print": """woodcut|bold carved blacks
        linocut|broad gouged shapes in two inks
        screen-print:serigraph|flat spot colours, slight misregister
        risograph:riso|grainy overlapping inks
        etching|fine bitten lines, plate tone
        ukiyo-e|outlined flat waves, gradated sky
        stamp|worn single-colour impression""",
    "Movements": """art-deco|gold and black fans, strict symmetry
        art-nouveau|whiplash curves and plants
        bauhaus|circles, bars, primary colour
        cubism|many views in facets
        surrealism|impossible calm dream space
        pop-art|halftone dots, loud colour
        minimalism|few shapes, much air
        constructivism|diagonals in red and black
        baroque|deep shadow, golden light
        pointillism|a field of pure dots
        abstract|shapes without a subject
        op-art|pulsing optical patterns""",
    "Illustration": """anime|cel colours, clear outlines, tall clouds
        manga|black ink, screentone, speed
        comic-book|heavy outlines, dotted shade
        storybook|gentle texture, warm light
        flat-vector|clean flat shapes
        isometric|parallel projection, small worlds
        pixel-art:8-bit|big pixels, few colours
        low-poly|triangular facets
        chibi|rounded, cute proportions
        paper-cut|layered sheets with soft shadows""",
    "Photography": """photorealistic:photo|natural lens, natural light
        black-and-white:monochrome|silver tones
        film-noir|hard light through blinds
        polaroid|instant film, white frame
        macro|very close, shallow focus
        long-exposure|smooth water, light trails
        double-exposure|two pictures in one
        infrared|white leaves, dark sky
        tilt-shift|miniature focus band""",
    "Digital": """cyberpunk|rain, neon, dense towers
        synthwave:retrowave|striped sun above a grid
        vaporwave|pink haze, nostalgic shapes
        glitch|torn scanlines, shifted channels
        holographic|iridescent foil
        neon|glowing tubes in the dark
        3d-render|soft studio shading
        claymation|thumbed clay
        voxel|little cubes""",
    "Craft": """origami|folded paper planes
        stained-glass|leaded coloured cells
        mosaic|small laid tiles
        embroidery|satin stitch on cloth
        knitted|rows of wool
        felt|soft cut felt
        ceramic|glazed tile
        marble|veined stone relief
        tapestry|woven wool picture""",
    "Mood": """steampunk|brass, steam and gears
        gothic|pointed arches, moonlight
        fairytale|glowing storybook wonder
        cosmic|nebulae and stars
        solarpunk|green towers in the sun
        dreamlike|blurred, floating light""",
}

_SHAPES: Final = (
    Shape("square", "Square", "1:1", 1024, 1024),
    Shape("portrait", "Portrait", "3:4", 896, 1195),
    Shape("portrait-tall", "Portrait tall", "9:16", 756, 1344),
    Shape("portrait-photo", "Portrait photo", "2:3", 832, 1248),
    Shape("portrait-social", "Portrait social", "4:5", 912, 1140),
    Shape("banner-vertical", "Vertical banner", "1:2", 720, 1440),
    Shape("phone", "Phone", "9:19.5", 672, 1456),
    Shape("landscape", "Landscape", "4:3", 1195, 896),
    Shape("landscape-photo", "Landscape photo", "3:2", 1248, 832),
    Shape("landscape-wide", "Landscape wide", "16:9", 1344, 756),
    Shape("landscape-social", "Landscape social", "5:4", 1140, 912),
    Shape("banner", "Banner", "2:1", 1440, 720),
    Shape("cinema", "Cinema", "21:9", 1568, 672),
    Shape("panorama", "Panorama", "3:1", 1728, 576),
)


@cache
def models() -> dict[str, Model]:
    """All models by slug, in the order of the list."""
    return {model.slug: model for model in _MODELS}


@cache
def styles() -> dict[str, Style]:
    """All styles by slug, category by category."""
    found = [_style(row.strip(), category) for category, rows in _STYLES.items() for row in rows.splitlines()]
    return {style.slug: style for style in found}


@cache
def shapes() -> dict[str, Shape]:
    """All shapes by slug."""
    return {shape.slug: shape for shape in _SHAPES}


def _style(row: str, category: str) -> Style:
    names, _, prompt = row.partition("|")
    slug, _, alias = names.partition(":")
    name = slug.replace("-", " ").capitalize().replace("3d", "3D")
    return Style(slug, name, category, prompt, alias or None)


def model_document(model: Model) -> dict[str, Any]:
    """A model as the API shows it."""
    return {
        "slug": model.slug,
        "name": model.name,
        "bestFor": model.best_for[0].upper() + model.best_for[1:],
        "description": f"{model.name} by {model.maker}, at its best for {model.best_for}.",
        "tags": _tags(model),
        "released": model.released,
        "pricing": {"standard": model.standard, "hd": model.hd},
        "researcher": model.maker,
        "researcherUrl": _MAKERS[model.maker],
        "urls": [_MAKERS[model.maker]],
        "samplePrompts": [f"A lighthouse above a calm sea at dusk, {model.best_for}"],
    }


def _tags(model: Model) -> list[str]:
    speed = "fast" if model.seconds <= 4 else "slow" if model.seconds >= 15 else "balanced"  # noqa: PLR2004  (seconds)
    price = "budget" if model.standard <= 5 else "premium" if model.standard >= 18 else "standard"  # noqa: PLR2004
    return [speed, price] if model.images == 1 else [speed, price, "multiple-images"]


def style_document(style: Style, image: str) -> dict[str, Any]:
    """A style as the API shows it; `image` is the URL of its sample."""
    return {
        "slug": style.slug,
        "name": style.name,
        "category": style.category,
        "prompt": style.prompt,
        "alias": style.alias,
        "image": image,
    }


def shape_document(shape: Shape, *, full: bool) -> dict[str, Any]:
    """A shape as the API shows it: with its dimensions in the list, without them alone (so the API reference)."""
    brief: dict[str, Any] = {"slug": shape.slug, "name": shape.name, "aspectRatio": shape.ratio}
    return brief | {"width": shape.width, "height": shape.height} if full else brief
