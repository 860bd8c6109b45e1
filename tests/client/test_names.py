"""File names: made by our template, safe on every file system, and never longer than one takes."""

import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import ConfigurationError, Image
from pixola_ext._defaults import DEFAULT_TEMPLATE
from pixola_ext._flows.saving import fields
from pixola_ext._pictures.names import FIELDS, Template
from pixola_ext.models import Submission

DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    "CONIN$",
    "CONOUT$",
    *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10)),
}
WHEN = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
KNOWN = Submission("A fox in the snow", style="anime", shape="square", quality="hd")


def named(template=DEFAULT_TEMPLATE, suffix=".png", number=1, **values):
    return Template.parse(template).name(values, suffix, number)


def test_every_field_stands_for_what_is_known():
    """From the service first, then from what was submitted; the date is the image's."""
    image = Image("im_1", batch_id="bt_1", model="flux-2", created_at=WHEN, submission=KNOWN)
    assert fields(image, 3, WHEN) == {
        "date": "20260301",
        "time": "123005",
        "model": "flux-2",
        "style": "anime",
        "shape": "square",
        "quality": "hd",
        "slug": "A fox in the snow",
        "image_id": "im_1",
        "batch_id": "bt_1",
        "index": "3",
    }
    assert set(fields(Image("im_1"), 1, WHEN)) == set(FIELDS)


def test_the_default_name():
    """Date, model, a few words and the id."""
    assert named(date="20260301", model="flux-2", slug="A fox, in the SNOW!", image_id="im_X1") == (
        "20260301-flux-2-a-fox-in-the-snow-im_X1.png"
    )


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{date}-{model}-{slug}-{image_id}", "fox-im_1.png"),
        ("img_{model}_{image_id}", "img_im_1.png"),
        ("{slug} by {model}", "fox by.png"),
        ("{slug}-{model}", "fox.png"),
        ("{model}", "image.png"),
        ("{{x}}{index}", "{x}.png"),
        ("fixed", "fixed.png"),
    ],
)
def test_what_is_unknown_leaves_no_trace(template, name):
    """Neither a None nor a separator too many."""
    assert named(template, slug="fox", image_id="im_1") == name


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{nothing}", r"no field \{nothing\}; there are date, time, model"),
        ("{}", "no field"),
        ("{image_id.__class__}", "no field"),
        ("{image_id!r}", "with a format"),
        ("{index:03}", "with a format"),
        ("{slug", "template: "),
        ("", "must be a file name"),
        ("../{slug}", "must be a file name"),
        ("a\\{slug}", "must be a file name"),
        ("a\n{slug}", "must be a file name"),
        (7, "expected text, not int"),
    ],
)
def test_a_template_that_cannot_work_is_refused(template, reason):
    """Naming the fields there are; no attribute of anything can be reached."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        Template.parse(template)
    assert caught.value.setting == "template"


@pytest.mark.parametrize("device", ["CON", "nul", "Aux", "com1", "LPT9", "com¹", "con.tar", "CONIN$"])
def test_devices_of_windows_are_no_names(device):
    """With or without something behind a dot."""
    assert named("{slug}", slug=device).partition(".")[0].upper() not in DEVICES
    assert named(device).partition(".")[0].upper() not in DEVICES


def test_the_slug_is_cut_first_and_the_id_never():
    """Up to 255 bytes with suffix and number, in any script."""
    image_id = "i" * 200
    values = {"date": "20260301", "model": "m" * 64, "slug": "写" * 200, "image_id": image_id}
    name = named(number=12345, suffix=".webp", **values)
    assert image_id in name
    assert len(name.encode()) <= 255
    shorter = named(**{**values, "image_id": "i" * 150})
    assert "m" * 64 in shorter
    assert len(shorter.encode()) <= 255
    with pytest.raises(ConfigurationError, match="no room"):
        named("x" * 100 + "{image_id}", image_id=image_id)


def test_ids_that_are_none_stay_apart():
    """What the API could not be asked for is made safe, but two of them are two."""
    first, second = named("{image_id}", image_id="../a"), named("{image_id}", image_id="..\\a")
    assert first != second
    assert {"/", "\\"}.isdisjoint(first + second)


@pytest.mark.parametrize(
    ("template", "ids"),
    [
        ("{date}-{image_id}", ["0", "0.", "0..", "0-", "0_"]),
        ("{image_id}-{style}", ["0", "0-", "0_", "0."]),
        ("{image_id}.", ["0", "0."]),
        ("{image_id}", ["con", "_con", "__con", "CON.", "con.x", "-a", "_-a", "~a", "_~a"]),
        ("{image_id}", [" a", "a ", "a", "a/", "A/", "/", "\\", "\ud800", "i" * 201, "i" * 202]),
        ("{batch_id}", ["b", "b.", "b/"]),
    ],
)
def test_different_ids_have_different_names(template, ids):
    """Also where the end or the beginning of the id is what file systems, shells or templates treat specially."""
    names = [named(template, date="20260301", image_id=each, batch_id=each).casefold() for each in ids]
    assert len(set(names)) == len(ids)


SAFE_ID = st.from_regex(r"\A[A-Za-z0-9_-][A-Za-z0-9._~-]{0,60}\Z")
NEARLY_DEVICES = st.from_regex(r"\A_{0,2}(con|nul|aux|com1|lpt9|-|~)[._~-]{0,2}\Z")
ANY_ID = SAFE_ID | NEARLY_DEVICES | st.text(min_size=1)
TEMPLATES = [
    DEFAULT_TEMPLATE,
    "{image_id}",
    "{date}-{image_id}",
    "{image_id}-{style}",
    "{image_id} . {style}",
    "{image_id}..",
    "{slug}_{image_id}_{style}",
    "({image_id})",
    "_{image_id}",
]


@st.composite
def two_ids(draw):
    """Two that may have much in common."""
    first = draw(ANY_ID)
    return first, draw(ANY_ID | st.builds(lambda end: first + end, st.text("._-~ +", min_size=1, max_size=2)))


@given(
    ids=two_ids().filter(lambda two: two[0] != two[1]),
    template=st.sampled_from(TEMPLATES),
    slug=st.none() | st.text(max_size=8),
    number=st.integers(1, 3),
)
def test_no_two_ids_share_a_name(ids, template, slug, number):
    """Everything else being equal; on file systems without case, too, if the ids differ in more than that."""
    first, second = (named(template, number=number, date="20260301", slug=slug, image_id=each) for each in ids)
    assert first != second
    if ids[0].casefold() != ids[1].casefold():
        assert first.casefold() != second.casefold()


TEXT = st.none() | st.text()
LITERALS = st.text(st.characters(exclude_characters='<>:"/\\|?*{}', exclude_categories=["Cc", "Cs"]), max_size=12)


@given(
    values=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXT)),
    literals=st.lists(LITERALS, min_size=2, max_size=4),
    names=st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3),
    number=st.integers(1, 10**6),
)
def test_a_name_is_safe_whatever_the_service_says(values, literals, names, number):
    """One file in one folder, visible, no option, no device, no control character, short enough, composed."""
    template = "".join(f"{literal}{{{name}}}" for literal, name in zip(literals, names, strict=False)) or "x"
    name = named(template, number=number, **values)
    assert PurePosixPath(name).name == PureWindowsPath(name).name == name
    assert name.partition(".")[0].rstrip().upper() not in DEVICES
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert len(name.encode()) <= 255
    assert name == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} or c in '<>:"|?*' for c in name)


@given(image_id=st.from_regex(r"\A[A-Za-z0-9_-][A-Za-z0-9._~-]{0,199}\Z"), slug=TEXT, model=TEXT)
def test_a_proper_id_is_whole_in_the_name(image_id, slug, model):
    """Whatever else is in it, and whatever it ends with."""
    assert image_id in named(date="20260301", image_id=image_id, slug=slug, model=model, suffix=".webp")
