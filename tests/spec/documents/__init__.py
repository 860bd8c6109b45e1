"""Documents of the same API in the styles in which people and tools write them; `ALL` by their names."""

from .api import Dialect
from .composed import Composed, Referenced
from .loose import Duplicated, ExamplesOnly, Lax, Loose
from .modern import FastAPI, Zod
from .server import Envelopes, Generic, Growing, Nest, Next

_DIALECTS: tuple[type[Dialect], ...] = (
    Next, Nest, Generic, Zod, FastAPI, Composed, Referenced, Duplicated, ExamplesOnly, Loose, Lax, Envelopes, Growing,
)  # fmt: skip
ALL: dict[str, Dialect] = {dialect.__name__: dialect() for dialect in _DIALECTS}
