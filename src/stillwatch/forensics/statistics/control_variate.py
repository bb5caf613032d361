"""Control variates: take out of a difference what the twins themselves explain, without touching the coins.

A served answer that is easier or longer than its twin scores higher with any model. Whatever signs with the twins (the same
difference under a reference model, their difference in length) can be regressed out: least squares through the origin has
coefficients (C'C)⁻¹C'd, and both products stay as they are when a pair's d and C change sign together. Hence the remainder of a
pair has the same magnitude whichever twin was served, and the sign-flip null hypothesis holds for it exactly.

>>> controls = np.array([[1.0], [-2.0], [3.0]])
>>> bool(np.allclose(remainder(2 * controls[:, 0], controls), 0))
True
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_RIDGE = 1e-9
"""Added to the diagonal, in units of each control's own size, so that controls that say the same do no harm."""


def remainder(differences: Matrix, controls: Matrix) -> Matrix:
    """``differences`` (pairs,) or (pairs, measures) without what ``controls`` (pairs, controls) explain over all pairs.

    For the sign-flip test. Rows of zeros in ``differences`` (pairs that could not be scored) stay zero.
    """
    table, used = _scored(differences, controls)
    return _shaped(table - used @ _slopes(used.T @ used, used.T @ table), differences)


def running_remainder(differences: Matrix, controls: Matrix) -> Matrix:
    """The same with the coefficients of each pair taken from the pairs up to and including it: for the e-process."""
    table, used = _scored(differences, controls)
    squares = np.cumsum(used[:, :, None] * used[:, None, :], axis=0)
    products = np.cumsum(used[:, :, None] * table[:, None, :], axis=0)
    return _shaped(table - np.einsum("nc,ncm->nm", used, _slopes(squares, products)), differences)


def _scored(differences: Matrix, controls: Matrix) -> tuple[Matrix, Matrix]:
    """Both as tables; controls are zero where nothing was scored."""
    table = np.asarray(differences, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    return table, np.asarray(controls, dtype=np.float64) * (table != 0).any(axis=1, keepdims=True)


def _shaped(table: Matrix, like: Matrix) -> Matrix:
    return table[:, 0] if np.ndim(like) == 1 else table


def _slopes(squares: Matrix, products: Matrix) -> Matrix:
    """Least squares from C'C and C'd (or stacks of them), with a small ridge in units of each control's own size."""
    size = squares.shape[-1]
    scales = np.sqrt(np.einsum("...ii->...i", squares))
    scales = np.where(scales > 0, scales, 1)[..., None]
    steadied = squares / scales / np.swapaxes(scales, -1, -2) + _RIDGE * np.eye(size)
    slopes: Matrix = np.linalg.solve(steadied, products / scales) / scales
    return slopes
