"""Significance: from bits to p-values, and which groups to report at a false discovery rate.

A likelihood ratio E of independent evidence has mean 1 under the innocent hypothesis, so it is an e-value and 1/E a
p-value (Vovk and Wang 2021). Groups were picked because they share something, of which bits are nearly silent where
it is a program (``campaigns.weighing``); for the rest of the choice SEARCH_BITS are taken off first. Over all
groups looked at, Benjamini–Hochberg (1995) applied to 1/E is the e-BH procedure (Wang and Ramdas 2022), which holds the
rate under any dependence between groups. Over accounts, conformal p-values against the population (Bates et al. 2023).

>>> q_values(np.array([0.001, 0.5, 0.02])).round(3).tolist()
[0.003, 0.5, 0.03]
"""

import numpy as np

from stillwatch.signals.population import Floats

SEARCH_BITS = 4.0


def group_p_value(bits: float) -> float:
    """The p-value of a group with ``bits`` of evidence (both questions together), in (0, 1]."""
    return float(min(1.0, 2.0 ** -(bits - SEARCH_BITS)))


def conformal_p_values(scores: Floats, reference: Floats) -> Floats:
    """Per score the share of the reference that is as high or higher, itself counted (so never 0), in (0, 1]."""
    ordered = np.sort(reference)
    above = len(ordered) - np.searchsorted(ordered, scores, side="left")
    return (above + 1) / (len(ordered) + 1)


def q_values(p: Floats) -> Floats:
    """Benjamini–Hochberg adjusted p-values, in the order of ``p``: report what is at most the rate that is allowed."""
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    out = np.empty(len(p))
    out[order] = adjusted
    return out
