"""Pictures: deterministic, in the shape asked for, and visibly of their prompt, model and style."""

import hashlib
import io
import itertools
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from pixola_ext.sandbox import catalog
from pixola_ext.sandbox.painting import painted, render
from pixola_ext.sandbox.painting.scenes import SCENES
from pixola_ext.sandbox.painting.styles import STYLES
from pixola_ext.sandbox.painting.words import SUBJECTS, TIMES, subject, time_of_day

PROMPT = "A lighthouse above a calm sea at dusk"
CLEARLY = 6.0  # levels of 255, over all pixels and channels: what one sees at a glance
SOME = ("no-style", "watercolor", "art-deco", "double-exposure", "pointillism", "stained-glass")


def picture(
    prompt: str = PROMPT, model: str = "flux-2", style: str = "no-style", side: int = 96, seed: int = 0
) -> Image.Image:
    """A small square picture."""
    return painted(prompt=prompt, model=model, style=style, width=side, height=side, seed=seed)


def distance(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures in levels of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def differing(pictures: dict[str, Image.Image]) -> list[tuple[str, str]]:
    """The pairs that do not differ clearly."""
    pairs = itertools.combinations(pictures, 2)
    return [pair for pair in pairs if distance(pictures[pair[0]], pictures[pair[1]]) < CLEARLY]


# -- the same again ------------------------------------------------------------------------------------------------


def digests(styles: tuple[str, ...] = SOME) -> list[str]:
    """What some pictures are, byte for byte."""
    size = {"width": 120, "height": 80}
    files = [render(prompt=PROMPT, model="flux-2", style=style, seed=7, caption="x", **size) for style in styles]
    return [hashlib.sha256(file).hexdigest() for file in files]


def test_another_process_paints_the_same_bytes() -> None:
    """Whatever its hash seed, and whatever else it drew from chance."""
    code = "from tests.sandbox.test_painting import digests; print('\\n'.join(digests()))"
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=True
    )
    random.seed(5)
    assert run.stdout.split() == digests()


def test_threads_paint_the_same_bytes() -> None:
    """Several at a time."""
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: digests(), range(4)))
    assert all(result == digests() for result in results)


def test_chance_of_the_program_is_left_alone() -> None:
    """Painting draws nothing from the global source of chance."""
    random.seed(11)
    before = random.getstate()
    for style in SOME:
        picture(style=style)
    assert random.getstate() == before


# -- size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", catalog.shapes().values(), ids=list(catalog.shapes()))
def test_every_shape_has_its_size(shape: catalog.Shape) -> None:
    """Also as a file, at a quarter of the side."""
    width, height = shape.width // 4, shape.height // 4
    file = render(prompt=PROMPT, model="flux-2", style="no-style", width=width, height=height)
    with Image.open(io.BytesIO(file)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (width, height))


@pytest.mark.parametrize(
    "style", ["polaroid", "gothic", "vaporwave", "isometric", "surrealism", "stamp", "art-nouveau"]
)
def test_what_is_set_around_a_picture_fits_every_shape(style: str) -> None:
    """Frames, windows and worlds, at an eighth of the side and at sizes between."""
    for shape in catalog.shapes().values():
        for wider in (0, 1, 2):
            size = (shape.width // 8 + wider, shape.height // 8)
            assert painted(prompt=PROMPT, model="flux-2", style=style, width=size[0], height=size[1]).size == size


@pytest.mark.parametrize("size", [(96, 32), (17, 33), (1, 1)])
def test_every_style_paints_in_any_size(size: tuple[int, int]) -> None:
    """Wide, high, odd and tiny."""
    for style in STYLES:
        image = painted(prompt=PROMPT, model="flux-2", style=style, width=size[0], height=size[1])
        assert (style, image.mode, image.size) == (style, "RGB", size)


def test_hd_is_the_same_picture_finer() -> None:
    """Reduced to the standard size it shows the same."""
    for style in ("flat-vector", "art-deco", "polaroid", "gothic"):
        assert distance(picture(style=style, side=256).reduce(2), picture(style=style, side=128)) < CLEARLY


# -- style, model, prompt ------------------------------------------------------------------------------------------


def test_every_style_of_the_catalog_has_its_row() -> None:
    """And there is no row for a style that does not exist."""
    assert set(STYLES) == set(catalog.styles())


@pytest.mark.parametrize("prompt", [PROMPT, "A fox in the snow"])
def test_every_two_styles_differ_at_a_glance(prompt: str) -> None:
    """With the same prompt, model and seed."""
    assert differing({style: picture(prompt, style=style) for style in STYLES}) == []


def test_every_two_models_differ_at_a_glance() -> None:
    """With the same prompt, style and seed."""
    assert differing({model: picture(model=model) for model in catalog.models()}) == []


def test_models_differ_in_composition() -> None:
    """Also where the style allows no colour: not only the grade is another."""
    assert (
        differing({model: picture(model=model, style="line-art") for model in ("flux-2", "imagen-4", "dall-e-3")}) == []
    )


def test_prompts_and_seeds_change_the_composition() -> None:
    """Within one scene and one light."""
    prompts = ("lighthouse, dusk", "a lighthouse at dusk", "dusk and a lighthouse")
    assert differing({prompt: picture(prompt) for prompt in prompts}) == []
    assert differing({str(seed): picture(seed=seed) for seed in range(3)}) == []


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_is_painted_in_every_light(scene: str) -> None:
    """And looks like none of the others."""
    word = SUBJECTS[scene].split()[0]
    pictures = {time: picture(f"{word} {words.split()[0]}", side=48) for time, words in TIMES.items()}
    assert all(len(image.getcolors(48 * 48) or ()) > 40 for image in pictures.values())
    assert differing(pictures) == []


@pytest.mark.parametrize(
    ("prompt", "scene", "time"),
    [
        ("A FOX in the snow", "animal", "winter"),
        ("city-street, midnight!", "city", "night"),
        ("the Alps at sunrise", "mountains", "dawn"),
        ("a lighthouse in a thunder storm", "sea", "storm"),
    ],
)
def test_subject_and_time_are_read_from_the_prompt(prompt: str, scene: str, time: str) -> None:
    """Whatever case and punctuation."""
    chance = random.Random(0)  # noqa: S311  (not secret)
    assert (subject(prompt, chance), time_of_day(prompt, chance)) == (scene, time)


def test_a_word_means_one_scene() -> None:
    """No word is listed twice, neither among the subjects nor among the times."""
    for rows in (SUBJECTS, TIMES):
        words = " ".join(rows.values()).split()
        assert sorted(words) == sorted(set(words))


@settings(max_examples=25, deadline=None)
@given(prompt=st.text(max_size=80), style=st.sampled_from(sorted(STYLES)), seed=st.integers(0, 2**48))
def test_any_prompt_is_painted(prompt: str, style: str, seed: int) -> None:
    """Whatever it holds: chance decides where no word does."""
    assert picture(prompt, style=style, side=32, seed=seed).size == (32, 32)


def test_minimalism_compresses() -> None:
    """It is flat, and its file small."""
    size = {"width": 512, "height": 512}
    small, usual = (len(render(prompt=PROMPT, model="flux-2", style=s, **size)) for s in ("minimalism", "no-style"))
    assert small < usual / 10


# -- caption -------------------------------------------------------------------------------------------------------


def file_with(caption: str | None, width: int = 320, height: int = 240) -> Image.Image:
    """A picture with a caption or without."""
    file = render(prompt=PROMPT, model="flux-2", style="no-style", width=width, height=height, caption=caption)
    return Image.open(io.BytesIO(file)).convert("RGB")


def test_a_caption_changes_only_its_corner() -> None:
    """The lower left."""
    box = ImageChops.difference(file_with("flux-2 · no-style"), file_with(None)).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert (left < 12, top > 240 * 0.85, right < 320 * 0.7, bottom > 240 - 12) == (True, True, True, True)


def test_a_caption_is_legible() -> None:
    """White letters on a dark plate, large enough to read, and other words look otherwise."""
    one, other = file_with("flux-2"), file_with("qwen-9")
    box = ImageChops.difference(one, file_with(None)).getbbox()
    plate = one.crop(box).convert("L")
    assert plate.height >= 14
    dark, light = plate.getextrema()
    assert (dark < 90, light > 230) == (True, True)
    assert distance(one.crop(box), other.crop(box)) > CLEARLY


def test_a_long_caption_is_cut() -> None:
    """It ends within the picture, as small as that may be."""
    for width in (320, 60, 20):
        captioned, bare = file_with("stable-diffusion-3.5-medium · " * 9, width, 64), file_with(None, width, 64)
        box = ImageChops.difference(captioned, bare).getbbox()
        assert box is not None
        assert box[2] < width or width == 20
