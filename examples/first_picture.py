"""A prompt becomes a picture on disk. Without a key it runs on the sandbox inside this process.

python examples/first_picture.py "A lighthouse above a calm sea at dusk"
"""

import os
import sys

from pixola_ext import ContentFlaggedError, InsufficientCreditsError, Pixola

prompt = sys.argv[1] if len(sys.argv) > 1 else "A lighthouse above a calm sea at dusk"

with Pixola() if os.environ.get("PIXOLA_API_KEY") else Pixola.sandbox() as px:
    try:
        batch = px.generate(prompt, model="flux-2", style="watercolor", shape="landscape-wide")
    except ContentFlaggedError:
        sys.exit("Moderation refused this prompt; try another one.")
    except InsufficientCreditsError:
        sys.exit(f"Not enough credits: {px.credits().balance} are left.")
    for path in px.save(batch, "pictures"):
        print(path)
