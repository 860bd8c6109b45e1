"""Values of the library as the documents that commands print: the names of their attributes, JSON-ready."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import fields, has


def document(value: Any) -> Any:
    """The members of a value by the names of their attributes, those of values in it, too.

    What was submitted is not a member of what came back. Members that the service has and this version does not know
    are in `extra`, by the service's names.
    """
    if has(type(value)):
        return {
            each.name: document(getattr(value, each.name)) for each in fields(type(value)) if each.name != "submission"
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): document(each) for name, each in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [document(each) for each in value]
    return value
