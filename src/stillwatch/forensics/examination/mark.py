"""The watermark in the suspect's answers, where the plan declares one: tokenised as the teacher does, tested once; account codes.

The tokeniser is a ``tokenizer.json`` read by the optional package ``tokenizers``; nothing is downloaded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.plan.draft import Draft, WatermarkSource
from stillwatch.forensics.plan.frozen import Plan
from stillwatch.forensics.tracing.trace import Trace, TraceRules, trace_codes
from stillwatch.forensics.watermark.detection import TooFew, WatermarkTest, detect
from stillwatch.forensics.watermark.findings import finding
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import commitment, tier_key
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs

Exchanges = Sequence[tuple[str, str]]
"""Prompts with the suspect's answers."""


class Marked(NamedTuple):
    """The finding, and the accounts that their own codes lead back to, if the plan asks for them and they may be looked at."""

    finding: Finding
    codes: Trace | None


def marked(
    plan: Plan, source: WatermarkSource, exchanges: Exchanges, accounts: Sequence[str], environment: Mapping[str, str]
) -> Marked:
    """Look for the mark in ``exchanges``, and for the codes of ``accounts``.

    Raises UsageError without the secret or the package, NoReadableInput without the tokeniser.
    """
    secret = _secret(source, environment)
    suspect = plan.draft.suspect.model
    if commitment(secret) != plan.mark_commitment:
        why = "the secret is not the one to which the plan is committed"
        return Marked(Finding.refusal("watermark-text", f"{suspect} was trained on answers that we marked", why), None)
    tokenizer = _tokenizer(source.tokenizer)
    prompts, texts = ([_tokens(tokenizer, exchange[side]) for exchange in exchanges] for side in (0, 1))
    scheme = GreenList(source.width, source.gamma) if source.scheme == "green-list" else Gumbel(source.width)
    key = tier_key(secret, source.tier, source.of)
    pairs = distinct_pairs(texts, width=source.width, prompts=prompts)
    result = detect(scheme, key, pairs, np.random.default_rng([plan.draft.seed, _STREAM]))
    found = finding(result, scheme, key, suspect=suspect, access="text", alpha=plan.draft.alpha)
    return Marked(found, _codes(plan.draft, scheme, secret, pairs, accounts) if source.account_codes else None)


def _codes(draft: Draft, scheme: GreenList | Gumbel, secret: bytes, pairs: Pairs, accounts: Sequence[str]) -> Trace | None:
    """The trace by account codes; None if no code has places enough. A code with too few places has an e-value of 1."""
    generator = np.random.default_rng([draft.seed, _STREAM, 1])
    results = {name: detect(scheme, tier_key(secret, "account", name), pairs, generator, draws=_FEW) for name in accounts}
    if all(isinstance(result, TooFew) for result in results.values()):
        return None
    e_values = {name: result.e_value if isinstance(result, WatermarkTest) else 1.0 for name, result in results.items()}
    counts = {name: result.pairs for name, result in results.items()}
    return trace_codes(e_values, counts, draft.clusters, TraceRules(draft.alpha, draft.fdr, by_betting=True))


_FEW = 19
"""Redrawn keys where only the e-value counts."""
_STREAM = 3


def committed(source: WatermarkSource, environment: Mapping[str, str]) -> str:
    """The commitment to the watermark's secret, for the plan. Raises UsageError if the variable holds no hex digits."""
    return commitment(_secret(source, environment))


def _secret(source: WatermarkSource, environment: Mapping[str, str]) -> bytes:
    try:
        return bytes.fromhex(environment[source.secret_env])
    except (KeyError, ValueError) as error:
        raise UsageError("the watermark's secret is not set", place=source.secret_env, cure="export it in hex digits") from error


def _tokens(tokenizer: Any, text: str) -> NDArray[np.int64]:
    return np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int64)


def _tokenizer(path: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError("a watermark needs the teacher's tokeniser", place=path, cure="pip install tokenizers") from error
    try:
        return Tokenizer.from_file(path)
    except Exception as error:  # the package raises bare Exception
        raise NoReadableInput(f"no tokeniser: {error}", place=path, cure="name a tokenizer.json") from error
