"""The garbage collector at rest while a bundle is taken in: many objects are made that live to its end and have no cycles, and the
collector would look at all of them again and again.

>>> with resting():
...     gc.isenabled()
False
>>> gc.isenabled()
True
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """No collection while the block runs, for all threads. Whoever finds the collector at rest already leaves it so."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
