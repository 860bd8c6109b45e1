"""Turns any reasonable OpenAPI document of the Pixola API into the one that the client is generated from.

    python scripts/normalise.py [openapi.json]

The generator takes its names from the document and is easily upset by it. Here names follow from method and path alone
(normalising/calls.py), schemas are named by where they stand, answers are opened (anything may be absent, null or
another word) and requests stay strict but without defaults, which would be sent. Calls and members that are not known
are reported; what the client needs and the document lacks is an error that names it.
"""

import argparse
import json
import sys
from pathlib import Path

from normalising.document import normalise


def main() -> int:
    """Print the normalised document, and the report on stderr; 1 if the document cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", nargs="?", type=Path, default=Path(__file__).parent.parent / "openapi.json")
    try:
        found = normalise(json.loads(parser.parse_args().spec.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        print(f"normalise: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found.document, indent=2))
    print(*found.report, sep="\n", end="\n" if found.report else "", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
