"""The sampling hook: a function of keys, previous tokens and logits, and of nothing else.

It keeps no state between steps or requests, so any replica that holds the keys marks alike, and a retry marks as the first try did.

>>> from stillwatch.forensics.watermark.green_list import GreenList
>>> from stillwatch.forensics.watermark.keys import marking_keys
>>> rows = marking_keys(b"a synthetic secret of 32 bytes..", cohort="c-1", account="acct-7").row()[None, :]
>>> logits = mark(GreenList(), rows, np.array([[11, 12]]), np.zeros((1, 1000), np.float32))
>>> 400 < int((logits > 0).sum()) < 600
True
"""

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.contexts import Tokens
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.scheme import Logits, Scheme


def mark(scheme: Scheme, rows: Words, previous: Tokens, logits: Logits) -> Logits:
    """Mark the logits of one step for a batch; changes ``logits`` in place and returns them.

    ``rows``: the keys of each row's account, (batch, 8), from ``MarkingKeys.row``. ``previous``: prompt and answer so far, int64
    (batch, length), each padded on the left with −1. ``logits``: float32 (batch, vocabulary), before temperature.
    Raises UsageError if shapes or types are others.
    """
    batch = len(logits)
    fits = (
        logits.ndim == 2
        and logits.dtype == np.float32
        and rows.shape == (batch, 8)
        and rows.dtype == np.uint64
        and previous.ndim == 2
        and len(previous) == batch
        and previous.dtype == np.int64
    )
    if not fits:
        raise UsageError(
            "these do not fit: " + ", ".join(f"{array.dtype}{array.shape}" for array in (rows, previous, logits)),
            place="watermark hook",
            cure="give uint64 (batch, 8), int64 (batch, length) and float32 (batch, vocabulary)",
        )
    scheme.mark(rows, previous, logits)
    return logits
