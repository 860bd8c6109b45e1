"""The sandbox's server without limits, whose pictures are small: what is measured is the client, not the painting.

    python -m measuring.small_pictures

It reads a line, prints the address of the API and its key, and ends with its input.
"""

import sys

from pixola_ext.sandbox import catalog
from pixola_ext.sandbox.server import SandboxServer

_SIDE = 64  # pixels

if __name__ == "__main__":
    sys.stdin.readline()
    small = {slug: shape._replace(width=_SIDE, height=_SIDE) for slug, shape in catalog.shapes().items()}
    catalog.shapes = lambda: small
    with SandboxServer(latency=0.0, rate_limits=False, credits=10**9) as served:
        print(served.url, served.api_key, flush=True)
        sys.stdin.read()
