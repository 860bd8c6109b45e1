"""What could only be known afterwards: the looks of a run at the best instants.

The submissions stay where they were, and so does the number of requests. The instants are found by dynamic programming:
a look is made when a picture ends, and it tells of all pictures that have ended since the look before. The last one
tells of the last picture.
"""

from collections.abc import Sequence

import numpy as np

from .runs import Result


def with_best_looks(result: Result) -> Result:
    """The result of the same run with as many looks, made by an oracle."""
    ends = np.sort(np.array(result.ends))
    lags = _least_lags(ends, result.requests - result.submitted)
    return Result(result.requests, 0, float(ends[-1]), result.submitted, lags, result.ends)


def _least_lags(ends: "np.ndarray[tuple[int], np.dtype[np.float64]]", looks: int) -> Sequence[float]:
    """How long the end of each picture is not known, if the sum is least."""
    count = len(ends)
    looks = min(looks, count)
    total = np.concatenate([[0.0], np.cumsum(ends)])
    sizes = np.arange(count + 1)
    # [first, last): what the pictures between two looks wait, the second one being at the end of the last of them.
    last = np.concatenate([[0.0], ends])
    waits = last[None, :] * (sizes[None, :] - sizes[:, None]) - (total[None, :] - total[:, None])
    waits[sizes[:, None] >= sizes[None, :]] = np.inf
    best, choices = np.where(sizes == 0, 0.0, np.inf), []
    for _ in range(looks):
        reached = best[:, None] + waits
        choices.append(np.argmin(reached, axis=0))
        best = reached[choices[-1], sizes]
    lags, end = np.zeros(count), count
    for choice in reversed(choices):
        begin = int(choice[end])
        lags[begin:end] = ends[end - 1] - ends[begin:end]
        end = begin
    return tuple(float(each) for each in lags)
