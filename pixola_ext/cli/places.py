"""Folders on the command line: paths, and URLs of stores."""

from typing import Any

import click

from .._places import is_remote, place_of


class Folder(click.Path):
    """A folder of this machine, or the URL of one in a store, such as `s3://bucket/pictures`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder as a `Path`, or as a `UPath` that stands for the URL."""
        try:
            place = place_of(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return place if is_remote(place) else super().convert(str(place), param, ctx)
