"""Defaults that need no import to be read: the command names them in its help and completes slugs by them."""

from typing import Final

DEFAULT_BASE_URL: Final = "https://www.pixola.ai/api/v1"  # API reference, "Base URL"
KEYS_PAGE: Final = "https://www.pixola.ai/settings"  # API reference, where keys are created
DEFAULT_TEMPLATE: Final = "{date}-{model}-{slug}-{image_id}"  # of file names; see `_pictures.names.Template`
