"""What an error or an interruption says about the batch that was paid for: which one it is, and how to go on."""

from ..errors import PixolaError


def name_batch(error: BaseException, batch_id: str | None, how: str) -> None:
    """Put `batch_id` on `error`, of whatever class; one that is not ours says in a note `how` to go on.

    `how` has the id in it where it says `{!r}`.
    """
    if batch_id is None:
        return
    error.batch_id = batch_id  # type: ignore[attr-defined]  # KeyboardInterrupt, for one, has none
    if not isinstance(error, PixolaError):
        error.add_note(f"pixola_ext: batch {batch_id} was submitted and goes on; `{how.format(batch_id)}`")
