"""The sandbox: the whole Pixola API on your own machine, with real pictures and without account, network or cost.

    from pixola_ext import Pixola
    from pixola_ext.sandbox import Sandbox

    box = Sandbox(seed=7, credits=50)
    with Pixola.sandbox(box) as px:
        batch = px.generate("A fox in the snow", style="anime")

It shares nothing with the client but openapi.json, so that a member misread by one is not misread by both.
"""

from .service import Sandbox

__all__ = ["Sandbox"]
