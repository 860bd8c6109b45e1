"""Compares two OpenAPI documents by what a change means for clients; the rules stand in comparing/changes.py.

    python scripts/spec_diff.py OLD NEW [--format text|markdown|json]

Exit code 1 if a change is breaking, 0 if none is, 2 if a document cannot be read or is not valid.
Operations are matched by method and path, whatever path parameters, operation ids and schemas are called.
"""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from comparing.documents import compare
from comparing.reports import FORMS, render
from document.loading import RefusedError, checked, parsed

_LONGEST: Final = 300  # characters of a complaint; validators quote whole documents


def _document(path: Path) -> dict[str, Any]:
    """The document in a file; raises `RefusedError` or `OSError`."""
    return checked(parsed(path.read_bytes()))[0]


def main(arguments: list[str] | None = None) -> int:
    """Compare two files; 1 if a change is breaking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--format", choices=FORMS, default="text")
    options = parser.parse_args(arguments)
    documents = []
    for path in (options.old, options.new):
        try:
            documents.append(_document(path))
        except (OSError, RefusedError) as error:
            print(f"spec_diff: {path}: {' '.join(str(error).split())[:_LONGEST]}", file=sys.stderr)
            return 2
    changes = compare(*documents)
    print(render(changes, options.format))
    return 1 if any(change.severity == "breaking" for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
