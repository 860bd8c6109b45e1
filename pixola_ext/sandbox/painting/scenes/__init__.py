"""Scenes: what a picture shows. Each draws on a stage and knows nothing of styles."""

from collections.abc import Callable
from typing import Final

from ..stage import Stage
from .animal import animal
from .city import city
from .cosmos import cosmos
from .geometry import geometry
from .land import desert, forest, garden, mountains
from .sea import sea

SCENES: Final[dict[str, Callable[[Stage], None]]] = {
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
