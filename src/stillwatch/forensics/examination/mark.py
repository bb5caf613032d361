"""The watermark in the suspect's answers, where the plan declares one: tokenised as the teacher does, tested once.

The tokeniser is a ``tokenizer.json`` read by the optional package ``tokenizers``; nothing is downloaded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.plan.draft import WatermarkSource
from stillwatch.forensics.plan.frozen import Plan
from stillwatch.forensics.watermark.detection import detect
from stillwatch.forensics.watermark.findings import finding
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import commitment, tier_key
from stillwatch.forensics.watermark.pairs import distinct_pairs


def marked(plan: Plan, source: WatermarkSource, exchanges: Sequence[tuple[str, str]], environment: Mapping[str, str]) -> Finding:
    """The finding for ``exchanges`` (prompt, answer).

    Raises UsageError without the secret or the package, NoReadableInput without the tokeniser.
    """
    secret = _secret(source, environment)
    suspect = plan.draft.suspect.model
    if commitment(secret) != plan.mark_commitment:
        why = "the secret is not the one to which the plan is committed"
        return Finding.refusal("watermark-text", f"{suspect} was trained on answers that we marked", why)
    tokenizer = _tokenizer(source.tokenizer)
    prompts, texts = ([_tokens(tokenizer, exchange[side]) for exchange in exchanges] for side in (0, 1))
    scheme = GreenList(source.width, source.gamma) if source.scheme == "green-list" else Gumbel(source.width)
    key = tier_key(secret, source.tier, source.of)
    pairs = distinct_pairs(texts, width=source.width, prompts=prompts)
    result = detect(scheme, key, pairs, np.random.default_rng([plan.draft.seed, _STREAM]))
    return finding(result, scheme, key, suspect=suspect, access="text", alpha=plan.draft.alpha)


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
