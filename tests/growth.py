"""Whether a reader's time grows with its input: a busy machine makes all sizes slower, not one of them.

Measured in processor time over a fourfold input, the best of several tries. A reader whose time grows with the square
of its input takes sixteen times as long, and fails at every try.
"""

import gc
import time
from collections.abc import Callable

DOUBLING_MAX = 2.6
TRIES = 6
NEGLIGIBLE_SECONDS = 0.005


def grows_linearly(read: Callable[[bytes], object], make: Callable[[int], bytes], n: int) -> bool:
    """Whether four times `n` takes at most DOUBLING_MAX squared as long as `n`."""
    small, large = make(n), make(4 * n)
    best_small = best_large = float("inf")
    gc.collect()
    gc.disable()  # it looks at all that lives, and so takes the longer the later it comes
    try:
        for _ in range(TRIES):
            best_small = min(best_small, _take_time(read, small))
            best_large = min(best_large, _take_time(read, large))
            if best_large <= max(best_small * DOUBLING_MAX**2, NEGLIGIBLE_SECONDS):
                return True
    finally:
        gc.enable()
    return False


def _take_time(read: Callable[[bytes], object], data: bytes) -> float:
    began = time.process_time()
    read(data)
    return time.process_time() - began
